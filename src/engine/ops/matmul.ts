/**
 * y = activate(A·B + bias) + residual: one dispatch for a dense layer, whose bias, nonlinearity and residual would
 * otherwise each walk over memory again. Weights are stored out × in, so a layer is `tb: true` (y = x Wᵀ).
 *
 * a [.., M, K] (or [.., K, M] with `ta`), b [.., K, N] (or [.., N, K] with `tb`). Leading axes are equal, or one operand
 * has none: where b has none, the leading axes of a fold into M and it is one product.
 */
import { sizeOf } from "../layout.ts";
import type { NdArray, OpDef, OpSample, TensorSpec } from "../types.ts";
import { activationGrad } from "./activation-grad.ts";
import { ACTIVATIONS, type Activation, activate } from "./activations.ts";
import { fitsMatmulGrad, matmulGrad } from "./matmul-grad.ts";
import { matmulGradWeight } from "./matmul-grad-weight.ts";
import { type Problem, product, sumTolerance, tileCall, wholeTiles } from "./matmul-tile.ts";

export interface MatmulAttrs {
  readonly ta: boolean;
  readonly tb: boolean;
  /** A third input [N]. */
  readonly bias: boolean;
  /** A last input of the output's shape, added after the activation. */
  readonly residual: boolean;
  /** Other than "none": a second output keeps the values before it, for the gradient. */
  readonly activation: Activation;
}

interface Layout extends Problem {
  readonly shape: readonly number[];
  /** Problems along z, and elements from one to the next. */
  readonly batch: number;
  readonly strideA: number;
  readonly strideB: number;
}

const text = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

