/** What a method looks at: the batch by which the transaction judges it, not another one. */
import { expect, it } from "vitest";
import { reduce } from "../engine/ops/reduce.ts";
import type { StructureAt, StructureMethod } from "../methods/types.ts";
import { drive, interpreter, tinyConfig, tinyImageConfig } from "../testing/runs.ts";
import { select } from "./event-select.ts";
import type { Site } from "./event-terms.ts";
import { probe } from "./probe.ts";
import { sideOf } from "./programs.ts";

it.each([
  { name: "text", config: tinyConfig() },
  { name: "images", config: tinyImageConfig() },
])("sees the loss of the probe batch: $name", async ({ config }) => {
  const { trainer } = await drive(config, interpreter());
  await trainer.advance(6);
  await trainer.settled();
  const { setup, network } = trainer.core;
  let seen = Number.NaN;
  const looks = {
    ...{ kind: "structure", does: "grow", id: "looks", label: "Look", schema: {}, applies: () => true },
    async plan({ look, model, from }: StructureAt) {
      const { loss } = await look((t, old) => {
        const options = { training: false, taps: false };
        const { losses } = model.apply(t, from.arch, from.data, old.params, old.batch(), options);
        const axes = losses!.shape.map((_, k) => k);
        return { loss: t.call(reduce, [losses!], { axes, keepDims: true, how: "mean" })[0]! };
      });
      seen = loss[0]!;
      return "it only looked";
    },
  } as unknown as StructureMethod;
  const site = {
    ...{ setup, old: network, from: sideOf(network, setup.shape), fitted: new Map(), not: "Not grown" },
    request: { method: looks, values: {}, event: 1, step: 6, updates: 6, live: {}, lr: 0.01, scored: 0 },
    named: async () => ({ "from.params": network.arrays.params }),
  } as unknown as Site;
  const { loss } = await probe(setup.backend, network);
  expect(await select(site, loss)).toBe("it only looked");
  // The same sum in the same order, but for the place where the mean is taken.
  expect(Math.abs(seen - loss)).toBeLessThan(1e-6 * loss);
  trainer.dispose();
});
