/**
 * The same random sequences on a device (sequences.test.ts): memory comes back to the plan's figure, undo and replay are
 * exact to the bit, and a fault at any stage leaves nothing behind. Tiny, of few kinds: each kernel is compiled once.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { WebGpuBackend } from "../gpu/device.ts";
import { anyAction, deedsOf } from "../testing/deeds.ts";
import { openTestBackend } from "../testing/node-gpu.ts";
import { tinyConfig, tinyImageConfig } from "../testing/runs.ts";
import { modelOf, PAGE_BYTES, runSequence } from "../testing/sequences.ts";

let backend: WebGpuBackend;

beforeAll(async () => {
  backend = await openTestBackend();
});

afterAll(() => {
  expect(backend.errors()).toEqual([]);
});

const long = process.env.ESPALIER_LONG !== undefined;
const small = { budget: { unit: "steps", amount: 100_000 }, batch: 2, eval: { every: 1000, batches: 1 } };

/** 256 bytes a dispatch of the programs that are alive: they must not grow with the number of events. */
const TABLES = 48 * 1024;

const lstm = { id: "lstm", blocks: [4, 4], embed: 4, maxCells: 16 };
const hlstm = { ...lstm, id: "hlstm", blocks: [4], gateLayers: 0, gateWidth: 4 };
const recurrent = (model: object) => tinyConfig({ ...small, model });
const mlp = tinyImageConfig({ ...small, model: { id: "mlp", widths: [6, 5] } });
const anyOf = (config: typeof mlp) => anyAction(modelOf(config));

/** Few kernels, since each is compiled first; pruning in npm test: methods/prune/prune.gpu.test.ts. */
const few = fc.constantFrom(
  { id: "freeze", target: "layers.0.bias" },
  { id: "freeze", target: "layers.0.bias", how: "thaw" },
  { id: "freeze", target: "head.bias" },
  { id: "connectivity", to: "fully-connected" },
  { id: "remove-block" },
);
const cascade = { ...lstm, connectivity: "cascade", blocks: [4, 4, 4] };
const RUNS = [
  // Of these half are refused; drawn anew, so many that 20 events are sure to be among them.
  { name: "lstm", config: recurrent(cascade), action: few, deeds: long ? 90 : 44 },
  ...(long
    ? [
        { name: "any lstm", config: recurrent(lstm), action: anyOf(recurrent(lstm)), deeds: 90 },
        { name: "any hlstm", config: recurrent(hlstm), action: anyOf(recurrent(hlstm)), deeds: 90 },
        { name: "any mlp", config: mlp, action: anyOf(mlp), deeds: 90 },
      ]
    : []),
];

it.each(RUNS)("$name", { timeout: 600_000 }, async ({ config, action, deeds }) => {
  const lists = fc.array(deedsOf(action), { minLength: deeds, maxLength: deeds, size: "max" });
  await fc.assert(
    fc.asyncProperty(lists, async (list) => {
      const held = backend.bytes;
      const tally = await runSequence(config, backend, list, { beyond: TABLES });
      expect(tally.events).toBeGreaterThanOrEqual(20);
      await backend.idle();
      expect((backend.bytes - held) % PAGE_BYTES, "all memory came back").toBe(0);
    }),
    { ...(long ? {} : { seed: 20_261_127 }), numRuns: 1, endOnFailure: true },
  );
});