function layoutOf(inputs: readonly TensorSpec[], attrs: MatmulAttrs): Layout {
  const { ta, tb } = attrs;
  const expected = 2 + (attrs.bias ? 1 : 0) + (attrs.residual ? 1 : 0);
  if (inputs.length !== expected)
    throw new Error(`matmul: ${expected} inputs expected, got ${inputs.length}`);
  const [a, b] = [inputs[0]!.shape, inputs[1]!.shape];
  if (a.length < 2 || b.length < 2)
    throw new Error(`matmul: matrices expected, got ${text(a)} and ${text(b)}`);
  const [aRows, aCols] = [a.at(-2)!, a.at(-1)!];
  const [m, k] = ta ? [aCols, aRows] : [aRows, aCols];
  const [n, depth] = tb ? [b.at(-2)!, b.at(-1)!] : [b.at(-1)!, b.at(-2)!];
  if (k !== depth) throw new Error(`matmul: inner sizes ${k} and ${depth} differ (${text(a)}, ${text(b)})`);
  const [lead, leadB] = [a.slice(0, -2), b.slice(0, -2)];
  const shape = [...(leadB.length > 0 ? leadB : lead), m, n];
  if (attrs.bias && (inputs[2]!.shape.length !== 1 || inputs[2]!.shape[0] !== n)) {
    throw new Error(`matmul: a bias of ${text([n])} expected, got ${text(inputs[2]!.shape)}`);
  }
  if (attrs.residual && text(inputs.at(-1)!.shape) !== text(shape)) {
    throw new Error(`matmul: a residual of ${text(shape)} expected, got ${text(inputs.at(-1)!.shape)}`);
  }
  if (leadB.length === 0) {
    if (ta && lead.length > 0) {
      throw new Error(`matmul: a transposed ${text(a)} cannot fold its leading axes for a single ${text(b)}`);
    }
    return { shape, m: sizeOf(lead) * m, n, k, batch: 1, strideA: 0, strideB: 0 };
  }
  if (lead.length > 0 && text(lead) !== text(leadB)) {
    throw new Error(`matmul: leading axes of ${text(a)} and ${text(b)} differ`);
  }
  if (attrs.bias) throw new Error(`matmul: a bias needs a single right operand, got ${text(b)}`);
  return { shape, m, n, k, batch: sizeOf(leadB), strideA: lead.length > 0 ? m * k : 0, strideB: k * n };
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const PLAIN: MatmulAttrs = { ta: false, tb: false, bias: false, residual: false, activation: "none" };
const sample = (inputs: readonly TensorSpec[], attrs: Partial<MatmulAttrs> = {}): OpSample<MatmulAttrs> => ({
  inputs,
  attrs: { ...PLAIN, ...attrs },
});

export const matmul: OpDef<MatmulAttrs> = {
  name: "matmul",

  infer(inputs, attrs) {
    const y: TensorSpec = { shape: layoutOf(inputs, attrs).shape, dtype: "f32" };
    return attrs.activation === "none" ? [y] : [y, y];
  },

  absorb({ inputs, outputs, attrs }, { op }, other) {
    if (op !== "add" || attrs.residual || outputs.length > 1) return null;
    return { inputs: [...inputs, other], attrs: { ...attrs, residual: true } };
  },

  flops(inputs, _outputs, attrs) {
    const { m, n, k, batch } = layoutOf(inputs, attrs);
    return 2 * batch * m * n * k;
  },

  lower(inputs, outputs, attrs, temp) {
    const { batch, strideA, strideB, ...problem } = layoutOf(inputs, attrs);
    const [a, b] = [inputs[0]!, inputs[1]!];
    const call = tileCall(
      { tensor: a, transposed: attrs.ta },
      { tensor: b, transposed: attrs.tb },
      problem,
      wholeTiles(problem),
      batch,
      { a: strideA, b: strideB },
      temp,
    );
    const kept = outputs.length > 1;
    return [
      {
        shader: "matmul",
        entry: "forward",
        constants: call.constants,
        sizes: {
          ...call.sizes,
          biased: attrs.bias ? 1 : 0,
          residual_added: attrs.residual ? 1 : 0,
          activation: ACTIVATIONS.indexOf(attrs.activation),
          kept: kept ? 1 : 0,
        },
        bind: {
          ...call.bind,
          // Bound but neither read nor written where there is none.
          bias: attrs.bias ? inputs[2]! : a,
          residual: attrs.residual ? inputs.at(-1)! : a,
          y: outputs[0]!,
          pre: outputs[1] ?? temp({ shape: [4], dtype: "f32" }),
        },
        grid: call.grid,
      },
    ];
  },

  vjp(t, { inputs, outputs, attrs }, [dy, dKept], wanted) {
    if (dKept) throw new Error("matmul: the values before the activation are kept for the gradient only");
    if (!dy) return inputs.map(() => null);
    const { ta, tb } = attrs;
    const [a, b] = [inputs[0]!, inputs[1]!];
    const dPre =
      attrs.activation === "none"
        ? dy
        : t.call(activationGrad, [outputs[1]!, dy], { activation: attrs.activation })[0]!;
    // y = a b: da = dPre bᵀ, stored as a is; where a is single and b is not, its gradient is one long product.
    const single = b.shape.length === 2;
    // Where x is data, as under an image, its gradient is half of the work and nobody asks for it.
    if (single && !ta && tb && fitsMatmulGrad(b) && wanted?.[0] !== false) {
      const plain = { bias: attrs.bias, extra: "none", activation: "none" } as const;
      const [da, db, dBias] = t.call(matmulGrad, [dPre, a, b], plain);
      return [da!, db!, ...(attrs.bias ? [dBias!] : []), ...(attrs.residual ? [dy] : [])];
    }
    if (!single && a.shape.length === 2) {
      throw new Error("matmul: no gradient where one left operand meets several right ones");
    }
    const da = ta
      ? t.call(matmul, [b, dPre], { ...PLAIN, ta: tb, tb: true })[0]!
      : t.call(matmul, [dPre, b], { ...PLAIN, tb: !tb })[0]!;
    const [db, dBias] = single
      ? t.call(matmulGradWeight, [dPre, a], { ta, tb, bias: attrs.bias })
      : tb
        ? t.call(matmul, [dPre, a], { ...PLAIN, ta: true, tb: ta })
        : t.call(matmul, [a, dPre], { ...PLAIN, ta: !ta });
    return [da, db!, ...(attrs.bias ? [dBias!] : []), ...(attrs.residual ? [dy] : [])];
  },

  reference(inputs, attrs) {
    const { shape, m, n, k, batch, strideA, strideB } = layoutOf(inputs, attrs);
    const [a, b] = [inputs[0]!.data, inputs[1]!.data];
    const pre = new Float64Array(batch * m * n);
    for (let z = 0; z < batch; z++) {
      pre.set(product(a, b, { m, n, k }, attrs, { a: z * strideA, b: z * strideB }), z * m * n);
    }
    if (attrs.bias) {
      const bias = inputs[2]!.data;
      for (let i = 0; i < pre.length; i++) pre[i]! += bias[i % n]!;
    }
    const residual = attrs.residual ? inputs.at(-1)!.data : null;
    const y = pre.map((v, i) => activate(attrs.activation, v) + (residual ? residual[i]! : 0));
    const array = (data: Float64Array): NdArray => ({ shape, dtype: "f32", data });
    return attrs.activation === "none" ? [array(y)] : [array(y), array(pre)];
  },

  samples: [
    sample([f32(8, 12), f32(12, 16)]),
    sample([f32(9, 13), f32(17, 13)], { tb: true }),
    sample([f32(13, 10), f32(13, 11)], { ta: true }),
    sample([f32(7, 5), f32(9, 7)], { ta: true, tb: true }),
    sample([f32(1, 1), f32(1, 1)]),
    // All by vec4s, and rows and columns past the first workgroup (32 × 64 outputs).
    sample([f32(36, 8), f32(68, 8)], { tb: true }),
    sample([f32(8, 36), f32(8, 68)], { ta: true }),
    // Batches: both, and a folded over one weight.
    sample([f32(2, 3, 5, 6), f32(2, 3, 6, 4)]),
    sample([f32(3, 6, 5), f32(3, 7, 6)], { ta: true, tb: true }),
    sample([f32(3, 5, 6), f32(4, 6)], { tb: true }),
    sample([f32(2, 9, 6), f32(10, 6), f32(10), f32(2, 9, 10)], {
      tb: true,
      bias: true,
      residual: true,
      activation: "gelu",
    }),
    sample([f32(5, 7), f32(7, 9), f32(9)], { bias: true, activation: "tanh" }),
    sample([f32(5, 7), f32(7, 3)], { activation: "sigmoid" }),
    sample([f32(5, 6), f32(6, 3), f32(5, 3)], { residual: true, activation: "relu" }),
    sample([f32(6, 5), f32(6, 3), f32(3)], { ta: true, bias: true, activation: "leaky-relu" }),
    // By quads: rows past an edge, every layout, several problems, all that may follow a product.
    sample([f32(37, 20), f32(20, 36)]),
    sample([f32(20, 36), f32(44, 20)], { ta: true, tb: true }),
    sample([f32(2, 18, 8), f32(2, 8, 20)]),
    sample([f32(50, 16), f32(40, 16), f32(40), f32(50, 40)], {
      tb: true,
      bias: true,
      residual: true,
      activation: "gelu",
    }),
    { ...sample([f32(256, 256), f32(256, 256)]), bench: true, tolerance: sumTolerance(256) },
  ],
};
