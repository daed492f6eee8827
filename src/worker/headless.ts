/**
 * One run from its first step to its last, without a page: what `npm run train` and `npm run reproduce` do, in Node and
 * in Deno. The same trainer, the same events.
 */
import { loadData } from "../data/load.ts";
import type { ReadFile } from "../data/types.ts";
import type { Backend } from "../engine/types.ts";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import type { Scores } from "../train/metrics.ts";
import { batchesFile, weightsFile } from "../train/record.ts";
import { testScores } from "../train/test-scores.ts";
import { Trainer } from "../train/trainer.ts";

export interface HeadlessRun {
  readonly config: RunConfig;
  readonly backend: Backend;
  readonly files: ReadFile;
  /** Seconds. */
  clock(): number;
  onEvent(event: RunEvent): void;
  onProgress?(label: string, done: number, total: number): void;
  /** Files that let another framework replay the run, by name. */
  onRecord?(name: string, bytes: ArrayBuffer): Promise<void>;
  /** Told when the run is over, where the data has images that nothing was chosen by. */
  onTest?(scores: Scores & { readonly images: number }): void;
  /** Asked after each stretch of steps: the caller's own limits. */
  enough?(): boolean;
}

/** Steps between two questions whether it is enough. */
const STRETCH = 16;

/** Resolves when the budget is used up; with the reason the run ended for. */
export async function trainHeadless(given: HeadlessRun): Promise<Trainer["outcome"]> {
  const { config, backend, onRecord } = given;
  const data = await loadData(config.data, config.context, given.files);
  const trainer = await Trainer.create({
    config,
    data,
    backend,
    run: "headless",
    clock: () => given.clock(),
    emit: (event) => given.onEvent(event),
    ...(given.onProgress
      ? { onProgress: (label, done, total) => given.onProgress?.(label, done, total) }
      : {}),
  });
  try {
    await onRecord?.("init.safetensors", await weightsFile(trainer.core));
    while (trainer.phase === "ready") {
      await trainer.advance(STRETCH);
      if (trainer.phase === "ready" && given.enough?.()) await trainer.stop();
    }
    if (onRecord) {
      await onRecord("final.safetensors", await weightsFile(trainer.core));
      await onRecord("batches.safetensors", await batchesFile(trainer.core, trainer.step));
    }
    if (given.onTest && trainer.phase === "ended") {
      const scores = await testScores(trainer.core);
      if (scores !== null) given.onTest(scores);
    }
    return trainer.outcome;
  } finally {
    trainer.dispose();
  }
}
