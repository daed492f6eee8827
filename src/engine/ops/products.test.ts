/** What the products, LSTM and attention refuse and how they are cut into dispatches; their numbers are tested elsewhere. */
import { describe, expect, it } from "vitest";
import type { OpDef, Tensor, TensorSpec } from "../types.ts";
import { allOps } from "./all.ts";
import { attention } from "./attention.ts";
import { layerNorm } from "./layer-norm.ts";
import { lstm } from "./lstm.ts";
import { type MatmulAttrs, matmul } from "./matmul.ts";
import { matmulGrad } from "./matmul-grad.ts";
import { matmulGradWeight } from "./matmul-grad-weight.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const PLAIN: MatmulAttrs = { ta: false, tb: false, bias: false, residual: false, activation: "none" };

function lowered<A extends object>(op: OpDef<A>, inputs: readonly TensorSpec[], attrs: A) {
  let id = 0;
  const tensor = (spec: TensorSpec): Tensor => ({ ...spec, id: id++ });
  return op.lower(inputs.map(tensor), op.infer(inputs, attrs).map(tensor), attrs, tensor);
}

describe("shapes are refused in one sentence", () => {
  const refused = (inputs: readonly TensorSpec[], attrs: Partial<MatmulAttrs>) => () =>
    matmul.infer(inputs, { ...PLAIN, ...attrs });

  it.each([
    ["inner sizes", [f32(2, 3), f32(4, 5)], {}, "matmul: inner sizes 3 and 4 differ ([2, 3], [4, 5])"],
    ["batches", [f32(2, 4, 3), f32(3, 3, 5)], {}, "leading axes of [2, 4, 3] and [3, 3, 5] differ"],
    [
      "a transposed batch on one weight",
      [f32(2, 3, 4), f32(3, 5)],
      { ta: true },
      "cannot fold its leading axes",
    ],
    [
      "a bias of another width",
      [f32(2, 3), f32(3, 5), f32(4)],
      { bias: true },
      "a bias of [5] expected, got [4]",
    ],
    [
      "a bias on a batch",
      [f32(2, 2, 3), f32(2, 3, 5), f32(5)],
      { bias: true },
      "a bias needs a single right operand",
    ],
    ["a residual", [f32(2, 3), f32(3, 5), f32(5, 2)], { residual: true }, "a residual of [2, 5] expected"],
    ["a missing input", [f32(2, 3), f32(3, 5)], { bias: true }, "3 inputs expected, got 2"],
  ] as const)("matmul: %s", (_, inputs, attrs, sentence) => {
    expect(refused(inputs, attrs)).toThrow(sentence);
  });

  it("lstm: too many cells, another weight, half a state", () => {
    const sized = (hidden: number) => [f32(1, 2, 4, hidden), f32(4, hidden, hidden)];
    expect(lstm.infer(sized(512), {})).toHaveLength(4);
    expect(() => lstm.infer(sized(513), {})).toThrow("lstm: 513 cells in a layer, the kernel holds 512");
    expect(() => lstm.infer([f32(1, 2, 4, 3), f32(3, 3)], {})).toThrow("weights [4, 3, 3] expected");
    expect(() => lstm.infer([...sized(3), f32(1, 3)], {})).toThrow("h0 and c0 of [1,3] expected");
  });

  it("attention: windows and heads that are too long, another layout", () => {
    const causal = { causal: true };
    expect(() => attention.infer([f32(1, 513, 3, 1, 4)], causal)).toThrow("at most 512 fit");
    expect(() => attention.infer([f32(1, 8, 3, 1, 129)], causal)).toThrow("at most 128 fit");
    expect(() => attention.infer([f32(1, 8, 2, 1, 4)], causal)).toThrow("qkv [B, T, 3, heads, d] expected");
  });

  it("layer norm: a gain of another width", () => {
    expect(() => layerNorm.infer([f32(2, 3), f32(4), f32(3)], { eps: 1e-5 })).toThrow(
      "gain and bias [3] expected",
    );
  });
});

describe("a weight gradient over many rows", () => {
  it.each([
    [64, 64, 64],
    [1000, 64, 32],
    [2048, 512, 128],
    [4099, 8, 8],
    [100_000, 4, 4],
  ])(
    "%i rows of %i × %i are all covered, in chunks of whole vec4s, by one workgroup a tile",
    (rows, n, k) => {
      const alone = { ta: false, tb: true, bias: true };
      const both = { bias: true, extra: "none", activation: "none" };
      for (const [call, ...more] of [
        lowered(matmulGradWeight, [f32(rows, n), f32(rows, k)], alone),
        lowered(matmulGrad, [f32(rows, n), f32(rows, k), f32(n, k)], both),
      ]) {
        const { SPLITS, WX, WY } = call!.constants as Record<"SPLITS" | "WX" | "WY", number>;
        const chunk = call!.sizes!.chunk!;
        expect(more).toEqual([]);
        expect(chunk % 4).toBe(0);
        expect(SPLITS * chunk).toBeGreaterThanOrEqual(rows);
        expect((SPLITS - 1) * (chunk - 4)).toBeLessThan(rows);
        // What the workgroup memory of lib/matmul-join.wgsl is made for.
        expect(SPLITS * WX * WY).toBe(32);
      }
    },
  );
});

it("flops count two a multiply-add", () => {
  expect(matmul.flops!([f32(3, 5, 6), f32(4, 6)], [], { ...PLAIN, tb: true })).toBe(2 * 3 * 5 * 6 * 4);
  expect(matmul.flops!([f32(3, 5, 6), f32(3, 6, 4)], [], PLAIN)).toBe(2 * 3 * 5 * 6 * 4);
  expect(lstm.flops!([f32(2, 3, 4, 5), f32(4, 5, 5)], [], {})).toBe(2 * 2 * 3 * 4 * 25);
  // Two products of 5·6/2 pairs over 4 columns, 3 heads, 2 windows.
  expect(attention.flops!([f32(2, 5, 3, 3, 4)], [], { causal: true })).toBe(2 * 2 * 3 * 15 * 2 * 4);
});

it("growing by one cell among sizes of one kind changes no constant, so compiles nothing", () => {
  const constants = (hidden: number) =>
    lowered(lstm, [f32(4, 8, 4, hidden), f32(4, hidden, hidden)], {}).map((call) => call.constants);
  expect(constants(40)).toEqual(constants(64));
  expect(constants(64)).not.toEqual(constants(65));
  const dense = (n: number) =>
    lowered(matmul, [f32(32, 64), f32(n, 64)], { ...PLAIN, tb: true }).map((call) => call.constants);
  expect(dense(65)).toEqual(dense(190));
});

it("no call binds more than eight buffers", () => {
  for (const op of allOps.filter(({ view }) => !view)) {
    for (const { inputs, attrs } of op.samples) {
      for (const call of lowered(op, inputs, attrs)) {
        expect(Object.keys(call.bind).length, `${op.name} ${call.entry}`).toBeLessThanOrEqual(8);
      }
    }
  }
});
