/**
 * Compaction (grow-prune §2.4): units that pruning has cut off leave the matrices for good, and the network computes what
 * it computed. A unit that nobody reads goes as it is. A unit that reads nothing is the constant φ(bias): it goes once that
 * is added to the biases of its readers. Taking units out can cut off others, so it is done in rounds until nothing changes.
 *
 * Masks alone make no kernel faster; smaller matrices do.
 */
import type { Schema } from "../../config/schema.ts";
import { add, mul } from "../../engine/ops/binary.ts";
import { maskLines } from "../../engine/ops/mask-lines.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { reshape } from "../../engine/ops/reshape.ts";
import { gelu, leakyRelu, relu, sigmoid, tanh } from "../../engine/ops/unary.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { UnitAxis } from "../../models/types.ts";
import { pick } from "../grow/tools.ts";
import { isConnection, readsFrom } from "../target.ts";
import type { StructureAt, StructureMethod, StructurePlan } from "../types.ts";

const SCHEMA = {} as const satisfies Schema;

export const compact: StructureMethod<typeof SCHEMA> = {
  kind: "structure",
  does: "compact",
  id: "compact",
  label: "Compact",
  summary: "Takes out units that pruning has cut off: smaller matrices, the same function.",
  schema: SCHEMA,
  paper: {
    title: "Learning both Weights and Connections for Efficient Neural Networks",
    authors: "Han, Pool, Tran, Dally",
    year: 2015,
    arxiv: "1506.02626",
  },
  applies: (model) => model.units !== undefined || `not for ${model.label}: its units cannot go one by one`,
  plan: planCompaction,
};

/** Which of the units still there go in one round, by axis: places among those left. */
interface Round {
  readonly gone: ReadonlyMap<string, readonly number[]>;
  /** Those of them that are constants with readers. */
  readonly folded: ReadonlyMap<string, readonly number[]>;
}

async function planCompaction(at: StructureAt): Promise<StructurePlan | string> {
  const { arch, data, specs } = at.from;
  const units = at.model.units!(arch, data);
  /** Of each axis the units left, as indices of the network as it is. */
  const left = new Map(units.axes.map(({ axis, groups }) => [axis, [...Array(sum(groups)).keys()]]));
  const sizes = new Map(units.axes.map(({ axis, groups }) => [axis, [...groups]]));
  const rounds: Round[] = [];
  for (;;) {
    const fans = await fansOf(at, specs, units.axes, left);
    const gone = new Map<string, readonly number[]>();
    const folded = new Map<string, readonly number[]>();
    for (const unit of units.axes) {
      const { reads, readBy } = fans.get(unit.axis)!;
      const constant = (u: number): boolean => unit.constant !== null && reads[u] === 0;
      const dead = readBy.flatMap((n, u) => (n === 0 || constant(u) ? [u] : []));
      const allowed = sparing(dead, sizes.get(unit.axis)!, unit.least);
      if (allowed.length === 0) continue;
      gone.set(unit.axis, allowed);
      folded.set(
        unit.axis,
        allowed.filter((u) => constant(u) && readBy[u]! > 0),
      );
    }
    if (gone.size === 0) break;
    rounds.push({ gone, folded });
    for (const [axis, places] of gone) {
      const out = new Set(places);
      const groups = sizes.get(axis)!;
      for (const u of [...places].reverse()) groups[groupOf(u, groups)]!--;
      left.set(
        axis,
        left.get(axis)!.filter((_, u) => !out.has(u)),
      );
    }
  }
  const removed = sum(rounds.flatMap(({ gone }) => [...gone.values()].map((places) => places.length)));
  if (removed === 0) return "Not compacted: no unit is cut off; prune first.";
  const folded = sum(rounds.flatMap((round) => [...round.folded.values()].map((places) => places.length)));
  return {
    arch: units.resized(sizes),
    preserving: true,
    change(t, old) {
      let { params, age } = old;
      let slots = old.slots;
      for (const round of rounds) {
        params = fold(t, specs, units.axes, params, round);
        const thinner = (state: Params): Params => without(t, specs, state, round);
        [params, age, slots] = [thinner(params), thinner(age), slots.map(thinner)];
      }
      return { params, age, slots };
    },
    figures: { units: removed, folded },
  };
}

