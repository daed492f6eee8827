/**
 * Layer dropping on a device: a run that leaves out nothing is the run without dropping, to the bit, and one that does is
 * that of the references, to rounding. With ESPALIER_LONG, since a GPT's kernels take their time to compile.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Backend } from "../engine/types.ts";
import type { WebGpuBackend } from "../gpu/device.ts";
import { openTestBackend } from "../testing/node-gpu.ts";
import { drive, eventsOf, interpreter, losses, tinyConfig } from "../testing/runs.ts";

describe.skipIf(!process.env.ESPALIER_LONG)("dropping layers on a device", () => {
  let backend: WebGpuBackend;

  beforeAll(async () => {
    backend = await openTestBackend();
  });

  afterAll(() => {
    expect(backend.errors()).toEqual([]);
  });

  const run = async (on: Backend, action: object | null) => {
    const recipe = action === null ? [] : [{ trigger: { id: "step", step: 0 }, action }];
    const model = { id: "gpt", layers: 4, width: 16, heads: 2, ffn: 2 };
    const driven = await drive(tinyConfig({ model, recipe, budget: { amount: 12 } }), on);
    while (driven.trainer.phase === "ready") await driven.trainer.advance(100);
    const weights = new Float32Array(await driven.trainer.core.network.arrays.params.read());
    driven.trainer.dispose();
    return { events: driven.events, weights };
  };

  it("changes nothing at θ = 1, bit for bit", async () => {
    const plain = await run(backend, null);
    const open = await run(backend, { id: "pld", theta: 1 });
    expect(losses(open.events)).toEqual(losses(plain.events));
    expect(open.weights).toEqual(plain.weights);
  });

  it.each(["paper", "ntng"])("is the run of the references (%s), and repeats to the bit", async (variant) => {
    const action = { id: "pld", theta: 0.3, gamma: 1000, variant };
    const [one, again, reference] = [
      await run(backend, action),
      await run(backend, action),
      await run(interpreter(), action),
    ];
    expect(again.weights).toEqual(one.weights);
    const ran = eventsOf(one.events, "step").map(({ layers }) => layers!.ran);
    expect(ran.join("")).toContain("0");
    expect(ran).toEqual(eventsOf(reference.events, "step").map(({ layers }) => layers!.ran));
    const [a, b] = [losses(one.events), losses(reference.events)];
    // A dozen Adam steps of 1e-2 in f32 against float64.
    for (const [step, loss] of a) expect(Math.abs(loss - b.get(step)!), `step ${step}`).toBeLessThan(1e-3);
  });
});
