/** What attention and its gradient share: the sizes, the call of shaders/lib/attention-tile.wgsl, the walk over heads. */
import { sizeOf } from "../layout.ts";
import type { KernelCall, NdArray, Tensor, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";

export interface AttentionAttrs {
  readonly causal: boolean;
}

/** P is kept whole, [B, heads, T, T], and one invocation walks over all of a row: longer windows want another kernel. */
const MOST_TIME = 512;
const MOST_D = 128;

export function attentionDims({ shape }: TensorSpec) {
  const [batch, time, three, heads, d] = shape as [number, number, number, number, number];
  if (shape.length !== 5 || three !== 3) {
    throw new Error(`attention: qkv [B, T, 3, heads, d] expected, got [${shape}]`);
  }
  if (time > MOST_TIME) throw new Error(`attention: ${time} places in a window, at most ${MOST_TIME} fit`);
  if (d > MOST_D) throw new Error(`attention: heads of ${d}, at most ${MOST_D} fit`);
  return { batch, time, heads, d };
}

/** Pairs of a query and a key it sees, over all heads and windows. */
export function pairsSeen(qkv: TensorSpec, { causal }: AttentionAttrs): number {
  const { batch, time, heads } = attentionDims(qkv);
  return batch * heads * (causal ? (time * (time + 1)) / 2 : time * time);
}

/** The fields of a call that walks over tiles of 4 tokens; `qkv4` is the same buffer, read as vec4s. */
export function attentionCall(
  qkv: Tensor,
  { causal }: AttentionAttrs,
  temp: (spec: TensorSpec) => Tensor,
): Required<Omit<KernelCall, "shader" | "entry">> {
  const { batch, time, heads, d } = attentionDims(qkv);
  return {
    constants: { VEC: d % 4 === 0 ? 1 : 0, CAUSAL: causal ? 1 : 0 },
    sizes: { batch, time, heads, d },
    bind: { qkv, qkv4: atLeastFour(qkv, temp) },
    grid: elementGrid(batch * heads * Math.ceil(time / 4), 64),
  };
}

/** A binding of vec4s must hold at least one; a tensor too small for that is not read by them. */
export const atLeastFour = (t: Tensor, temp: (spec: TensorSpec) => Tensor): Tensor =>
  sizeOf(t.shape) >= 4 ? t : temp({ shape: [4], dtype: "f32" });

/** Every head of every window: qkv's data, and where things begin in it (`at`), in the output (`out`) and in P (`map`). */
export function* heads(qkv: NdArray) {
  const { batch, time, heads: count, d } = attentionDims(qkv);
  for (let b = 0; b < batch; b++) {
    for (let head = 0; head < count; head++) {
      yield {
        row: qkv.data,
        at: (which: 0 | 1 | 2, token: number): number =>
          (((b * time + token) * 3 + which) * count + head) * d,
        out: (token: number): number => ((b * time + token) * count + head) * d,
        map: (b * count + head) * time * time,
      };
    }
  }
}
