/** What the ops on tokens mean, by values worked out by hand; kernels and gradients are held against the references. */
import { describe, expect, it } from "vitest";
import { control } from "../control.ts";
import type { DType, NdArray } from "../types.ts";
import { crossEntropy, crossEntropyGrad, IGNORED } from "./cross-entropy.ts";
import { type DrawWindowsAttrs, drawWindows } from "./draw-windows.ts";
import { embedding, embeddingGrad } from "./embedding.ts";
import { maskedMean, maskedMeanGrad } from "./masked-mean.ts";
import { sampleToken } from "./sample-token.ts";

const array = (dtype: DType, shape: readonly number[], data: ArrayLike<number>): NdArray => ({
  dtype,
  shape,
  data: Float64Array.from(data),
});
const f32 = (shape: readonly number[], data: ArrayLike<number>) => array("f32", shape, data);
const u32 = (data: ArrayLike<number>) => array("u32", [data.length], data);
const list = (a: NdArray | undefined): number[] => [...a!.data];

describe("embedding", () => {
  it("picks rows, and adds gradients of equal ids", () => {
    const ids = u32([2, 0, 2, 3]);
    const [y] = embedding.reference([f32([3, 2], [1, 2, 3, 4, 5, 6]), ids], {});
    expect([y!.shape, list(y)]).toEqual([
      [4, 2],
      [5, 6, 1, 2, 5, 6, 0, 0],
    ]);
    const dy = f32([4, 2], [1, 10, 2, 20, 4, 40, 8, 80]);
    expect(list(embeddingGrad.reference([dy, ids], { rows: 3 })[0])).toEqual([2, 20, 0, 0, 5, 50]);
  });
});

describe("cross-entropy", () => {
  it("of equal logits is ln V, of a sure answer 0, of an ignored target 0", () => {
    const logits = f32([3, 4], [7, 7, 7, 7, 0, 1000, 0, 0, 1, 2, 3, 4]);
    const losses = list(crossEntropy.reference([logits, u32([3, 1, IGNORED])], {})[0]);
    expect(losses[0]).toBeCloseTo(Math.log(4), 14);
    expect(losses.slice(1)).toEqual([0, 0]);
  });

  it("has the gradient p − onehot, times that of the loss", () => {
    const logits = f32([2, 2], [0, Math.log(3), 1, 2]);
    const targets = u32([0, IGNORED]);
    const losses = crossEntropy.reference([logits, targets], {})[0]!;
    const d = list(crossEntropyGrad.reference([logits, targets, losses, f32([2], [2, 2])], {})[0]);
    [2 * (0.25 - 1), 2 * 0.75, 0, 0].forEach((v, i) => {
      expect(d[i]).toBeCloseTo(v, 14);
    });
  });
});

describe("masked mean", () => {
  it("leaves out what is ignored", () => {
    const targets = u32([5, IGNORED, 0]);
    expect(list(maskedMean.reference([f32([3], [1, 100, 4]), targets], {})[0])).toEqual([2.5]);
    expect(list(maskedMeanGrad.reference([targets, f32([1], [3])], { shape: [3] })[0])).toEqual([
      1.5, 0, 1.5,
    ]);
    expect(list(maskedMean.reference([f32([1], [9]), u32([IGNORED])], {})[0])).toEqual([0]);
  });
});

