/**
 * Both gradients of a dense layer y = a Wᵀ + b in one dispatch. They read the same dPre and need nothing of each other, so
 * a step of a deep network is half as many dispatches, and a device has twice the work at hand.
 *
 * What follows dA is often one walk over it: another gradient to be added, or the slope of an activation that lies below.
 * `extra` takes it into the epilogue; engine/fuse.ts puts it there.
 */
import { sizeOf } from "../layout.ts";
import type { NdArray, OpDef, OpSample, TensorSpec } from "../types.ts";
import type { ActivationGradAttrs } from "./activation-grad.ts";
import { ACTIVATIONS, type Activation, activateGrad } from "./activations.ts";
import { foldGrid } from "./grid.ts";
import { matmulGradWeight } from "./matmul-grad-weight.ts";
import { product, sharedTiles, sumTolerance } from "./matmul-tile.ts";

export interface MatmulGradAttrs {
  /** A third output, the gradient of b. */
  readonly bias: boolean;
  /** What a fourth input of a's shape does to dA: it is added, or it is a value before an activation: times its slope. */
  readonly extra: "none" | "add" | "slope";
  readonly activation: Activation;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const EXTRAS = ["none", "add", "slope"] as const;

/** The kernel moves rows of a and of W [N, K] as vec4s. */
export const fitsMatmulGrad = (w: TensorSpec): boolean => w.shape.length === 2 && w.shape[1]! % 4 === 0;

function dims(inputs: readonly TensorSpec[], { extra }: MatmulGradAttrs) {
  const [dPre, a, w, other] = inputs;
  if (inputs.length !== (extra === "none" ? 3 : 4)) throw new Error(`matmul-grad: ${inputs.length} inputs`);
  if (!fitsMatmulGrad(w!)) throw new Error(`matmul-grad: rows of [${w!.shape}] are no vec4s`);
  const [n, k] = w!.shape as [number, number];
  const rows = sizeOf(dPre!.shape) / n;
  if (dPre!.shape.at(-1) !== n || a!.shape.at(-1) !== k || sizeOf(a!.shape) !== rows * k) {
    throw new Error(`matmul-grad: [${dPre!.shape}] and [${a!.shape}] do not fit a weight of [${w!.shape}]`);
  }
  if (other && sizeOf(other.shape) !== rows * k) {
    throw new Error(`matmul-grad: [${other.shape}] is not of the shape [${a!.shape}]`);
  }
  return { rows, n, k };
}

/** dPre [.., R, N], a [.., R, K], W [N, K], (other [.., R, K]) → dA, dW (, db [N]) */
export const matmulGrad: OpDef<MatmulGradAttrs> = {
  name: "matmul-grad",

  infer(inputs, attrs) {
    const { n, k } = dims(inputs, attrs);
    const made = [f32(...inputs[1]!.shape), f32(n, k)];
    return attrs.bias ? [...made, f32(n)] : made;
  },

  absorb({ inputs, attrs }, { op, operand, attrs: theirs }, other) {
    if (attrs.extra !== "none") return null;
    if (op === "add") return { inputs: [...inputs, other], attrs: { ...attrs, extra: "add" } };
    // activation-grad [pre, dy]: dA as its dy.
    if (op !== "activation-grad" || operand !== 1) return null;
    const { activation } = theirs as ActivationGradAttrs;
    return { inputs: [...inputs, other], attrs: { ...attrs, extra: "slope", activation } };
  },

  flops(inputs, _outputs, attrs) {
    const { rows, n, k } = dims(inputs, attrs);
    return 4 * rows * n * k + (attrs.bias ? rows * n : 0);
  },

  lower(inputs, [da, dw, db], attrs, temp, lanes) {
    const [dPre, a, w, other] = inputs;
    const { rows, n, k } = dims(inputs, attrs);
    const { WX, WY, SPLITS, chunk } = sharedTiles({ m: n, n: k, k: rows }, lanes);
    const across = Math.ceil(k / 8 / WX);
    const weightGroups = across * Math.ceil(n / 8 / WY);
    const acrossInput = Math.ceil(k / 64);
    const VEC = n % 4 === 0 ? 1 : 0;
    return [
      {
        shader: "matmul-grad",
        entry: "backward",
        constants: { WX, WY, SPLITS, VEC },
        sizes: {
          rows,
          n,
          k,
          chunk,
          across,
          across_input: acrossInput,
          weight_groups: weightGroups,
          biased: attrs.bias ? 1 : 0,
          extra: EXTRAS.indexOf(attrs.extra),
          activation: ACTIVATIONS.indexOf(attrs.activation),
        },
        bind: {
          dpre: dPre!,
          // Bound but not read as vec4s where n is no multiple of 4: then any tensor that holds one will do.
          dpre4: VEC === 1 ? dPre! : a!,
          a: a!,
          w: w!,
          da: da!,
          dw: dw!,
          // Bound but neither written nor read where there is none.
          sums: db ?? temp(f32(1)),
          other: other ?? a!,
        },
        grid: foldGrid(weightGroups + acrossInput * Math.ceil(rows / 32)),
      },
    ];
  },

  reference(inputs, attrs) {
    const { rows, n, k } = dims(inputs, attrs);
    const [dPre, a, w, other] = inputs;
    const flat = product(dPre!.data, w!.data, { m: rows, n: k, k: n }, { ta: false, tb: false });
    const data = flat.map((v, i) => {
      if (attrs.extra === "add") return v + other!.data[i]!;
      return attrs.extra === "slope" ? v * activateGrad(attrs.activation, other!.data[i]!) : v;
    });
    const da: NdArray = { shape: a!.shape, dtype: "f32", data };
    const weight = matmulGradWeight.reference([dPre!, a!], { ta: false, tb: true, bias: attrs.bias });
    return [da, ...weight];
  },

  samples: [
    sample([9, 7], [9, 8], 7),
    sample([2, 6, 12], [2, 6, 8], 12, { bias: false }),
    sample([1, 1], [1, 4], 1),
    // Past one workgroup on every side, n by vec4s and not, rows no multiple of 4.
    sample([67, 72], [67, 68], 72),
    sample([67, 75], [67, 68], 75, { bias: false }),
    sample([33, 20], [33, 12], 20, { extra: "add" }),
    sample([33, 19], [33, 12], 19, { extra: "slope", activation: "gelu" }),
    sample([10, 8], [10, 4], 8, { extra: "slope", activation: "leaky-relu" }),
    // All sizes multiples of 4: by quads, one and more to a side.
    sample([40, 72], [40, 68], 72),
    sample([20, 16], [20, 16], 16, { bias: false, extra: "add" }),
    sample([20, 24], [20, 36], 24, { extra: "slope", activation: "gelu" }),
    // The rows in parts, the last one short; the most parts a workgroup holds.
    { ...sample([5, 123, 9], [5, 123, 20], 9), tolerance: sumTolerance(615) },
    { ...sample([2100, 12], [2100, 8], 12), tolerance: sumTolerance(2100) },
    { ...sample([2048, 256], [2048, 64], 256), tolerance: sumTolerance(2048), bench: true },
  ],
};

function sample(
  dPre: number[],
  a: number[],
  n: number,
  change: Partial<MatmulGradAttrs> = {},
): OpSample<MatmulGradAttrs> {
  const attrs: MatmulGradAttrs = { bias: true, extra: "none", activation: "none", ...change };
  const inputs = [f32(...dPre), f32(...a), f32(n, a.at(-1)!)];
  return { inputs: attrs.extra === "none" ? inputs : [...inputs, f32(...a)], attrs };
}
