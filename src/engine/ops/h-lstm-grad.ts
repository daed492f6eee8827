/**
 * The gradient of `h-lstm` (grow-prune §5.1), from its last step to its first in one dispatch: dv, that of the gates before
 * their nonlinearity, and dp, that of their hidden layers before theirs. Those of the weights are matmuls over all steps
 * (h-lstm.ts), for which dv and the later layers' dp lie gate by gate; the first layer's dp is at once that of xproj.
 *
 *   dh_t = dh + Σ_q U¹_qᵀ dp¹_q,t+1    dc_t = dc_{t+1} ⊙ f_{t+1} + dh_t ⊙ o ⊙ (1 − tanh² c_t)
 *   dv_i = dc g i(1−i)   dv_f = dc c_{t−1} f(1−f)   dv_g = dc i (1−g²)   dv_o = dh tanh(c) o(1−o)
 *   da^L = Wᵀ dv    dpᵏ = daᵏ ⊙ mask ⊙ φ′(pᵏ)    daᵏ⁻¹ = Uᵏᵀ dpᵏ          φ′ is s at and below zero
 *
 * Inputs  dh [B, T, H], gates [B, T, 4, H], c [B, T, H], hidden layers after dropout [L, 4, B, T, G], U¹ for h [4, G, H],
 *         W [4, H, G], from L = 2 on U² … [L − 1, 4, G, G], c0 [B, H]?, with dropout the control block. L ≥ 1.
 * Outputs dv [4, B, T, H]; dp [L, B T 4 G], whose first row is [B, T, 4, G] and whose others are [4, B, T, G];
 *         with c0, dh0 and dc0 as [2, B, H].
 */
