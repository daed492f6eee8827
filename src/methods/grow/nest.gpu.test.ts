/** NeST's growth on a device: golden values by hand, and a run from a sparse seed against the interpreter. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../../gpu/device.ts";
import { areaCases } from "../../testing/area-cases.ts";
import { birthCases } from "../../testing/birth-cases.ts";
import { connectionCases } from "../../testing/connection-cases.ts";
import { effectiveCases } from "../../testing/effective-cases.ts";
import { openTestBackend } from "../../testing/node-gpu.ts";
import { drive, eventsOf, interpreter, tinyImageConfig } from "../../testing/runs.ts";

let backend: WebGpuBackend;
beforeAll(async () => {
  backend = await openTestBackend();
});
afterAll(() => {
  expect(backend.errors()).toEqual([]);
});

/** What compiles kernels of its own for a rare choice, and whole runs: of test:long. */
const long = Boolean(process.env.ESPALIER_LONG);

describe("connections by hand", () => connectionCases(() => backend, long));

describe.runIf(long)("a birth by hand", () => birthCases(() => backend));

describe.runIf(long)("areas by hand", () => areaCases(() => backend));

describe.runIf(long)("effective weights by hand", () => effectiveCases(() => backend));

it.runIf(long)(
  "a sparse seed has the interpreter's mask, to the bit, and grows and learns on",
  {
    timeout: 240_000,
  },
  async () => {
    const config = tinyImageConfig({
      budget: { unit: "steps", amount: 9 },
      recipe: [
        { trigger: { id: "step", step: 0 }, action: { id: "sparse-seed", density: 0.15 } },
        {
          trigger: { id: "step", step: 3 },
          action: { id: "connections", share: 0.1, window: 2, start: "step" },
        },
      ],
    });
    const outcome = async (device: typeof backend | ReturnType<typeof interpreter>) => {
      const run = await drive(config, device);
      await run.trainer.advance(0);
      const seed = [...new Uint32Array(await run.trainer.core.network.arrays.age!.read())];
      await run.trainer.advance(9);
      await run.trainer.settled();
      const done = eventsOf(run.events, "structure/done").map(({ extra }) => extra);
      const losses = eventsOf(run.events, "step").map(({ loss }) => loss);
      const { age, params } = run.trainer.core.network.arrays;
      const ages = new Uint32Array(await age!.read());
      const dead = new Float32Array(await params.read()).filter((_, i) => ages[i] === 0);
      run.trainer.dispose();
      return { seed, done, losses, dead };
    };
    const [found, wanted] = [await outcome(backend), await outcome(interpreter())];
    expect(found.seed).toEqual(wanted.seed);
    expect(found.done).toEqual(wanted.done);
    expect(found.done).toHaveLength(2);
    expect(found.losses).toHaveLength(9);
    expect(found.losses.every(Number.isFinite)).toBe(true);
    expect(found.dead.every((v) => Object.is(v, 0))).toBe(true);
  },
);