describe("windows", () => {
  const tokens = Array.from({ length: 40 }, (_, i) => i);
  const cut = (
    attrs: Partial<DrawWindowsAttrs>,
    words: Parameters<typeof control>[0],
    starts: readonly number[] = [0],
    text: readonly number[] = tokens,
  ) => {
    const all = { batch: 4, context: 3, bos: false, vocab: 99, listed: false, ...attrs };
    const inputs = [u32(text), u32(starts), u32(control({ seed0: 1, seed1: 2, ...words }))];
    const [x, y] = drawWindows.reference(inputs, all);
    const rows = (a: NdArray) =>
      Array.from({ length: all.batch }, (_, b) => [...a.data.slice(b * all.context, (b + 1) * all.context)]);
    return { inputs: rows(x!), targets: rows(y!) };
  };

  it("are read one place ahead of their targets", () => {
    const { inputs, targets } = cut({}, { step: 5 });
    inputs.forEach((row, b) => {
      const s = row[0]!;
      expect(row).toEqual([s, s + 1, s + 2]);
      expect(targets[b]).toEqual([s + 1, s + 2, s + 3]);
    });
  });

  it("with [BOS] in front begin where their first target is", () => {
    const { inputs, targets } = cut({ bos: true }, { step: 5 });
    targets.forEach((row, b) => {
      const s = row[0]!;
      expect(row).toEqual([s, s + 1, s + 2]);
      expect(inputs[b]).toEqual([99, s, s + 1]);
    });
    expect(targets.map((row) => row[0])).toEqual(cut({}, { step: 5 }).inputs.map((row) => row[0]));
  });

  it("depend on seed, step and number, and reach every place", () => {
    const firsts = (words: Parameters<typeof control>[0]) =>
      cut({ batch: 50 }, words).inputs.map((row) => row[0]!);
    expect(firsts({ step: 1 })).toEqual(firsts({ step: 1, lr: 3 }));
    expect(firsts({ step: 1 })).not.toEqual(firsts({ step: 2 }));
    expect(firsts({ step: 1 })).not.toEqual(firsts({ step: 1, seed1: 3 }));
    const seen = new Set(Array.from({ length: 20 }, (_, step) => firsts({ step })).flat());
    expect([...seen].sort((a, b) => a - b)).toEqual(tokens.slice(0, 37));
  });

  it("evenly spaced stand at floor(i · range / all), over all batches of the part", () => {
    const firsts = [0, 1, 2].flatMap((drawIndex) =>
      cut({}, { drawMode: 1, drawIndex, drawCount: 3 }).inputs.map((row) => row[0]!),
    );
    expect(firsts).toEqual(Array.from({ length: 12 }, (_, i) => Math.floor((i * 37) / 12)));
  });

  it("begin at listed places only, and leave out targets that are none", () => {
    const text = tokens.map((id) => (id % 2 === 0 ? id : id + 0x80000000));
    const { inputs, targets } = cut(
      { listed: true, batch: 2 },
      { drawMode: 1, drawCount: 1 },
      [10, 21],
      text,
    );
    expect(inputs).toEqual([
      [10, 11, 12],
      [21, 22, 23],
    ]);
    expect(targets).toEqual([
      [IGNORED, 12, IGNORED],
      [22, IGNORED, 24],
    ]);
  });

  it("that do not fit are refused", () => {
    const specs = [u32(tokens), u32([0]), u32(control({}))];
    const attrs = { batch: 1, context: 40, bos: false, vocab: 40, listed: false };
    expect(() => drawWindows.infer(specs, attrs)).toThrow("no window of 40 + 1 tokens fits into 40");
    expect(drawWindows.infer(specs, { ...attrs, context: 39 })).toHaveLength(2);
  });
});

describe("sampling a token", () => {
  const next = (
    logits: readonly (readonly number[])[],
    window: readonly number[],
    words: Parameters<typeof control>[0],
    bos = false,
  ) => {
    const values = f32([logits.length, logits[0]!.length], logits.flat());
    const inputs = [values, u32(window), u32([7, 7, 7]), u32(control({ seed0: 3, ...words }))];
    const [text, written] = sampleToken.reference(inputs, { bos });
    return { text: list(text), written: list(written) };
  };
  const rows = [
    [0, 5, 1],
    [4, 0, 4],
    [0, 1, 9],
  ];

  it("takes the largest logit of the row, the lowest id of equals, and appends it", () => {
    expect(next(rows, [8, 8, 8], { position: 0, written: 1 })).toEqual({
      text: [8, 1, 8],
      written: [7, 1, 7],
    });
    expect(next(rows, [8, 8, 8], { position: 1 }).text).toEqual([8, 8, 0]);
  });

  it("moves a full window on, past [BOS]", () => {
    expect(next(rows, [4, 5, 6], { position: 2, written: 3 })).toEqual({
      text: [5, 6, 2],
      written: [7, 7, 7],
    });
    expect(next(rows, [4, 5, 6], { position: 2 }, true).text).toEqual([4, 6, 2]);
  });

  it("at a temperature draws with the softmax's probabilities, by seed and number", () => {
    const logits = [[0, Math.log(2), Math.log(5)]];
    const counts = [0, 0, 0];
    const n = 8000;
    for (let written = 0; written < n; written++) {
      counts[next(logits, [0], { written, temperature: 1 }).text[0]!]!++;
    }
    // Standard error of a share p over n draws: √(p(1−p)/n) ≤ .0056; four of it.
    [1, 2, 5].forEach((weight, i) => {
      expect(Math.abs(counts[i]! / n - weight / 8)).toBeLessThan(0.0224);
    });
    const cold = Array.from({ length: 50 }, (_, written) =>
      next(logits, [0], { written, temperature: 0.05 }),
    );
    expect(new Set(cold.map(({ text }) => text[0]))).toEqual(new Set([2]));
  });
});
