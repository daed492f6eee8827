/**
 * The H-LSTM cell (grow-prune §5.1) over a whole sequence, one dispatch each way that loops over time: an LSTM whose gates
 * are small networks of their own, L hidden layers of G leaky ReLUs before each gate. As in `lstm`, the inputs' share of
 * the first layer is one matmul outside (xproj = U¹ₓ x + d¹), and weight gradients are matmuls over all steps, batched
 * over the gates. L = 0 is `lstm`, by the same kernel.
 *
 *   p¹ = xproj_t + U¹ h_{t−1}    pᵏ = Uᵏ aᵏ⁻¹ + dᵏ    aᵏ = dropout(φ(pᵏ))    v = W aᴸ + b    for each gate i, f, g, o
 *   i = σ(v_i)  f = σ(v_f)  g = tanh(v_g)  o = σ(v_o)    c_t = f ⊙ c_{t−1} + i ⊙ g    h_t = o ⊙ tanh(c_t)
 *
 * Inputs  xproj [B, T, 4, G], U¹'s columns for h [4, G, H],
 *         from L = 1 on W [4, H, G] and b [4, H],
 *         from L = 2 on U² … Uᴸ [L − 1, 4, G, G] and d² … dᴸ [L − 1, 4, G],
 *         both or neither h0 [B, H] and c0 [B, H], without which the state starts at zero,
 *         with dropout (`site`) the control block.
 *         For L = 0 xproj is [B, T, 4, H] and holds the bias, the weights are [4, H, H].
 * Outputs h [B, T, H], gates after their nonlinearity [B, T, 4, H], c [B, T, H], and from L = 1 on the hidden layers after
 *         dropout [L, 4, B, T, G]. All but h are for the gradient and for looking at; no gradient flows into them.
 */
import type { NdArray, OpDef, Tensor, TensorSpec, Trace } from "../types.ts";
import { sigmoid } from "./activations.ts";
import { hLstmGrad } from "./h-lstm-grad.ts";
import { checked, type HLstmInputs, named, plain, sizeOfInputs } from "./h-lstm-inputs.ts";
import {
  addProduct,
  CONTROL,
  dropping,
  flopsOf,
  type HLstmAttrs,
  type HLstmSize,
  keepOf,
  packWeights,
  quads,
  sizesOf,
  tileOf,
  wave,
} from "./h-lstm-shape.ts";
import { slice } from "./layout.ts";
import { lstm } from "./lstm.ts";
import { lstmShift } from "./lstm-grad.ts";
import { matmul } from "./matmul.ts";
import { matmulGradWeight } from "./matmul-grad-weight.ts";
import { reduce } from "./reduce.ts";
import { reshape } from "./reshape.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

interface SampleOptions {
  readonly layers: number;
  readonly slope?: number;
  readonly state?: boolean;
  readonly drop?: boolean;
}

/** Weights of the usual size, 1/√fan-in: at N(0, 1) the recurrence is chaotic and nothing can be compared. */
function sample(
  [batch, time, hidden, width]: readonly [number, number, number, number],
  { layers, slope = 0.01, state = false, drop = false }: SampleOptions,
) {
  const gates = layers > 0 ? [f32(4, hidden, width), f32(4, hidden)] : [];
  const inner = layers > 1 ? [f32(layers - 1, 4, width, width), f32(layers - 1, 4, width)] : [];
  const start = state ? [f32(batch, hidden), f32(batch, hidden)] : [];
  const attrs: HLstmAttrs = { layers, slope, site: drop ? 3 : null };
  return {
    inputs: [
      f32(batch, time, 4, width),
      f32(4, width, hidden),
      ...gates,
      ...inner,
      ...start,
      ...(drop ? [CONTROL] : []),
    ],
    attrs,
    // As `lstm`'s: up to T = 40 steps, each rounding at about 1e-7, and f < 1 forgets.
    tolerance: 2e-5,
    values: (input: number, spec: TensorSpec): ArrayLike<number> => {
      if (spec.dtype === "u32") return dropping();
      const matrix = input === 1 || (input === 2 && layers > 0) || (input === 4 && layers > 1);
      const scale = matrix ? 1.5 / Math.sqrt(spec.shape.at(-1)!) : 1;
      return Array.from({ length: spec.shape.reduce((n, d) => n * d, 1) }, (_, i) => scale * wave(input, i));
    },
  };
}

