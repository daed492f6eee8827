/**
 * The tables that a bench prints, as Markdown. A ratio is printed only where both engines computed the same losses and
 * the GPU complained of neither; a figure whose spread is over 1.5× is called noisy where it stands.
 */
import { flopsOf, isTraining, nameOf } from "./jobs.ts";
import type { Counts } from "./page-api.ts";
import type { BenchResult, EngineResult, GrowthResult, JobResult, MeasuredTurn } from "./result.ts";
import { totalOf } from "./result.ts";
import { isNoisy, largestDifference, median, ratio, refusal, type Summary, summarize } from "./statistics.ts";

const whole = (n: number): string => Math.round(n).toLocaleString("en");

/** Three digits that count. */
export function short(n: number): string {
  if (!Number.isFinite(n)) return "–";
  if (n === 0) return "0";
  return Math.abs(n) >= 100 ? whole(n) : String(Number(n.toPrecision(3)));
}

/** Milliseconds, with the spread where it is noisy. */
function milliseconds(seconds: readonly number[]): string {
  if (seconds.length === 0 || seconds.some(Number.isNaN)) return "–";
  const s = summarize(seconds);
  const text = short(1000 * s.median);
  return isNoisy(s) ? `${text} (noisy: ${short(1000 * s.min)}–${short(1000 * s.max)})` : text;
}

export const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [row(head), row(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(row)];
}

const gpuOf = (turns: readonly MeasuredTurn[]): number[] => turns.map(({ cpu }) => cpu.gpu);
export const jsOf = (turns: readonly MeasuredTurn[]): number[] => turns.map(({ cpu }) => cpu.js);
export const bothOf = (turns: readonly MeasuredTurn[]): number[] => turns.map(({ cpu }) => totalOf(cpu));

/** What all turns agree on, or "3–5". */
export function exact(turns: readonly MeasuredTurn[], key: keyof Counts): string {
  const values = turns.map(({ counts }) => counts[key]);
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return min === max ? whole(min) : `${whole(min)}–${whole(max)}`;
}

const labelOf = ({ engine, version }: EngineResult): string =>
  engine === "ours" ? "**Espalier**" : `${engine} ${version}`;

/** Bind groups, buffers, pipelines: what a steady step should not make. */
function made(turns: readonly MeasuredTurn[]): string {
  return (["bindGroups", "buffers", "pipelines"] as const).map((key) => exact(turns, key)).join(" / ");
}

export function share(job: JobResult, turns: readonly MeasuredTurn[], software: boolean): string {
  if (job.peaks === null) return "–";
  const { arithmetic } = job.peaks;
  const peak = arithmetic.work / median(software ? arithmetic.cpu : arithmetic.seconds);
  const spent = median(software ? gpuOf(turns) : turns.map(({ seconds }) => seconds));
  return `${short((100 * flopsOf(job.job)) / spent / peak)} %`;
}

/** `apart`: JavaScript and the work of the GPU are done by two processes. */
function jobTable(job: JobResult, software: boolean, apart: boolean): string[] {
  const training = isTraining(job.job);
  const head = [
    training ? "per step" : `${(job.job as { repeat: number }).repeat} × per turn`,
    apart ? "CPU ms, GPU process" : "CPU ms, whole process",
    ...(apart ? ["CPU ms, JavaScript"] : []),
    "wall ms",
    "dispatches / submits / passes",
    "bind groups / buffers / pipelines made",
    "bytes up / down",
    "share of FMA peak",
    "first step, CPU s (wall s)",
  ];
  const rows = job.engines.map((each) => [
    labelOf(each),
    milliseconds(gpuOf(each.turns)),
    ...(apart ? [milliseconds(jsOf(each.turns))] : []),
    milliseconds(each.turns.map(({ seconds }) => seconds)),
    (["dispatches", "submits", "passes"] as const).map((key) => exact(each.turns, key)).join(" / "),
    made(each.turns),
    `${exact(each.turns, "bytesUp")} / ${exact(each.turns, "bytesDown")}`,
    share(job, each.turns, software),
    `${short(totalOf(each.first.cpu))} (${short(each.first.seconds)})`,
  ]);
  return table(head, rows);
}

function times({ value, noisy }: { readonly value: number; readonly noisy: boolean }): string {
  return `${short(value)}×${noisy ? " (noisy)" : ""}`;
}

