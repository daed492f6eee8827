/**
 * Attention of all heads, one dispatch: P = softmax(Q Kᵀ / √d), out = P V, from qkv [B, T, 3, heads, d] as one matmul
 * gives it. Causal: a query sees the keys up to its own place.
 *
 * Outputs out [B, T, heads · d] and P [B, heads, T, T] (query down, key across), which the gradient needs and the page
 * shows; no gradient flows into it. P is kept whole because windows are short: 1 MB a head and batch row at T = 512.
 */
import type { NdArray, OpDef, TensorSpec } from "../types.ts";
import { attentionGrad } from "./attention-grad.ts";
import { type AttentionAttrs, attentionCall, attentionDims, heads, pairsSeen } from "./attention-tile.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

export const attention: OpDef<AttentionAttrs> = {
  name: "attention",

  infer([qkv]) {
    const { batch, time, heads, d } = attentionDims(qkv!);
    return [f32(batch, time, heads * d), f32(batch, heads, time, time)];
  },

  flops([qkv], _outputs, attrs) {
    return 4 * pairsSeen(qkv!, attrs) * qkv!.shape[4]!;
  },

  lower([qkv], [y, p], attrs, temp) {
    const call = attentionCall(qkv!, attrs, temp);
    return [{ ...call, shader: "attention", entry: "forward", bind: { ...call.bind, y: y!, p: p! } }];
  },

  vjp(t, { inputs, outputs, attrs }, [dy, dp]) {
    if (dp) throw new Error("attention: P is kept for the gradient; none flows into it");
    if (!dy) return [null];
    return t.call(attentionGrad, [inputs[0]!, outputs[1]!, dy], attrs);
  },

  reference([qkv], attrs) {
    const { batch, time, heads: count, d } = attentionDims(qkv!);
    const y = new Float64Array(batch * time * count * d);
    const p = new Float64Array(batch * count * time * time);
    for (const { row, at, out, map } of heads(qkv!)) {
      for (let i = 0; i < time; i++) {
        const seen = attrs.causal ? i + 1 : time;
        const scores = Array.from({ length: seen }, (_, j) => {
          let s = 0;
          for (let c = 0; c < d; c++) s += row[at(0, i) + c]! * row[at(1, j) + c]!;
          return s / Math.sqrt(d);
        });
        const top = Math.max(...scores);
        const exps = scores.map((s) => Math.exp(s - top));
        const total = exps.reduce((a, b) => a + b, 0);
        for (let j = 0; j < seen; j++) {
          const share = exps[j]! / total;
          p[map + i * time + j] = share;
          for (let c = 0; c < d; c++) y[out(i) + c]! += share * row[at(2, j) + c]!;
        }
      }
    }
    const array = (data: Float64Array, ...shape: number[]): NdArray => ({ shape, dtype: "f32", data });
    return [array(y, batch, time, count * d), array(p, batch, count, time, time)];
  },

  samples: [
    { inputs: [f32(1, 1, 3, 1, 1)], attrs: { causal: true } },
    { inputs: [f32(2, 5, 3, 2, 4)], attrs: { causal: true } },
    { inputs: [f32(2, 6, 3, 2, 4)], attrs: { causal: false } },
    { inputs: [f32(1, 7, 3, 3, 5)], attrs: { causal: true } },
    { inputs: [f32(1, 7, 3, 3, 5)], attrs: { causal: false } },
    { inputs: [f32(1, 20, 3, 2, 20)], attrs: { causal: true } },
    // More keys than one round of 64 invocations takes, and the widest head.
    { inputs: [f32(1, 262, 3, 1, 4)], attrs: { causal: true }, bench: true },
    { inputs: [f32(1, 70, 3, 1, 128)], attrs: { causal: false }, bench: true },
    { inputs: [f32(1, 36, 3, 1, 12)], attrs: { causal: false }, bench: true },
    { inputs: [f32(8, 64, 3, 4, 16)], attrs: { causal: true }, bench: true },
    // In two workgroups.
    { inputs: [f32(3, 22, 3, 4, 4)], attrs: { causal: true }, wrt: [] },
  ],
};