/** The last units of a group that must stay are spared: the first ones go. */
function sparing(dead: readonly number[], groups: readonly number[], least: number): readonly number[] {
  const room = groups.map((size) => Math.max(0, size - least));
  return dead.filter((u) => room[groupOf(u, groups)]!-- > 0);
}

function groupOf(u: number, groups: readonly number[]): number {
  let end = 0;
  return groups.findIndex((size) => {
    end += size;
    return u < end;
  });
}

/** For each axis, of every unit left: active weights by which it reads, and by which it is read. */
async function fansOf(
  at: StructureAt,
  specs: readonly ParamSpec[],
  axes: readonly UnitAxis[],
  left: ReadonlyMap<string, readonly number[]>,
) {
  const known = new Set(axes.map(({ axis }) => axis));
  const matrices = specs.filter((spec) => isConnection(spec) && spec.axes.some((axis) => known.has(axis)));
  const counts = await at.look((t, old) => {
    const lines: Record<string, Tensor> = {};
    for (const { path, axes: names } of matrices) {
      const age = names.reduce((x, name, axis) => {
        const keep = left.get(name);
        return keep === undefined || keep.length === x.shape[axis] ? x : pick(t, x, axis, keep);
      }, old.age.get(path)!);
      const rank = names.length;
      names.forEach((name, k) => {
        if (!known.has(name)) return;
        const range = k === rank - 1 ? { from: 0, to: k } : { from: k + 1, to: rank };
        lines[`${path} ${k}`] = t.call(maskLines, [age], range)[0]!;
      });
    }
    return lines;
  });
  return new Map(
    axes.map(({ axis }) => {
      const n = left.get(axis)!.length;
      const reads = Array<number>(n).fill(0);
      const readBy = Array<number>(n).fill(0);
      for (const spec of matrices) {
        const { path, axes: names } = spec;
        const from = readsFrom(spec);
        names.forEach((name, k) => {
          if (name !== axis) return;
          const into = k >= from ? readBy : reads;
          // A unit makes one row a gate; a map is read once by each map of the next layer.
          counts[`${path} ${k}`]!.forEach((count, i) => {
            into[i % n]! += count;
          });
        });
      }
      return [axis, { reads, readBy }] as const;
    }),
  );
}

const PHI = { relu, "leaky-relu": leakyRelu, tanh, sigmoid, gelu } as const;

/** b_reader += Σ W_reader[:, u, ..] · φ(b_u) for every unit u that is a constant, over all places that read it. */
function fold(
  t: Trace,
  specs: readonly ParamSpec[],
  axes: readonly UnitAxis[],
  params: Params,
  { folded }: Round,
): Params {
  const changed = new Map(params);
  for (const { axis, constant } of axes) {
    const places = folded.get(axis) ?? [];
    if (constant === null || places.length === 0) continue;
    const own = pick(t, changed.get(constant.bias)!, 0, places);
    const { activation } = constant;
    const values = activation === "none" ? own : t.call(PHI[activation], [own], {} as never)[0]!;
    for (const { weight, bias } of constant.readers) {
      const spec = specs.find(({ path }) => path === weight)!;
      const at = spec.axes.indexOf(axis);
      const rank = spec.axes.length;
      const shape = [places.length, ...new Array<number>(rank - at - 1).fill(1)];
      const each = t.call(reshape, [values], { shape })[0]!;
      const parts = t.call(mul, [pick(t, changed.get(weight)!, at, places), each], {})[0]!;
      const read = Array.from({ length: rank - readsFrom(spec) }, (_, k) => readsFrom(spec) + k);
      const more = t.call(reduce, [parts], { axes: read, keepDims: false, how: "sum" })[0]!;
      changed.set(bias, t.call(add, [changed.get(bias)!, more], {})[0]!);
    }
  }
  return changed;
}

/** Everything but the rows, columns and bias entries of the units that go. */
function without(t: Trace, specs: readonly ParamSpec[], state: Params, { gone }: Round): Params {
  const thinner = new Map(state);
  for (const { path, axes } of specs) {
    const x = axes.reduce((value, name, axis) => {
      const places = gone.get(name);
      if (places === undefined) return value;
      const out = new Set(places);
      const keep = [...Array(value.shape[axis]!).keys()].filter((u) => !out.has(u));
      return pick(t, value, axis, keep);
    }, state.get(path)!);
    thinner.set(path, x);
  }
  return thinner;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