/** One line a peer: what it takes of what ours takes, or why nothing is said. */
function comparison(job: JobResult): string[] {
  const ours = job.engines.find(({ engine }) => engine === "ours");
  if (ours === undefined) return [];
  const lines: string[] = [];
  for (const peer of job.engines.filter((each) => each !== ours)) {
    const no = refusal(ours, peer);
    if (no !== null) {
      lines.push(`- No ratio to ${peer.engine}: ${no}.`);
      continue;
    }
    const over = (of: (turns: readonly MeasuredTurn[]) => number[]): string =>
      times(ratio(summarize(of(peer.turns)), summarize(of(ours.turns))));
    const steady = ours.steady === null ? null : ours.steady.cpu.js;
    const js: Summary = summarize(jsOf(peer.turns));
    const first = (each: EngineResult) => totalOf(each.first.cpu);
    const apart = !Number.isNaN(js.median);
    const steadily = steady === null ? "" : `, ${short(js.median / steady)}× of a steady step of ours`;
    const parts = apart ? ` (GPU process ${over(gpuOf)}, JavaScript ${over(jsOf)}${steadily})` : "";
    lines.push(
      `- ${peer.engine} takes ${over(bothOf)} the CPU time of ours${parts}; ` +
        `our first step takes ${short(first(ours) / first(peer))}× its CPU time, ` +
        `${short(ours.first.seconds / peer.first.seconds)}× by the wall; losses agree to ` +
        `${largestDifference(ours.losses, peer.losses).toExponential(1)}.`,
    );
  }
  if (ours.steady !== null) {
    const { steps, cpu } = ours.steady;
    lines.push(
      Number.isNaN(cpu.js)
        ? `- ${steps} steps of ours in a row: ${short(1000 * cpu.gpu)} ms of CPU time each.`
        : `- ${steps} steps of ours in a row: ${short(1000 * cpu.js)} ms of JavaScript and ${short(1000 * cpu.gpu)} ms ` +
            "of the GPU process each.",
    );
  }
  if (ours.memory !== null) {
    const { plannedBytes, heldBytes } = ours.memory;
    lines.push(
      `- GPU memory of ours: planned ${short(plannedBytes / 2 ** 20)} MiB, held ${short(heldBytes / 2 ** 20)} MiB ` +
        `(${short((100 * heldBytes) / plannedBytes)} %).`,
    );
  }
  return lines;
}

function peakLine(job: JobResult, software: boolean): string[] {
  if (job.peaks === null || job.peaks.arithmetic.cpu.length === 0) return [];
  const { arithmetic, copy } = job.peaks;
  const of = (turns: typeof arithmetic) => {
    const s = summarize((software ? turns.cpu : turns.seconds).map((spent) => turns.work / spent / 1e9));
    return `${short(s.median)}${isNoisy(s) ? ` (noisy: ${short(s.min)}–${short(s.max)})` : ""}`;
  };
  const per = software ? "CPU second" : "second";
  return [
    `- This adapter's own peaks in the same rounds: ${of(arithmetic)} GFLOP and ${of(copy)} GB a ${per}.`,
  ];
}

function jobSection(job: JobResult, software: boolean, apart: boolean): string[] {
  return [
    "",
    `### ${nameOf(job.job)}`,
    "",
    ...jobTable(job, software, apart),
    "",
    ...comparison(job),
    ...peakLine(job, software),
    ...job.leftOut.map(({ engine, reason }) => `- ${engine} was left out: ${reason}.`),
  ];
}

function growthSection(growth: readonly GrowthResult[]): string[] {
  if (growth.length === 0) return [];
  const rows = growth.map((each) => [
    each.what,
    `${whole(each.paramsBefore)} → ${whole(each.paramsAfter)}`,
    `${short(1000 * each.stepBefore)} → ${short(1000 * each.stepAfter)}`,
    short(1000 * each.firstStep),
    short(each.firstStep / each.stepAfter),
    String(each.counts.pipelines),
    each.longestTask === null ? "–" : short(each.longestTask),
  ]);
  const head = [
    "growth",
    "weights",
    "a step, wall ms",
    "from its trigger to the first larger step, ms",
    "the same in steps of the larger model",
    "pipelines made",
    "longest task of the main thread, CPU ms",
  ];
  return ["", "### Growing", "", ...table(head, rows)];
}

function curveSection({ curve }: BenchResult): string[] {
  if (curve.length === 0) return [];
  const rows = curve.map(({ model, along, x, at, result }) => [
    `${model}, ${along} ${x}, ${at}`,
    ...(["ours", "jax-js", "tfjs"] as const).map((name) => {
      const found = result.engines.find(({ engine }) => engine === name);
      return found === undefined || found.turns.length === 0
        ? "not measured"
        : milliseconds(bothOf(found.turns));
    }),
  ]);
  return [
    "",
    "### Over width and depth, CPU ms a step",
    "",
    ...table(["point", "Espalier", "jax-js", "tfjs"], rows),
  ];
}

function head(result: BenchResult): string[] {
  const { about, machine, rounds, idle, cpuGrain } = result;
  const limits = Object.entries(about.limits).map(([name, value]) => `${name} ${value}`);
  const load = machine.load.map((l) => l.toFixed(1)).join(", ");
  return [
    `Printed by \`${result.command}\` on ${result.date} UTC: ${about.name}, ${result.runtime}, ${machine.system}, ` +
      `${machine.cores} cores of ${machine.cpus}; load ${load} before; ${rounds} rounds, medians. ` +
      (Number.isNaN(idle.js)
        ? ""
        : `An empty turn costs ${short(1000 * idle.js)} ms of JavaScript, which is not taken off. `) +
      `CPU time in ${cpuGrain === "ticks" ? "ticks of 10 ms" : cpuGrain}. Limits: ${limits.join(", ")}.`,
  ];
}

export function report(result: BenchResult): string[] {
  const { software } = result.about;
  const apart = !Number.isNaN(result.idle.js);
  return [
    ...head(result),
    ...result.jobs.flatMap((job) => jobSection(job, software, apart)),
    ...growthSection(result.growth),
    ...curveSection(result),
  ];
}
