/** Golden values of grow-prune §6 for masks and selection (G2, G3, G6, G12): for the references and for a device. */
import { expect, it } from "vitest";
import type { Backend } from "../engine/types.ts";
import { changed, countsOf, effective, f32, momentsOf, selected } from "./mask-rig.ts";

/** `drop(r, n)` and `take(r, n)` of grow-prune §0 are tested with the methods; here the counts stand as numbers. */
export function maskCases(backend: () => Backend): void {
  const W2 = [0.9, -0.1, 0.3, -0.6, 0.05, 0.7, -0.2, -0.4];

  it("G2: σ over the active entries, twice", async () => {
    const all = W2.map(() => 90);
    const first = await momentsOf(backend(), W2, all);
    // f32 sums of eight numbers below 1: 1e-7 is two roundings.
    expect(first.deviation).toBeCloseTo(0.48858053, 6);
    const below = await countsOf(backend(), W2, all, { limit: 0.6 * first.deviation });
    expect(below.below).toBe(3);
    const kept = await selected(backend(), W2, all, below.below, { what: "drop" });
    expect(kept.map((age) => Math.sign(age))).toEqual([1, 0, 1, 1, 0, 1, 0, 1]);

    const second = await momentsOf(backend(), W2, kept);
    expect(second.entries).toBe(5);
    // Over all eight, zeros included, it would be 0.475493.
    expect(second.deviation).toBeCloseTo(0.59126982, 6);
    const again = await countsOf(backend(), W2, kept, { limit: 0.9 * second.deviation });
    const left = await selected(backend(), W2, kept, again.below, { what: "drop" });
    expect(left.flatMap((age, i) => (age > 0 ? [W2[i]] : []))).toEqual([0.9, -0.6, 0.7]);
  });

  it("G3: connections are woken by the signed mean, ties by lowest index", async () => {
    const ages = [5, 0, 0, 0, 0, 5];
    const sum = [0.5, -0.125, 0.625, -0.125, -0.5, 1];
    const woken = async (k: number) =>
      changed(ages, await selected(backend(), sum, ages, k, { what: "wake" }));
    expect(await woken(1)).toEqual([2]);
    expect(await woken(2)).toEqual([2, 4]);
    expect(await woken(3)).toEqual([1, 2, 4]);
    expect((await selected(backend(), sum, ages, 3, { what: "wake" }))[4]).toBe(1);
  });

  it("G6: ranked by effective weights, another order than by the stored ones", async () => {
    const W = [0.4, -0.02, 0.05, 0.3];
    const scores = await effective(backend(), f32([2, 2], W), [0.1, 2], [0.25, 0.04]);
    [0.079998, -0.004, 0.499938, 2.999625].forEach((value, i) => {
      expect(scores[i]).toBeCloseTo(value, 5);
    });
    const order = async (by: readonly number[]) => {
      const places: number[] = [];
      for (let k = 1; k <= 4; k++) {
        const gone = changed([9, 9, 9, 9], await selected(backend(), by, [9, 9, 9, 9], k, { what: "drop" }));
        places.push(gone.find((i) => !places.includes(i))!);
      }
      return places;
    };
    expect(await order(W)).toEqual([1, 2, 3, 0]);
    expect(await order(scores)).toEqual([1, 0, 2, 3]);
  });

  it("G12: newborns are spared", async () => {
    const weights = [0.02, -0.5, 0, 0.3, -0.04, 0.6, 0.1, 0];
    const ages = [90, 90, 3, 90, 90, 90, 90].map((updates) => 1 + updates).concat(0);
    const counts = await countsOf(backend(), weights, ages, { grace: 50 });
    expect(counts).toMatchObject({ active: 7, droppable: 6, dormant: 1, frozen: 0, bad: 0, oldest: 91 });
    const after = await selected(backend(), weights, ages, 2, { what: "drop", grace: 50 });
    expect(changed(ages, after)).toEqual([0, 4]);
    // Just 50 updates are enough.
    const onEdge = await countsOf(backend(), weights, [51, 50, ...ages.slice(2)], { grace: 50 });
    expect(onEdge.droppable).toBe(5);
  });

  it("of equals the first are taken, to the entry, over borders of workgroups and tiles", async () => {
    const n = 2500;
    const equals = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const old = equals.map(() => 99);
    const asleep = equals.map(() => 0);
    for (const k of [0, 1, 255, 256, 257, 1023, 1024, 1025, 2499, 2500, 9000]) {
      const first = (age: number) => equals.map((_, i) => (i < k ? 1 - Math.sign(age) : age));
      expect(await selected(backend(), equals, old, k, { what: "drop" }), `drop ${k}`).toEqual(first(99));
      expect(await selected(backend(), equals, asleep, k, { what: "wake" }), `wake ${k}`).toEqual(first(0));
    }
  });
}
