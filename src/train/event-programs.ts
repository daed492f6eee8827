/**
 * The programs of a structural event: what a method looks at, the change itself from the old arenas into new ones, and
 * the counts that go into its record. Each runs once. All data-dependent work of an event happens in here, on the device.
 */
import { control } from "../engine/control.ts";
import { arenaLayout } from "../engine/layout.ts";
import { countActive, countBad, forgetDormant, markAges } from "../engine/ops/ages.ts";
import { and, or } from "../engine/ops/binary.ts";
import { fill } from "../engine/ops/fill.ts";
import { concat } from "../engine/ops/layout.ts";
import { FORBIDDEN } from "../engine/ops/mask-tiles.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { ArenaTensors, DType, ParamSpec, Params, Program, Tensor, Trace } from "../engine/types.ts";
import type { Side, StructureChange, StructurePlan, StructureState } from "../methods/types.ts";
import { drawn } from "./feed.ts";
import { probeSize } from "./programs.ts";
import type { Setup } from "./setup.ts";

/** Draws the probe batch: the first of one evenly spaced batch. */
export const PROBE = control({ drawMode: 1, drawIndex: 0, drawCount: 1 });

/** Bytes that one look may read. */
export const MOST_LOOKED = 2 ** 20;

/** Names of the arenas in these programs: "from.params", "to.age". */
type End = "from" | "to";

/** Arenas of one end, each in the trace only when it is asked for. */
function arenas(t: Trace, end: End, specs: readonly ParamSpec[], slots: readonly string[]) {
  const layout = arenaLayout(specs);
  const made = new Map<string, ArenaTensors>();
  const at = (name: string, role: "params" | "slots" | "masks" | "grads", dtype: DType = "f32") => {
    const known = made.get(name) ?? t.arena(`${end}.${name}`, role, layout, dtype);
    made.set(name, known);
    return known;
  };
  return {
    params: () => at("params", "params"),
    slots: () => slots.map((slot) => at(`slots.${slot}`, "slots")),
    age: () => at("age", "masks", "u32"),
    score: () => at("score", "grads"),
  };
}

type Ends = ReturnType<typeof arenas>;

function stateOf(t: Trace, setup: Setup, old: Ends, scored: boolean): StructureState {
  return {
    get params() {
      return old.params().at;
    },
    get slots() {
      return old.slots().map(({ at }) => at);
    },
    get age() {
      return old.age().at;
    },
    get score() {
      return scored ? old.score().at : null;
    },
    flat: {
      get params() {
        return old.params().all;
      },
      get age() {
        return old.age().all;
      },
      get score() {
        return scored ? old.score().all : null;
      },
    },
    batch: () => drawn(t, setup, "validation", probeSize(setup)),
  };
}

/** What a method looks at. The outputs' names and types beside the program. */
export function lookProgram(
  setup: Setup,
  from: Side,
  scored: boolean,
  build: (t: Trace, old: StructureState) => Readonly<Record<string, Tensor>>,
): { readonly program: Program; readonly dtypes: Readonly<Record<string, DType>> } {
  const t = createTrace();
  const old = arenas(t, "from", from.specs, setup.optim.slots);
  const outputs = Object.entries(build(t, stateOf(t, setup, old, scored)));
  const bytes = outputs.reduce((sum, [, { shape }]) => sum + 4 * shape.reduce((n, d) => n * d, 1), 0);
  if (bytes > MOST_LOOKED) {
    throw new Error(
      `a structural method reads ${bytes} bytes; ${MOST_LOOKED} are the most, the rest stays on the device`,
    );
  }
  for (const [name, tensor] of outputs) t.output(name, tensor);
  return {
    program: plan(t.finish()),
    dtypes: Object.fromEntries(outputs.map(([name, x]) => [name, x.dtype])),
  };
}

export interface Changed {
  readonly program: Program;
  /** The new state has ages of its own. */
  readonly ages: boolean;
}

/**
 * From "from.*" into "to.*". `aged`: the old network keeps ages, or the new one must. Whatever the method leaves out is
 * copied; what is dormant afterwards is 0 in weights and slots.
 */
