/**
 * `lstm` where what comes in at a step is one of V symbols: x is one-hot, so x W_xᵀ is a row that is looked up and no product
 * (grow-prune §1.4). The projected inputs, [B, T, 4, H] of them, are then never written anywhere, and the gradient of W_x is a
 * sum over the places where a symbol stands, made in one dispatch with that of W_h.
 *
 * Inputs  W_x [4, H, V], bias [4, H], W_h [4, H, H], ids u32 [B, T]; an id past the last symbol is a row of zeros.
 * Outputs those of `lstm`, and for the gradient `lists` u32 [V + 1 + B T]: where each symbol's list begins, and the end of
 *         the last one; then the lists, places in the batch in their order.
 */
import type { NdArray, OpDef, OpSample, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { lstm } from "./lstm.ts";
import { lstmGrad } from "./lstm-grad.ts";
import { lstmWorkgroup, MOST_CELLS } from "./lstm-size.ts";
import { lstmTokensGrad } from "./lstm-tokens-grad.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

function dims([wx, bias, w, ids]: readonly TensorSpec[]) {
  const [four, hidden, vocab] = wx!.shape as [number, number, number];
  const [batch, time] = ids!.shape as [number, number];
  if (wx!.shape.length !== 3 || four !== 4) throw new Error(`lstm-tokens: W_x [4, H, V], not [${wx!.shape}]`);
  if (bias!.shape.join() !== `4,${hidden}` || w!.shape.join() !== `4,${hidden},${hidden}`) {
    throw new Error(`lstm-tokens: [${bias!.shape}] and [${w!.shape}] do not fit W_x [${wx!.shape}]`);
  }
  if (ids!.dtype !== "u32" || ids!.shape.length !== 2) {
    throw new Error(`lstm-tokens: ids must be u32 [B, T], not ${ids!.dtype} [${ids!.shape}]`);
  }
  if (hidden > MOST_CELLS) {
    throw new Error(`lstm-tokens: ${hidden} cells in a layer, the kernel holds ${MOST_CELLS}`);
  }
  return { batch, time, hidden, vocab };
}

export const lstmTokens: OpDef<object> = {
  name: "lstm-tokens",

  infer(inputs) {
    const { batch, time, hidden, vocab } = dims(inputs);
    const cells = f32(batch, time, hidden);
    return [cells, f32(batch, time, 4, hidden), cells, cells, u32(vocab + 1 + batch * time)];
  },

  flops(inputs) {
    const { batch, time, hidden } = dims(inputs);
    return 2 * batch * time * 4 * hidden * hidden;
  },

  lower(inputs, outputs, _attrs, temp, _lanes, wanted) {
    const { batch, time, hidden, vocab } = dims(inputs);
    const [wx, bias, w, ids] = inputs;
    const [h, gates, c, before, lists] = outputs;
    const groups = Math.ceil(batch / 4);
    const sizes = { batch, time, hidden, vocab, groups };
    const wt = temp(f32(hidden, hidden, 4));
    const table = temp(f32(vocab + 1, hidden, 4));
    return [
      {
        shader: "lstm-tokens",
        entry: "pack",
        sizes,
        bind: { wx: wx!, bias: bias!, w: w!, wt_out: wt, table_out: table },
        grid: elementGrid((hidden + vocab + 1) * hidden),
      },
      {
        shader: "lstm-tokens",
        entry: "forward",
        constants: { WG: lstmWorkgroup(hidden) },
        sizes,
        bind: { ids: ids!, table, wt, h: h!, gates: gates!, c: c!, h_before: before!, lists: lists! },
        grid: [groups + (wanted?.[4] === false ? 0 : 1), 1, 1],
      },
    ];
  },

  vjp(t, { inputs, outputs }, [dh, ...dKept]) {
    if (dKept.some(Boolean)) {
      throw new Error("lstm-tokens: gates and c are kept for the gradient; none flows into them");
    }
    if (!dh) return inputs.map(() => null);
    const { vocab } = dims(inputs);
    const [, gates, c, before, lists] = outputs;
    const [dPre] = t.call(lstmGrad, [dh, gates!, c!, inputs[2]!], {});
    const [dWx, dBias, dW] = t.call(lstmTokensGrad, [dPre!, before!, lists!], { vocab });
    return [dWx!, dBias!, dW!, null];
  },

  reference(inputs) {
    const { batch, time, hidden, vocab } = dims(inputs);
    const [wx, bias, w, ids] = inputs as [NdArray, NdArray, NdArray, NdArray];
    const units = 4 * hidden;
    const xproj = new Float64Array(batch * time * units);
    ids.data.forEach((id, place) => {
      for (let u = 0; u < units; u++) {
        xproj[place * units + u] = bias.data[u]! + (id < vocab ? wx.data[u * vocab + id]! : 0);
      }
    });
    return [
      ...lstm.reference([{ ...f32(batch, time, 4, hidden), data: xproj }, w], {}),
      symbolLists(ids, vocab),
    ];
  },

  samples: [
    sample(1, 1, 1, 2),
    sample(3, 5, 6, 4),
    sample(5, 4, 7, 3),
    sample(2, 64, 33, 90),
    sample(13, 3, 20, 6), // by quads: see tiles.ts
    { ...sample(4, 3, 260, 17), bench: true },
    { ...sample(32, 64, 128, 64), bench: true },
  ],
};

export function symbolLists(ids: NdArray, vocab: number): NdArray {
  const places = Array.from({ length: vocab }, (): number[] => []);
  ids.data.forEach((id, place) => {
    places[id]?.push(place);
  });
  const data = new Float64Array(vocab + 1 + ids.data.length);
  let begin = 0;
  places.forEach((list, symbol) => {
    data[symbol] = begin;
    data.set(list, vocab + 1 + begin);
    begin += list.length;
  });
  data[vocab] = begin;
  return { ...u32(data.length), data };
}

/** Weights of the usual size; ids with repeats and, where there is room, one past the last symbol. */
function sample(batch: number, time: number, hidden: number, vocab: number): OpSample {
  return {
    inputs: [f32(4, hidden, vocab), f32(4, hidden), f32(4, hidden, hidden), u32(batch, time)],
    attrs: {},
    tolerance: 2e-5, // as lstm: T ≤ 64 steps, each rounding at about 1e-7
    wrt: [0, 1, 2],
    values: (input: number, spec: TensorSpec): number[] => {
      const count = spec.shape.reduce((n, d) => n * d, 1);
      if (input === 3) {
        return Array.from({ length: count }, (_, i) => (i === 4 ? vocab : (i * i * 7 + i) % vocab));
      }
      const scale = input === 2 ? 1 / Math.sqrt(hidden) : 1;
      return Array.from(
        { length: count },
        (_, i) => scale * Math.sin(12.9898 * (i + 1) + 78.233 * input + i * i),
      );
    },
  };
}
