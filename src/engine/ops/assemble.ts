/**
 * An arena of parameters gathered out of a few tensors, in one dispatch, and its reverse: each parameter is a strided
 * walk over one of them. A growth operator makes all weights of a transformer as a handful of products; without this every
 * parameter would cost a dispatch of its own, forward and backward.
 *
 * What a parameter is, its segment, is twelve words: source (0, 1 or 2), first element there, four lengths, four strides,
 * offset in the arena, count. A table says for each 64 elements of the arena which segment they lie in, `SKIPPED` where none.
 */
import { ALIGN, sizeOf } from "../layout.ts";
import type { KernelCall, OpDef, Tensor, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { filled } from "./strided.ts";

export const SEGMENT_WORDS = 12;
export const SKIPPED = 0xffffffff;

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** Calls f(element of the arena, source, element there) for each element that a segment covers. */
function walk(
  length: number,
  blocks: ArrayLike<number>,
  segments: ArrayLike<number>,
  f: (i: number, source: number, from: number) => void,
): void {
  for (let i = 0; i < length; i++) {
    const block = blocks[Math.floor(i / ALIGN)]!;
    if (block === SKIPPED) continue;
    const at = (k: number) => segments[block * SEGMENT_WORDS + k]!;
    let e = i - at(10);
    if (e >= at(11)) continue;
    let from = at(1);
    for (let d = 3; d >= 0; d--) {
      from += (e % at(2 + d)) * at(6 + d);
      e = Math.floor(e / at(2 + d));
    }
    f(i, at(0), from);
  }
}

function call(entry: string, length: number, bind: KernelCall["bind"]): KernelCall {
  return { shader: "assemble", entry, sizes: { count: length }, bind, grid: elementGrid(length, 256) };
}

/** Inputs arena f32 [P], blocks u32 [P / 64], segments u32 [n, 12], three sources; writes the arena in place. */
export const assemble: OpDef<object> = {
  name: "assemble",
  alias: [0],
  infer([arena, blocks, segments]) {
    if (sizeOf(blocks!.shape) * ALIGN < sizeOf(arena!.shape) || segments!.shape[1] !== SEGMENT_WORDS) {
      throw new Error(`assemble: [${arena!.shape}] needs a block for each ${ALIGN} elements`);
    }
    return [f32(...arena!.shape)];
  },
  lower([arena, blocks, segments, a, b, c]) {
    const bind = { arena: arena!, blocks: blocks!, segments: segments!, a: a!, b: b!, c: c! };
    return [call("gather", sizeOf(arena!.shape), bind)];
  },
  reference([arena, blocks, segments, ...sources]) {
    const data = arena!.data.slice();
    walk(data.length, blocks!.data, segments!.data, (i, source, from) => {
      data[i] = sources[source]!.data[from]!;
    });
    return [{ ...arena!, data }];
  },
  samples: [
    {
      inputs: [f32(320), u32(5), u32(3, SEGMENT_WORDS), f32(5, 7), f32(188), f32(2)],
      attrs: {},
      wrt: [],
      values,
    },
  ],
};

export interface DisassembleAttrs {
  readonly shapes: readonly (readonly number[])[];
}

/** Inputs grads f32 [P], blocks, segments; gives the gradients of the three sources. What no segment names stays unwritten. */
export const disassemble: OpDef<DisassembleAttrs> = {
  name: "disassemble",
  infer(_inputs, { shapes }) {
    return shapes.map((shape) => f32(...shape));
  },
  lower([arena, blocks, segments], [a, b, c]: readonly Tensor[]) {
    const bind = { grads: arena!, blocks: blocks!, segments: segments!, da: a!, db: b!, dc: c! };
    return [call("scatter", sizeOf(arena!.shape), bind)];
  },
  reference([arena, blocks, segments], { shapes }) {
    const out = shapes.map((shape) => filled(shape, "f32"));
    walk(arena!.data.length, blocks!.data, segments!.data, (i, source, from) => {
      out[source]!.data[from] = arena!.data[i]!;
    });
    return out;
  },
  samples: [
    {
      inputs: [f32(320), u32(5), u32(3, SEGMENT_WORDS)],
      attrs: { shapes: [[5, 7], [188], [2]] },
      wrt: [],
      values,
    },
  ],
};

/** Source 0 transposed, source 1 whole, and two elements of source 2. */
function values(input: number, { shape }: TensorSpec): ArrayLike<number> {
  if (input === 1) return [0, 1, 1, 1, 2];
  if (input === 2) {
    return [
      [0, 0, 1, 1, 7, 5, 0, 0, 1, 7, 0, 35],
      [1, 0, 1, 1, 1, 188, 0, 0, 0, 1, 64, 188],
      [2, 0, 1, 1, 1, 2, 0, 0, 0, 1, 256, 2],
    ].flat();
  }
  return Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + input));
}
