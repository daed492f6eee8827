/**
 * An LSTM over a whole sequence, one dispatch each way: as single steps it would be T dispatches of next to nothing. Where a
 * layer is too wide for a few workgroups to walk alone (lstm-size.ts), a dispatch a step, with equal bits. The inputs' share of the gates is one matmul outside (xproj = x W_xᵀ + b), and so is its gradient.
 *
 * Gates in PyTorch's order i, f, g, o:  c_t = f ⊙ c_{t−1} + i ⊙ g,  h_t = o ⊙ tanh(c_t),  row u of W_h reads column v.
 *
 * Inputs  xproj [B, T, 4, H] (rows of the batch one after another, as a batch comes), W_h [4, H, H],
 *         and, both or neither, h0 [B, H] and c0 [B, H]; without them the state starts at zero.
 * Outputs h [B, T, H], gates after their nonlinearity [B, T, 4, H], c [B, T, H], and h of the step before [B, T, H] (h0 or
 *         zeros at the first). All but the first are for the gradient and for looking at; none flows into them.
 */
import type { KernelCall, NdArray, OpDef, OpSample, TensorSpec } from "../types.ts";
import { sigmoid } from "./activations.ts";
import { elementGrid } from "./grid.ts";
import { lstmGrad } from "./lstm-grad.ts";
import { lstmWorkgroup, MOST_CELLS, stepGrid, walksBySteps } from "./lstm-size.ts";
import { matmulGradWeight } from "./matmul-grad-weight.ts";
import { reshape } from "./reshape.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const same = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

function lstmDims(inputs: readonly TensorSpec[]): { batch: number; time: number; hidden: number } {
  const [x, w, h0, c0] = inputs.map(({ shape }) => shape);
  const [batch, time, four, hidden] = x as number[];
  if (x!.length !== 4 || four !== 4) throw new Error(`lstm: xproj [B, T, 4, H] expected, got [${x}]`);
  if (!same(w!, [4, hidden!, hidden!])) {
    throw new Error(`lstm: weights [4, ${hidden}, ${hidden}] expected, got [${w}]`);
  }
  if (hidden! > MOST_CELLS)
    throw new Error(`lstm: ${hidden} cells in a layer, the kernel holds ${MOST_CELLS}`);
  const state = [batch!, hidden!];
  if (inputs.length > 2 && !(inputs.length === 4 && same(h0!, state) && same(c0!, state))) {
    throw new Error(`lstm: h0 and c0 of [${state}] expected, got [${h0}] and [${c0}]`);
  }
  return { batch: batch!, time: time!, hidden: hidden! };
}

/** Samples span up to T = 64; over such a run f32 keeps 2e-5: gates and c round at about 1e-7 a step, and f < 1 forgets. */
const TOLERANCE = 2e-5;

/** Weights of the usual size, 1/√H: at N(0, 1) the recurrence is chaotic and nothing can be compared. */
function sample(batch: number, time: number, hidden: number, state: boolean): OpSample {
  const start = state ? [f32(batch, hidden), f32(batch, hidden)] : [];
  return {
    inputs: [f32(batch, time, 4, hidden), f32(4, hidden, hidden), ...start],
    attrs: {},
    tolerance: TOLERANCE,
    values: (input: number, spec: TensorSpec): number[] => {
      const scale = input === 1 ? 1 / Math.sqrt(hidden) : 1.5;
      const count = spec.shape.reduce((n, d) => n * d, 1);
      return Array.from(
        { length: count },
        (_, i) => scale * Math.sin(12.9898 * (i + 1) + 78.233 * input + i * i),
      );
    },
  };
}

