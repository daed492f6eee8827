/**
 * How much the layers of a network attend alike (transformer-growth §5.5): for each two of them the mean, over windows and
 * queries that see two keys at least, of the Jensen-Shannon divergence of their rows in bits, and of the rows' cosine.
 */
import type { OpDef, TensorSpec } from "../types.ts";
import { type AttentionMapAttrs, someMaps } from "./attention-figures.ts";
import { elementGrid } from "./grid.ts";
import { filled } from "./strided.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

function dims({ shape }: TensorSpec) {
  const [layers, batch, time, keys] = shape as [number, number, number, number];
  if (shape.length !== 4 || time !== keys) {
    throw new Error(`attention-likeness: maps [layers, N, T, T] expected, got [${shape}]`);
  }
  return { layers, batch, time };
}

/** Input the head means of P, f32 [L, N, T, T], rows that sum to 1; gives JS [L, L], 0 … 1, and COS [L, L]. */
export const attentionLikeness: OpDef<AttentionMapAttrs> = {
  name: "attention-likeness",
  infer([maps]) {
    const { layers } = dims(maps!);
    return [f32(layers, layers), f32(layers, layers)];
  },
  lower([maps], [js, cosine], { causal }, temp) {
    const { layers, batch, time } = dims(maps!);
    const rows = temp(f32(layers * layers * batch * time, 2));
    const frame = {
      shader: "attention-likeness",
      constants: { CAUSAL: causal ? 1 : 0 },
      sizes: { layers, batch, time },
    };
    return [
      {
        ...frame,
        entry: "rows_of",
        bind: { maps: maps!, rows },
        grid: elementGrid(layers * layers * batch * time, 64),
      },
      { ...frame, entry: "means", bind: { rows, js: js!, cosine: cosine! }, grid: [layers, layers, 1] },
    ];
  },
  reference([maps], { causal }) {
    const { layers, batch, time } = dims(maps!);
    const js = filled([layers, layers], "f32");
    const cosine = filled([layers, layers], "f32");
    const first = causal ? 1 : 0;
    const count = batch * (time - first);
    const row = (layer: number, n: number, q: number) =>
      maps!.data.subarray(((layer * batch + n) * time + q) * time).subarray(0, causal ? q + 1 : time);
    for (let l = 0; l < layers; l++) {
      for (let m = 0; m < layers; m++) {
        if (l === m) {
          cosine.data[l * layers + m] = 1;
          continue;
        }
        for (let n = 0; n < batch; n++) {
          for (let q = first; q < time; q++) {
            const [divergence, likeness] = compared(row(l, n, q), row(m, n, q));
            js.data[l * layers + m]! += divergence / count;
            cosine.data[l * layers + m]! += likeness / count;
          }
        }
      }
    }
    return [js, cosine];
  },
  samples: [
    { inputs: [f32(3, 2, 5, 5)], attrs: { causal: true } },
    { inputs: [f32(2, 3, 4, 4)], attrs: { causal: false } },
    { inputs: [f32(1, 1, 3, 3)], attrs: { causal: true } },
    // More rows of a pair than lanes.
    { inputs: [f32(2, 5, 30, 30)], attrs: { causal: true } },
  ].map((sample) => ({ ...sample, wrt: [], values: () => someMaps(sample.inputs[0]!, sample.attrs.causal) })),
};

/** Jensen-Shannon divergence in bits, and cosine, of two rows. */
export function compared(a: ArrayLike<number>, b: ArrayLike<number>): [number, number] {
  let js = 0;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[k]!, b[k]!];
    const middle = (x + y) / 2;
    if (x > 0) js += (x / 2) * Math.log2(x / middle);
    if (y > 0) js += (y / 2) * Math.log2(y / middle);
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return [js, ab / Math.sqrt(aa * bb)];
}
