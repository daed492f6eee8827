/**
 * What every implementation of the optimizers must do: golden values and invariants of the methods pages
 * (selection-optimizers-comparison §8 and §9.1, grow-prune §6 G1), stated once and run twice, on the float64 references
 * and on the kernels. Values are compared to 2e-6 as that page says: a few f32 roundings of numbers below 2.
 */
import { expect, it } from "vitest";
import { defaults, type Values } from "../config/schema.ts";
import type { ControlSlot } from "../engine/control.ts";
import { adamw } from "../methods/optim/adamw.ts";
import { lion } from "../methods/optim/lion.ts";
import { sgd } from "../methods/optim/sgd.ts";
import type { OptimMethod } from "../methods/types.ts";
import { initial } from "../random/init.ts";
import { GOLDEN } from "./optimizer-golden.ts";

export interface OptimizerState {
  readonly param: readonly number[];
  readonly slots: readonly (readonly number[])[];
  readonly age: readonly number[] | null;
}

/** One arena and its optimizer, on whatever computes it. */
export interface OptimizerRig {
  /** `norm`, then the update, under this control block. */
  step(grad: readonly number[], values: Partial<Record<ControlSlot, number>>): Promise<void>;
  read(): Promise<OptimizerState>;
}

export type MakeRig = (
  method: OptimMethod,
  c: Values,
  start: OptimizerState,
  /** Bit 0: decay applies to the block of 64. */
  blocks: readonly number[],
) => Promise<OptimizerRig>;

const TOLERANCE = 2e-6;
const METHODS: readonly OptimMethod[] = [sgd, adamw, lion];
const THETA = [0.5, -0.25, 0, 1];
const GRADS = [
  [1, 1, 0, 0.4],
  [-0.0855, -0.5, 0.05, 0.4],
  [0.3, 0.1, -0.5, -0.4],
];

/** Zeros up to a whole number of blocks. */
const padded = (values: readonly number[]): number[] => [
  ...values,
  ...new Array<number>((64 - (values.length % 64)) % 64).fill(0),
];

function fresh(method: OptimMethod, param: readonly number[], age: readonly number[] | null = null) {
  const theta = padded(param);
  return {
    param: theta,
    slots: method.slots.map(() => theta.map(() => 0)),
    age: age ? padded(age) : null,
  } satisfies OptimizerState;
}

/** The control block of update t: bias corrections as the trainer sends them. */
function at(method: OptimMethod, c: Values, t: number, more: Partial<Record<ControlSlot, number>>) {
  const [beta1, beta2] = method.betas?.(c) ?? [0, 0];
  return { updates: t, bias1: 1 - beta1 ** t, bias2: 1 - beta2 ** t, ...more };
}

function close(actual: readonly number[], wanted: readonly number[], tolerance = TOLERANCE): void {
  wanted.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value), `entry ${i}: ${actual[i]} for ${value}`).toBeLessThanOrEqual(
      tolerance,
    );
  });
}

const normals = (count: number, key: number, scale = 1): number[] => [
  ...initial({ law: "normal", scale }, count, [key, 77]),
];

