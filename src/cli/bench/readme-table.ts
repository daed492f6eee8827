/** The README's table, ready to be pasted: everything that was run, an engine a column, each peer with its ratio to ours. */
import { ENGINES, type EngineName, type GptJob, isTraining, type Job, type LstmJob } from "./jobs.ts";
import { bothOf, exact, jsOf, row, share, short } from "./report.ts";
import { type BenchResult, type EngineResult, type JobResult, totalOf } from "./result.ts";
import { isNoisy, ratio, refusal, type Summary, summarize } from "./statistics.ts";

const HEAD: Readonly<Record<EngineName, string>> = {
  ours: "Espalier",
  "jax-js": "jax-js",
  tfjs: "TensorFlow.js",
};

const modelOf = ({ model }: LstmJob | GptJob): string => (model === "lstm" ? "LSTM" : "GPT");

function described(job: Job): string {
  if (job.model === "matmul") return `matmul ${job.size}, ${job.repeat} in a row`;
  const size = `batch ${job.batch}, seq ${job.context}`;
  return job.model === "lstm"
    ? `char-LSTM (${size}, hidden ${job.hidden}, one-hot of ${job.vocab})`
    : `GPT (${size}, width ${job.width}, depth ${job.layers}, heads ${job.heads})`;
}

/** One row: what ours says, and what a peer says beside ours. */
function line(
  { engines }: JobResult,
  label: string,
  say: (engine: EngineResult, ours: EngineResult | undefined) => string,
): string {
  const ours = engines.find(({ engine }) => engine === "ours");
  const cells = ENGINES.map((name) => {
    const found = engines.find(({ engine }) => engine === name);
    return found === undefined || found.turns.length === 0 ? "not in this run" : say(found, ours);
  });
  return row([label, ...cells]);
}

/** The median in milliseconds; in brackets a peer's ratio to ours, where both did the same, and whether it is noisy. */
function compared(
  each: EngineResult,
  ours: EngineResult | undefined,
  of: (engine: EngineResult) => Summary,
): string {
  const own = of(each);
  const notes: string[] = [];
  if (ours === undefined || each === ours) {
    if (isNoisy(own)) notes.push("noisy");
  } else if (refusal(ours, each) !== null) notes.push("other losses");
  else {
    const { value, noisy } = ratio(own, of(ours));
    notes.push(`${short(value)}×`, ...(noisy ? ["noisy"] : []));
  }
  return `${short(1000 * own.median)}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}

function first(each: EngineResult, ours: EngineResult | undefined): string {
  const own = totalOf(each.first.cpu);
  const beside =
    ours === undefined || each === ours ? "" : ` (ours ${short(totalOf(ours.first.cpu) / own)}×)`;
  return short(own) + beside;
}

const cpu = ({ turns }: EngineResult): Summary => summarize(bothOf(turns));
const js = ({ turns }: EngineResult): Summary => summarize(jsOf(turns));
/** Ours as one of several steps in a row; a peer's as ever. */
const steadyJs = (each: EngineResult): Summary =>
  each.steady === null ? js(each) : summarize([each.steady.cpu.js]);

export function readmeTable({ jobs, about: { software }, idle }: BenchResult): string[] {
  if (jobs.length === 0) return [];
  const training = jobs.flatMap((result) =>
    isTraining(result.job) ? [{ result, model: modelOf(result.job) }] : [],
  );
  const products = jobs.filter(({ job }) => !isTraining(job));
  const apart = !Number.isNaN(idle.js);
  const rows = [
    ...training.map(({ result }) =>
      line(result, `${described(result.job)}: CPU ms a step`, (each, ours) => compared(each, ours, cpu)),
    ),
    ...products.map((result) =>
      line(
        result,
        `${described(result.job)}: CPU ms; share of the FMA peak`,
        (each, ours) => `${compared(each, ours, cpu)}; ${share(result, each.turns, software)} of the peak`,
      ),
    ),
    ...training.map(({ result, model }) =>
      line(
        result,
        `dispatches / submits, ${model}`,
        ({ turns }) => `${exact(turns, "dispatches")} / ${exact(turns, "submits")}`,
      ),
    ),
    ...(apart ? training : []).flatMap(({ result, model }) => [
      line(result, `JavaScript of it, ${model}: CPU ms`, (each, ours) => compared(each, ours, js)),
      line(result, `the same, ours as one of several steps in a row, ${model}`, (each, ours) =>
        compared(each, ours, steadyJs),
      ),
    ]),
    ...training.map(({ result, model }) =>
      line(result, `from nothing to the first step, ${model}: CPU s`, first),
    ),
  ];
  const head = ["", ...ENGINES.map((name) => HEAD[name])];
  return ["", "### For the README", "", row(head), row(head.map(() => "---")), ...rows];
}
