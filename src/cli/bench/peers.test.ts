/**
 * The bench compares like with like: at small sizes the three engines compute the same losses in one page, no GPU error is
 * raised, and what a step of ours asks of the device is what the README says. Builds the page and opens a browser: with
 * `npm run test:long`.
 */
import { env } from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import { openChromium } from "./chromium.ts";
import { ENGINES, GPT, type Job, LSTM } from "./jobs.ts";
import type { Driver } from "./result.ts";
import { LOSS_TOLERANCE, refusal } from "./statistics.ts";

const MINUTES = 60_000;

/** Two layers, so that every path of a model is taken; the sizes only keep the peers' compiling short. */
const JOBS: readonly Job[] = [
  { ...LSTM, batch: 2, context: 8, layers: 2, hidden: 16 },
  { ...GPT, batch: 2, context: 16, layers: 2, width: 16 },
  { model: "matmul", size: 48, repeat: 2 },
];

describe.skipIf(!env.ESPALIER_LONG)("the bench's engines in one page", () => {
  let driver: Promise<Driver> | null = null;
  const open = () => (driver ??= openChromium(() => {}));
  afterAll(async () => (await driver)?.close(), MINUTES);

  it.each(JOBS)(
    "agree on $model",
    async (job) => {
      const { engines, leftOut } = await (await open()).measure({
        task: job.model,
        job,
        engines: ENGINES,
        rounds: 1,
      });
      expect(leftOut).toEqual([]);
      expect(engines.map(({ engine }) => engine)).toEqual([...ENGINES]);
      const [ours, ...peers] = engines;
      for (const peer of peers) {
        expect(peer.losses.length).toBeGreaterThanOrEqual(2);
        expect(refusal(ours!, peer, LOSS_TOLERANCE)).toBeNull();
      }
      const { counts } = ours!.turns[0]!;
      expect(counts).toMatchObject({ submits: 1, bindGroups: 0, buffers: 0, pipelines: 0 });
      if (job.model !== "matmul") expect(counts.bytesUp).toBeLessThanOrEqual(256);
    },
    10 * MINUTES,
  );
});