export const lstm: OpDef<object> = {
  name: "lstm",

  infer(inputs) {
    const { batch, time, hidden } = lstmDims(inputs);
    const cells = f32(batch, time, hidden);
    return [cells, f32(batch, time, 4, hidden), cells, cells];
  },

  flops(inputs) {
    const { batch, time, hidden } = lstmDims(inputs);
    return 2 * batch * time * 4 * hidden * hidden;
  },

  lower(inputs, outputs, _attrs, temp, lanes) {
    const sizes = lstmDims(inputs);
    const { batch, time, hidden } = sizes;
    const [xproj, w, h0, c0] = inputs;
    const [h, gates, c, before] = outputs;
    const wt = temp(f32(hidden, hidden, 4));
    const STATE = h0 ? 1 : 0;
    // Without a state its places are bound to something that is not read.
    const bind = {
      xproj: xproj!,
      wt,
      h0: h0 ?? xproj!,
      c0: c0 ?? xproj!,
      h: h!,
      gates: gates!,
      c: c!,
      h_before: before!,
    };
    const transposed: KernelCall = {
      shader: "lstm",
      entry: "transpose_weight",
      sizes,
      bind: { w: w!, wt_out: wt },
      grid: elementGrid(hidden * hidden),
    };
    if (walksBySteps(hidden, lanes)) {
      const step = (t: number): KernelCall => ({
        shader: "lstm-steps",
        entry: "forward",
        constants: { STATE },
        sizes: { ...sizes, t },
        bind,
        grid: stepGrid(sizes),
      });
      return [transposed, ...Array.from({ length: time }, (_, t) => step(t))];
    }
    return [
      transposed,
      {
        shader: "lstm",
        entry: "forward",
        constants: { WG: lstmWorkgroup(hidden), STATE },
        sizes,
        bind,
        grid: [Math.ceil(batch / 4), 1, 1],
      },
    ];
  },

  vjp(t, { inputs, outputs }, [dh, ...dKept]) {
    if (dKept.some(Boolean))
      throw new Error("lstm: gates and c are kept for the gradient; none flows into them");
    if (!dh) return inputs.map(() => null);
    const { batch, time, hidden } = lstmDims(inputs);
    const [, w, h0, c0] = inputs;
    const [, gates, c, before] = outputs;
    const start = c0 ? [c0] : [];
    const [dPre, dh0, dc0] = t.call(lstmGrad, [dh, gates!, c!, w!, ...start], {});
    const rows = t.call(reshape, [dPre!], { shape: [batch, time, 4 * hidden] })[0]!;
    const [dw] = t.call(matmulGradWeight, [rows, before!], { ta: false, tb: true, bias: false });
    const dW = t.call(reshape, [dw!], { shape: [4, hidden, hidden] })[0]!;
    return h0 ? [dPre!, dW, dh0!, dc0!] : [dPre!, dW];
  },

  reference(inputs) {
    const { batch, time, hidden } = lstmDims(inputs);
    const [x, w, h0, c0] = inputs.map(({ data }) => data);
    const h = new Float64Array(batch * time * hidden);
    const c = new Float64Array(batch * time * hidden);
    const gates = new Float64Array(batch * time * 4 * hidden);
    const before = new Float64Array(batch * time * hidden);
    for (let row = 0; row < batch; row++) {
      let hBefore = h0?.slice(row * hidden, (row + 1) * hidden) ?? new Float64Array(hidden);
      let cBefore = c0?.slice(row * hidden, (row + 1) * hidden) ?? new Float64Array(hidden);
      for (let step = row * time; step < (row + 1) * time; step++) {
        before.set(hBefore, step * hidden);
        for (let unit = 0; unit < 4 * hidden; unit++) {
          let sum = x![step * 4 * hidden + unit]!;
          for (let v = 0; v < hidden; v++) sum += w![unit * hidden + v]! * hBefore[v]!;
          const isG = Math.floor(unit / hidden) === 2;
          gates[step * 4 * hidden + unit] = isG ? Math.tanh(sum) : sigmoid(sum);
        }
        for (let u = 0; u < hidden; u++) {
          const gate = (q: number): number => gates[(step * 4 + q) * hidden + u]!;
          const cell = gate(1) * cBefore[u]! + gate(0) * gate(2);
          c[step * hidden + u] = cell;
          h[step * hidden + u] = gate(3) * Math.tanh(cell);
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
      array(before, batch, time, hidden),
    ];
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
