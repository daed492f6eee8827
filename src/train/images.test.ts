/** A run on images, on the interpreter: it learns, says how many it gets right, and shows the image that is looked at. */
import { describe, expect, it } from "vitest";
import {
  drive,
  eventsOf,
  interpreter,
  losses,
  timeless,
  tinyImageConfig,
  tinyImages,
} from "../testing/runs.ts";
import { Looker, write } from "./look.ts";
import { testScores } from "./test-scores.ts";

const run = async (change: Record<string, unknown> = {}) => {
  const driven = await drive(tinyImageConfig(change), interpreter());
  while (driven.trainer.phase === "ready") await driven.trainer.advance(1000);
  return driven;
};

describe("a run on images", () => {
  it("learns, and says loss and accuracy at each evaluation", async () => {
    const { events } = await run({ budget: { unit: "steps", amount: 60 } });
    const evals = eventsOf(events, "eval");
    expect(evals.map(({ step }) => step)).toEqual([0, 20, 40, 60]);
    // 30 validation images, all of them each time: shares of 30.
    for (const { accuracy } of evals) {
      expect(Math.abs(accuracy! * 30 - Math.round(accuracy! * 30))).toBeLessThan(1e-5);
    }
    expect(evals.at(-1)!.loss).toBeLessThan(0.5 * evals[0]!.loss);
    expect(evals.at(-1)!.accuracy!).toBeGreaterThan(0.9);
    expect(evals.at(-1)!.tokens).toBe(60 * 6);
    expect(eventsOf(events, "run/ended")[0]!.message).toMatch(
      /^Done: 60 steps\. Validation loss \d\.\d{3}, \d+\.\d % right\.$/,
    );
  });

  it("is the same run a second time, and another with another seed", async () => {
    const [a, b, c] = [await run(), await run(), await run({ seed: 8 })];
    expect(a.events.map(timeless)).toEqual(b.events.map(timeless));
    expect([...losses(a.events).values()]).not.toEqual([...losses(c.events).values()]);
  });

  it("goes on from a saved run as if it had never stopped", async () => {
    const whole = await run();
    const first = await drive(tinyImageConfig(), interpreter());
    await first.trainer.advance(23);
    const saved = await first.trainer.snapshot();
    const second = await drive(tinyImageConfig(), interpreter(), saved);
    while (second.trainer.phase === "ready") await second.trainer.advance(1000);
    const wanted = losses(whole.events);
    for (const [step, loss] of losses(second.events)) expect(loss, `step ${step}`).toBe(wanted.get(step));
  });

  it("keeps a batch norm's running statistics with the weights", async () => {
    const model = { id: "cnn", channels: [3], kernel: 3, widths: [], batchNorm: true };
    const whole = await run({ model });
    const running = async ({ trainer }: { trainer: typeof whole.trainer }) => {
      const { arrays, layout } = trainer.core.network;
      const { offset, count } = layout.entries.get("bn1.running")!;
      return [...new Float32Array(await arrays.params.read()).slice(offset, offset + count)];
    };
    const at = await running(whole);
    // Moved from (0, 1) by 40 batches; no optimizer and no decay has touched them.
    for (const mean of at.slice(0, 3)) expect(mean).not.toBe(0);
    for (const variance of at.slice(3)) expect(variance).toBeGreaterThan(0.01);
    expect(whole.trainer.core.network.params).toBe(3 * 9 + 3 + 3 + 3 * (3 * 9 + 1));
    // Stopped, saved and gone on with, they are the same to the bit, and so is what they do to validation.
    const first = await drive(tinyImageConfig({ model }), interpreter());
    await first.trainer.advance(20);
    const half = await running(first);
    const second = await drive(tinyImageConfig({ model }), interpreter(), await first.trainer.snapshot());
    expect(await running(second)).toEqual(half);
    while (second.trainer.phase === "ready") await second.trainer.advance(1000);
    expect(await running(second)).toEqual(at);
    expect(eventsOf(second.events, "eval").at(-1)!.loss).toBe(eventsOf(whole.events, "eval").at(-1)!.loss);
    // Back at the start they are those of the start.
    await second.trainer.goto("start");
    expect(await running(second)).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it("scores the test images", async () => {
    const { trainer } = await run();
    const scores = await testScores(trainer.core);
    expect(scores).toMatchObject({ images: 24 });
    expect(scores!.accuracy! * 24).toBeCloseTo(Math.round(scores!.accuracy! * 24), 4);
  });

  it("refuses a batch larger than the training part", async () => {
    await expect(drive(tinyImageConfig({ batch: 91 }), interpreter())).rejects.toThrow(
      "batch is 91, and there are only 90 images to train on.",
    );
  });
});

describe("looking at it", () => {
  it("shows a validation image with its class, and every class with its probability", async () => {
    const { trainer } = await run();
    const see = (picture: number | Uint8Array) =>
      new Looker().look(trainer.core, "test", { text: "", picture }, null);
    const data = tinyImages();
    const view = await see(4);
    expect(view.picture).toMatchObject({ index: 4, of: 30, height: 8, width: 8, channels: 1 });
    expect(view.picture!.label).toBe(data.symbols[data.validation.labels[4]!]);
    expect([...view.picture!.pixels]).toEqual([...data.validation.pixels.slice(4 * 64, 5 * 64)]);
    expect(view.next.map(({ symbol }) => symbol)).toEqual(data.symbols);
    expect(view.next.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
    expect(view.text).toEqual([]);
    expect(Object.keys(view.tiles)).toEqual(["fc1.w", "fc1.units", "fc2.w"]);
    // A number past either end comes round.
    expect((await see(31)).picture!.index).toBe(1);
    expect((await see(-1)).picture!.index).toBe(29);
    // The same bytes as one's own picture: the same answer, and no class is known.
    const own = await see(data.validation.pixels.slice(4 * 64, 5 * 64));
    expect(own.next).toEqual(view.next);
    expect(own.picture).toMatchObject({ index: null, label: null });
  });

  it("writes no text", async () => {
    const { trainer } = await run();
    await expect(write(trainer.core, "a", 1, 5)).rejects.toThrow("it writes no text");
  });
});
