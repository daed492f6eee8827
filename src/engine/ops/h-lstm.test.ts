/** The H-LSTM against the golden values of its page and by its invariants (grow-prune §5.4), in float64. */
import { describe, expect, it } from "vitest";
import { g11, goldenNumbers, inserted, runCell } from "../../testing/h-lstm-golden.ts";
import { control } from "../control.ts";
import { plan } from "../plan.ts";
import { sampleInputs } from "../samples.ts";
import { createTrace } from "../trace.ts";
import type { NdArray, Tensor, TensorSpec } from "../types.ts";
import { hLstm } from "./h-lstm.ts";
import { hLstmGrad } from "./h-lstm-grad.ts";
import { CONTROL, type HLstmAttrs, tileOf } from "./h-lstm-shape.ts";
import { lstm } from "./lstm.ts";
import { reduce } from "./reduce.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const ATTRS: HLstmAttrs = { layers: 1, slope: 0.01, site: null };

const golden = await goldenNumbers();
it.each(golden)("G10, G11: %s", (_, found, printed) => {
  // Printed to six digits: half a unit of the last.
  found.forEach((v, i) => {
    expect(Math.abs(v - printed[i]!)).toBeLessThanOrEqual(5.1e-7);
  });
});

it.each([0, 0.01, 0.2])("an inserted layer changes nothing, whatever the slope (%f)", async (slope) => {
  const x = { ...f32(2, 64, 2), data: Float64Array.from({ length: 256 }, (_, i) => Math.sin(i * i)) };
  const plain = await runCell(g11(x), slope);
  const grown = await runCell(inserted(g11(x), slope), slope);
  const difference = plain.get("h")!.data.map((v, i) => Math.abs(v - grown.get("h")!.data[i]!));
  // 64 steps of float64.
  expect(Math.max(...difference)).toBeLessThanOrEqual(1e-13);
});

describe("invariants", () => {
  const [, , dropped] = hLstm.samples as readonly { inputs: TensorSpec[]; attrs: HLstmAttrs }[];
  const inputs = sampleInputs(dropped!);
  const run = (given: readonly NdArray[], attrs: Partial<HLstmAttrs> = {}) =>
    hLstm.reference(given, { ...dropped!.attrs, ...attrs }).map(({ data }) => data);
  const dry = inputs.slice(0, -1);
  const width = 9;

  it("L = 0 is the plain LSTM: the same dispatches there and back", () => {
    const dispatches = (plain: boolean) => {
      const t = createTrace();
      const specs = [f32(2, 3, 4, 5), f32(4, 5, 5), f32(2, 5), f32(2, 5)];
      const given = specs.map((spec, i) => t.buffer(`${i}`, "data", spec));
      const [h] = plain
        ? t.call(lstm, given, {})
        : t.call(hLstm, [...given, t.control], { layers: 0, slope: 0.01, site: 7 });
      const [loss] = t.call(reduce, [h!], { axes: [0, 1, 2], keepDims: false, how: "sum" });
      t.output("h", h!);
      for (const [name, d] of t.grad(loss!, new Map(given.map((x, i) => [`d ${i}`, x])))) t.output(name, d);
      // By all but the numbers of tensors, which the control block shifts by one.
      return plan(t.finish()).commands.map((command) =>
        command.kind === "dispatch" ? { ...command, op: "", bind: Object.keys(command.bind) } : command.kind,
      );
    };
    expect(dispatches(false)).toEqual(dispatches(true));
    expect(dispatches(true).length).toBeGreaterThan(4);
  });

  it("a gate's network is its own: U_f moves f and leaves i, g, o of that step", () => {
    const moved = dry.map((one, i) =>
      i === 1
        ? { ...one, data: one.data.map((v, k) => v + (Math.floor(k / (width * 7)) === 1 ? 0.5 : 0)) }
        : one,
    );
    const one = (given: readonly NdArray[]) => {
      const [x, ...rest] = given;
      const first = { ...f32(5, 1, 4, width), data: x!.data.slice(0, 5 * 4 * width) };
      return run([first, ...rest], { site: null })[1]!;
    };
    const [was, is] = [one(dry), one(moved)];
    was.forEach((v, k) => {
      const gate = Math.floor(k / 7) % 4;
      if (gate === 1) expect(is[k]).not.toBe(v);
      else expect(is[k]).toBe(v);
    });
  });

  it("swapping leaky for ReLU changes a hidden unit only where p < 0, by s |p|", () => {
    const single = (slope: number) => {
      const [x, ...rest] = dry;
      const first = { ...f32(5, 1, 4, width), data: x!.data.slice(0, 5 * 4 * width) };
      return run([first, ...rest], { slope, site: null })[3]!;
    };
    const [p, leaky, relu] = [single(1), single(0.2), single(0)];
    expect(p.filter((v) => v < 0).length).toBeGreaterThan(20);
    p.forEach((v, k) => {
      expect(leaky[k]).toBe(v > 0 ? v : 0.2 * v);
      expect(relu[k]! + 0).toBe(Math.max(v, 0));
    });
  });

  it("dropout drops hidden units only, scales the others up, and is off at 0", () => {
    const words = (step: number, dropout: number) => [
      ...dry,
      { ...CONTROL, data: Float64Array.from(control({ step, seed0: 5, dropout })) },
    ];
    const off = run(words(1, 0));
    expect(off).toEqual(run(dry, { site: null }));
    const [h, , , acts] = run(words(1, 0.25));
    const share = acts!.filter((v) => v === 0).length / acts!.length;
    // 720 draws at ¼: σ = 0.016; five of them.
    expect(Math.abs(share - 0.25)).toBeLessThan(0.08);
    expect(h!.every((v) => v !== 0)).toBe(true);
    // The first step has the same p in both: what is kept is larger by 4/3.
    const first = (k: number) => Math.floor(k / width) % 4 === 0;
    acts!.forEach((v, k) => {
      if (first(k) && v !== 0) expect(v / off[3]![k]!).toBeCloseTo(4 / 3, 12);
    });
    expect(run(words(2, 0.25))[3]).not.toEqual(acts);
    expect(run(words(1, 0.25), { site: 4 })[3]).not.toEqual(acts);
  });
});

