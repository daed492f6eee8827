/** A bench result of made-up numbers, for the tests of what is printed and drawn. */
import { GPT, LSTM, sweeps } from "./jobs.ts";
import type { Counts } from "./page-api.ts";
import type { BenchResult, CurvePoint, EngineResult, JobResult, MeasuredTurn } from "./result.ts";

const counts: Counts = {
  dispatches: 10,
  submits: 1,
  passes: 1,
  encoders: 1,
  bindGroups: 0,
  buffers: 0,
  pipelines: 0,
  modules: 0,
  bytesUp: 256,
  bytesDown: 256,
};

const turn = (gpu: number): MeasuredTurn => ({ seconds: gpu, cpu: { gpu, js: 0.002 }, counts });

export function engineOf(
  engine: EngineResult["engine"],
  gpu: readonly number[],
  more: Partial<EngineResult> = {},
): EngineResult {
  return {
    engine,
    version: "1.2.3",
    first: turn(3 * (gpu[0] ?? 1)),
    turns: gpu.map(turn),
    losses: [4.2, 4.1, 4],
    errors: [],
    memory: null,
    steady: null,
    ...more,
  };
}

export function jobOf(engines: readonly EngineResult[], more: Partial<JobResult> = {}): JobResult {
  const peak = { work: 1e9, seconds: [0.2], cpu: [0.2] };
  return {
    task: "lstm",
    job: LSTM,
    engines,
    leftOut: [],
    peaks: { arithmetic: peak, copy: peak },
    load: 1,
    ...more,
  };
}

/** Ours at every point, a peer at all but the largest, the other at the smallest only. */
function curve(): readonly CurvePoint[] {
  return sweeps({ lstmDepth: 4, gptWidth: 256 }).flatMap(({ model, along, at, points }) =>
    points.map(({ x, job }, i): CurvePoint => {
      const engines = [engineOf("ours", [0.1 * (i + 1)])];
      if (i < points.length - 1) engines.push(engineOf("jax-js", [i + 1]));
      if (i === 0) engines.push(engineOf("tfjs", [9]));
      const leftOut = i === points.length - 1 ? [{ engine: "jax-js" as const, reason: "too slow" }] : [];
      return { model, along, at, x, job, result: jobOf(engines, { task: "curve", job, leftOut }) };
    }),
  );
}

export function resultOf(jobs: readonly JobResult[], withCurve = false): BenchResult {
  return {
    date: "2026-01-31T10:00",
    command: "npm run bench",
    runtime: "Chromium 1",
    about: {
      name: "SwiftShader (processor)",
      software: true,
      info: {},
      features: [],
      limits: { maxBufferSize: 1024 },
      userAgent: "",
      isolated: true,
      schema: { lstmDepth: 4, gptWidth: 256 },
    },
    machine: { cpus: "a processor", cores: 2, system: "linux", load: [1, 1, 1] },
    rounds: 3,
    cpuGrain: "nanoseconds",
    idle: { gpu: 0, js: 0.001 },
    peak: 5e9,
    jobs,
    growth: [],
    curve: withCurve ? curve() : [],
  };
}

export { GPT, LSTM };
