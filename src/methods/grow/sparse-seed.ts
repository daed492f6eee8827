/**
 * The sparse seed of NeST (Dai, Yin, Jha; grow-prune §3.1): of each matrix a share ρ of its connections, drawn uniformly
 * without replacement, is there; the rest is dormant, for gradients to wake. Then repairs: each unit that reads nothing
 * gets one random input, each that nobody reads one random reader, so that all of them are on a path.
 *
 * An action and no setting of a model: at step 0 it makes the seed of a run of any model, later it is random pruning, a
 * yardstick for cleverer ways. The draw is made where the weights lie: the largest of as many uniform numbers.
 */
import type { Schema, Values } from "../../config/schema.ts";
import { arenaLayout } from "../../engine/layout.ts";
import { wakeAt } from "../../engine/ops/ages-at.ts";
import { draw } from "../../engine/ops/fill.ts";
import { maskLines } from "../../engine/ops/mask-lines.ts";
import { maskSelect } from "../../engine/ops/mask-select.ts";
import { scale } from "../../engine/ops/unary.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import { type Key, threefry2x32, uniformInt } from "../../random/threefry.ts";
import { NEST } from "../papers.ts";
import { countIn, countsOf, partOf, type Scope, scopeOf, tilesIn } from "../prune/survey.ts";
import { linesOf, readsFrom } from "../target.ts";
import type { StructureAt, StructureMethod, StructurePlan, StructureState } from "../types.ts";
import { eventDraw } from "./tools.ts";

const schema = {
  density: {
    kind: "float",
    label: "Density",
    symbol: "ρ",
    help: "Share of each matrix's connections that is there at the start.",
    default: 0.1,
    min: 0.001,
    max: 0.99,
  },
  target: {
    kind: "path",
    label: "Part",
    help: "Matrices of this part, whole ones. Empty: every matrix of connections.",
    default: "",
  },
  rescale: {
    kind: "flag",
    label: "Rescale",
    help: "Divides what stays by √ρ: sums of fewer inputs keep their size, N(0, 2/(ρ·in)) for a rectifier.",
    default: true,
  },
} as const satisfies Schema;

type Choice = Values<typeof schema>;

const not = (why: string): string => `Not pruned: ${why}.`;

export const sparseSeed: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "prune",
  id: "sparse-seed",
  label: "Sparse seed",
  summary: "Leaves a random share of the connections, every unit on a path; the rest waits to be grown.",
  schema,
  paper: NEST,
  applies: () => true,
  can(model, from, c) {
    const scope = scopeOf({ model, from }, c.target);
    return typeof scope === "string" ? not(scope) : true;
  },
  plan: planSeed,
};

async function planSeed(at: StructureAt, c: Choice): Promise<StructurePlan | string> {
  const scope = scopeOf(at, c.target);
  if (typeof scope === "string") return not(scope);
  const { specs, whole } = scope;
  const { counts } = await at.look((t, { flat: { params, age } }) => ({
    counts: countIn(t, params, age, whole, 0),
  }));
  const groups = countsOf(counts);
  if (groups.some(({ frozen }) => frozen > 0)) return not("a weight there is frozen; thaw it first");
  // What structure forbids is in neither count.
  const wanted = groups.map(({ active, dormant }) => Math.max(1, Math.round(c.density * (active + dormant))));

  const drawn = drawer(at, scope, wanted);
  const lines = await at.look((t, old) => {
    const age = drawn(t, old);
    return Object.fromEntries(
      specs.flatMap((spec, k) => {
        const reads = readsFrom(spec);
        const rank = spec.shape.length;
        const mine = partOf(t, at.from, age, spec);
        return [
          [`rows${k}`, t.call(maskLines, [mine], { from: reads, to: rank })[0]!],
          [`columns${k}`, t.call(maskLines, [mine], { from: 0, to: reads })[0]!],
        ];
      }),
    );
  });
  const { entries } = arenaLayout(at.from.specs);
  const repairs = specs.flatMap((spec, k) => {
    const key = eventDraw(at.key, `${spec.path} repairs`);
    const places = repairsOf(spec, lines[`rows${k}`]!, lines[`columns${k}`]!, key);
    return places.map((place) => entries.get(spec.path)!.offset + place);
  });
  const seeded = (t: Trace, old: StructureState): Tensor => {
    const age = drawn(t, old);
    if (repairs.length === 0) return age;
    return t.call(wakeAt, [age, t.constant({ shape: [repairs.length], dtype: "u32" }, repairs)], {})[0]!;
  };
  const all = sum(groups.map(({ active, dormant }) => active + dormant));
  const left = sum(wanted) + repairs.length;
  return {
    arch: at.from.arch,
    preserving: false,
    slots: "reset",
    change: (t, old) => ({
      age: seeded(t, old),
      ...(c.rescale ? { params: rescaled(t, old.params, specs, 1 / Math.sqrt(c.density)) } : {}),
    }),
    figures: { left, density: left / all, repairs: repairs.length },
    ...(repairs.length > sum(wanted)
      ? { notes: [`More connections were repaired (${repairs.length}) than drawn (${sum(wanted)}).`] }
      : {}),
  };
}