describe("what is refused, in one sentence", () => {
  const specs = (hidden: number, width: number) => [
    f32(2, 3, 4, width),
    f32(4, width, hidden),
    f32(4, hidden, width),
    f32(4, hidden),
  ];
  const infer = (given: readonly TensorSpec[], attrs: Partial<HLstmAttrs> = {}) =>
    hLstm.infer(given, { ...ATTRS, ...attrs });

  it("sizes above the kernel's", () => {
    expect(infer(specs(512, 512))).toHaveLength(4);
    expect(() => infer(specs(513, 8))).toThrow("h-lstm: 513 cells, the kernel holds 512");
    expect(() => infer(specs(8, 513))).toThrow("h-lstm: gates 513 units wide, the kernel holds 512");
  });

  it("other numbers of layers, other slopes", () => {
    expect(() => infer(specs(4, 4), { layers: 4 })).toThrow("4 hidden layers in a gate; 0 to 3 are possible");
    expect(() => infer(specs(4, 4), { slope: -0.1 })).toThrow("a slope of -0.1; it must be 0 or more");
    expect(() => infer(specs(4, 4), { slope: Number.NaN })).toThrow("a slope of NaN");
  });

  it("inputs that are missing or do not fit", () => {
    const [x, first, last, bias] = specs(5, 6) as [TensorSpec, TensorSpec, TensorSpec, TensorSpec];
    expect(() => infer([x, first, last])).toThrow(
      "1 hidden layers take 4 inputs, with h0 and c0 two more; got 3",
    );
    expect(() => infer([x, first, last, bias, f32(2, 5)])).toThrow("got 5");
    expect(() => infer([x, f32(4, 5, 6), last, bias])).toThrow("weights from h of [4,6,5] expected");
    expect(() => infer([x, first, f32(4, 6, 5), bias])).toThrow("weights from h of [4,6,6] expected");
    expect(() => infer([x, first, last, f32(5)])).toThrow("biases of the gates of [4,5] expected, got [5]");
    expect(() => infer([x, first, last, bias, f32(2, 5), f32(2, 6)])).toThrow("c0 of [2,5] expected");
    expect(() => infer([x, first, last, bias], { layers: 2 })).toThrow("2 hidden layers take 6 inputs");
    expect(() => infer([x, first, last, bias, f32(1, 4, 6, 5), f32(1, 4, 6)], { layers: 2 })).toThrow(
      "inner weights of [1,4,6,6] expected",
    );
    expect(() => infer([x, first, last, bias, f32(64)], { site: 1 })).toThrow("must be the control block");
    expect(() => infer([f32(2, 3, 3, 6), first, last, bias])).toThrow("xproj [B, T, 4, G] expected");
  });
});

it("growing by a unit among sizes of one kind changes no constant, so compiles nothing", () => {
  let id = 0;
  const tensor = (spec: TensorSpec): Tensor => ({ ...spec, id: id++ });
  const constants = (hidden: number, width: number) => {
    const specs = [f32(8, 4, 4, width), f32(4, width, hidden), f32(4, hidden, width), f32(4, hidden)];
    const calls = hLstm.lower(specs.map(tensor), hLstm.infer(specs, ATTRS).map(tensor), ATTRS, tensor);
    return calls.map((call) => call.constants);
  };
  expect(constants(40, 40)).toEqual(constants(64, 33));
  expect(constants(64, 64)).not.toEqual(constants(65, 64));
});

it("every size has a workgroup that holds it: all quads of the gates at hand, at most 16 KiB", () => {
  for (const units of [1, 16, 17, 64, 128, 129, 256, 257, 512]) {
    const { WIDTH, GATES, WG } = tileOf({ batch: 1, time: 1, hidden: 1, width: units });
    expect(WIDTH).toBeGreaterThanOrEqual(units);
    expect(WG).toBe((GATES * WIDTH) / 4);
    expect(WG).toBeLessThanOrEqual(256);
    expect(16 * (GATES * WIDTH + WIDTH)).toBeLessThanOrEqual(16384);
    expect(4 % GATES).toBe(0);
    // The way back gives every invocation at most 4 cells.
    expect(4 * WG).toBeGreaterThanOrEqual(WIDTH);
  }
});

it("flops count two a multiply-add", () => {
  const specs = [f32(2, 3, 4, 6), f32(4, 6, 5), f32(4, 5, 6), f32(4, 5), f32(1, 4, 6, 6), f32(1, 4, 6)];
  const attrs = { ...ATTRS, layers: 2 };
  expect(hLstm.flops!(specs, [], attrs)).toBe(2 * 2 * 3 * 4 * (30 + 36 + 30));
  const [h, gates, c, acts] = hLstm.infer(specs, attrs) as [TensorSpec, TensorSpec, TensorSpec, TensorSpec];
  const back = [h, gates, c, acts, specs[1]!, specs[2]!, specs[4]!];
  expect(hLstmGrad.flops!(back, [], attrs)).toBe(2 * 2 * 3 * 4 * (30 + 36 + 30));
});
