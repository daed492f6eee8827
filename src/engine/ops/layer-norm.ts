/**
 * Layer norm over the last axis, and its gradient. Outputs y and, for the gradient, each row's mean and
 * 1/√(variance + eps) [rows, 2]; no gradient flows into those. The variance is the biased one, as in PyTorch.
 */
import { sizeOf } from "../layout.ts";
import type { NdArray, OpDef, TensorSpec } from "../types.ts";
import { elementGrid, foldGrid } from "./grid.ts";

export interface LayerNormAttrs {
  readonly eps: number;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

function dims(x: TensorSpec, gain: TensorSpec): { rows: number; width: number } {
  const width = x.shape.at(-1)!;
  if (gain.shape.length !== 1 || gain.shape[0] !== width) {
    throw new Error(`layer-norm: gain and bias [${width}] expected for [${x.shape}], got [${gain.shape}]`);
  }
  return { rows: sizeOf(x.shape) / width, width };
}

export const layerNorm: OpDef<LayerNormAttrs> = {
  name: "layer-norm",

  infer([x, gain, bias]) {
    dims(x!, bias!);
    return [{ shape: x!.shape, dtype: "f32" }, f32(dims(x!, gain!).rows, 2)];
  },

  flops([x]) {
    return 8 * sizeOf(x!.shape);
  },

  lower([x, gain, bias], [y, stats], { eps }) {
    const { rows, width } = dims(x!, gain!);
    return [
      {
        shader: "layer-norm",
        entry: "forward",
        sizes: { rows, width, eps, row_groups: 0, residual: 0 },
        bind: { x: x!, gain: gain!, bias: bias!, y: y!, stats: stats! },
        grid: elementGrid(rows, 64),
      },
    ];
  },

  vjp(t, { inputs, outputs, attrs }, [dy, dStats]) {
    if (dStats)
      throw new Error("layer-norm: mean and deviation are kept for the gradient; none flows into them");
    if (!dy) return [null, null, null];
    return t.call(layerNormGrad, [inputs[0]!, inputs[1]!, outputs[1]!, dy], attrs);
  },

  reference([x, gain, bias], { eps }) {
    const { rows, width } = dims(x!, gain!);
    const y = new Float64Array(rows * width);
    const stats = new Float64Array(rows * 2);
    for (let row = 0; row < rows; row++) {
      const values = x!.data.subarray(row * width, (row + 1) * width);
      const mean = values.reduce((a, v) => a + v, 0) / width;
      const rstd = 1 / Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / width + eps);
      stats.set([mean, rstd], row * 2);
      for (let i = 0; i < width; i++) {
        y[row * width + i] = (values[i]! - mean) * rstd * gain!.data[i]! + bias!.data[i]!;
      }
    }
    const array = (data: Float64Array, shape: readonly number[]): NdArray => ({ shape, dtype: "f32", data });
    return [array(y, x!.shape), array(stats, [rows, 2])];
  },

  samples: [
    { inputs: [f32(3, 1), f32(1), f32(1)], attrs: { eps: 1e-5 } },
    { inputs: [f32(5, 7), f32(7), f32(7)], attrs: { eps: 1e-5 } },
    { inputs: [f32(3, 23, 12), f32(12), f32(12)], attrs: { eps: 1e-5 } },
    { inputs: [f32(1024, 128), f32(128), f32(128)], attrs: { eps: 1e-5 }, bench: true },
  ],
};

/**
 * x, gain, [mean, 1/deviation] of each row, dy, (another gradient of x) → dx, dgain, dbias. The other one, which came past
 * the norm on the trunk of a residual network, is added to dx as it is written (engine/fuse.ts).
 */
export const layerNormGrad: OpDef<LayerNormAttrs> = {
  name: "layer-norm-grad",

  infer([x, gain]) {
    const { width } = dims(x!, gain!);
    return [{ shape: x!.shape, dtype: "f32" }, f32(width), f32(width)];
  },

  absorb({ inputs, attrs }, { op }, other) {
    return op === "add" && inputs.length === 4 ? { inputs: [...inputs, other], attrs } : null;
  },

  flops([x]) {
    return 16 * sizeOf(x!.shape);
  },

  lower([x, gain, stats, dy, other], [dx, dgain, dbias], { eps }) {
    const { rows, width } = dims(x!, gain!);
    const rowGroups = Math.ceil(rows / 64);
    return [
      {
        shader: "layer-norm",
        entry: "backward",
        sizes: { rows, width, eps, row_groups: rowGroups, residual: other ? 1 : 0 },
        bind: {
          x: x!,
          gain: gain!,
          stats_in: stats!,
          dy: dy!,
          other: other ?? dy!, // bound but not read where there is none
          dx: dx!,
          dgain: dgain!,
          dbias: dbias!,
        },
        grid: foldGrid(rowGroups + Math.ceil(width / 4)),
      },
    ];
  },

  reference([x, gain, stats, dy, other]) {
    const { rows, width } = dims(x!, gain!);
    const dx = new Float64Array(rows * width);
    const [dgain, dbias] = [new Float64Array(width), new Float64Array(width)];
    for (let row = 0; row < rows; row++) {
      const [mean, rstd] = [stats!.data[2 * row]!, stats!.data[2 * row + 1]!];
      const normal = (i: number): number => (x!.data[row * width + i]! - mean) * rstd;
      const slope = (i: number): number => gain!.data[i]! * dy!.data[row * width + i]!;
      let [sum, product] = [0, 0];
      for (let i = 0; i < width; i++) {
        const d = dy!.data[row * width + i]!;
        dgain[i]! += d * normal(i);
        dbias[i]! += d;
        sum += slope(i) / width;
        product += (slope(i) * normal(i)) / width;
      }
      for (let i = 0; i < width; i++) {
        const at = row * width + i;
        dx[at] = rstd * (slope(i) - sum - normal(i) * product) + (other?.data[at] ?? 0);
      }
    }
    const array = (data: Float64Array, shape: readonly number[]): NdArray => ({ shape, dtype: "f32", data });
    return [array(dx, x!.shape), array(dgain, [width]), array(dbias, [width])];
  },

  // Column sums of dy n over the rows round as any long f32 sum: about 2⁻²⁴ of Σ|dy n|, here near 3 · rows.
  samples: [
    { inputs: [f32(3, 1), f32(1), f32(3, 2), f32(3, 1)], attrs: { eps: 1e-5 } },
    { inputs: [f32(5, 7), f32(7), f32(5, 2), f32(5, 7)], attrs: { eps: 1e-5 } },
    { inputs: [f32(9, 6), f32(6), f32(9, 2), f32(9, 6), f32(9, 6)], attrs: { eps: 1e-5 } },
    { inputs: [f32(3, 23, 12), f32(12), f32(69, 2), f32(3, 23, 12)], attrs: { eps: 1e-5 }, tolerance: 2e-5 },
    {
      inputs: [f32(1024, 128), f32(128), f32(1024, 2), f32(1024, 128)],
      attrs: { eps: 1e-5 },
      tolerance: 2e-4,
      bench: true,
    },
  ],
};
