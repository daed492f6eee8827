/**
 * The gradient of `lstm`, from its last step to its first in one dispatch: dPre, the gradient of the gates before their
 * nonlinearity, is at once that of xproj. That of W_h is one matmul over all steps (lstm.ts), for which `lstm-shift` lays
 * out h_{t−1}.
 *
 *   dh_t = dh + Σ_q W_qᵀ dPre_q,t+1      dc_t = dc_{t+1} ⊙ f_{t+1} + dh_t ⊙ o ⊙ (1 − tanh² c_t)
 *   dPre_i = dc g i(1−i)   dPre_f = dc c_{t−1} f(1−f)   dPre_g = dc i (1−g²)   dPre_o = dh tanh(c) o(1−o)
 */
import type { NdArray, OpDef, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { lstmWorkgroup, stepGrid, walksBySteps } from "./lstm-size.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const array = (data: Float64Array, ...shape: number[]): NdArray => ({ shape, dtype: "f32", data });

function dims(dh: TensorSpec): { batch: number; time: number; hidden: number } {
  const [batch, time, hidden] = dh.shape as [number, number, number];
  return { batch, time, hidden };
}

/** Values in the range of each input: gates in (0, 1), g in (−1, 1); weights of the usual size. */
function sample(batch: number, time: number, hidden: number, state: boolean) {
  const start = state ? [f32(batch, hidden)] : [];
  return {
    inputs: [
      f32(batch, time, hidden),
      f32(batch, time, 4, hidden),
      f32(batch, time, hidden),
      f32(4, hidden, hidden),
      ...start,
    ],
    attrs: {},
    tolerance: 2e-5, // as the forward pass: T ≤ 64 steps, each rounding at about 1e-7
    values: (input: number, spec: TensorSpec): number[] => {
      const count = spec.shape.reduce((n, d) => n * d, 1);
      const wave = (i: number): number => Math.sin(12.9898 * (i + 1) + 78.233 * input + i * i);
      return Array.from({ length: count }, (_, i) => {
        if (input === 1) return Math.floor(i / hidden) % 4 === 2 ? 0.9 * wave(i) : 0.5 + 0.45 * wave(i);
        return (input === 3 ? 1 / Math.sqrt(hidden) : 1) * wave(i);
      });
    },
  };
}

/** dh [B, T, H], gates [B, T, 4, H], c [B, T, H], W_h [4, H, H], c0 [B, H]? → dPre [B, T, 4, H] (, dh0, dc0 [B, H]) */
export const lstmGrad: OpDef<object> = {
  name: "lstm-grad",

  infer(inputs) {
    const { batch, time, hidden } = dims(inputs[0]!);
    const state = inputs.length > 4 ? [f32(batch, hidden), f32(batch, hidden)] : [];
    return [f32(batch, time, 4, hidden), ...state];
  },

  flops(inputs) {
    const { batch, time, hidden } = dims(inputs[0]!);
    return 2 * batch * time * 4 * hidden * hidden;
  },

  lower([dh, gates, c, w, c0], [dpre, dh0, dc0], _attrs, temp, lanes) {
    const sizes = dims(dh!);
    if (walksBySteps(sizes.hidden, lanes)) {
      const later = dc0 ?? temp(f32(sizes.batch, sizes.hidden));
      const bind = { dh: dh!, gates: gates!, c: c!, w: w!, c0: c0 ?? c!, dpre: dpre!, dc0: later };
      const call = { shader: "lstm-grad-steps", grid: stepGrid(sizes) };
      const steps = Array.from({ length: sizes.time }, (_, back) => {
        const t = sizes.time - 1 - back;
        return { ...call, entry: "backward", constants: { STATE: c0 ? 1 : 0 }, sizes: { ...sizes, t }, bind };
      });
      if (!dh0) return steps;
      return [
        ...steps,
        { ...call, entry: "begin", sizes: { ...sizes, t: 0 }, bind: { dpre: dpre!, w: w!, dh0 } },
      ];
    }
    return [
      {
        shader: "lstm-grad",
        entry: "backward",
        constants: { WG: lstmWorkgroup(sizes.hidden), STATE: c0 ? 1 : 0 },
        sizes,
        // Without a state its places are bound to something that is neither read nor written.
        bind: {
          dh: dh!,
          gates: gates!,
          c: c!,
          w: w!,
          c0: c0 ?? c!,
          dpre: dpre!,
          dh0: dh0 ?? temp(f32(1)),
          dc0: dc0 ?? temp(f32(1)),
        },
        grid: [Math.ceil(sizes.batch / 4), 1, 1],
      },
    ];
  },

  reference(inputs) {
    const { batch, time, hidden } = dims(inputs[0]!);
    const [dh, gates, c, w, c0] = inputs.map(({ data }) => data);
    const dPre = new Float64Array(batch * time * 4 * hidden);
    const [dh0, dc0] = [new Float64Array(batch * hidden), new Float64Array(batch * hidden)];
    for (let row = 0; row < batch; row++) {
      let dhLater = new Float64Array(hidden);
      const dcLater = new Float64Array(hidden);
      for (let step = (row + 1) * time - 1; step >= row * time; step--) {
        for (let u = 0; u < hidden; u++) {
          const [i, f, g, o] = [0, 1, 2, 3].map((q) => gates![(step * 4 + q) * hidden + u]!) as [
            number,
            number,
            number,
            number,
          ];
          const before = step > row * time ? c![(step - 1) * hidden + u]! : (c0?.[row * hidden + u] ?? 0);
          const tc = Math.tanh(c![step * hidden + u]!);
          const d = dhLater[u]! + dh![step * hidden + u]!;
          const dc = dcLater[u]! + d * o * (1 - tc * tc);
          const pre = [
            dc * g * i * (1 - i),
            dc * before * f * (1 - f),
            dc * i * (1 - g * g),
            d * tc * o * (1 - o),
          ];
          for (let q = 0; q < 4; q++) dPre[(step * 4 + q) * hidden + u] = pre[q]!;
          dcLater[u] = dc * f;
        }
        dhLater = new Float64Array(hidden);
        for (let unit = 0; unit < 4 * hidden; unit++) {
          const d = dPre[step * 4 * hidden + unit]!;
          for (let v = 0; v < hidden; v++) dhLater[v]! += d * w![unit * hidden + v]!;
        }
      }
      dh0.set(dhLater, row * hidden);
      dc0.set(dcLater, row * hidden);
    }
    const state = c0 ? [array(dh0, batch, hidden), array(dc0, batch, hidden)] : [];
    return [array(dPre, batch, time, 4, hidden), ...state];
  },

  samples: [
    sample(1, 1, 1, false),
    sample(3, 5, 6, false),
    sample(5, 4, 7, true),
    sample(2, 64, 33, false),
    sample(13, 3, 20, true), // by quads: see tiles.ts
    sample(4, 3, 260, true),
    { ...sample(16, 32, 32, false), bench: true },
    { ...sample(32, 64, 128, false), bench: true },
  ],
};

/** h [B, T, H], h0 [B, H]? → h of the step before [B, T, H]: zeros, or h0, at the first. */
export const lstmShift: OpDef<object> = {
  name: "lstm-shift",

  infer([h]) {
    return [h!];
  },

  lower([h, h0], [before]) {
    const sizes = dims(h!);
    return [
      {
        shader: "lstm-grad",
        entry: "shift",
        constants: { STATE: h0 ? 1 : 0 },
        sizes,
        bind: { h: h!, h0: h0 ?? h!, before: before! },
        grid: elementGrid(sizes.batch * sizes.time * sizes.hidden),
      },
    ];
  },

  reference([h, h0]) {
    const { batch, time, hidden } = dims(h!);
    const row = time * hidden;
    const data = new Float64Array(batch * row);
    for (let b = 0; b < batch; b++) {
      if (h0) data.set(h0.data.subarray(b * hidden, (b + 1) * hidden), b * row);
      data.set(h!.data.subarray(b * row, (b + 1) * row - hidden), b * row + hidden);
    }
    return [array(data, batch, time, hidden)];
  },

  samples: [
    { inputs: [f32(3, 4, 5)], attrs: {} },
    { inputs: [f32(3, 4, 5), f32(3, 5)], attrs: {} },
    { inputs: [f32(2, 1, 300), f32(2, 300)], attrs: {} },
  ],
};
