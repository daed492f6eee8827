/** Choices that were timed: found again on the same adapter, and whatever else stands in a text does no harm. */
import { describe, expect, it } from "vitest";
import type { Dispatch } from "../engine/tiles.ts";
import { variantsOf } from "../engine/variants.ts";
import { Choices } from "./choices.ts";
import { Tuning } from "./tuning.ts";

const wide = { id: "spread 64×16×1", standing: "spread 32×32×1", ratio: 0.75 };
const A = "nvidia/lovelace// | Browser 1";

const product = (m: number): Dispatch => ({
  kind: "dispatch",
  op: "matmul",
  shader: "matmul",
  entry: "forward",
  constants: { TA: 0, TB: 1, VEC_A: 1, VEC_B: 1, TAIL: 0 },
  sizes: { m, n: 256, k: 64 },
  bind: { a: 0, a4: 0, b: 1, b4: 1, bias: 2, residual: 3, y: 4, pre: 5 },
  grid: [4, 4, 1],
});

/** A card of these shaders, with what was kept. */
function card(text = "", shader = "first", adapter = A): Tuning {
  const tuning = new Tuning({ card: true, digestOf: () => shader });
  tuning.choices = new Choices(adapter, text);
  return tuning;
}

const tileOf = (tuning: Tuning, m = 512) => tuning.choose(product(m)).constants.TILE;

function kept(): string {
  const tuning = card();
  tuning.choices!.set(tuning.choosable(product(512))!.key, wide);
  return tuning.choices!.text();
}

describe("a choice", () => {
  it("stands above the table", () => {
    expect(variantsOf(product(512)).map(({ id }) => id)).toContain(wide.id);
    expect(tileOf(card())).toBe(32);
    expect(tileOf(card(kept()))).toBe(64);
  });

  it("holds for its class of shape, and for no other", () => {
    expect(tileOf(card(kept()), 540)).toBe(64);
    expect(tileOf(card(kept()), 1024)).toBe(32);
  });

  it("is of one adapter and browser; those of others stay beside it", () => {
    const other = card(kept(), "first", "apple/metal-3// | Browser 1");
    expect(tileOf(other)).toBe(32);
    other.choices!.set("k", wide);
    expect(tileOf(card(other.choices!.text()))).toBe(64);
    other.choices!.forget();
    expect(tileOf(card(other.choices!.text()))).toBe(64);
  });

  it("is of one text of the shaders, and forgotten when it is to be", () => {
    expect(tileOf(card(kept(), "edited"))).toBe(32);
    const tuning = card(kept());
    tuning.choices!.forget();
    expect(tileOf(tuning)).toBe(32);
    expect(tileOf(card(tuning.choices!.text()))).toBe(32);
  });

  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a list", "[]"],
    ["another form", kept().replace('"form":1', '"form":2')],
    ["no list of adapters", '{"form":1,"adapters":{}}'],
    ["rows of anything", JSON.stringify({ form: 1, adapters: [[A, [null, 7, ["k"], ["k", 1, 2, 3]]], 5] })],
    ["a name that nothing has", kept().replaceAll(wide.id, "__proto__")],
    ["a ratio of nothing", kept().replace("0.75", "-1")],
    ["a ratio of what stood to what won", kept().replace("0.75", "1.25")],
    ["a text without end", `${kept()}${" ".repeat(1_000_001)}`],
  ])("is none in %s", (_name, text) => {
    expect(tileOf(card(text))).toBe(32);
  });

  it("is one of the newest 512, of the newest 8 adapters", () => {
    let text = "";
    for (let i = 0; i < 10; i++) {
      const choices = new Choices(`adapter ${i}`, text);
      for (let k = 0; k < (i === 9 ? 600 : 1); k++) choices.set(`k${k}`, wide);
      text = choices.text();
    }
    expect(new Choices("adapter 1", text).all.size).toBe(0);
    expect(new Choices("adapter 2", text).all.size).toBe(1);
    expect([...new Choices("adapter 9", text).all.keys()][0]).toBe("k88");
    expect(new Choices("adapter 9", text).all.size).toBe(512);
    // Kept again, an adapter is the newest, and so is a choice that was made anew; no other has to go for it.
    const again = new Choices("adapter 2", text);
    text = again.text();
    const ninth = new Choices("adapter 9", text);
    ninth.set("k88", wide);
    ninth.set("another", wide);
    text = ninth.text();
    expect([...new Choices("adapter 9", text).all.keys()].slice(-2)).toEqual(["k88", "another"]);
    expect(new Choices("adapter 9", text).get("k89")).toBeNull();
    for (let i = 2; i < 9; i++) expect(new Choices(`adapter ${i}`, text).all.size).toBe(1);
    text = new Choices("adapter 10", text).text();
    expect(["adapter 2", "adapter 3"].map((name) => new Choices(name, text).all.size)).toEqual([1, 0]);
  });
});
