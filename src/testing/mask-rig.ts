/** The ops of masks and selection, one call at a time, on any backend: what their golden values and properties run on. */
import { control } from "../engine/control.ts";
import { sizeOf } from "../engine/layout.ts";
import { div, mul } from "../engine/ops/binary.ts";
import { COUNTED, type Counted, maskCount } from "../engine/ops/mask-count.ts";
import { maskMoments } from "../engine/ops/mask-moments.ts";
import { maskSelect } from "../engine/ops/mask-select.ts";
import { maskTiles } from "../engine/ops/mask-tiles.ts";
import { expand } from "../engine/ops/reduce.ts";
import { reshape } from "../engine/ops/reshape.ts";
import { offset, sqrt } from "../engine/ops/unary.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { Backend, DType, Program, Tensor, Trace } from "../engine/types.ts";

export interface Given {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: ArrayLike<number>;
}

export const f32 = (shape: readonly number[], data: ArrayLike<number>): Given => ({
  shape,
  dtype: "f32",
  data,
});
export const u32 = (shape: readonly number[], data: ArrayLike<number>): Given => ({
  shape,
  dtype: "u32",
  data,
});

/** Traces `build` over these inputs, runs it once, gives its outputs. */
export async function runTrace(
  backend: Backend,
  given: readonly Given[],
  build: (t: Trace, inputs: readonly Tensor[]) => readonly Tensor[],
): Promise<{ readonly program: Program; readonly outputs: readonly number[][] }> {
  const t = createTrace();
  const inputs = given.map(({ shape, dtype }, i) => t.buffer(`input ${i}`, "data", { shape, dtype }));
  const results = build(t, inputs);
  results.forEach((result, i) => {
    t.output(`${i}`, result);
  });
  const program = plan(t.finish());
  const run = await backend.compile(program);
  const arenas = given.map(({ shape, dtype, data }, i) => {
    const arena = backend.arena(`input ${i}`, sizeOf(shape));
    arena.write(0, dtype === "f32" ? Float32Array.from(data) : Uint32Array.from(data));
    if (program.buffers.some(({ name }) => name === `input ${i}`)) run.bind(`input ${i}`, arena);
    return arena;
  });
  run.run(control({}));
  const reads = results.map((_, i) => run.read(`${i}`));
  backend.submit();
  const bits = await Promise.all(reads);
  run.dispose();
  for (const arena of arenas) arena.dispose();
  return {
    program,
    outputs: results.map(({ dtype }, i) =>
      Array.from(dtype === "f32" ? new Float32Array(bits[i]!) : new Uint32Array(bits[i]!)),
    ),
  };
}

const whole = (count: number) => maskTiles([{ offset: 0, count, group: 0 }]);

/** [n, mean, σ, largest] of the active entries. */
export async function momentsOf(backend: Backend, weights: readonly number[], ages: readonly number[]) {
  const { attrs, spec, table } = whole(weights.length);
  const n = [weights.length];
  const { outputs } = await runTrace(backend, [f32(n, weights), u32(n, ages)], (t, [w, age]) =>
    t.call(maskMoments, [w!, age!, t.constant(spec, table)], attrs),
  );
  const [entries, mean, deviation, largest] = outputs[0]!;
  return { entries: entries!, mean: mean!, deviation: deviation!, largest: largest! };
}

export async function countsOf(
  backend: Backend,
  weights: readonly number[],
  ages: readonly number[],
  { limit = 0, grace = 0 } = {},
): Promise<Readonly<Record<Counted, number>>> {
  const { attrs, spec, table } = whole(weights.length);
  const n = [weights.length];
  const { outputs } = await runTrace(
    backend,
    [f32(n, weights), u32(n, ages), f32([1], [limit])],
    (t, [w, age, limits]) =>
      t.call(maskCount, [w!, age!, t.constant(spec, table), limits!], { ...attrs, grace }),
  );
  return Object.fromEntries(COUNTED.map((kind, k) => [kind, outputs[0]![k]!])) as Record<Counted, number>;
}

/** Ages after a selection of `wanted` entries of one group. */
export async function selected(
  backend: Backend,
  scores: readonly number[],
  ages: readonly number[],
  wanted: number,
  how: { readonly what: "drop" | "wake"; readonly grace?: number },
): Promise<readonly number[]> {
  const { attrs, spec, table } = whole(scores.length);
  const n = [scores.length];
  const { outputs } = await runTrace(
    backend,
    [f32(n, scores), u32(n, ages), u32([1], [wanted])],
    (t, [score, age, k]) =>
      t.call(maskSelect, [score!, age!, t.constant(spec, table), k!], {
        ...attrs,
        what: how.what,
        grace: how.grace ?? 0,
      }),
  );
  return outputs[0]!;
}

/** Which entries changed. */
export const changed = (before: readonly number[], after: readonly number[]): number[] =>
  before.flatMap((age, i) => (age === after[i] ? [] : [i]));

/** |W_eff| of grow-prune §3.6: rows of W scaled by s = γ/√(var + ε). */
export async function effective(
  backend: Backend,
  weights: Given,
  gamma: readonly number[],
  variance: readonly number[],
): Promise<readonly number[]> {
  const rows = [gamma.length];
  const { outputs } = await runTrace(
    backend,
    [weights, f32(rows, gamma), f32(rows, variance)],
    (t, [w, g, v]) => {
      const root = t.call(sqrt, [t.call(offset, [v!], { value: 1e-5 })[0]!], {})[0]!;
      const s = t.call(div, [g!, root], {})[0]!;
      const column = t.call(reshape, [s], { shape: [gamma.length, 1] })[0]!;
      const wide = t.call(expand, [column], { shape: weights.shape })[0]!;
      return t.call(mul, [w!, wide], {});
    },
  );
  return outputs[0]!;
}
