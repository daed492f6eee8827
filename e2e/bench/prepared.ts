/**
 * Equal weights and equal tokens for all engines. Both are computed as the product computes them, from the seed: its own
 * function for the first weights, the float64 reference of its draw for the batches.
 */
import type { MatmulJob, TrainingJob } from "../../src/cli/bench/jobs.ts";
import { loadOwnText } from "../../src/data/own.ts";
import { control } from "../../src/engine/control.ts";
import { arenaLayout } from "../../src/engine/layout.ts";
import { drawWindows } from "../../src/engine/ops/draw-windows.ts";
import type { ParamSpec } from "../../src/engine/types.ts";
import { initial } from "../../src/random/init.ts";
import { STREAM, streamKey, threefry2x32 } from "../../src/random/threefry.ts";
import { checkConfig } from "../../src/run/check.ts";
import type { RunConfig } from "../../src/run/config.ts";
import { models } from "../../src/run/registries.ts";
import { initialWeights } from "../../src/train/arrays.ts";
import { valuesOf } from "../../src/train/setup.ts";

export const OPTIM = { lr: 2e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01 } as const;
/** As in `src/models/gpt.ts`. */
export const LN_EPS = 1e-5;

const SYMBOLS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \n";
const LENGTH = 20_000;
const SEED = 1;

/** A text of exactly 64 symbols in which each is followed by one of four: something to learn, the same everywhere. */
export function benchText(vocab: number): string {
  if (vocab !== SYMBOLS.length) throw new Error(`the bench's text has ${SYMBOLS.length} symbols`);
  const [k0, k1] = streamKey(SEED, 0, STREAM.test);
  let text = "";
  let at = 0;
  for (let i = 0; i < LENGTH; i++) {
    text += SYMBOLS[at];
    at = (5 * at + (threefry2x32(k0, k1, i, 0)[0] >>> 30) + 1) % vocab;
  }
  return text;
}

export interface Weight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Decoupled weight decay applies. */
  readonly decay: boolean;
}

export interface Batch {
  /** [B, T] each. */
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
}

export interface Prepared {
  readonly config: RunConfig;
  readonly text: string;
  /** By the product's own paths: `blocks.0.attn.qkv.weight`. */
  readonly weights: ReadonlyMap<string, Weight>;
  /** Of step 0, 1, 2, … */
  batch(step: number): Batch;
}

/** A width over the widest block is two blocks of it: the cells are the same. */
const blocksOf = (hidden: number): number[] =>
  hidden <= 256 ? [hidden] : Array.from({ length: Math.ceil(hidden / 256) }, () => 256);

function modelOf(job: TrainingJob): object {
  return job.model === "lstm"
    ? {
        id: "lstm",
        blocks: blocksOf(job.hidden),
        layers: job.layers,
        maxCells: 512,
        connectivity: "fully-connected",
        input: "one-hot",
      }
    : { id: "gpt", layers: job.layers, width: job.width, heads: job.heads, maxLayers: 12 };
}

export function configOf(job: TrainingJob): RunConfig {
  const checked = checkConfig({
    seed: SEED,
    data: { id: "own", name: "bench.txt", sha256: "0".repeat(64) },
    model: modelOf(job),
    optim: { id: "adamw", ...OPTIM, clip: 0 },
    batch: job.batch,
    context: job.context,
    budget: { unit: "steps", amount: 1_000_000 },
    // Validated once before the first step, as every run is; then never.
    eval: { every: 1_000_000, batches: 1 },
  });
  if (!checked.ok) throw new Error(`${checked.message}`);
  return checked.config;
}

export function prepare(job: TrainingJob): Prepared {
  const config = configOf(job);
  const text = benchText(job.vocab);
  const data = loadOwnText(text, job.context);
  const model = models.get(config.model.id)!;
  const shape = { vocab: data.symbols.length, context: job.context };
  const specs: readonly ParamSpec[] = model.params(valuesOf(config.model), shape);
  const flat = initialWeights(config.seed, specs);
  const { entries } = arenaLayout(specs);
  const weights = new Map<string, Weight>();
  for (const spec of specs) {
    const { offset, count } = entries.get(spec.path)!;
    weights.set(spec.path, {
      shape: spec.shape,
      data: flat.slice(offset, offset + count),
      decay: spec.decay,
    });
  }
  const { tokens } = data.train;
  const attrs = { batch: job.batch, context: job.context, bos: model.bos, vocab: shape.vocab, listed: false };
  const array = (list: ArrayLike<number>) => ({
    shape: [list.length],
    dtype: "u32" as const,
    data: Float64Array.from(list),
  });
  const [all, starts] = [array(tokens), array([0])];
  return {
    config,
    text,
    weights,
    batch(step) {
      const words = array(control({ step, seed0: config.seed }));
      const [inputs, targets] = drawWindows.reference([all, starts, words], attrs);
      return { inputs: Int32Array.from(inputs!.data), targets: Int32Array.from(targets!.data) };
    },
  };
}

/** Two matrices of N(0, 1). */
export function matrices({ size }: MatmulJob): readonly [Float32Array, Float32Array] {
  const draw = (key: number) => initial({ law: "normal", scale: 1 }, size * size, [key, 7]);
  return [draw(1), draw(2)];
}

/** What an engine answers for a matmul, about 1: all engines must agree on it. */
export function firstRow(row: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i]! ** 2;
  return sum / row.length ** 2;
}
