/** Tensors that come from nothing: one value everywhere, or random draws (what a growth puts into newborn weights). */
import { drawPair } from "../../random/init.ts";
import { floatBits } from "../control.ts";
import { sizeOf } from "../layout.ts";
import type { DType, OpDef } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { filled } from "./strided.ts";

export interface FillAttrs {
  readonly shape: readonly number[];
  readonly value: number;
  readonly dtype: DType;
}

export const fill: OpDef<FillAttrs> = {
  name: "fill",
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  lower(_, [y], { value, dtype }) {
    const count = sizeOf(y!.shape);
    const word = dtype === "f32" ? floatBits(value) : value >>> 0;
    return [
      { shader: "fill", entry: "fill", sizes: { count, word }, bind: { y: y! }, grid: elementGrid(count) },
    ];
  },
  reference: (_, { shape, value, dtype }) => [
    filled(shape, dtype, dtype === "f32" ? Math.fround(value) : value >>> 0),
  ],
  samples: [
    { inputs: [], attrs: { shape: [3, 100], value: -0.1, dtype: "f32" } },
    { inputs: [], attrs: { shape: [5], value: 0xfffffffe, dtype: "u32" } },
  ],
};

export interface DrawAttrs {
  readonly shape: readonly number[];
  readonly law: "normal" | "uniform";
  /** Standard deviation of "normal", bound of "uniform" (−scale … scale). */
  readonly scale: number;
  readonly key: readonly [number, number];
}

/** The numbers of `initial` (random/init.ts): uniform to the bit, normal to rounding. */
export const draw: OpDef<DrawAttrs> = {
  name: "draw",
  infer: (_, { shape }) => [{ shape, dtype: "f32" }],
  lower(_, [y], { law, scale, key }) {
    const count = sizeOf(y!.shape);
    const sizes = { count, key0: key[0], key1: key[1], scale };
    const entry = law === "normal" ? "normal" : "between";
    return [{ shader: "draw", entry, sizes, bind: { y: y! }, grid: elementGrid(Math.ceil(count / 2)) }];
  },
  reference(_, { shape, law, scale, key }) {
    const y = filled(shape, "f32");
    for (let i = 0; i < y.data.length; i++) y.data[i] = scale * drawPair(law, key, i >> 1)[i & 1]!;
    return [y];
  },
  samples: [
    { inputs: [], attrs: { shape: [101, 99], law: "normal", scale: 1, key: [3, 0xffffffff] } },
    { inputs: [], attrs: { shape: [530], law: "uniform", scale: 0.5, key: [0, 1] } },
  ],
};
