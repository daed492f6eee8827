/** The schedules of layer dropping: golden values and invariants of transformer-growth §10.6 and §6.20, and the draws. */
import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { drawn } from "../../train/drop.ts";
import { pld } from "./pld.ts";
import { randomDrop } from "./random-drop.ts";
import { expectedDepth, progressive, thetaAt } from "./rule.ts";
import { twoStage } from "./two-stage.ts";

describe("the time schedule", () => {
  it("has the golden values", () => {
    const golden = {
      0: 1,
      1: 0.952418709,
      5: 0.8032653299,
      10: 0.6839397206,
      20: 0.5676676416,
      50: 0.5033689735,
    };
    for (const [t, theta] of Object.entries(golden)) {
      // γ = .1 a step of T = 1000: γ_f = 100. Ten decimals are given.
      expect(thetaAt(0.5, 100, Number(t) / 1000)).toBeCloseTo(theta, 9);
    }
  });

  it("falls strictly from 1 to its limit", () => {
    const at = Array.from({ length: 101 }, (_, i) => thetaAt(0.7, 5, i / 100));
    expect(at[0]).toBe(1);
    at.slice(1).forEach((theta, i) => {
      expect(theta).toBeLessThan(at[i]!);
    });
    expect(at.at(-1)).toBeGreaterThan(0.7);
  });

  it("gives the mean depth of a whole run", () => {
    // Midpoints: the integral over the run, of L = 12.
    const mean = (gamma: number) => {
      const n = 20_000;
      let sum = 0;
      for (let i = 0; i < n; i++)
        sum += expectedDepth(progressive("paper", 12, thetaAt(0.5, gamma, (i + 0.5) / n)).keep);
      return sum / n;
    };
    expect(mean(100)).toBeCloseTo(8.7825, 4);
    expect(mean(20)).toBeCloseTo(8.9125, 4);
  });
});

describe("the depth schedule", () => {
  it("has the golden values", () => {
    expect(progressive("paper", 4, 0.5).keep).toEqual([0.875, 0.75, 0.625, 0.5]);
    const depth = (layers: number, theta: number) => expectedDepth(progressive("paper", layers, theta).keep);
    expect([depth(4, 0.5), depth(6, 0.5), depth(12, 0.5)]).toEqual([2.75, 4.25, 8.75]);
    expect(depth(12, 0.9)).toBeCloseTo(11.35, 12);
  });

  it("scales by the variant: 1/p, the p of one layer further, or not at all", () => {
    const paper = progressive("paper", 4, 0.5);
    expect(paper.keep.map((p, i) => p * paper.scale[i]!)).toEqual([1, 1, 1, 1]);
    const deepspeed = progressive("deepspeed", 4, 0.5);
    expect(deepspeed.keep).toEqual([1, 0.875, 0.75, 0.625]);
    expect(deepspeed.scale).toEqual(paper.scale);
    // E[G/p] > 1
    deepspeed.keep.forEach((p, i) => {
      expect(p * deepspeed.scale[i]!).toBeGreaterThan(1);
    });
    const ntng = progressive("ntng", 4, 0.5);
    expect([ntng.keep, ntng.scale]).toEqual([paper.keep, [1, 1, 1, 1]]);
    const plain = randomDrop.drops!.chances({ rate: 0.25, least: 0, zeroGrad: false }, 3, 0.9);
    expect(plain).toEqual({ keep: [0.75, 0.75, 0.75], scale: [1, 1, 1] });
  });

  it("ends at .75 below six layers and at .5 from there on, where nothing else is asked for", () => {
    const end = (layers: number, choice: object = {}) =>
      pld.drops!.theta!({ ...defaults(pld.schema), gamma: 1000, ...choice }, layers, 1);
    expect([1, 4, 5, 6, 8, 12].map((layers) => end(layers))).toEqual([0.75, 0.75, 0.75, 0.5, 0.5, 0.5]);
    expect([end(4, { theta: 0.5 }), end(12, { theta: 0.9 })]).toEqual([0.5, 0.9]);
    const c = { ...defaults(pld.schema), gamma: 1000 };
    expect(pld.drops!.chances(c, 4, 1).keep).toEqual(progressive("paper", 4, 0.75).keep);
  });

  it("keeps every chance above 0 at the ends of the schema", () => {
    for (const theta of [pld.schema.theta.min, Number.MIN_VALUE, 1e-6]) {
      const c = { theta, gamma: 1000, variant: "paper", least: 0, zeroGrad: false };
      const { keep, scale } = pld.drops!.chances(c, 12, 1);
      expect(Math.min(...keep)).toBeGreaterThan(0);
      expect(scale.every(Number.isFinite)).toBe(true);
    }
    const chance = 1 - randomDrop.schema.rate.max;
    expect(chance).toBeGreaterThan(0);
  });
});

it("two-stage training runs a layer in every sub-model that holds it, and all of them after its share", () => {
  const chances = (x: number) => twoStage.drops!.chances({ block: 3, share: 0.1 }, 8, x);
  // Sub-models of 3, 6 and 8 layers.
  const keep = [1, 1, 1, 2 / 3, 2 / 3, 2 / 3, 1 / 3, 1 / 3];
  expect(chances(0.09)).toEqual({ keep, scale: keep.map(() => 1) });
  expect(chances(0.1).keep).toEqual(keep.map(() => 1));
});

describe("the draws", () => {
  const { keep } = progressive("paper", 12, 0.5);
  const count = (ran: readonly boolean[]) => ran.filter((on) => on).length;

  it("have the mean and the spread of their chances", () => {
    const n = 4000;
    const counts = Array.from({ length: n }, (_, step) => count(drawn(3, step, keep, 0)));
    const mean = counts.reduce((sum, c) => sum + c, 0) / n;
    const spread = keep.reduce((sum, p) => sum + p * (1 - p), 0);
    expect(Math.sqrt(spread)).toBeCloseTo(1.456547, 6);
    expect(Math.abs(mean - 8.75)).toBeLessThan(5 * Math.sqrt(spread / n));
    const variance = counts.reduce((sum, c) => sum + (c - mean) ** 2, 0) / n;
    expect(Math.abs(variance / spread - 1)).toBeLessThan(0.15);
  });

  it("are a function of seed and step, and different for others", () => {
    const of = (seed: number) => Array.from({ length: 50 }, (_, step) => drawn(seed, step, keep, 0));
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
  });

  it("made again know nothing of the first ones", () => {
    const all = Array.from({ length: 20_000 }, (_, step) => drawn(5, step, [0.5, 0.5], 1));
    // Of the three ways to run at least one of two, each layer runs in two; .0033 is the deviation of the share.
    for (const layer of [0, 1]) {
      const share = all.filter((ran) => ran[layer]).length / all.length;
      expect(Math.abs(share - 2 / 3)).toBeLessThan(5 * 0.0033);
    }
  });

  it("are made again until enough layers run, and end", () => {
    const low = Array<number>(12).fill(0.1);
    for (let step = 0; step < 200; step++) {
      expect(count(drawn(1, step, low, 2))).toBeGreaterThanOrEqual(2);
      expect(count(drawn(1, step, low, 12))).toBe(12);
    }
    expect(drawn(1, 0, [0.5], 4)).toEqual([true]);
    const none = Array.from({ length: 200 }, (_, step) => count(drawn(1, step, low, 0)));
    expect(none).toContain(0);
  });
});
