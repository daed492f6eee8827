/** What pruning does to convolutions: ranking behind a batch norm (G6 of grow-prune §6), and maps that are cut off. */
import { describe, expect, it } from "vitest";
import { effectiveCases } from "../../testing/effective-cases.ts";
import { drive, eventsOf, interpreter, tinyImageConfig } from "../../testing/runs.ts";

describe("effective weights by hand", () => effectiveCases(() => interpreter()));

describe("maps that are cut off leave the network, which computes what it computed", () => {
  const base = { id: "cnn", channels: [4, 5], kernel: 3, widths: [6], activation: "tanh" };
  it.each([
    // Map 1 of the first layer is read by nobody, map 2 reads nothing; map 3 of the second is read by nobody.
    { name: "valid", model: { ...base, activation: "relu", kernel: 2 }, channels: [2, 4], folded: 1 },
    { name: "same", model: { ...base, padding: "same" }, channels: [3, 4], folded: 0 },
    { name: "batch norm", model: { ...base, kernel: 2, batchNorm: true }, channels: [3, 4], folded: 0 },
  ])("$name", async ({ model, channels, folded }) => {
    const run = await drive(
      tinyImageConfig({ model, optim: { id: "adamw", lr: 3e-2, clip: 1 } }),
      interpreter(),
    );
    const { trainer, events } = run;
    await trainer.advance(6);
    trainer.act({ id: "magnitude", share: 0.05, grace: 0 });
    await trainer.advance(0);
    const { arrays, layout } = trainer.core.network;
    const ages = new Uint32Array(await arrays.age!.read());
    const cut = (path: string, dead: (index: readonly number[]) => boolean) => {
      const { offset, count, shape } = layout.entries.get(path)!;
      for (let i = 0; i < count; i++) {
        const index = shape.map((d, k) => Math.floor(i / shape.slice(k + 1).reduce((n, m) => n * m, 1)) % d);
        if (dead(index)) ages[offset + i] = 0;
      }
    };
    cut("conv2.weight", ([, from]) => from === 1);
    cut("conv1.weight", ([made]) => made === 2);
    cut("fc1.weight", ([, from]) => from === 3);
    arrays.age!.write(0, ages);
    // One step writes the zeros that the masks ask for.
    await trainer.advance(1);
    trainer.act({ id: "compact" });
    await trainer.advance(0);
    const done = eventsOf(events, "structure/done").at(-1)!;
    expect(done).toMatchObject({ kind: "compact", arch: { channels }, extra: { folded } });
    expect(done.maxLogitDelta).toBeLessThan(1e-5);
    await trainer.advance(3);
    await trainer.settled();
    expect(eventsOf(events, "step").at(-1)!.step).toBe(10);
    trainer.dispose();
  });
});