import type { NdArray, OpDef, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import {
  addProduct,
  CONTROL,
  checkAttrs,
  checkSize,
  dropping,
  expectControl,
  expectShape,
  expectWeights,
  flopsOf,
  type HLstmAttrs,
  type HLstmSize,
  type HLstmWeights,
  keepOf,
  packWeights,
  quads,
  sizesOf,
  tileOf,
  wave,
} from "./h-lstm-shape.ts";

interface Inputs<T> {
  readonly dh: T;
  readonly gates: T;
  readonly c: T;
  readonly acts: T;
  readonly weights: HLstmWeights<T>;
  readonly c0: T | undefined;
  readonly control: T | undefined;
}

function named<T>(inputs: readonly T[], { layers, site }: HLstmAttrs): Inputs<T> {
  const [dh, gates, c, acts, first, last, ...rest] = inputs;
  const inner = layers > 1 ? rest.shift() : undefined;
  const control = site === null ? undefined : rest.pop();
  return {
    dh: dh!,
    gates: gates!,
    c: c!,
    acts: acts!,
    weights: { first: first!, inner, last: last! },
    c0: rest[0],
    control,
  };
}

function sizeOfInputs([dh, , , acts]: readonly TensorSpec[]): HLstmSize {
  const [batch, time, hidden] = dh!.shape as [number, number, number];
  return { batch, time, hidden, width: acts!.shape.at(-1)! };
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

/** Values in the range of each input: gates in (0, 1), g in (−1, 1); weights of the usual size. */
function sample(
  [batch, time, hidden, width]: readonly [number, number, number, number],
  layers: number,
  options: { readonly slope?: number; readonly state?: boolean; readonly drop?: boolean } = {},
) {
  const { slope = 0.01, state = false, drop = false } = options;
  const attrs: HLstmAttrs = { layers, slope, site: drop ? 3 : null };
  return {
    inputs: [
      f32(batch, time, hidden),
      f32(batch, time, 4, hidden),
      f32(batch, time, hidden),
      f32(layers, 4, batch, time, width),
      f32(4, width, hidden),
      f32(4, hidden, width),
      ...(layers > 1 ? [f32(layers - 1, 4, width, width)] : []),
      ...(state ? [f32(batch, hidden)] : []),
      ...(drop ? [CONTROL] : []),
    ],
    attrs,
    tolerance: 2e-5, // as the forward pass
    values: (input: number, spec: TensorSpec): ArrayLike<number> => {
      if (spec.dtype === "u32") return dropping();
      const weight = input === 4 || input === 5 || (input === 6 && layers > 1);
      const scale = weight ? 1.5 / Math.sqrt(spec.shape.at(-1)!) : 1;
      return Array.from({ length: spec.shape.reduce((n, d) => n * d, 1) }, (_, i) => {
        if (input !== 1) return scale * wave(input, i);
        return Math.floor(i / hidden) % 4 === 2 ? 0.9 * wave(1, i) : 0.5 + 0.45 * wave(1, i);
      });
    },
  };
}

export const hLstmGrad: OpDef<HLstmAttrs> = {
  name: "h-lstm-grad",

  infer(inputs, attrs) {
    const size = sizeOfInputs(inputs);
    const { batch, time, hidden, width } = size;
    const { gates, acts, weights, c0, control } = named(inputs, attrs);
    checkAttrs(attrs);
    checkSize(size);
    expectShape("gates of", gates, batch, time, 4, hidden);
    expectShape("hidden layers of", acts, attrs.layers, 4, batch, time, width);
    expectWeights(weights, attrs.layers, size);
    if (attrs.site !== null) expectControl(control);
    const state = c0 ? [f32(2, batch, hidden)] : [];
    return [f32(4, batch, time, hidden), f32(attrs.layers, 4 * batch * time * width), ...state];
  },

  flops: (inputs, _outputs, { layers }) => flopsOf(sizeOfInputs(inputs), layers),

  lower(inputs, [dv, dp, dstate], attrs, temp) {
    const size = sizeOfInputs(inputs);
    const { dh, gates, c, acts, weights, c0, control } = named(inputs, attrs);
    const { batch, time, hidden } = size;
    const factor = temp(f32(batch, time, 6, hidden));
    const packed = packWeights(weights, null, size, attrs, temp);
    const sizes = sizesOf(size, attrs);
    const STATE = c0 ? 1 : 0;
    // Bound but neither read nor written where there is no state, no dropout.
    return [
      {
        shader: "h-lstm-grad",
        entry: "factors",
        constants: { STATE },
        sizes,
        bind: { gates, c, c0: c0 ?? c, factor_out: factor },
        grid: elementGrid(batch * time * hidden),
      },
      packed.call,
      {
        shader: "h-lstm-grad",
        entry: "backward",
        constants: { ...tileOf(size), STATE, DROPOUT_ON: control ? 1 : 0 },
        sizes,
        bind: {
          dh,
          factor,
          weights: packed.weights,
          acts,
          control: control ?? dh,
          dv: dv!,
          dp: dp!,
          dstate: dstate ?? temp(f32(1)),
        },
        grid: [quads(batch), 1, 1],
      },
    ];
  },

  reference(inputs, attrs) {
    return backward(named(inputs, attrs), sizeOfInputs(inputs), attrs);
  },

  samples: [
    sample([1, 1, 1, 1], 1),
    sample([3, 5, 6, 5], 1),
    sample([5, 4, 7, 9], 1, { slope: 0.2, state: true, drop: true }),
    sample([2, 40, 17, 33], 1, { slope: 0 }),
    sample([2, 3, 5, 6], 2, { state: true, drop: true }),
    sample([5, 3, 4, 7], 3, { drop: true }),
    { ...sample([1, 2, 18, 131], 2, { state: true }), bench: true },
    { ...sample([1, 2, 260, 5], 1), bench: true },
    { ...sample([32, 32, 64, 64], 1), bench: true },
  ],
};

function backward(
  { dh, gates, c, acts, weights, c0, control }: Inputs<NdArray>,
  size: HLstmSize,
  attrs: HLstmAttrs,
): readonly NdArray[] {
  const { batch, time, hidden, width } = size;
  const { layers, slope } = attrs;
  const keep = keepOf(control, attrs, size);
  const whole = 4 * batch * time * width;
  const dv = new Float64Array(4 * batch * time * hidden);
  const dp = new Float64Array(layers * whole);
  const dState = new Float64Array(2 * batch * hidden);
  for (let row = 0; row < batch; row++) {
    let dhLater = new Float64Array(hidden);
    const dcLater = new Float64Array(hidden);
    for (let t = time - 1; t >= 0; t--) {
      const step = row * time + t;
      const dGates = [0, 1, 2, 3].map(() => new Float64Array(hidden));
      for (let u = 0; u < hidden; u++) {
        const gate = (q: number): number => gates.data[(step * 4 + q) * hidden + u]!;
        const [i, f, g, o] = [gate(0), gate(1), gate(2), gate(3)];
        const before = t > 0 ? c.data[(step - 1) * hidden + u]! : (c0?.data[row * hidden + u] ?? 0);
        const tc = Math.tanh(c.data[step * hidden + u]!);
        const d = dhLater[u]! + dh.data[step * hidden + u]!;
        const dc = dcLater[u]! + d * o * (1 - tc * tc);
        dGates[0]![u] = dc * g * i * (1 - i);
        dGates[1]![u] = dc * before * f * (1 - f);
        dGates[2]![u] = dc * i * (1 - g * g);
        dGates[3]![u] = d * tc * o * (1 - o);
        dcLater[u] = dc * f;
      }
      dhLater = new Float64Array(hidden);
      dGates.forEach((dGate, gate) => {
        dv.set(dGate, (gate * batch * time + step) * hidden);
        let da = new Float64Array(width);
        addProduct(da, weights.last.data, gate * hidden * width, [hidden, width], dGate, true);
        for (let layer = layers - 1; layer >= 0; layer--) {
          const at = (gate * batch * time + step) * width;
          const told = acts.data.subarray(layer * whole + at, layer * whole + at + width);
          const d = da.map((v, unit) => v * (told[unit]! > 0 ? 1 : slope) * keep(layer, gate, row, t, unit));
          dp.set(d, layer > 0 ? layer * whole + at : (step * 4 + gate) * width);
          if (layer === 0) {
            addProduct(dhLater, weights.first.data, gate * width * hidden, [width, hidden], d, true);
            continue;
          }
          da = new Float64Array(width);
          const matrix = ((layer - 1) * 4 + gate) * width * width;
          addProduct(da, weights.inner!.data, matrix, [width, width], d, true);
        }
      });
    }
    dState.set(dhLater, row * hidden);
    dState.set(dcLater, (batch + row) * hidden);
  }
  const array = (data: Float64Array, ...shape: number[]): NdArray => ({ shape, dtype: "f32", data });
  const state = c0 ? [array(dState, 2, batch, hidden)] : [];
  return [array(dv, 4, batch, time, hidden), array(dp, layers, whole), ...state];
}
