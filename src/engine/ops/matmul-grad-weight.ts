/**
 * The gradient of a matmul's right operand, summed over all the rows of a batch, and of its bias, which is the column
 * sums of the same dPre: one walk over dPre gives both. An op of its own, because the outputs are few and the sum long:
 * where tiles would leave a device idle, the invocations of a workgroup share a tile's rows and add their parts in order.
 */
import { sizeOf } from "../layout.ts";
import type { NdArray, OpDef, TensorSpec } from "../types.ts";
import { product, sharedTiles, sumTolerance, tileCall } from "./matmul-tile.ts";

/** `ta`, `tb`, `bias`: those of the matmul. */
export interface MatmulGradWeightAttrs {
  readonly ta: boolean;
  readonly tb: boolean;
  readonly bias: boolean;
}

/** dPre [.., R, N] and a [.., R, K] ([K, R] with `ta`), leading axes folded into rows. */
function dims([dPre, a]: readonly TensorSpec[], { ta }: MatmulGradWeightAttrs) {
  const n = dPre!.shape.at(-1)!;
  const rows = sizeOf(dPre!.shape) / n;
  const k = sizeOf(a!.shape) / rows;
  if (!Number.isInteger(k) || (ta ? a!.shape.at(-1) !== rows : a!.shape.at(-1) !== k)) {
    throw new Error(`matmul-grad-weight: [${dPre!.shape}] and [${a!.shape}] do not have the same rows`);
  }
  return { rows, n, k };
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

export const matmulGradWeight: OpDef<MatmulGradWeightAttrs> = {
  name: "matmul-grad-weight",

  infer(inputs, attrs) {
    const { n, k } = dims(inputs, attrs);
    const dw = attrs.tb ? f32(n, k) : f32(k, n);
    return attrs.bias ? [dw, f32(n)] : [dw];
  },

  flops(inputs, _outputs, attrs) {
    const { rows, n, k } = dims(inputs, attrs);
    return 2 * rows * n * k + (attrs.bias ? rows * n : 0);
  },

  lower([dPre, a], [dw, dBias], attrs, temp, lanes) {
    const { rows, n, k } = dims([dPre!, a!], attrs);
    // With tb: [N, K] = dPreᵀ a, the bias gradient the row sums of dPreᵀ. Without: [K, N] = aᵀ dPre, its column sums.
    const problem = attrs.tb ? { m: n, n: k, k: rows } : { m: k, n, k: rows };
    const upstream = { tensor: dPre!, transposed: attrs.tb };
    const input = { tensor: a!, transposed: attrs.tb === attrs.ta };
    const [left, right] = attrs.tb ? [upstream, input] : [input, upstream];
    const shares = sharedTiles(problem, lanes);
    const call = tileCall(left, right, problem, shares, 1, { a: 0, b: 0 }, temp);
    return [
      {
        shader: "matmul-grad-weight",
        entry: "backward",
        constants: { ...call.constants, SPLITS: shares.SPLITS, SUMS: attrs.bias ? (attrs.tb ? 1 : 2) : 0 },
        sizes: { ...problem, chunk: shares.chunk },
        // Bound but not written where there is no bias.
        bind: { ...call.bind, dw: dw!, sums: dBias ?? temp(f32(1)) },
        grid: call.grid,
      },
    ];
  },

  reference(inputs, attrs) {
    const { rows, n, k } = dims(inputs, attrs);
    const [dPre, a] = [inputs[0]!.data, inputs[1]!.data];
    const dw = attrs.tb
      ? product(dPre, a, { m: n, n: k, k: rows }, { ta: true, tb: attrs.ta })
      : product(a, dPre, { m: k, n, k: rows }, { ta: !attrs.ta, tb: false });
    const array = (data: Float64Array, ...shape: number[]): NdArray => ({ shape, dtype: "f32", data });
    const dw2 = attrs.tb ? array(dw, n, k) : array(dw, k, n);
    if (!attrs.bias) return [dw2];
    const dBias = new Float64Array(n);
    for (let i = 0; i < dPre.length; i++) dBias[i % n]! += dPre[i]!;
    return [dw2, array(dBias, n)];
  },

  samples: [
    { inputs: [f32(9, 7), f32(9, 5)], attrs: { ta: false, tb: true, bias: true } },
    { inputs: [f32(2, 6, 12), f32(2, 6, 8)], attrs: { ta: false, tb: true, bias: false } },
    { inputs: [f32(9, 11), f32(9, 10)], attrs: { ta: false, tb: false, bias: true } },
    { inputs: [f32(9, 7), f32(5, 9)], attrs: { ta: true, tb: true, bias: true } },
    { inputs: [f32(9, 7), f32(5, 9)], attrs: { ta: true, tb: false, bias: true } },
    // By quads.
    { inputs: [f32(8, 36), f32(8, 20)], attrs: { ta: false, tb: true, bias: true } },
    // In chunks, the last one short and not a multiple of 4.
    {
      inputs: [f32(5, 123, 9), f32(5, 123, 18)],
      attrs: { ta: false, tb: true, bias: true },
      tolerance: sumTolerance(615),
    },
    // In chunks and without a bias: what would be its sums must not fall into the next chunk's part.
    {
      inputs: [f32(615, 20), f32(615, 18)],
      attrs: { ta: false, tb: true, bias: false },
      tolerance: sumTolerance(615),
    },
    {
      inputs: [f32(701, 12), f32(701, 8)],
      attrs: { ta: false, tb: false, bias: true },
      tolerance: sumTolerance(701),
    },
    {
      inputs: [f32(2048, 256), f32(2048, 64)],
      attrs: { ta: false, tb: true, bias: true },
      tolerance: sumTolerance(2048),
      bench: true,
    },
  ],
};
