/**
 * A structural method on weights given by hand, on any backend and without a run: its looks and its change as the
 * transaction makes them (train/event-programs.ts), so that golden values can be put in and read out.
 */
import { control } from "../engine/control.ts";
import { arenaLayout } from "../engine/layout.ts";
import { slice } from "../engine/ops/layout.ts";
import { reshape } from "../engine/ops/reshape.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { Backend, ParamSpec, Params, Tensor, Trace } from "../engine/types.ts";
import type {
  Side,
  StructureAt,
  StructureChange,
  StructureMethod,
  StructurePlan,
  StructureState,
} from "../methods/types.ts";
import type { Batch, Model } from "../models/types.ts";
import type { Given } from "./models.ts";

export interface HandMade {
  readonly model: Model;
  readonly specs: readonly ParamSpec[];
  /** By path, row-major. */
  readonly params: Readonly<Record<string, readonly number[]>>;
  readonly age: Readonly<Record<string, readonly number[]>>;
  /** Σ of the gradient over `scored` batches of a window. Absent: there was none. */
  readonly score?: Readonly<Record<string, readonly number[]>>;
  readonly scored?: number;
  /** Values and data of the network, for methods that run it. */
  readonly side?: Pick<Side, "arch" | "data">;
  /** The probe batch. */
  readonly batch?: Given;
}

export interface Carried {
  readonly plan: StructurePlan;
  readonly specs: readonly ParamSpec[];
  readonly params: Readonly<Record<string, readonly number[]>>;
  readonly age: Readonly<Record<string, readonly number[]>>;
}

type Build = (t: Trace, old: StructureState) => Readonly<Record<string, Tensor>>;

type Rig = Pick<HandMade, "specs" | "params" | "age" | "score" | "batch">;

/** The arenas of hand-made values, and what runs one program over them and reads its outputs. */
function rigOf(backend: Backend, { specs, params, age, score, batch }: Rig) {
  const layout = arenaLayout(specs);
  const fill = <T extends Float32Array | Uint32Array>(into: T, from: HandMade["params"]): T => {
    for (const [path, { offset }] of layout.entries) into.set(from[path] ?? [], offset);
    return into;
  };
  const arenas = {
    params: backend.arena("params", layout.length),
    age: backend.arena("age", layout.length),
    ...(score ? { score: backend.arena("score", layout.length) } : {}),
  };
  arenas.params.write(0, fill(new Float32Array(layout.length), params));
  arenas.age.write(0, fill(new Uint32Array(layout.length), age));

  if (score) arenas.score!.write(0, fill(new Float32Array(layout.length), score));

  const run = async (build: Build) => {
    const t = createTrace();
    const p = t.arena("params", "params", layout);
    const a = t.arena("age", "masks", layout, "u32");
    const sums = score ? t.arena("score", "grads", layout) : null;
    const flat = { params: p.all, age: a.all, score: sums?.all ?? null };
    const outputs = Object.entries(
      build(t, {
        ...{ params: p.at, age: a.at, slots: [], score: sums?.at ?? null, flat },
        batch: () => batchIn(t, batch),
      }),
    );
    for (const [name, tensor] of outputs) t.output(name, tensor);
    const executable = await backend.compile(plan(t.finish()));
    for (const [name, arena] of Object.entries(arenas)) {
      if (executable.program.buffers.some((buffer) => buffer.name === name)) executable.bind(name, arena);
    }
    executable.run(control({}));
    const reads = outputs.map(([name]) => executable.read(name));
    backend.submit();
    const bits = await Promise.all(reads);
    executable.dispose();
    return Object.fromEntries(
      outputs.map(([name, { dtype }], i) => [
        name,
        dtype === "u32" ? new Uint32Array(bits[i]!) : new Float32Array(bits[i]!),
      ]),
    );
  };
  const dispose = () => {
    for (const arena of Object.values(arenas)) arena.dispose();
  };
  return { run, dispose };
}

/** What one program makes of hand-made values. */
export async function lookedAt(backend: Backend, given: Rig, build: Build) {
  const { run, dispose } = rigOf(backend, given);
  const seen = await run(build);
  dispose();
  return seen;
}

/** Throws the method's sentence when it refuses. `specsOf`: the parameters of the values afterwards. */
export async function carryOut(
  backend: Backend,
  method: StructureMethod,
  c: Readonly<Record<string, unknown>>,
  given: HandMade,
  specsOf: (arch: StructurePlan["arch"]) => readonly ParamSpec[] = () => given.specs,
): Promise<Carried> {
  const { model, specs, age, scored = 0, side } = given;
  const { run, dispose } = rigOf(backend, given);
  const at: StructureAt = {
    model,
    from: { ...(side ?? { arch: {}, data: { vocab: 2, context: 2 } }), specs },
    ...{ key: [1, 0], step: 100, updates: 100, live: {}, lr: 0.01, scored, lossBefore: 1 },
    ...{ dropping: false, held: false, scheduled: [] },
    active: new Map(specs.map(({ path }) => [path, age[path]!.filter((a) => a % 2 ** 31 !== 0).length])),
    look: run as StructureAt["look"],
  };
  const planned = await method.plan(at, c as never);
  if (typeof planned === "string") throw new Error(planned);
  const after = specsOf(planned.arch);
  const results = await run((t, old) => {
    const change = planned.change?.(t, old, { ...at.from, specs: after }) ?? {};
    const ages = agesOf(t, change, old, after);
    const outputs: Record<string, Tensor> = {};
    for (const { path } of after) {
      outputs[`params ${path}`] = change.params?.get(path) ?? old.params.get(path)!;
      outputs[`age ${path}`] = ages.get(path) ?? old.age.get(path)!;
    }
    return outputs;
  });
  dispose();
  const by = (kind: string) =>
    Object.fromEntries(after.map(({ path }) => [path, [...results[`${kind} ${path}`]!]]));
  return { plan: planned, specs: after, params: by("params"), age: by("age") };
}

function batchIn(t: Trace, batch: Given | undefined): Batch {
  if (batch === undefined) throw new Error("there is no batch here");
  const { shape, dtype, data } = batch.inputs;
  const targets = { shape: [batch.targets.length], dtype: "u32" } as const;
  return {
    inputs: t.constant({ shape, dtype }, [...data]),
    targets: t.constant(targets, [...batch.targets]),
  };
}

function agesOf(
  t: Trace,
  { age }: StructureChange,
  old: StructureState,
  specs: readonly ParamSpec[],
): Params {
  if (age === undefined || age instanceof Map) return (age as Params | undefined) ?? old.age;
  const { entries } = arenaLayout(specs);
  return new Map(
    specs.map(({ path, shape }) => {
      const { offset, count } = entries.get(path)!;
      const [mine] = t.call(slice, [age as Tensor], { starts: [offset], sizes: [count] });
      return [path, t.call(reshape, [mine!], { shape })[0]!];
    }),
  );
}