export const hLstm: OpDef<HLstmAttrs> = {
  name: "h-lstm",

  infer(inputs, attrs) {
    const { batch, time, hidden, width } = checked(inputs, attrs);
    if (attrs.layers === 0) return lstm.infer(plain(inputs, attrs), {});
    return [
      f32(batch, time, hidden),
      f32(batch, time, 4, hidden),
      f32(batch, time, hidden),
      f32(attrs.layers, 4, batch, time, width),
    ];
  },

  flops(inputs, outputs, attrs) {
    if (attrs.layers === 0) return lstm.flops!(plain(inputs, attrs), outputs, {});
    return flopsOf(sizeOfInputs(inputs), attrs.layers);
  },

  lower(inputs, outputs, attrs, temp) {
    if (attrs.layers === 0) return lstm.lower(plain(inputs, attrs), outputs, {}, temp);
    const size = sizeOfInputs(inputs);
    const { xproj, weights, control, ...rest } = named(inputs, attrs);
    const [h, gates, c, acts] = outputs;
    const packed = packWeights(weights, rest, size, attrs, temp);
    return [
      packed.call,
      {
        shader: "h-lstm",
        entry: "forward",
        constants: { ...tileOf(size), STATE: rest.h0 ? 1 : 0, DROPOUT_ON: control ? 1 : 0 },
        sizes: sizesOf(size, attrs),
        bind: {
          xproj,
          weights: packed.weights,
          control: control ?? xproj, // bound but not read where there is none
          h: h!,
          gates: gates!,
          c: c!,
          acts: acts!,
        },
        grid: [quads(size.batch), 1, 1],
      },
    ];
  },

  vjp(t, node, dOut) {
    const { inputs, outputs, attrs } = node;
    const [dh, ...others] = dOut;
    if (others.some((d) => d)) throw new Error("h-lstm: what is kept for the gradient has none itself");
    if (!dh) return inputs.map(() => null);
    if (attrs.layers === 0) {
      const given = lstm.vjp!(t, { inputs: plain(inputs, attrs), outputs, attrs: {} }, [dh, null, null]);
      return [...given, ...(attrs.site === null ? [] : [null])];
    }
    const { weights, h0, c0, control } = named(inputs, attrs);
    const [h, gates, c, acts] = outputs;
    const { first, inner, last } = weights;
    const [dv, dp, dState] = t.call(
      hLstmGrad,
      [
        dh,
        gates!,
        c!,
        acts!,
        first,
        last,
        ...(inner ? [inner] : []),
        ...(c0 ? [c0] : []),
        ...(control ? [control] : []),
      ],
      attrs,
    );
    const d = weightGradients(t, sizeOfInputs(inputs), attrs.layers, { h: h!, h0, acts: acts! }, dv!, dp!);
    const state = dState ? [0, 1].map((k) => part(t, dState, [k, 1], h0!.shape)) : [];
    const fixed = control ? [null] : [];
    return [d.xproj, d.first, d.last, d.lastBias, ...d.inner, ...state, ...fixed];
  },

  reference(inputs, attrs) {
    if (attrs.layers === 0) return lstm.reference(plain(inputs, attrs), {});
    return forward(named(inputs, attrs), sizeOfInputs(inputs), attrs);
  },

  samples: [
    sample([1, 1, 1, 1], { layers: 1 }),
    sample([3, 5, 6, 5], { layers: 1 }),
    sample([5, 4, 7, 9], { layers: 1, slope: 0.2, state: true, drop: true }),
    sample([2, 3, 5, 6], { layers: 2, state: true, drop: true }),
    sample([5, 3, 4, 7], { layers: 3, drop: true }),
    sample([3, 4, 8, 8], { layers: 3, slope: 0, state: true }),
    sample([3, 4, 6, 6], { layers: 0, state: true, drop: true }),
    // Slope 1: among thousands of units a finite difference is sure to cross a bend, and there it has none.
    sample([2, 40, 17, 33], { layers: 1, slope: 1 }),
    // Two gates at a time, and one.
    { ...sample([1, 2, 18, 131], { layers: 2, slope: 1, state: true }), bench: true },
    { ...sample([1, 2, 260, 5], { layers: 1 }), bench: true },
    { ...sample([32, 32, 64, 64], { layers: 1, slope: 1 }), bench: true },
  ],
};

/** Rows [k, k + count) of a tensor's first axis, as `shape`. */
function part(t: Trace, x: Tensor, [k, count]: readonly [number, number], shape: readonly number[]): Tensor {
  const whole = count === x.shape[0];
  const starts = x.shape.map((_, axis) => (axis === 0 ? k : 0));
  const rows = whole ? x : t.call(slice, [x], { starts, sizes: [count, ...x.shape.slice(1)] })[0]!;
  return t.call(reshape, [rows], { shape })[0]!;
}

