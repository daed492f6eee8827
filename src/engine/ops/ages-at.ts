/** Ages of single entries (shaders/ages.wgsl): those that a host names come to life, and a choice by what is active. */
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { isActive } from "./mask-tiles.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

const AGES = [0, 1, 700, 0x80000009, 0x80000001, 0x80000000, 2];
const ages = (count: number): number[] => Array.from({ length: count }, (_, i) => AGES[i % AGES.length]!);

/**
 * Entries come to life one by one: inputs age u32 [P] and places u32 [n] < P, each at most once; age = 1 there, in place.
 * For the few entries that a host chose by name, where a ranking has nothing to say.
 */
export const wakeAt: OpDef<object> = {
  name: "wake-at",
  alias: [0],
  infer([age, places]) {
    if (age!.dtype !== "u32" || places!.dtype !== "u32") throw new Error("wake-at: ages and places are u32");
    return [u32(...age!.shape)];
  },
  lower([age, places]) {
    const count = sizeOf(places!.shape);
    return [
      {
        shader: "ages",
        entry: "wake_at",
        sizes: { count, stretch: 0, parts: 0 },
        bind: { marked: age!, places: places! },
        grid: elementGrid(count),
      },
    ];
  },
  reference([age, places]) {
    const marked = { ...age!, data: age!.data.slice() };
    for (const place of places!.data) marked.data[place] = 1;
    return [marked];
  },
  samples: [
    { inputs: [u32(300), u32(7)], attrs: {}, wrt: [], values: (input) => (input === 0 ? ages(300) : PLACES) },
    // By two workgroups.
    {
      inputs: [u32(300), u32(270)],
      attrs: {},
      wrt: [],
      values: (input) => (input === 0 ? ages(300) : Array.from({ length: 270 }, (_, i) => 299 - i)),
    },
  ],
};

const PLACES = [0, 299, 7, 14, 100, 3, 256];

/** Inputs x and y f32 and age u32 of as many elements: x where active, y where dormant. */
export const whereActive: OpDef<object> = {
  name: "where-active",
  infer([x, y, age]) {
    const count = sizeOf(age!.shape);
    if (x!.dtype !== "f32" || y!.dtype !== "f32" || age!.dtype !== "u32") {
      throw new Error("where-active: values are f32 and ages u32");
    }
    if (sizeOf(x!.shape) !== count || sizeOf(y!.shape) !== count) {
      throw new Error(`where-active: [${x!.shape}] and [${y!.shape}] for ages [${age!.shape}]`);
    }
    return [f32(...x!.shape)];
  },
  lower([x, y, age], [z]) {
    const count = sizeOf(age!.shape);
    return [
      {
        shader: "ages",
        entry: "where_active",
        sizes: { count, stretch: 0, parts: 0 },
        bind: { values: x!, others: y!, age: age!, x: z! },
        grid: elementGrid(count),
      },
    ];
  },
  reference: ([x, y, age]) => [
    { ...x!, data: x!.data.map((v, i) => (isActive(age!.data[i]!) ? v : y!.data[i]!)) },
  ],
  samples: [
    {
      inputs: [f32(3, 100), f32(3, 100), u32(3, 100)],
      attrs: {},
      wrt: [],
      values: (input) =>
        input === 2 ? ages(300) : Array.from({ length: 300 }, (_, i) => Math.sin(i + 1 + input)),
    },
  ],
};
