/** The optimizers' float64 references against the golden values, and what their records promise. */
import { describe, expect, it } from "vitest";
import { defaults, type Schema } from "../../config/schema.ts";
import { control } from "../../engine/control.ts";
import { norm } from "../../engine/ops/norm.ts";
import type { NdArray, OpDef } from "../../engine/types.ts";
import { type MakeRig, optimizerCases } from "../../testing/optimizer-cases.ts";
import { adamw } from "./adamw.ts";
import { lion } from "./lion.ts";
import { sgd } from "./sgd.ts";

const array = (data: ArrayLike<number>, dtype: NdArray["dtype"] = "f32"): NdArray => ({
  shape: [data.length],
  dtype,
  // What a device would hold: an f32 input is rounded once.
  data: Float64Array.from(data, dtype === "f32" ? Math.fround : Number),
});

/** Runs norm and the method's op by their references; the op and its attributes are taken from `update` itself. */
const referenceRig: MakeRig = async (method, c, start, blocks) => {
  let found: { op: OpDef; attrs: object } | null = null;
  const spec = { id: 0, shape: [64], dtype: "f32" as const };
  const trace = {
    control: spec,
    call: (op: OpDef, _: unknown, attrs: object) => {
      found = { op, attrs };
      return [];
    },
  } as unknown as Parameters<typeof method.update>[0];
  const slots = start.slots.map(() => spec);
  method.update(
    trace,
    { param: spec, grad: spec, slots, blocks: spec, norm: spec, age: start.age && spec },
    c,
  );
  const { op, attrs } = found!;
  let state = [
    array(start.param),
    ...start.slots.map((s) => array(s)),
    ...(start.age ? [array(start.age, "u32")] : []),
  ];
  return {
    async step(grad, values) {
      const g = array(grad);
      const words = array(control(values), "u32");
      const age = start.age ? [state.at(-1)!] : [];
      const [norms] = norm.reference([g, words, ...age], {});
      const [param, ...rest] = state;
      state = [...op.reference([param!, g, norms!, words, array(blocks, "u32"), ...rest], attrs)];
    },
    async read() {
      const lists = state.map((a) => [...a.data]);
      return {
        param: lists[0]!,
        slots: lists.slice(1, 1 + start.slots.length),
        age: start.age ? lists.at(-1)! : null,
      };
    },
  };
};

describe("references", () => {
  optimizerCases(referenceRig);
});

describe("records", () => {
  const methods = [sgd, adamw, lion];

  it("have the defaults of the methods page", () => {
    expect(defaults(adamw.schema)).toEqual({
      lr: 2e-3,
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      weightDecay: 0,
      clip: 1,
    });
    expect(defaults(lion.schema)).toEqual({ lr: 4e-4, beta1: 0.9, beta2: 0.99, weightDecay: 0, clip: 1 });
    expect(defaults(sgd.schema)).toEqual({
      lr: 0.1,
      momentum: 0.9,
      nesterov: false,
      weightDecay: 0,
      clip: 1,
    });
    expect(adamw.betas?.(defaults(adamw.schema))).toEqual([0.9, 0.999]);
  });

  it("let learning rate, decay and clip change while training, and nothing else", () => {
    for (const { schema } of methods) {
      const live = Object.entries(schema as Schema).flatMap(([key, field]) => (field.live ? [key] : []));
      expect(live.sort()).toEqual(["clip", "lr", "weightDecay"]);
    }
  });

  it("refuse arenas that do not fit each other", () => {
    const f32 = (n: number) => ({ shape: [n], dtype: "f32" as const });
    const [op] = lion.ops!;
    expect(() => op!.infer([f32(64), f32(128), f32(4), f32(64), f32(1), f32(64)], {})).toThrow("as long as");
    expect(() => op!.infer([f32(64), f32(64), f32(4), f32(64), f32(1)], {})).toThrow("5 inputs");
  });
});
