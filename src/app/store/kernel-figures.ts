/** What the kernel page makes of the worker's figures: speeds, shares, the worst sample of an op, which file reaches which op. */
import type { DevicePeaks, KernelOp, KernelResult, KernelTime } from "../../run/kernels.ts";
import { fixed, rough, whole } from "../format.ts";

export type Results = Readonly<Record<string, Readonly<Record<number, KernelResult>>>>;

export type Standing = "passed" | "failed" | "part" | "unchecked";

export interface OpFigures {
  readonly standing: Standing;
  readonly checked: number;
  /** The sample that uses the most of its tolerance, or is wrong. */
  readonly worst: KernelResult | null;
  /** Of the timed samples the one with the largest share. */
  readonly fastest: Speed | null;
}

export interface Speed {
  /** "1.9 GFLOP/s" */
  readonly text: string;
  /** Of the device's own peak; null while that is not known. */
  readonly share: number | null;
  readonly time: KernelTime;
}

/** 1.9e9, "FLOP/s" → "1.9 GFLOP/s" */
function rate(value: number, unit: string): string {
  const steps = [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const;
  const [size, letter] = steps.find(([size]) => value >= size * 0.9995) ?? [1, ""];
  const scaled = value / size;
  return `${scaled >= 99.5 ? whole(scaled) : fixed(scaled, scaled >= 9.95 ? 0 : 1)} ${letter}${unit}`;
}

export const flopsText = (value: number): string => rate(value, "FLOP/s");
export const bytesText = (value: number): string => rate(value, "B/s");

/** By what holds the kernel back: operations or bytes, whichever is nearer to the device's peak. */
export function speedOf(time: KernelTime, peaks: DevicePeaks | null): Speed {
  const [flops, bytes] = [time.flops / time.seconds, time.bytes / time.seconds];
  if (peaks === null)
    return { text: time.flops > 0 ? flopsText(flops) : bytesText(bytes), share: null, time };
  const shares = [flops / peaks.flops, bytes / peaks.bytes] as const;
  return shares[0] >= shares[1]
    ? { text: flopsText(flops), share: shares[0], time }
    : { text: bytesText(bytes), share: shares[1], time };
}

/** .24 → "24 %" */
export const percent = (share: number): string => (share < 0.0095 ? "< 1 %" : `${whole(100 * share)} %`);

/** 0.0000032 s → "3.2 µs" */
export function shortTime(seconds: number): string {
  if (seconds < 1e-3) return `${rough(seconds * 1e6)} µs`;
  return seconds < 1 ? `${rough(seconds * 1e3)} ms` : `${rough(seconds)} s`;
}

const used = ({ error, tolerance, off }: KernelResult): number =>
  off !== null ? Number.POSITIVE_INFINITY : (error ?? 0) / Math.max(tolerance, Number.MIN_VALUE);

export function figuresOf(op: KernelOp, results: Results, peaks: DevicePeaks | null): OpFigures {
  const all = Object.values(results[op.name] ?? {});
  const worst = all.reduce<KernelResult | null>((a, b) => (a === null || used(b) > used(a) ? b : a), null);
  const fastest = all
    .flatMap(({ time }) => (time === null ? [] : [speedOf(time, peaks)]))
    .reduce<Speed | null>((a, b) => (a === null || (b.share ?? 0) > (a.share ?? 0) ? b : a), null);
  const standing =
    worst === null
      ? "unchecked"
      : worst.off !== null
        ? "failed"
        : all.length < op.samples.length
          ? "part"
          : "passed";
  return { standing, checked: all.length, worst, fastest };
}

const INCLUDE = /^\s*\/\/!include\s+"([^"]+)"/gm;

/** A shader file and all that it includes, itself first. */
export function filesOf(name: string, texts: Readonly<Record<string, string>>): readonly string[] {
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file) || texts[file] === undefined) return;
    found.add(file);
    for (const [, included] of texts[file].matchAll(INCLUDE)) visit(included!.replace(/\.wgsl$/, ""));
  };
  visit(name);
  return [...found];
}

/** Every file an op's kernels are made of: its own shaders, then what those include. */
export function filesOfOp(op: KernelOp, texts: Readonly<Record<string, string>>): readonly string[] {
  return [...new Set([...op.shaders, ...op.shaders.flatMap((shader) => filesOf(shader, texts))])];
}

/** Ops whose kernels one of these files reaches. */
export function reached(
  ops: readonly KernelOp[],
  files: readonly string[],
  texts: Readonly<Record<string, string>>,
): readonly string[] {
  return ops
    .filter((op) => filesOfOp(op, texts).some((file) => files.includes(file)))
    .map(({ name }) => name);
}

/** Where a compiler's sentence points: "shader softmax (lib/reduce.wgsl:12): …". */
export function placeOf(sentence: string): { readonly file: string; readonly line: number } | null {
  const [, file, line] = /\(([\w/-]+)\.wgsl:(\d+)\)/.exec(sentence) ?? [];
  return file === undefined ? null : { file, line: Number(line) };
}

/** "shader softmax (softmax.wgsl:33): expected '='" → "softmax.wgsl, line 33: expected '='." */
export function compilerSentence(message: string): string {
  const at = placeOf(message);
  const rest = at === null ? message : message.slice(message.indexOf("): ") + 3);
  const ended = /[.!?]$/.test(rest) ? rest : `${rest}.`;
  return at === null ? ended : `${at.file}.wgsl, line ${at.line}: ${ended}`;
}
