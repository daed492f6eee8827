/** The built-in data against the table of what they must be: sizes, alphabets, splits, yardsticks. */
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { prepareData } from "../cli/data.ts";
import { fnv1a } from "../random/threefry.ts";
import { cleanText, joinParagraphs } from "./clean.ts";
import { datasets, gunzip, loadData, NOT_A_TARGET, tokenize } from "./load.ts";
import { ngramBits } from "./ngram.ts";
import { loadOwnText, readOwnText, UNKNOWN } from "./own.ts";
import type { LoadedText } from "./types.ts";

const read = async (name: string) => new Uint8Array(await readFile(`public/data/${name}`));
const bytes = (text: string) => new TextEncoder().encode(text);

beforeAll(async () => {
  await prepareData(() => undefined);
}, 120_000);

describe("cleaning", () => {
  it("spells out quotes and dashes, drops the rest, ends in one newline", () => {
    expect(cleanText("‘a’ — “b”…\r\n c é  \n\n\n")).toBe("'a' -- \"b\"\n c\n");
  });
  it("joins the lines of a paragraph and keeps paragraphs apart", () => {
    expect(joinParagraphs("a\nb\n\n\n c\n")).toBe("a b\n\n c\n");
  });
});

const texts = datasets.flatMap((d) => (d.kind === "images" ? [] : [d]));

async function loadText(id: string): Promise<LoadedText> {
  const data = await loadData({ id }, 32, read);
  if (data.kind !== "text") throw new Error(`${id} is no text`);
  return data;
}

describe.each(texts.map((d) => [d.id, d] as const))("%s", (id, dataset) => {
  let data: LoadedText;
  let text: string;
  beforeAll(async () => {
    data = await loadText(id);
    text = new TextDecoder().decode(await gunzip(await read(`${id}.bin`)));
  });

  it("has the stated size and alphabet", async () => {
    expect([...text].length).toBe(dataset.chars);
    expect(data.symbols.length).toBe(dataset.symbols);
    expect(Math.abs((await read(`${id}.bin`)).length / dataset.bytes - 1)).toBeLessThan(0.01);
  });

  it("decodes what it encodes and shares no entry between the parts", () => {
    if (dataset.kind === "text") {
      const whole = data.decode(data.train.tokens) + data.decode(data.validation.tokens);
      expect(whole).toBe(text);
      expect(data.validation.tokens.length / text.length).toBeCloseTo(0.1, 4);
    } else {
      const train = data.decode(data.train.tokens).split("\n").filter(Boolean);
      const held = data.decode(data.validation.tokens).split("\n").filter(Boolean);
      // As one text: element by element the comparison of 16,000 lines takes minutes on a busy machine.
      const sorted = (lines: readonly string[]) => [...lines].sort().join("\n");
      expect(sorted([...train, ...held]) === sorted(text.split("\n").filter(Boolean))).toBe(true);
      expect(held.every((line) => fnv1a(line.split("\t")[0]!) % 10 === 0)).toBe(true);
      for (const part of [data.train, data.validation]) {
        const starts = part.starts!;
        expect(starts.length).toBeGreaterThan(50);
        expect(starts[starts.length - 1]! + 33).toBeLessThanOrEqual(part.tokens.length);
      }
    }
  });

  it.skipIf(dataset.yardsticks.length === 0)("scores the stated yardsticks", () => {
    for (const { label, bits } of dataset.yardsticks) {
      const order = { bigram: 2, trigram: 3, "5-gram": 5 }[label]!;
      const end = dataset.kind === "list" ? data.symbols.indexOf("\n") : -1;
      const score = ngramBits(data.train.tokens, data.validation.tokens, order, data.symbols.length, end);
      expect(Math.abs(score - bits), `${label}: ${score.toFixed(3)}`).toBeLessThan(0.0051);
    }
  });
});

describe("pronounce", () => {
  it("asks for phones and the end only", async () => {
    const { train, symbols } = await loadText("pronounce");
    const asked = new Set<string>();
    const given = new Set<string>();
    for (const token of train.tokens) {
      (token & NOT_A_TARGET ? given : asked).add(symbols[token & ~NOT_A_TARGET]!);
    }
    expect([...given].sort().join("")).toBe("\tabcdefghijklmnopqrstuvwxyz");
    expect(asked.size).toBe(40);
    expect([...asked].every((s) => s === "\n" || /^[A-Z]{1,2}$/.test(s))).toBe(true);
  });
});

describe("one's own text", () => {
  it("names the byte that is not UTF-8", () => {
    const broken = new Uint8Array([...bytes("ab"), 0xff, 0x62]);
    expect(() => readOwnText("notes.txt", broken)).toThrow(
      "notes.txt is not UTF-8 text: byte 3 cannot be read.",
    );
    const cut = new Uint8Array([...bytes("ab"), 0xc3]);
    expect(() => readOwnText("notes.txt", cut)).toThrow("not UTF-8");
    expect(() => readOwnText("empty.txt", new Uint8Array())).toThrow("empty.txt is empty.");
  });
  it("keeps a text as it is, but for line ends and composition", () => {
    expect(readOwnText("a", bytes("e\u0301\r\nb\rc"))).toBe("é\nb\nc");
  });
  it("refuses what cannot be learned from, with the least length", () => {
    expect(() => loadOwnText("ab".repeat(20), 32)).toThrow("needs at least 340");
    expect(() => loadOwnText("a".repeat(5000), 32)).toThrow("only one symbol");
    const many = Array.from({ length: 300 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join("");
    expect(() => loadOwnText(many.repeat(40), 32)).toThrow("300 different symbols");
  });
  it("makes rare symbols of a long text one unknown", () => {
    const data = loadOwnText(`${"abc ".repeat(4000)}☃ß`, 32);
    expect(data.symbols).toEqual([" ", "a", "b", "c", UNKNOWN]);
    // What means something in a pattern is a symbol like any other, and one of two code units is one symbol.
    const odd = loadOwnText(`${"abc ".repeat(4000)}]^-\\🌱`, 32);
    expect(odd.symbols).toEqual(data.symbols);
    expect(odd.train.tokens.length + odd.validation.tokens.length).toBe(16_005);
  });
  it("is a text like any other afterwards", () => {
    const text = "to be or not to be. ".repeat(100);
    const own = loadOwnText(text, 16);
    const other = tokenize("own", "text", text, 16);
    expect(own.train.tokens).toEqual(other.train.tokens);
  });
});
