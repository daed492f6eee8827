/** The optimizers' float64 references against the golden values, and what their records promise. */
import { describe, expect, it } from "vitest";
import { defaults, type Schema } from "../../config/schema.ts";
import { interpreterBackend } from "../../engine/interpret.ts";
import { optimizerCases } from "../../testing/optimizer-cases.ts";
import { backendRig } from "../../testing/optimizer-rig.ts";
import { adamw } from "./adamw.ts";
import { lion } from "./lion.ts";
import { sgd } from "./sgd.ts";

describe("references", () => {
  // Arenas keep what an f32 can hold, as on a device; the arithmetic between is float64.
  const ops = [sgd, adamw, lion].flatMap((method) => method.ops ?? []);
  optimizerCases(backendRig(interpreterBackend({ ops })));
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
    const fixed = (grad: number) => [f32(64), f32(grad), f32(12), f32(64), f32(1)];
    expect(() => op!.infer([...fixed(128), f32(64)], {})).toThrow("as long as");
    expect(() => op!.infer(fixed(64), {})).toThrow("5 inputs");
    expect(() => op!.infer([f32(64), f32(64), f32(4), f32(64), f32(1), f32(64)], {})).toThrow("norm op");
  });
});
