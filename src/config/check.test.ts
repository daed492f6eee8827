/** Fields as types: what is let in, what is refused and with which words; and JSON read with suspicion. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { check, choiceType, formatNumber, jsonSchema, objectType, shapeOf } from "./check.ts";
import { parseJson, plain, shorten } from "./json.ts";
import { defaults, type Schema } from "./schema.ts";

const schema = {
  lr: {
    kind: "float",
    label: "Learning rate",
    symbol: "η",
    default: 2e-3,
    min: 1e-6,
    max: 1,
    scale: "log",
    live: true,
  },
  cells: { kind: "int", label: "Cells", default: 64, min: 4, max: 256, unit: "cells", help: "How many." },
  nesterov: { kind: "flag", label: "Nesterov", default: false },
  how: { kind: "choice", label: "How", default: "sum", options: ["sum", "mean"] },
  blocks: {
    kind: "list",
    label: "Blocks",
    of: "int",
    default: [128],
    min: 4,
    max: 256,
    minLength: 1,
    maxLength: 8,
  },
} as const satisfies Schema;

const type = objectType({ optim: objectType(shapeOf(schema)) });
const message = (optim: unknown): string => {
  const checked = check(type, { optim });
  return checked.ok ? "ok" : checked.message;
};

describe("check", () => {
  it("fills in every default, in the order of the schema", () => {
    const checked = check(type, { optim: { blocks: [8], lr: 1 } });
    expect(checked).toEqual({ ok: true, value: { optim: { ...defaults(schema), lr: 1, blocks: [8] } } });
    if (checked.ok)
      expect(Object.keys((checked.value as { optim: object }).optim)).toEqual(Object.keys(schema));
  });

  it("gives each result lists of its own", () => {
    const once = check(type, { optim: {} });
    const again = check(type, { optim: {} });
    if (!once.ok || !again.ok) throw new Error("the defaults are refused");
    const blocks = (value: unknown) => (value as { optim: { blocks: number[] } }).optim.blocks;
    blocks(once.value).push(9);
    expect(blocks(again.value)).toEqual([128]);
    expect(schema.blocks.default).toEqual([128]);
  });

  it.each([
    [{ lr: 40 }, "optim.lr is 40, allowed are 1e-6 to 1"],
    [{ lr: "0.1" }, 'optim.lr is "0.1", allowed are numbers from 1e-6 to 1'],
    [{ lr: Number.NaN }, "optim.lr is NaN, allowed are numbers from 1e-6 to 1"],
    [{ lr: Number.POSITIVE_INFINITY }, "optim.lr is Infinity, allowed are numbers from 1e-6 to 1"],
    [{ lr: null }, "optim.lr is null, allowed are numbers from 1e-6 to 1"],
    [{ cells: 1.5 }, "optim.cells is 1.5, allowed are whole numbers from 4 to 256"],
    [{ cells: -1 }, "optim.cells is -1, allowed are 4 to 256"],
    [{ cells: [64] }, "optim.cells is a list, allowed are whole numbers from 4 to 256"],
    [{ nesterov: 1 }, "optim.nesterov is 1, allowed are true, false"],
    [{ how: "meen" }, 'optim.how is "meen", allowed are sum, mean (mean is nearest)'],
    [{ how: "median of all" }, 'optim.how is "median of all", allowed are sum, mean'],
    [{ blocks: [] }, "optim.blocks has 0 entries, allowed are 1 to 8"],
    [{ blocks: [8, 3] }, "optim.blocks.1 is 3, allowed are 4 to 256"],
    [{ blocks: 8 }, "optim.blocks is 8, a list is needed"],
    [
      { cell: 8 },
      "optim.cell is not a field, allowed are lr, cells, nesterov, how, blocks (cells is nearest)",
    ],
    [[], "optim is a list, an object is needed"],
    [{ how: Symbol("x") }, "optim.how is not JSON"],
    [Object.create({ lr: 40 }), "optim is not plain JSON"],
    [JSON.parse('{"__proto__": {"lr": 40}}'), "optim.__proto__ is not a field"],
    [{ constructor: 1 }, "optim.constructor is not a field"],
    [{ blocks: new Array(2) }, "optim.blocks.0 is not JSON"],
    [{ how: [[[[[[[[[[1]]]]]]]]]] }, "it is nested more than 8 levels deep"],
    [new Array(1e6).fill(0), "optim has 1000000 entries"],
    [
      { ["x".repeat(99)]: 1 },
      `optim.${"x".repeat(39)}… is not a field, allowed are lr, cells, nesterov, how, blocks`,
    ],
  ])("refuses %j", (optim, expected) => {
    expect(message(optim)).toBe(expected);
  });

  it("names the ids of a choice", () => {
    const model = objectType({ model: choiceType({ lstm: shapeOf(schema), gpt: {} }) });
    const say = (value: unknown) => {
      const checked = check(model, { model: value });
      return checked.ok ? checked.value : [checked.path, checked.message];
    };
    expect(say({ id: "gpt" })).toEqual({ model: { id: "gpt" } });
    expect(say({ id: "resnet" })).toEqual(["model.id", 'model.id is "resnet", allowed are lstm, gpt']);
    expect(say({ id: "GTP" })).toEqual(["model.id", 'model.id is "GTP", allowed are lstm, gpt']);
    expect(say({ id: "lsmt" })).toContain('model.id is "lsmt", allowed are lstm, gpt (lstm is nearest)');
    expect(say({})).toEqual(["model.id", "model.id is missing, allowed are lstm, gpt"]);
    expect(say(undefined)).toEqual(["model", "model is not JSON"]);
    expect(say("gpt")).toEqual(["model", 'model is "gpt", an object with an id is needed']);
    expect(say({ id: "gpt", lr: 1 })).toEqual(["model.lr", "model.lr is not a field, allowed is id"]);
  });

  it("never throws, whatever is given", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSparseArray: true }),
        (x) => {
          const inner = check(type, { optim: x });
          const outer = check(type, x);
          for (const checked of [inner, outer])
            if (!checked.ok) expect(checked.message.length).toBeLessThan(400);
        },
      ),
    );
  });

  it("accepts its own result again, unchanged", () => {
    const value = fc.record({
      lr: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      cells: fc.integer({ min: 4, max: 256 }),
      blocks: fc.array(fc.integer({ min: 4, max: 256 }), { minLength: 1, maxLength: 8 }),
    });
    fc.assert(
      fc.property(value, (optim) => {
        const once = check(type, { optim });
        expect(once.ok && check(type, once.value)).toEqual(once);
      }),
    );
  });
});

describe("jsonSchema", () => {
  it("carries default, range, unit, label and reason", () => {
    const written = jsonSchema(type) as { properties: { optim: { properties: Record<string, unknown> } } };
    expect(written.properties.optim.properties).toMatchObject({
      lr: {
        type: "number",
        minimum: 1e-6,
        maximum: 1,
        default: 2e-3,
        title: "Learning rate",
        "x-symbol": "η",
      },
      cells: {
        type: "integer",
        minimum: 4,
        maximum: 256,
        default: 64,
        "x-unit": "cells",
        description: "How many.",
      },
      nesterov: { type: "boolean", default: false },
      how: { enum: ["sum", "mean"], default: "sum" },
      blocks: {
        type: "array",
        minItems: 1,
        maxItems: 8,
        default: [128],
        items: { minimum: 4, maximum: 256 },
      },
    });
    expect(written.properties.optim).toMatchObject({ additionalProperties: false });
    expect(written.properties.optim).not.toHaveProperty("required");
  });
});

describe("parseJson", () => {
  it("reads what JSON.parse reads", () => {
    // The values have no key twice and, written by `stringify`, no -0: nothing is refused and nothing changes.
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(text));
        expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it.each([
    ['{"a":1,"a":2}', 'the key "a" stands twice'],
    ['{"b":[{"x" : 1,\n"\\u0078"\t:2}]}', 'the key "x" stands twice'],
    ['{"a\\"":"a","a\\"":1}', 'the key "a\\"" stands twice'],
    ["{", "it is not JSON"],
    ["", "it is not JSON"],
    ["NaN", "it is not JSON"],
    ['{"__proto__":1}', "__proto__ is not a field"],
    ["[".repeat(200_000) + "]".repeat(200_000), "it is nested more than 8 levels deep"],
  ])("refuses %s", (text, expected) => {
    expect(parseJson(text)).toMatchObject({ ok: false, message: expected });
  });

  it("lets the same key stand in two objects and a key stand as a value", () => {
    expect(parseJson('[{"a":"b","b":"a"},{"a":{"a":"a"}}]').ok).toBe(true);
    expect(parseJson('\ufeff{"a":1}')).toEqual({ ok: true, value: { a: 1 } });
    expect(parseJson("[-0, 1e999]")).toEqual({ ok: true, value: [0, Number.POSITIVE_INFINITY] });
  });

  it("does not pollute", () => {
    expect(plain(JSON.parse('{"a":{"__proto__":{"polluted":1}}}')).ok).toBe(false);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

it("writes numbers as a person would", () => {
  const cases: [number, string][] = [
    [40, "40"],
    [1e-6, "1e-6"],
    [0.002, "0.002"],
    [0, "0"],
    [-1, "-1"],
    [9999, "9999"],
    [10_000_000, "10,000,000"],
    [0xffffffff, "4,294,967,295"],
    [1e18, "1e18"],
    [Number.NaN, "NaN"],
  ];
  for (const [value, text] of cases) expect(formatNumber(value)).toBe(text);
});

it("shortens a stranger's text to one line", () => {
  expect(shorten("a\nb\u202ec\u0000")).toBe("a b c ");
  expect(shorten("🌱".repeat(60))).toBe(`${"🌱".repeat(39)}…`);
  expect(shorten("x".repeat(40))).toBe("x".repeat(40));
});