/** From dv [4, B, T, H] and dp (see `h-lstm-grad`): matmuls over all steps, the gates as problems of one batch. */
function weightGradients(
  t: Trace,
  { batch, time, hidden, width }: HLstmSize,
  layers: number,
  { h, h0, acts }: { readonly h: Tensor; readonly h0: Tensor | undefined; readonly acts: Tensor },
  dv: Tensor,
  dp: Tensor,
) {
  const rows = batch * time;
  const outer = { ta: true, tb: false, bias: false, residual: false, activation: "none" } as const;
  const dFirst = part(t, dp, [0, 1], [batch, time, 4, width]);
  const [before] = t.call(lstmShift, h0 ? [h, h0] : [h], {});
  const flat = t.call(reshape, [dFirst], { shape: [batch, time, 4 * width] })[0]!;
  const [dw] = t.call(matmulGradWeight, [flat, before!], { ta: false, tb: true, bias: false });
  const dGates = t.call(reshape, [dv], { shape: [4, rows, hidden] })[0]!;
  const told = part(t, acts, [layers - 1, 1], [4, rows, width]);
  const sum = (x: Tensor, axis: number): Tensor =>
    t.call(reduce, [x], { axes: [axis], keepDims: false, how: "sum" })[0]!;
  const inner: Tensor[] = [];
  if (layers > 1) {
    const shape = [layers - 1, 4, rows, width];
    const d = part(t, dp, [1, layers - 1], shape);
    const a = part(t, acts, [0, layers - 1], shape);
    inner.push(t.call(matmul, [d, a], outer)[0]!, sum(d, 2));
  }
  return {
    xproj: dFirst,
    first: t.call(reshape, [dw!], { shape: [4, width, hidden] })[0]!,
    last: t.call(matmul, [dGates, told], outer)[0]!,
    lastBias: sum(dGates, 1),
    inner,
  };
}

function forward(
  { xproj, weights, lastBias, innerBias, h0, c0, control }: HLstmInputs<NdArray>,
  size: HLstmSize,
  attrs: HLstmAttrs,
): readonly NdArray[] {
  const { batch, time, hidden, width } = size;
  const { layers, slope } = attrs;
  const keep = keepOf(control, attrs, size);
  const h = new Float64Array(batch * time * hidden);
  const c = new Float64Array(batch * time * hidden);
  const gates = new Float64Array(batch * time * 4 * hidden);
  const acts = new Float64Array(layers * 4 * batch * time * width);
  for (let row = 0; row < batch; row++) {
    let hBefore = h0?.data.slice(row * hidden, (row + 1) * hidden) ?? new Float64Array(hidden);
    let cBefore = c0?.data.slice(row * hidden, (row + 1) * hidden) ?? new Float64Array(hidden);
    for (let t = 0; t < time; t++) {
      const step = row * time + t;
      for (let gate = 0; gate < 4; gate++) {
        let told = hBefore;
        for (let layer = 0; layer < layers; layer++) {
          const place = layer > 0 ? (layer - 1) * 4 + gate : step * 4 + gate;
          const source = layer > 0 ? innerBias! : xproj;
          const p = source.data.slice(place * width, (place + 1) * width);
          const [m, inputs] = layer > 0 ? [weights.inner!, width] : [weights.first, hidden];
          const matrix = layer > 0 ? place : gate;
          addProduct(p, m.data, matrix * width * inputs, [width, inputs], told);
          told = p.map((v, unit) => (v > 0 ? v : slope * v) * keep(layer, gate, row, t, unit));
          acts.set(told, ((layer * 4 + gate) * batch * time + step) * width);
        }
        const v = lastBias.data.slice(gate * hidden, (gate + 1) * hidden);
        addProduct(v, weights.last.data, gate * hidden * width, [hidden, width], told);
        gates.set(v.map(gate === 2 ? Math.tanh : sigmoid), (step * 4 + gate) * hidden);
      }
      for (let u = 0; u < hidden; u++) {
        const gate = (q: number): number => gates[(step * 4 + q) * hidden + u]!;
        c[step * hidden + u] = gate(1) * cBefore[u]! + gate(0) * gate(2);
        h[step * hidden + u] = gate(3) * Math.tanh(c[step * hidden + u]!);
      }
      hBefore = h.subarray(step * hidden, (step + 1) * hidden);
      cBefore = c.subarray(step * hidden, (step + 1) * hidden);
    }
  }
  const array = (data: Float64Array, ...shape: number[]): NdArray => ({ shape, dtype: "f32", data });
  return [
    array(h, batch, time, hidden),
    array(gates, batch, time, 4, hidden),
    array(c, batch, time, hidden),
    array(acts, layers, 4, batch, time, width),
  ];
}
