/**
 * The gradient of attention in two dispatches: one by queries (dQ, and dS kept between them), one by keys (dK, dV), so
 * that each output has one writer and a fixed order of addition.
 */
import type { NdArray, OpDef, TensorSpec } from "../types.ts";
import {
  type AttentionAttrs,
  atLeastFour,
  attentionCall,
  attentionDims,
  heads,
  pairsSeen,
} from "./attention-tile.ts";
import { elementGrid } from "./grid.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

function sample(qkv: TensorSpec, causal: boolean) {
  const [batch, time, , count, d] = qkv.shape as [number, number, number, number, number];
  return {
    inputs: [qkv, f32(batch, count, time, time), f32(batch, time, count * d)],
    attrs: { causal },
    /** P has to be one: rows that sum to 1, zero where nothing is seen. */
    values(input: number, spec: TensorSpec): number[] {
      const size = spec.shape.reduce((n, k) => n * k, 1);
      const wave = (i: number): number => Math.sin(12.9898 * (i + 1) + 78.233 * input + i * i);
      if (input !== 1) return Array.from({ length: size }, (_, i) => 1.5 * wave(i));
      return Array.from({ length: size }, (_, i) => {
        const [query, key] = [Math.floor(i / time) % time, i % time];
        const seen = causal ? query + 1 : time;
        return key < seen ? (1 + 0.8 * Math.cos((6.283185307 * key) / seen)) / (seen === 1 ? 1.8 : seen) : 0;
      });
    },
  };
}

/** qkv, P [B, heads, T, T], dy [B, T, heads · d] → dqkv */
export const attentionGrad: OpDef<AttentionAttrs> = {
  name: "attention-grad",

  infer([qkv]) {
    return [qkv!];
  },

  flops([qkv], _outputs, attrs) {
    return 8 * pairsSeen(qkv!, attrs) * qkv!.shape[4]!;
  },

  lower([qkv, p, dy], [dqkv], attrs, temp) {
    const call = attentionCall(qkv!, attrs, temp);
    const ds = temp(f32(...p!.shape));
    const bind = { ...call.bind, dy: dy!, dy4: atLeastFour(dy!, temp), p: p!, dqkv: dqkv! };
    const shader = "attention-grad";
    const { batch, time, heads: count, d } = attentionDims(qkv!);
    const byKeys = elementGrid(batch * count * Math.ceil(time / 4) * Math.ceil(d / 4), 64);
    return [
      { ...call, shader, entry: "backward_query", bind: { ...bind, ds } },
      { ...call, shader, entry: "backward_key", bind: { ...bind, slopes: ds }, grid: byKeys },
    ];
  },

  reference([qkv, p, dy], attrs) {
    const { time, d } = attentionDims(qkv!);
    const dqkv = new Float64Array(qkv!.data.length);
    const scale = 1 / Math.sqrt(d);
    for (const { row, at, out, map } of heads(qkv!)) {
      for (let i = 0; i < time; i++) {
        const seen = attrs.causal ? i + 1 : time;
        const share = p!.data.subarray(map + i * time, map + i * time + seen);
        const dShare = Float64Array.from({ length: seen }, (_, j) => {
          let sum = 0;
          for (let c = 0; c < d; c++) sum += dy!.data[out(i) + c]! * row[at(2, j) + c]!;
          return sum;
        });
        const mean = share.reduce((sum, s, j) => sum + s * dShare[j]!, 0);
        for (let j = 0; j < seen; j++) {
          const ds = share[j]! * (dShare[j]! - mean) * scale;
          for (let c = 0; c < d; c++) {
            dqkv[at(0, i) + c]! += ds * row[at(1, j) + c]!;
            dqkv[at(1, j) + c]! += ds * row[at(0, i) + c]!;
            dqkv[at(2, j) + c]! += share[j]! * dy!.data[out(i) + c]!;
          }
        }
      }
    }
    const array: NdArray = { shape: qkv!.shape, dtype: "f32", data: dqkv };
    return [array];
  },

  samples: [
    sample(f32(1, 1, 3, 1, 1), true),
    sample(f32(2, 5, 3, 2, 4), true),
    sample(f32(2, 6, 3, 2, 4), false),
    sample(f32(1, 7, 3, 3, 5), true),
    sample(f32(1, 7, 3, 3, 5), false),
    sample(f32(1, 20, 3, 2, 20), true),
    { ...sample(f32(1, 36, 3, 1, 12), false), bench: true },
    { ...sample(f32(1, 262, 3, 1, 4), true), bench: true },
    { ...sample(f32(1, 70, 3, 1, 128), false), bench: true },
    { ...sample(f32(8, 64, 3, 4, 16), true), bench: true },
    // In two workgroups.
    sample(f32(3, 22, 3, 4, 4), true),
  ],
};