/** Ages after the draw: of each matrix `wanted` newborns, everything else of it dormant; other parameters as they are. */
function drawer(at: StructureAt, { whole }: Scope, wanted: readonly number[]) {
  const key = eventDraw(at.key, "sparse seed");
  return (t: Trace, { flat: { params, age } }: StructureState): Tensor => {
    const words = (values: readonly number[]) => t.constant({ shape: [values.length], dtype: "u32" }, values);
    const select = (
      what: "drop" | "wake",
      score: Tensor,
      ages: Tensor,
      counts: readonly number[],
    ): Tensor => {
      const inputs = [score, ages, tilesIn(t, whole), words(counts)];
      return t.call(maskSelect, inputs, { ...whole.attrs, what, grace: 0 })[0]!;
    };
    const empty = select(
      "drop",
      params,
      age,
      wanted.map(() => 0xffffffff),
    );
    const [chance] = t.call(draw, [], { shape: age.shape, law: "uniform", scale: 1, key });
    return select("wake", chance!, empty, wanted);
  };
}

function rescaled(t: Trace, old: Params, specs: readonly ParamSpec[], factor: number): Params {
  return new Map(specs.map(({ path }) => [path, t.call(scale, [old.get(path)!], { factor })[0]!]));
}

/** Flat entries: for each empty row one column, ascending; then for each column still empty one row. */
export function repairsOf(
  spec: ParamSpec,
  rows: ArrayLike<number>,
  columns: ArrayLike<number>,
  key: Key,
): readonly number[] {
  const { rows: height, columns: width } = linesOf(spec);
  const exists = existsIn(spec);
  let draws = 0;
  /** Uniform among those that structure allows: a diagonal entry always is. */
  const pick = (n: number, allowed: (i: number) => boolean): number => {
    for (;;) {
      const i = uniformInt(threefry2x32(key[0], key[1], draws++, 0)[0], n);
      if (allowed(i)) return i;
    }
  };
  const read = Array.from(columns);
  const places: number[] = [];
  for (let row = 0; row < height; row++) {
    if (rows[row]! > 0) continue;
    const column = pick(width, (i) => exists(row, i));
    read[column]! += 1;
    places.push(row * width + column);
  }
  read.forEach((count, column) => {
    if (count === 0) places.push(pick(height, (i) => exists(i, column)) * width + column);
  });
  return places;
}

/** Whether structure has the entry (row, column): block(column) ≤ block(row). */
function existsIn({ lowerBlocks }: ParamSpec): (row: number, column: number) => boolean {
  if (lowerBlocks === undefined) return () => true;
  const blockOf = lowerBlocks.flatMap((size, block) => new Array<number>(size).fill(block));
  return (row, column) => blockOf[column]! <= blockOf[row % blockOf.length]!;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
