/** Mango's operator (transformer-growth §3.7, invariants 16 and 18): its start, and gradients through the grown model. */
import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { bert } from "../../models/bert.ts";
import { gpt } from "../../models/gpt.ts";
import type { Model } from "../../models/types.ts";
import { vit } from "../../models/vit.ts";
import { type Arrays, arch, grow, largest, side, weights } from "../../testing/models.ts";
import type { GrowMethod, Side } from "../types.ts";
import { fpi } from "./fpi.ts";
import { mango } from "./mango.ts";
import { grownBy, type WiderValues } from "./wider.ts";
import { tiled, type UnitMaps, widened } from "./width.ts";

const SIZE = { layers: 2, width: 8, heads: 2, ffn: 2 };
const text = { vocab: 6, context: 5 };
const image = { vocab: 3, context: 1, image: { channels: 1, height: 8, width: 8 } };

/** FPI whose hidden units are mapped block by block: g_f(β D2 + j) = β D1 + g_e(j). */
const blockwise: GrowMethod<typeof fpi.schema> = {
  ...fpi,
  map(t, from, to, old, c, key) {
    const [d1, d2, k] = [8, to.arch.width as number, 2];
    const maps: UnitMaps = new Map([
      ["width", tiled(d1, d2)],
      ["heads", tiled(2, d2 / 4)],
      [
        "hidden",
        {
          from: k * d1,
          of: Array.from({ length: k * d2 }, (_, j) => Math.floor(j / d2) * d1 + ((j % d2) % d1)),
        },
      ],
    ]);
    const wide = (spec: Parameters<typeof widened>[2]) => widened(t, old.get(spec.path)!, spec, maps, key);
    return grownBy(t, from, to, c as unknown as WiderValues, wide);
  },
};

describe.each([
  ["GPT", gpt, side(gpt, arch(gpt, SIZE), text)],
  ["BERT, tied", bert, side(bert, arch(bert, SIZE), text)],
  ["ViT", vit, side(vit, arch(vit, { ...SIZE, patch: "4" }), image)],
] as const)("%s", (_name, model: Model, from: Side) => {
  const old: Arrays = weights(from);

  it.each([
    [[1, 1, 1, 1], "trained", "stack"],
    [[2, 1, 2, 1], "fixed", "interpolate"],
  ] as const)("starts as FPI with the layer map: ranks %j, aux %s, map %s", (ranks, aux, depth) => {
    const plain = { ...defaults(fpi.schema), symmetry: "none", depth };
    const { to, weights: wanted } = grow(model, blockwise, from, old, plain);
    // With noise 0 every rank gives the same; above 1 the method would raise it, so it is made tiny there.
    const noise = ranks.some((rank) => rank > 1) ? 1e-9 : 0;
    const { to: too, weights: found } = grow(model, mango, from, old, { ranks, aux, depth, noise });
    expect(too.specs).toEqual(to.specs);
    for (const { path } of to.specs) {
      const off = largest(found.get(path)!, wanted.get(path)!);
      expect(off, path).toBeLessThan(noise === 0 ? 1e-12 : 1e-7);
    }
  });
});
