/** The sensitivity scan on the interpreter: its figures are those of real cuts, and it leaves no trace. */
import { describe, expect, it } from "vitest";
import {
  type Driven,
  drive,
  eventsOf,
  interpreter,
  timeless,
  tinyConfig,
  tinyGpt,
  tinyImageConfig,
  tinyImages,
} from "../testing/runs.ts";
import { probe } from "./probe.ts";
import { KEPT, sensitivity } from "./scan.ts";

async function trained(change: Record<string, unknown> | null): Promise<Driven> {
  const config = change === null ? tinyImageConfig() : tinyConfig(change);
  const driven = await drive(config, interpreter());
  await driven.trainer.advance(6);
  await driven.trainer.settled();
  return driven;
}

/** Of the images of the probe batch, by their logits and labels: tinyImages has 30 of validation, all in the probe. */
async function shareRight({ trainer }: Driven): Promise<number> {
  const { network, setup } = trainer.core;
  const { logits } = await probe(setup.backend, network);
  const classes = setup.shape.vocab;
  const labels = tinyImages().validation.labels;
  const count = logits.length / classes;
  const largest = (row: Float32Array) => row.indexOf(Math.max(...row));
  const right = Array.from({ length: count }, (_, i) => {
    const place = Math.floor((i * labels.length) / count);
    return largest(logits.subarray(i * classes, (i + 1) * classes)) === labels[place] ? 1 : 0;
  });
  return Math.fround(right.reduce((sum: number, one) => sum + one, 0) / count);
}

describe.each([
  { name: "lstm", change: {} },
  { name: "gpt", change: tinyGpt },
  { name: "network of images", change: null },
])("of a $name", ({ change }) => {
  it("says what each cut alone would do to the loss", async () => {
    const { trainer } = await trained(change);
    const curves = await sensitivity(trainer.core);
    expect(curves.length).toBeGreaterThan(1);
    for (const { path, points } of curves.slice(0, 3)) {
      expect(points.map(({ kept }) => kept)).toEqual(KEPT);
      const at = points.find(({ kept }) => kept === 0.4)!;
      const cut = await trained(change);
      cut.trainer.act({ id: "magnitude", share: 0.6, target: path, grace: 0 });
      await cut.trainer.advance(0);
      const done = eventsOf(cut.events, "structure/done").at(-1)!;
      expect(points[0]!.loss).toBe(done.lossBefore);
      expect(at.loss).toBe(done.lossAfter);
      // Of a classifier, the share of the probe's images that is right after the cut, from its logits.
      if (change !== null) expect(points[0]).not.toHaveProperty("accuracy");
      else expect(at.accuracy).toBe(await shareRight(cut));
    }
  });

  it("leaves the run bit for bit as it was", async () => {
    const [scanned, plain] = [await trained(change), await trained(change)];
    const { backend } = scanned.trainer.core.setup;
    const held = backend.bytes;
    let last = [0, 0];
    await sensitivity(scanned.trainer.core, (done, total) => {
      last = [done, total];
    });
    expect(last[0]).toBe(last[1]);
    expect(backend.bytes).toBe(held);
    for (const { trainer } of [scanned, plain]) {
      await trainer.advance(6);
      await trainer.settled();
    }
    expect(scanned.events.map(timeless)).toEqual(plain.events.map(timeless));
    const [a, b] = await Promise.all([scanned, plain].map(({ trainer }) => trainer.snapshot()));
    expect(Buffer.from(a!).equals(Buffer.from(b!))).toBe(true);
  });
});