export function optimizerCases(make: MakeRig): void {
  for (const golden of GOLDEN) {
    for (const aged of [false, true]) {
      it(`golden values: ${golden.name}${aged ? ", counted by ages" : ""}`, async () => {
        const { method, c, lr, weightDecay } = golden;
        const rig = await make(method, c, fresh(method, THETA, aged ? [1, 1, 1, 1] : null), [1]);
        for (const [k, wanted] of golden.theta.entries()) {
          // With ages the corrections of the control block must not matter: wrong ones are sent.
          const block = aged ? { lr, weightDecay, bias1: 0.5, bias2: 0.5 } : { lr, weightDecay };
          await rig.step(padded(GRADS[k]!), at(method, c, k + 1, block));
          close((await rig.read()).param, wanted);
        }
        const end = await rig.read();
        golden.slots.forEach((slot, k) => {
          close(end.slots[k]!, slot);
        });
        if (aged) expect(end.age!.slice(0, 5)).toEqual([4, 4, 4, 4, 0]);
      });
    }
  }

  it("wrong-Lion tells: neither momentum-first nor one β for both", async () => {
    const c = defaults(lion.schema);
    const rig = await make(lion, c, fresh(lion, THETA), [1]);
    for (const g of GRADS.slice(0, 2)) await rig.step(padded(g), { lr: 0.01, weightDecay: 0.1 });
    const { param } = await rig.read();
    expect(Math.abs(param[0]! - 0.4990105)).toBeGreaterThan(0.01);
    expect(Math.abs(param[1]! + 0.26949025)).toBeGreaterThan(0.01);
  });

  it("I-1: a Lion step is bounded by η(1 + λ|θ|); without decay it is η or nothing", async () => {
    const theta = normals(256, 1);
    const g = normals(256, 2).map((x, i) => (i % 5 === 0 ? 0 : x));
    for (const weightDecay of [0.3, 0]) {
      const rig = await make(lion, defaults(lion.schema), fresh(lion, theta), [1, 1, 1, 1]);
      await rig.step(g, { lr: 0.01, weightDecay });
      const { param } = await rig.read();
      theta.forEach((before, i) => {
        const moved = Math.abs(param[i]! - before);
        // One rounding of θ, |θ| < 4: half a unit in the last place, 2.4e-7.
        expect(moved).toBeLessThanOrEqual(0.01 * (1 + weightDecay * Math.abs(before)) + 2.4e-7);
        if (weightDecay === 0) expect(Math.abs(moved - (g[i] === 0 ? 0 : 0.01))).toBeLessThanOrEqual(2.4e-7);
      });
    }
  });

  it("I-2: Lion and SGD keep half of AdamW's memory", () => {
    expect([sgd, adamw, lion].map((m) => m.slots.length)).toEqual([1, 2, 1]);
  });

  it("I-3: AdamW's first step is η|g|/(|g| + ε), however old the run", async () => {
    const c = { ...defaults(adamw.schema), eps: 1e-4 };
    const g = normals(128, 3).map((x, i) => x * 10 ** ((i % 7) - 5));
    for (const age of [null, g.map(() => 1)]) {
      const rig = await make(adamw, c, fresh(adamw, new Array(128).fill(0), age), [0, 0]);
      await rig.step(g, at(adamw, c, 1, { lr: 0.01 }));
      const wanted = g.map((x) => (-0.01 * x) / (Math.abs(x) + 1e-4));
      // Relative: some ten roundings of 6e-8.
      (await rig.read()).param.forEach((x, i) => {
        expect(Math.abs(x - wanted[i]!)).toBeLessThanOrEqual(1e-6 * Math.abs(wanted[i]!));
      });
    }
  });

  it("AdamW's bias corrections are right at every age", async () => {
    // m = v = 0 before: the step is η g (1−β₁)/(1−β₁ᵗ) / √(g² (1−β₂)/(1−β₂ᵗ)), a function of t alone.
    const ages = [1, 2, 3, 5, 10, 100, 498, 499, 500, 501, 502, 1000, 3000, 20_000, 1_000_000, 2 ** 31 - 1];
    const c = { ...defaults(adamw.schema), eps: 1e-8 };
    const rig = await make(adamw, c, fresh(adamw, new Array(16).fill(0), ages), [0]);
    await rig.step(padded(ages.map(() => 0.5)), at(adamw, c, 1, { lr: 1 }));
    const { param } = await rig.read();
    ages.forEach((t, i) => {
      const first = 0.1 / -Math.expm1(t * Math.log(0.9));
      const second = 0.001 / -Math.expm1(t * Math.log(0.999));
      // exp at arguments below −½ is allowed 4 units in the last place, and 1 − exp > 0.39.
      expect(Math.abs(-param[i]! / (first / Math.sqrt(second)) - 1), `t = ${t}`).toBeLessThan(2e-6);
    });
  });

  it.each(METHODS)(
    "I-4: with no gradient $label only shrinks, by (1 − ηλ) a step, where decay applies",
    async (m) => {
      const c = defaults(m.schema);
      const theta = normals(128, 4);
      const rig = await make(m, c, fresh(m, theta), [1, 0]);
      for (let t = 1; t <= 10; t++) {
        await rig.step(new Array(128).fill(0), at(m, c, t, { lr: 0.05, weightDecay: 0.4, clip: 1 }));
      }
      const { param } = await rig.read();
      close(
        param.slice(0, 64),
        theta.slice(0, 64).map((x) => x * 0.98 ** 10),
        4e-6,
      ); // ten roundings of |θ| < 4
      expect(param.slice(64)).toEqual(theta.slice(64));
    },
  );

  it("I-8: gradients are clipped to norm c, and left alone below it", async () => {
    // SGD without momentum at η = 1 from 0 shows the clipped gradient.
    const c = { momentum: 0, nesterov: false };
    const clipped = async (g: readonly number[], clip: number) => {
      const rig = await make(sgd, c, fresh(sgd, [0, 0, 0, 0]), [0]);
      await rig.step(padded(g), { lr: 1, clip });
      return (await rig.read()).param.slice(0, 4).map((x) => -x);
    };
    close(await clipped([3, 4, 0, 0], 1), [0.59999988, 0.79999984, 0, 0], 2e-7);
    close(await clipped([0.3, 0.4, 0, 0], 1), [0.3, 0.4, 0, 0], 2e-8);
    close(await clipped([0.3, 0.4, 0, 0], 0.5), [0.2999994, 0.3999992, 0, 0], 2e-7);
    close(await clipped([3, 4, 0, 0], 0), [3, 4, 0, 0], 0);
    const long = await clipped(normals(64, 5, 100), 1);
    expect(Math.hypot(...long)).toBeLessThanOrEqual(1);
  });

  it("G1: masked AdamW, then a dormant entry wakes and takes a newborn's step", async () => {
    const c = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };
    const start = fresh(adamw, [0.5, -0.2, 0, 0.1], [1, 1, 0, 1]);
    const rig = await make(adamw, c, start, [1]);
    const grads = [
      [0.2, -0.1, 5, 0.04],
      [0.1, 0.3, -4, 0.04],
      [-0.3, 0.1, 2, 0.04],
    ];
    const wanted = [
      [0.48995, -0.18998, 0, 0.08999],
      [0.480579, -0.194903, 0, 0.079981],
      [0.481351, -0.200453, 0, 0.069973],
    ];
    for (const [k, g] of grads.entries()) {
      await rig.step(padded(g), at(adamw, c, k + 1, { lr: 0.01, weightDecay: 0.01 }));
      close((await rig.read()).param, wanted[k]!); // given to six places
    }
    const third = await rig.read();
    close(third.slots[0]!, [-0.0048, 0.0289, 0, 0.01084]);
    expect(third.age!.slice(0, 4)).toEqual([4, 4, 0, 4]);
    const woken = { ...third, age: third.age!.map((a, i) => (i === 2 ? 1 : a)) };
    const after = await make(adamw, c, woken, [1]);
    await after.step(padded([0.1, 0.1, -0.7, 0.04]), at(adamw, c, 4, { lr: 0.01, weightDecay: 0.01 }));
    close((await after.read()).param, [0.48045, -0.206479, 0.01, 0.059966]);
  });

  it.each(METHODS)("I-9: under $label dormant weights stay exactly 0, frozen ones as they are", async (m) => {
    const c = defaults(m.schema);
    const theta = normals(128, 6);
    const kinds = [0, 1, 0x80000005, 9];
    const start = fresh(
      m,
      theta,
      theta.map((_, i) => kinds[i % 4]!),
    );
    // What a pruning may leave behind: moments and values at dormant places.
    const slots = start.slots.map((slot) => slot.map((_, i) => 0.01 * (1 + (i % 3))));
    const rig = await make(m, c, { ...start, slots }, [1, 1]);
    for (let t = 1; t <= 100; t++) {
      // The gradient at dormant places is enormous, at some not even finite: it must neither count nor leak.
      const g = normals(128, 100 + t).map((x, i) => (i % 8 === 0 ? Number.NaN : i % 4 === 0 ? 1e30 : x));
      await rig.step(g, at(m, c, t, { lr: 0.01, weightDecay: 0.01, clip: 1 }));
    }
    const end = await rig.read();
    end.param.forEach((value, i) => {
      const all = [value, ...end.slots.map((slot) => slot[i]!)];
      if (i % 4 === 0) for (const x of all) expect(Object.is(x, 0)).toBe(true);
      else if (i % 4 === 2) {
        expect(all).toEqual([Math.fround(theta[i]!), ...slots.map((slot) => Math.fround(slot[i]!))]);
      } else expect(Math.abs(value - theta[i]!)).toBeGreaterThan(0);
    });
    expect(end.age).toEqual(start.age!.map((a, i) => (i % 2 === 0 ? a : a + 100)));
  });

  it.each(METHODS)("a gradient that is not finite changes nothing under $label", async (m) => {
    const c = defaults(m.schema);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e30]) {
      const start = fresh(m, normals(64, 7), new Array(64).fill(3));
      const rig = await make(m, c, start, [1]);
      const g = normals(64, 8);
      await rig.step(g, at(m, c, 3, { lr: 0.01, clip: 1 }));
      const before = await rig.read();
      g[63] = bad;
      await rig.step(g, at(m, c, 4, { lr: 0.01, clip: 1 }));
      expect(await rig.read()).toEqual(before);
    }
  });
}
