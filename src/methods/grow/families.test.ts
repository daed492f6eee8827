/**
 * Growth asks a transformer for axes, layers and norms, never for its name: the same methods keep GPT, BERT and ViT what
 * they are, tied or untied, and chains of them keep every shape.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { sizeOf } from "../../engine/layout.ts";
import { bert } from "../../models/bert.ts";
import { gpt } from "../../models/gpt.ts";
import type { Model } from "../../models/types.ts";
import { vit } from "../../models/vit.ts";
import { type Arrays, arch, grow, largest, lookAt, side, someImages, weights } from "../../testing/models.ts";
import type { GrowMethod, Side } from "../types.ts";
import { aki } from "./aki.ts";
import { fpi } from "./fpi.ts";
import { identity } from "./identity.ts";
import { net2net } from "./net2net.ts";
import { stack } from "./stack.ts";

const SIZE = { layers: 1, width: 8, heads: 2, ffn: 2 };
const text = { vocab: 6, context: 5 };
const image = { vocab: 3, context: 1, image: { channels: 1, height: 8, width: 8 } };
const FAMILIES = [
  ["GPT", gpt, side(gpt, arch(gpt, SIZE), text)],
  ["GPT, tied", gpt, side(gpt, arch(gpt, { ...SIZE, tied: true }), text)],
  ["BERT, tied", bert, side(bert, arch(bert, SIZE), text)],
  ["BERT, post-LN, tied", bert, side(bert, arch(bert, { ...SIZE, norm: "post" }), text)],
  ["BERT, post-LN", bert, side(bert, arch(bert, { ...SIZE, norm: "post", tied: false }), text)],
  ["ViT", vit, side(vit, arch(vit, { ...SIZE, patch: "4" }), image)],
] as const;

const given = (of: Side) =>
  of.data.image
    ? someImages(of, 2)
    : {
        inputs: { shape: [2, 5], dtype: "u32" as const, data: Float64Array.of(6, 0, 3, 1, 5, 6, 2, 2, 4, 0) },
        targets: [1, 2, 3, 4, 5, 0, 1, 2, 3, 4],
      };
const awake = (of: Side): Arrays =>
  new Map([...weights(of)].map(([path, w]) => [path, /ln|bias/.test(path) ? w : w.map((x) => 15 * x)]));
const moved = (model: Model, from: Side, old: Arrays, method: GrowMethod, choice: object) => {
  const { to, weights: grown } = grow(model, method, from, old, choice);
  const [a, b] = [lookAt(model, from, old, given(from)).logits, lookAt(model, to, grown, given(from)).logits];
  const c = { ...defaults(method.schema), ...choice };
  return {
    ...{ to, grown, kept: method.preserving(c as never, from, to) },
    share: largest(a, b) / Math.max(...a.map(Math.abs)),
  };
};

describe.each(FAMILIES)("%s", (name, model: Model, from) => {
  const old = awake(from);
  const post = name.includes("post");

  it("is the same function twice as wide, with wider feed-forward parts, and deeper where norms stand before", () => {
    expect(moved(model, from, old, fpi, { width: 16 }).share).toBeLessThan(1e-6);
    expect(moved(model, from, old, net2net, { ffn: 3 }).share).toBeLessThan(1e-6);
    const deeper = moved(model, from, old, identity, {});
    expect(deeper.kept).toBe(!post);
    if (post) expect(deeper.share).toBeGreaterThan(1e-3);
    else expect(deeper.share).toBe(0);
  });

  it("to any width by the exact map, or told that it cannot", () => {
    if (post) {
      expect(model.growth.width).toContain("width");
      expect(fpi.next(model, from.arch, { ...defaults(fpi.schema), width: 12, widthMap: "exact" })).toBe(
        "Not grown: the map exact needs norms before the arms (pre-LN); random and whole multiples of the width can. Training goes on.",
      );
      const drawn = moved(model, from, old, fpi, { width: 12 });
      expect(drawn.kept).toBe(false);
      const c = { ...defaults(fpi.schema), width: 12 };
      expect(fpi.notes!(from, drawn.to, c)[0]).toContain("is random, not tile; the function is not kept");
      return;
    }
    for (const width of [12, 20]) {
      const exact = moved(model, from, old, fpi, { width });
      expect(exact.kept).toBe(true);
      expect(exact.share, `${width}`).toBeLessThan(1e-6);
    }
  });
});

it("a tied head needs the division in the last norm", () => {
  const [, model, from] = FAMILIES[2];
  const old = awake(from);
  const { to, grown } = moved(model, from, old, fpi, { width: 16 });
  // Without the rule: gains copied as those of other norms are.
  const copied = new Map(grown);
  for (const path of ["ln_f.weight", "ln_f.bias"])
    copied.set(
      path,
      grown.get(path)!.map((x) => 2 * x),
    );
  const [a, b] = [
    lookAt(model, from, old, given(from)).logits,
    lookAt(model, to, copied, given(from)).logits,
  ];
  expect(largest(a, b) / Math.max(...a.map(Math.abs))).toBeGreaterThan(0.5);
});

it("chains of growths keep every shape, and the function where they say so", () => {
  const link = fc.constantFrom<readonly [GrowMethod, object]>(
    [fpi, { width: 16 }],
    [fpi, { width: 12 }],
    [aki, { width: 16, depth: "bert2bert" }],
    [net2net, { ffn: 3 }],
    [stack, {}],
    [stack, { map: "identity", to: 3 }],
    [identity, { position: "bottom" }],
  );
  const family = fc.constantFrom(...FAMILIES);
  fc.assert(
    fc.property(family, fc.array(link, { minLength: 2, maxLength: 3 }), ([name, model, start], links) => {
      let [from, values]: [Side, Arrays] = [start, awake(start)];
      for (const [method, choice] of links) {
        const c = { ...defaults(method.schema), ...choice };
        const next = method.next(model, from.arch, c as never);
        if (typeof next === "string" || next === null) continue;
        expect(model.check(next as never, from.data)).toBeNull();
        const { to, grown, share, kept } = moved(model, from, values, method, choice);
        for (const { path, shape } of to.specs) expect(grown.get(path), path).toHaveLength(sizeOf(shape));
        // Rounded factors (a third, √(2/3)) are f32's, and a chain adds theirs up.
        if (kept) expect(share, `${name} ${method.id}`).toBeLessThan(1e-5);
        [from, values] = [to, grown];
      }
    }),
    { numRuns: 12, seed: 5 },
  );
}, 60_000);
