/** Ranking behind a batch norm: G6 of grow-prune §6 and the invariants of §3.8, for the references and a device. */
import { expect, it } from "vitest";
import { defaults } from "../config/schema.ts";
import type { Backend, ParamSpec } from "../engine/types.ts";
import { effective, scaleOf } from "../methods/prune/effective.ts";
import { magnitude } from "../methods/prune/magnitude.ts";
import type { Model } from "../models/types.ts";
import { carryOut, lookedAt } from "./structure-rig.ts";

const vector = (path: string, ...shape: number[]): ParamSpec => ({
  ...{ path, shape, axes: shape.map((_, k) => `a${k}`) },
  init: { law: "zeros" },
  decay: false,
});
const specs: readonly ParamSpec[] = [
  vector("first", 3),
  { ...vector("w", 2, 2), decay: true },
  vector("gain", 2),
  vector("running", 2, 2),
];
const norm = { weight: "w", gain: "gain", running: "running", eps: 1e-5 };
const model = { label: "hand", schema: {}, norms: () => [norm] } as unknown as Model;
const W = [0.4, -0.02, 0.05, 0.3];
const params = { first: [1, 2, 3], w: W, gain: [0.1, 2], running: [0.1, -0.2, 0.25, 0.04] };
const age = { first: [9, 9, 9], w: [9, 9, 9, 9], gain: [9, 9], running: [9, 9, 9, 9] };

/** The page gives six digits. */
const close = (found: ArrayLike<number>, wanted: readonly number[]) => {
  wanted.forEach((v, i) => {
    expect(found[i]).toBeCloseTo(v, 5.5);
  });
};

export function effectiveCases(backend: () => Backend): void {
  it("G6: effective weights are γ/√(var + ε) · W, and the folded bias s(b − μ) + β", async () => {
    const { w, s } = await lookedAt(backend(), { specs, params, age }, (t, old) => ({
      w: effective(t, old.params, norm),
      s: scaleOf(t, old.params, norm),
    }));
    close(w!, [0.079998, -0.004, 0.499938, 2.999625]);
    // b = (0, .05), β = (0, .1)
    const folded = [0, 0.05].map((b, o) => s![o]! * (b - params.running[o]!) + [0, 0.1][o]!);
    close(folded, [-0.02, 2.599688]);
  });

  it.each([
    { effective: false, order: [1, 2, 3, 0] },
    { effective: true, order: [1, 0, 2, 3] },
  ])("G6: $effective, dropped in the order $order", async ({ effective, order }) => {
    for (const count of [1, 2, 3]) {
      const c = { ...defaults(magnitude.schema), mode: "count", count, grace: 0, effective, target: "w" };
      const after = await carryOut(backend(), magnitude, c, { model, specs, params, age });
      const gone = after.age.w!.flatMap((a, i) => (a === 0 ? [i] : []));
      expect(gone).toEqual(order.slice(0, count).sort());
      expect(after.params.w).toEqual(W.map(Math.fround));
    }
  });

  it("a ranking does not care for a common scale of weights and statistics; a still map is named", async () => {
    const times = (k: number) => ({
      ...params,
      w: W.map((v) => k * v),
      running: params.running.map((v, i) => v * (i < 2 ? k : k * k)),
    });
    const c = { ...defaults(magnitude.schema), mode: "std", q: 0.5, grace: 0, effective: true, target: "w" };
    const masks = await Promise.all(
      [1, 7].map(
        async (k) => (await carryOut(backend(), magnitude, c, { model, specs, params: times(k), age })).age.w,
      ),
    );
    expect(masks[1]).toEqual(masks[0]);
    expect(masks[0]).toContain(0);
    const still = { ...params, running: [0.1, -0.2, 0, 0.04] };
    const { plan } = await carryOut(backend(), magnitude, c, { model, specs, params: still, age });
    expect(plan.notes).toEqual(["1 of the maps before running never vary; ε ranks them."]);
  });
}
