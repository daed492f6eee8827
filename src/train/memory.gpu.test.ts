/** The memory that a run says it needs is the memory it takes: on the device, from the start and after a growth. */
import { expect, it } from "vitest";
import { loadData } from "../data/load.ts";
import { createWebGpuBackend } from "../gpu/device.ts";
import { presets } from "../share/presets.ts";
import { openTestGpu, readShaders } from "../testing/node-gpu.ts";
import { readNodeData } from "../worker/node.ts";
import { Looker } from "./look.ts";
import { report } from "./report.ts";
import { Trainer } from "./trainer.ts";

/** Issue 3: within 10 % of the plan's own figure. */
const APART = 0.1;

/** Presets of full size take a minute to compile on a processor. */
const FULL = [
  ["char-lstm", null],
  ["gpt", null],
  ["cascade-tiny", { id: "cascade", cells: 32 }],
] as const;

it.each([...(process.env.ESPALIER_LONG ? FULL : []), ["gpt-tiny", { id: "identity", count: 1 }]] as const)(
  "of the preset %s is what its plans come to",
  { timeout: 240_000 },
  async (id, action) => {
    const backend = await createWebGpuBackend({ gpu: (await openTestGpu())!, shaders: readShaders() });
    const { config } = presets.find((preset) => preset.id === id)!;
    const data = await loadData(config.data, config.context, readNodeData);
    const trainer = await Trainer.create({ config, data, backend, run: "r", clock: () => 0, emit: () => {} });
    const apart = () => {
      const { heldBytes, plannedBytes } = report(trainer.core, "r", "paused");
      expect(heldBytes).toBe(backend.bytes);
      return Math.abs(heldBytes / plannedBytes - 1);
    };
    expect(apart()).toBeLessThan(APART);
    // Looking makes a program, and its answers come back through pages of their own.
    await new Looker().look(trainer.core, "r", { text: "", picture: 0 }, null);
    expect(apart()).toBeLessThan(APART);
    if (action !== null) {
      // A growth keeps copies of the network as it was.
      trainer.act(action);
      await trainer.advance(0);
      await trainer.settled();
      expect(report(trainer.core, "r", "paused").nodes.length).toBeGreaterThan(1);
      expect(apart()).toBeLessThan(APART);
    }
    trainer.dispose();
    await backend.idle();
    backend.dispose();
  },
);