export function changeProgram(
  setup: Setup,
  from: Side,
  to: Side,
  planned: StructurePlan,
  { aged, scored }: { readonly aged: boolean; readonly scored: boolean },
): Changed {
  const t = createTrace();
  const { slots: names } = setup.optim;
  const old = arenas(t, "from", from.specs, names);
  const into = arenas(t, "to", to.specs, names);
  const reset = planned.slots === "reset";
  const same = sameLayout(from.specs, to.specs);
  const put = (source: ArenaTensors, target: ArenaTensors, change: Params | Tensor | undefined, what: What) =>
    store(t, { specs: to.specs, source, target, change, same, ...what });

  // The copies come first, so that whatever the change computes may be written right where it belongs.
  if (same) {
    t.store(old.params().all, into.params().all);
    if (!reset) for (const [i, { all }] of old.slots().entries()) t.store(all, into.slots()[i]!.all);
    if (aged && !reset) t.store(old.age().all, into.age().all);
  }
  const change: StructureChange = planned.change?.(t, stateOf(t, setup, old, scored), to) ?? {};
  put(old.params(), into.params(), change.params, { name: "weights" });
  if (!reset) {
    const known = change.slots;
    into.slots().forEach((target, i) => {
      put(old.slots()[i]!, target, known?.[i], { name: "slots", zeros: known === undefined });
    });
  }
  const ages = aged || change.age !== undefined;
  if (ages) {
    const renew = (x: Tensor) => (reset ? t.call(markAges, [x], { how: "renew" })[0]! : x);
    put(old.age(), into.age(), change.age, { name: "ages", renew, always: reset || !aged });
    for (const spec of to.specs) {
      const age = into.age().at.get(spec.path)!;
      if (spec.lowerBlocks) t.store(forbidUpper(t, age, spec.lowerBlocks), age);
    }
    const { all } = into.age();
    t.call(forgetDormant, [into.params().all, all], {});
    if (!reset) for (const slot of into.slots()) t.call(forgetDormant, [slot.all, all], {});
  }
  return { program: plan(t.finish()), ages };
}

interface What {
  readonly name: string;
  /** A path whose shape changed and that the change leaves out stays 0. */
  readonly zeros?: boolean;
  readonly renew?: (x: Tensor) => Tensor;
  /** Stored even where nothing changes: the copy that came first does not hold. */
  readonly always?: boolean;
}

interface Storing extends What {
  readonly specs: readonly ParamSpec[];
  readonly source: ArenaTensors;
  readonly target: ArenaTensors;
  readonly change: Params | Tensor | undefined;
  readonly same: boolean;
}

function store(t: Trace, at: Storing): void {
  const { specs, source, target, change, same, name, zeros = false, renew = (x) => x, always = false } = at;
  if (change !== undefined && !(change instanceof Map)) {
    t.store(renew(change as Tensor), target.all);
    return;
  }
  const given = change as Params | undefined;
  if (same && always && given === undefined) {
    t.store(renew(source.all), target.all);
    return;
  }
  for (const { path, shape } of specs) {
    const was = source.at.get(path);
    const now = given?.get(path);
    const stays = now === undefined || now === was;
    if (stays && same && !always) continue;
    const value = now ?? was;
    if (value === undefined || value.shape.join() !== shape.join()) {
      if (now === undefined && zeros) continue;
      throw new Error(`a structural method gives no ${name} [${shape}] of ${path}`);
    }
    t.store(renew(value), target.at.get(path)!);
  }
}

/** Ages [.., H, H] with bit 31 alone wherever a block would read a newer one. */
function forbidUpper(t: Trace, age: Tensor, blocks: readonly number[]): Tensor {
  const cells = age.shape.at(-1)!;
  const mask = (above: number, elsewhere: number): Tensor => {
    const part = (rows: number, columns: number, value: number) =>
      t.call(fill, [], { shape: [rows, columns], value, dtype: "u32" })[0]!;
    let end = 0;
    const rows = blocks.map((size) => {
      end += size;
      const lower = part(size, end, elsewhere);
      return end === cells ? lower : t.call(concat, [lower, part(size, cells - end, above)], { axis: 1 })[0]!;
    });
    return rows.length === 1 ? rows[0]! : t.call(concat, rows, { axis: 0 })[0]!;
  };
  const kept = t.call(and, [age, mask(0, 0xffffffff)], {})[0]!;
  return t.call(or, [kept, mask(FORBIDDEN, 0)], {})[0]!;
}

export const sameLayout = (a: readonly ParamSpec[], b: readonly ParamSpec[]): boolean =>
  a.length === b.length &&
  a.every(({ path, shape }, i) => path === b[i]!.path && shape.join() === b[i]!.shape.join());

/** Output "active" u32 [n]: for each parameter its entries in the arena "age" that are not dormant. */
export function censusProgram(specs: readonly ParamSpec[]): Program {
  const t = createTrace();
  const age = t.arena("age", "masks", arenaLayout(specs), "u32");
  const counts = specs.map(({ path }) => t.call(countActive, [age.at.get(path)!], { of: "active" })[0]!);
  t.output("active", counts.length === 1 ? counts[0]! : t.call(concat, counts, { axis: 0 })[0]!);
  return plan(t.finish());
}

/** Output "bad" u32 [1 or 2]: how many of the weights, and of the scores, are not finite. */
export function finiteProgram(specs: readonly ParamSpec[], scored: boolean): Program {
  const t = createTrace();
  const old = arenas(t, "from", specs, []);
  const counts = [old.params(), ...(scored ? [old.score()] : [])].map(
    ({ all }) => t.call(countBad, [all], {})[0]!,
  );
  t.output("bad", counts.length === 1 ? counts[0]! : t.call(concat, counts, { axis: 0 })[0]!);
  return plan(t.finish());
}
