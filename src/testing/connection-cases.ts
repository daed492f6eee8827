/** Connection growth on weights given by hand: G3 of grow-prune §6 and what follows from it, for references and a device. */
import { expect, it } from "vitest";
import { defaults } from "../config/schema.ts";
import type { Backend, ParamSpec } from "../engine/types.ts";
import { connections } from "../methods/grow/connections.ts";
import type { Model } from "../models/types.ts";
import { carryOut } from "./structure-rig.ts";

const spec: ParamSpec = {
  ...{ path: "w", shape: [2, 3], axes: ["out", "in"] },
  init: { law: "zeros" },
  decay: true,
};
const model = { label: "hand", schema: {} } as unknown as Model;
/** Sum of both batches: Ḡ = [[.25, −.0625, .3125], [−.0625, −.25, .5]]. */
const score = { w: [0.5, -0.125, 0.625, -0.125, -0.5, 1] };
const given = {
  ...{ model, specs: [spec], score, scored: 2 },
  params: { w: [0.7, 0, 0, 0, 0, -0.3] },
  age: { w: [9, 0, 0, 0, 0, 4] },
};

export function connectionCases(backend: () => Backend, all = true): void {
  const grown = (choice: object, from = given) =>
    carryOut(backend(), connections, { ...defaults(connections.schema), ...choice }, from);

  it.each([
    [0.25, [2]],
    [0.5, [2, 4]],
    // (0, 1) and (1, 0) are equal: the lower index.
    [0.75, [2, 4, 1]],
    [1, [2, 4, 1, 3]],
  ])("G3: a share of %d wakes exactly the largest of the mean gradient", async (share, places) => {
    const { age, params, plan } = await grown({ share });
    expect(age.w!.flatMap((a, i) => (a === 1 ? [i] : []))).toEqual([...places].sort());
    expect([age.w![0], age.w![5]]).toEqual([9, 4]);
    expect(params.w).toEqual(given.params.w.map(Math.fround));
    expect(plan).toMatchObject({ preserving: true, figures: { grown: places.length } });
  });

  it.runIf(all)("G3: above the 50th percentile is .25 strictly, so (1, 1) at just that stays", async () => {
    const { age } = await grown({ mode: "percentile", share: 0.5 });
    expect(age.w).toEqual([9, 0, 1, 0, 0, 4]);
  });

  it.runIf(all)("equal gradients have none above any percentile", async () => {
    const equal = { ...given, score: { w: [0.5, 0.5, -0.5, 0.5, 0.5, -0.5] } };
    await expect(grown({ mode: "percentile", share: 0.3 }, equal)).rejects.toThrow(
      "Not grown: no dormant gradient is above the 30th percentile of its matrix; try fraction.",
    );
  });

  it("starts a newborn with a step down its mean gradient, and touches no other weight", async () => {
    const { params, plan } = await grown({ share: 0.5, start: "step" });
    // η = .01. What stays dormant is made 0 by the transaction.
    expect(params.w![2]).toBeCloseTo(-0.003125, 9);
    expect(params.w![4]).toBeCloseTo(0.0025, 9);
    expect([params.w![0], params.w![5]]).toEqual([0.7, -0.3].map(Math.fround));
    expect(plan.preserving).toBe(false);
  });

  it("has nothing to grow where all is active", async () => {
    const dense = { ...given, age: { w: [9, 1, 1, 1, 1, 4] } };
    await expect(grown({}, dense)).rejects.toThrow("it is dense: nothing to grow");
  });
}
