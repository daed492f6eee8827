/** Feature-map growth in whole runs on the interpreter: the best of the draws, what stays as it was, refusals. */
import { describe, expect, it } from "vitest";
import { drive, eventsOf, interpreter, tinyConfig, tinyImageConfig } from "../../testing/runs.ts";

const cnn = (more: object = {}) => ({
  id: "cnn",
  channels: [3, 4],
  kernel: 3,
  padding: "same",
  widths: [6],
  ...more,
});

async function trained(model: object, steps = 8) {
  const run = await drive(tinyImageConfig({ model }), interpreter());
  await run.trainer.advance(steps);
  return run;
}

describe.each([
  { name: "plain", model: cnn(), strength: 0.3 },
  { name: "with batch norm", model: cnn({ batchNorm: true }), strength: 0.05 },
])("a CNN $name", ({ model, strength }) => {
  it("gains the best of the maps that were drawn, by hand, with preview and undo, and learns on", async () => {
    const run = await trained(model);
    const { trainer, events } = run;
    const seen: number[] = [];
    for (const candidates of [1, 2, 3]) {
      const preview = await trainer.preview({ id: "feature-maps", candidates, strength }).catch(() => null);
      seen.push(preview?.lossAfter ?? Number.POSITIVE_INFINITY);
    }
    // More draws are those and more: the best of them is never worse.
    for (let i = 1; i < seen.length; i++) expect(seen[i]!).toBeLessThanOrEqual(seen[i - 1]!);
    const before = trainer.core.network.arrays;
    const old = new Float32Array(await before.params.read());
    const layout = trainer.core.network.layout;
    trainer.act({ id: "feature-maps", candidates: 3, strength });
    await trainer.advance(0);
    const done = eventsOf(events, "structure/done").at(-1)!;
    expect(done).toMatchObject({ kind: "grow", arch: { channels: [4, 5] }, lossAfter: seen.at(-1) });
    expect(done.extra).toMatchObject({ maps: 2, candidates: 3 });
    expect(done.lossAfter).toBeLessThan(done.lossBefore);
    // The candidate that is named is the one from which on more draws change nothing.
    expect(seen.indexOf(seen.at(-1)!)).toBe(done.extra.best! - 1);
    // conv2 [5, 4, 3, 3] from [4, 3, 3, 3]: old kernels where they were.
    const now = new Float32Array(await trainer.core.network.arrays.params.read());
    const to = trainer.core.network.layout.entries.get("conv2.weight")!;
    const from = layout.entries.get("conv2.weight")!;
    for (let o = 0; o < 4; o++) {
      for (let i = 0; i < 27; i++) expect(now[to.offset + o * 36 + i]).toBe(old[from.offset + o * 27 + i]);
    }
    // How the old maps read the newborn is weaker than its own kernel by the birth strength, of 36 draws each.
    const size = (entries: readonly number[]) => Math.sqrt(entries.reduce((sum, w) => sum + w * w, 0) / 36);
    const own = Array.from({ length: 36 }, (_, i) => now[to.offset + 4 * 36 + i]!);
    const reads = Array.from(
      { length: 36 },
      (_, i) => now[to.offset + Math.floor(i / 9) * 36 + 27 + (i % 9)]!,
    );
    expect(size(reads) / size(own) / strength).toBeGreaterThan(0.5);
    expect(size(reads) / size(own) / strength).toBeLessThan(2);
    await trainer.advance(4);
    await trainer.settled();
    expect(eventsOf(events, "step").every(({ loss }) => Number.isFinite(loss))).toBe(true);
    await trainer.goto(done.parent);
    expect(trainer.core.network.arch.channels).toEqual([3, 4]);
    trainer.dispose();
  });
});

it("adds nothing when no candidate helps, and says so", async () => {
  const run = await trained(cnn(), 30);
  run.trainer.act({ id: "feature-maps", candidates: 1, strength: 10 });
  await run.trainer.advance(0);
  expect(eventsOf(run.events, "structure/refused").at(-1)!.message).toMatch(
    /^Not grown: no candidate helped: of 1 the best would change the loss by \+/,
  );
  expect(run.trainer.core.network.arch.channels).toEqual([3, 4]);
  run.trainer.dispose();
});

it("says why not: a text model, a part without maps, the most there can be", async () => {
  const refusal = async (run: Awaited<ReturnType<typeof trained>>, action: object) => {
    run.trainer.act({ id: "feature-maps", ...action });
    await run.trainer.advance(0);
    run.trainer.dispose();
    return eventsOf(run.events, "structure/refused").at(-1)!.message;
  };
  const lstm = await drive(tinyConfig(), interpreter());
  expect(await refusal(lstm, {})).toBe(
    "Not grown: Grow feature maps is not for LSTM: it has no feature maps.",
  );
  expect(await refusal(await trained(cnn(), 0), { target: "fc1" })).toBe(
    'Not grown: "fc1" makes no feature maps.',
  );
  const widest = cnn({ channels: [128], widths: [] });
  expect(await refusal(await trained(widest, 0), {})).toMatch(/^Not grown: .*129/);
});
