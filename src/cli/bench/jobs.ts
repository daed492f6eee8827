/**
 * What the bench measures, as plain data: the sizes of its tasks and of the points of its curve. The page and its peers
 * read the same records, so that every engine is asked for the same thing.
 */

export const ENGINES = ["ours", "jax-js", "tfjs"] as const;
export type EngineName = (typeof ENGINES)[number];

export const TASKS = ["lstm", "gpt", "matmul", "growth", "curve"] as const;
export type TaskName = (typeof TASKS)[number];

/** One training step of a model: batch × context tokens of `vocab` symbols. */
interface TrainingSize {
  readonly batch: number;
  readonly context: number;
  readonly vocab: number;
  readonly layers: number;
}

/** One-hot input; AdamW, no clipping. */
export interface LstmJob extends TrainingSize {
  readonly model: "lstm";
  readonly hidden: number;
}

/** Pre-LN decoder as in `src/models/gpt.ts`; AdamW, no clipping. */
export interface GptJob extends TrainingSize {
  readonly model: "gpt";
  readonly width: number;
  readonly heads: number;
}

/** `repeat` products C = A·B of size × size in a row: one alone is too short to be timed. */
export interface MatmulJob {
  readonly model: "matmul";
  readonly size: number;
  readonly repeat: number;
}

export type TrainingJob = LstmJob | GptJob;
export type Job = TrainingJob | MatmulJob;

const VOCAB = 64;

export const LSTM: LstmJob = { model: "lstm", batch: 32, context: 64, vocab: VOCAB, layers: 1, hidden: 128 };
export const GPT: GptJob = {
  model: "gpt",
  batch: 16,
  context: 64,
  vocab: VOCAB,
  layers: 4,
  width: 128,
  heads: 4,
};

/** About the same work each. */
export const MATMULS: readonly MatmulJob[] = [
  { model: "matmul", size: 256, repeat: 32 },
  { model: "matmul", size: 512, repeat: 4 },
  { model: "matmul", size: 1024, repeat: 1 },
];

/** Windows of a step on the curve: fewer than in the tasks, so that wide and deep models can be measured at all. */
const CURVE_BATCH = 4;

export interface CurveSweep {
  readonly model: "lstm" | "gpt";
  /** What changes along it. */
  readonly along: "width" | "depth";
  /** What stays: "2 layers", "64 cells". */
  readonly at: string;
  /** Where peers are measured too: their compiling takes minutes on a processor, and two points show how they scale. */
  readonly peersAt: readonly number[];
  readonly points: readonly { readonly x: number; readonly job: TrainingJob }[];
}

const lstmAt = (hidden: number, layers: number): LstmJob => ({ ...LSTM, batch: CURVE_BATCH, hidden, layers });
const gptAt = (width: number, layers: number): GptJob => ({ ...GPT, batch: CURVE_BATCH, width, layers });
const WIDTHS = [32, 64, 128, 256, 512];

/** The widths and depths that the models' schemas allow, within 32…512 and 1…12. */
export function sweeps(limits: {
  readonly lstmDepth: number;
  readonly gptWidth: number;
}): readonly CurveSweep[] {
  const gptWidths = WIDTHS.filter((w) => w <= limits.gptWidth);
  const depths = [1, 2, 4, 8, 12];
  const lstmDepths = depths.filter((d) => d <= limits.lstmDepth);
  return [
    {
      model: "lstm",
      along: "width",
      at: "1 layer",
      peersAt: [32, 128],
      points: WIDTHS.map((x) => ({ x, job: lstmAt(x, 1) })),
    },
    {
      model: "gpt",
      along: "width",
      at: "2 layers",
      peersAt: [32, 128],
      points: gptWidths.map((x) => ({ x, job: gptAt(x, 2) })),
    },
    {
      model: "lstm",
      along: "depth",
      at: "64 cells",
      peersAt: [1],
      points: lstmDepths.map((x) => ({ x, job: lstmAt(64, x) })),
    },
    {
      model: "gpt",
      along: "depth",
      at: "width 64",
      peersAt: [1, 4],
      points: depths.map((x) => ({ x, job: gptAt(64, x) })),
    },
  ];
}

export const isTraining = (job: Job): job is TrainingJob => job.model !== "matmul";

/**
 * Floating-point operations of one step, 2 per multiply-add: the products that the mathematics needs, once forward and
 * twice backward. An embedding or a one-hot input is a row that is looked up and counts 0; its weight's gradient too.
 */
export function flopsOf(job: Job): number {
  if (job.model === "matmul") return 2 * job.size ** 3 * job.repeat;
  const tokens = job.batch * job.context;
  if (job.model === "lstm") {
    const { hidden, layers, vocab } = job;
    const forward = 8 * hidden ** 2 * (2 * layers - 1) + 2 * hidden * vocab;
    return 3 * forward * tokens;
  }
  const { width, layers, vocab, context } = job;
  const forward = layers * (24 * width ** 2 + 2 * (context + 1) * width) + 2 * width * vocab;
  return 3 * forward * tokens;
}

export function tokensOf(job: TrainingJob): number {
  return job.batch * job.context;
}

export function nameOf(job: Job): string {
  if (job.model === "matmul") return `matmul ${job.size}`;
  const size = job.model === "lstm" ? `hidden ${job.hidden}` : `width ${job.width}`;
  const depth = job.model === "lstm" && job.layers === 1 ? "" : `, depth ${job.layers}`;
  const heads = job.model === "gpt" ? `, heads ${job.heads}` : "";
  return (
    `${job.model === "lstm" ? "char-LSTM" : "GPT"} batch ${job.batch}, seq ${job.context}, ` +
    `${size}${depth}${heads}, vocab ${job.vocab}`
  );
}
