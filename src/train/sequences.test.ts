/**
 * Random sequences of structural events on the interpreter (grow-prune §1): grow, prune, insert, swap, freeze, remove,
 * compact, undo, branch, reload, with faults at every stage. What must hold after each deed: testing/sequences.ts.
 */
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { anyAction, deedsOf } from "../testing/deeds.ts";
import { interpreter, tinyConfig, tinyGpt, tinyImageConfig } from "../testing/runs.ts";
import { modelOf, runSequence } from "../testing/sequences.ts";

const small = {
  budget: { unit: "steps", amount: 100_000 },
  batch: 2,
  eval: { every: 1000, batches: 1 },
};
const lstm = { id: "lstm", blocks: [4], embed: 4, maxCells: 16 };
const hlstm = { ...lstm, id: "hlstm", gateLayers: 0, gateWidth: 4 };

const long = process.env.ESPALIER_LONG !== undefined;
/** In npm test a change of the code is all that can change the outcome; test:long draws anew each time. */
const draws = long ? {} : { seed: 20_261_127 };

/** Structural events of one sequence. */
const MANY = 200;
/** Deeds among which there are so many events in any case: a third of what is drawn is refused, and some of it trains. */
const ENOUGH = 2000;

let faults = 0;
afterAll(() => {
  // Over all models: thirty deeds alone may draw no fault that strikes.
  expect(faults).toBeGreaterThan(0);
});

it.each([
  { name: "lstm", config: tinyConfig({ ...small, model: lstm }), deeds: 90 },
  { name: "hlstm", config: tinyConfig({ ...small, model: hlstm }), deeds: ENOUGH },
  { name: "mlp", config: tinyImageConfig({ ...small, model: { id: "mlp", widths: [6, 5] } }), deeds: 90 },
  { name: "gpt", config: tinyConfig({ ...small, ...tinyGpt }), deeds: 30 },
  { name: "bert", config: tinyConfig({ ...small, model: { ...tinyGpt.model, id: "bert" } }), deeds: 8 },
  {
    name: "vit",
    config: tinyImageConfig({ ...small, model: { ...tinyGpt.model, id: "vit", patch: "4" } }),
    deeds: 8,
  },
])("$name", { timeout: 600_000 }, async ({ config, deeds }) => {
  const length = long ? ENOUGH : deeds;
  const lists = fc.array(deedsOf(anyAction(modelOf(config))), {
    minLength: length,
    maxLength: length,
    size: "max",
  });
  await fc.assert(
    fc.asyncProperty(lists, async (list) => {
      const tally = await runSequence(config, interpreter(), list, { events: MANY });
      faults += tally.faults;
      if (length === ENOUGH) expect(tally.events).toBe(MANY);
    }),
    { ...draws, numRuns: 1, endOnFailure: true },
  );
});
