/**
 * What this adapter can do at most, measured on it: multiply-adds a second out of registers, and bytes a second through
 * memory. A kernel's share of these two says how good the kernel is, on any device, without knowing the device.
 */
import type { Backend, GpuCommand, Program } from "../engine/types.ts";
import { type Timing, type TimingOptions, timeProgram } from "./speed.ts";

export interface Peaks {
  /** Floating-point operations a second, 2 per multiply-add. */
  readonly flops: number;
  /** Bytes a second, read and written together, of a copy far larger than a graphics card's usual caches. */
  readonly bytes: number;
  readonly by: Timing["by"];
}

const LANES = 256;
/** Multiply-adds of one round: 4 chains of vec4, or 8. */
const PER_ROUND = [16, 32] as const;
const ROUNDS = 128;
/** Workgroups of the arithmetic: enough for the widest card; a processor has few lanes to fill. */
const WIDE = 2048;
const NARROW = 32;
/** Bytes of each side of the copy. */
const LARGE = 64 * 2 ** 20;
const MODERATE = 16 * 2 ** 20;

/** One dispatch of shaders/peak.wgsl on buffers of its own: tensor 0 is y, tensor 1 x. */
export function probe(
  entry: "arithmetic" | "stream",
  vectors: number,
  groups: number,
  constants: Readonly<Record<string, number>> = {},
): Program {
  const spec = { shape: [4 * vectors], dtype: "f32" } as const;
  const bind: Record<string, number> = entry === "stream" ? { x: 1, y: 0 } : { y: 0 };
  const x = Math.min(groups, 32_768);
  const command: GpuCommand = {
    kind: "dispatch",
    op: "peak",
    shader: "peak",
    entry,
    constants,
    sizes: { count: vectors, rounds: ROUNDS, gain: 0.999 },
    bind,
    grid: [x, Math.ceil(groups / x), 1],
  };
  const used = Object.keys(bind).length;
  return {
    key: `peak ${entry} ${JSON.stringify(constants)}`,
    // One vector out of each invocation of the arithmetic.
    flops: entry === "arithmetic" ? 2 * PER_ROUND[constants.WIDE ? 1 : 0] * ROUNDS * vectors : 0,
    buffers: Array.from({ length: used }, () => ({ role: "scratch", name: "", bytes: 16 * vectors })),
    tensors: Array.from({ length: used }, (_, buffer) => ({ buffer, offset: 0, spec })),
    commands: [command],
    calls: [],
    segments: [],
    outputs: {},
  };
}

/** The best of four ways to spell the arithmetic, and a copy. Takes about a second, and up to 128 MiB of the device while it lasts. Needs shaders/peak.wgsl. */
export async function measurePeaks(backend: Backend, options: TimingOptions): Promise<Peaks> {
  const groups = backend.software ? NARROW : WIDE;
  const lanes = groups * LANES;
  const arithmetic: { readonly flops: number; readonly by: Timing["by"] }[] = [];
  for (const FUSED of [0, 1]) {
    for (const WIDE of [0, 1]) {
      const timed = probe("arithmetic", lanes, groups, { FUSED, WIDE });
      const { least, by } = await timeProgram(backend, timed, new Map(), options);
      arithmetic.push({ flops: timed.flops / least, by });
    }
  }
  const best = arithmetic.reduce((a, b) => (b.flops > a.flops ? b : a));
  const side = Math.min(backend.software ? MODERATE : LARGE, backend.maxBufferBytes);
  const vectors = Math.floor(side / 16);
  const copied = await timeProgram(
    backend,
    probe("stream", vectors, Math.ceil(vectors / LANES)),
    new Map(),
    options,
  );
  return {
    flops: best.flops,
    bytes: (2 * 16 * vectors) / copied.least,
    by: best.by === "timestamps" && copied.by === "timestamps" ? "timestamps" : "clock",
  };
}
