/**
 * Compaction inside the gates of an H-LSTM (grow-prune §5.2, §2.4): hidden units that pruning has cut off leave, and the
 * gates become as narrow as the widest of them needs. A unit that nobody reads goes as it is; one that reads nothing is the
 * constant φ(d), which is added to the biases of its readers first. The function stays.
 *
 * All hidden layers of all gates have one width, so each gate's units that are left move together to the front, and a gate
 * that needs fewer than the widest is filled up with units that are dormant altogether.
 */
import type { Schema } from "../../config/schema.ts";
import { add, mul } from "../../engine/ops/binary.ts";
import { slice } from "../../engine/ops/layout.ts";
import { maskLines } from "../../engine/ops/mask-lines.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { reshape } from "../../engine/ops/reshape.ts";
import { relu, scale } from "../../engine/ops/unary.ts";
import type { Params, Tensor, Trace } from "../../engine/types.ts";
import type { HLstmArch } from "../../models/hlstm.ts";
import { cut, join, pick } from "../grow/tools.ts";
import type { Side, StructureAt, StructureMethod, StructurePlan } from "../types.ts";

const GATES = [0, 1, 2, 3] as const;
const NOT = "Not compacted";

/** Hidden layer `level` (0 the lowest) of stacked layer `layer`. */
interface Level {
  readonly layer: number;
  readonly level: number;
}

/** For each level of `levelsOf` and each gate: places of units. */
type Units = readonly (readonly (readonly number[])[])[];

const archOf = (side: Side): HLstmArch => side.arch as unknown as HLstmArch;

const levelsOf = ({ layers, gateLayers }: HLstmArch): readonly Level[] =>
  Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: gateLayers }, (_, level) => ({ layer, level })),
  ).flat();

function can({ arch }: Side): true | string {
  return (arch.gateLayers as number) > 0 || `${NOT}: the gates have no hidden layers.`;
}

export const compactGates: StructureMethod<Record<never, never>> = {
  kind: "structure",
  does: "compact",
  id: "compact-gates",
  label: "Compact gates",
  summary: "Takes out hidden units of the gates that pruning has cut off: narrower gates, the same function.",
  schema: {} as const satisfies Schema,
  paper: {
    title: "Grow and Prune Compact, Fast, and Accurate LSTMs",
    authors: "Dai, Yin, Jha",
    year: 2020,
    arxiv: "1805.11797",
  },
  applies: (model) => "gateLayers" in model.schema || `not for ${model.label}`,
  can: (_model, at) => can(at),
  plan: planCompaction,
};

async function planCompaction(at: StructureAt): Promise<StructurePlan | string> {
  const possible = can(at.from);
  if (possible !== true) return possible;
  const arch = archOf(at.from);
  const levels = levelsOf(arch);
  const all = Array.from({ length: arch.gateWidth }, (_, u) => u);
  let left: Units = levels.map(() => GATES.map(() => all));
  /** Units that are constants with readers, round by round: what is folded may make a later constant. */
  const rounds: Units[] = [];
  /** Dormant altogether from the start: a place that another gate needs. */
  let empty = 0;
  for (;;) {
    const fans = await fansOf(at, levels, left);
    const sorted = fans.map((gates) =>
      gates.map(({ reads, readBy }) =>
        reads.map((n, u) => (readBy[u] === 0 ? "unread" : n === 0 ? "constant" : "alive")),
      ),
    );
    if (rounds.length === 0) {
      empty = sum(fans.flat().map((f) => f.reads.filter((n, u) => n + f.readBy[u]! === 0).length));
    }
    const of = (...kinds: string[]): Units =>
      left.map((gates, k) =>
        gates.map((units, q) => units.filter((u) => kinds.includes(sorted[k]![q]![u]!))),
      );
    const alive = of("alive");
    if (count(alive) === count(left)) break;
    rounds.push(of("constant"));
    left = alive;
  }
  const removed = levels.length * 4 * arch.gateWidth - count(left) - empty;
  const width = Math.max(1, ...left.flat().map((units) => units.length));
  if (width === arch.gateWidth) {
    return removed === 0
      ? `${NOT}: no unit is cut off; prune first.`
      : `${NOT}: one gate still needs all ${width} units, and all gates are as wide as the widest.`;
  }
  return {
    arch: { ...at.from.arch, gateWidth: width },
    preserving: true,
    figures: { units: removed, folded: sum(rounds.map(count)), width },
    change(t, old) {
      const params = rounds.reduce((now, round) => folded(t, at.from, now, round), old.params);
      const narrow = (state: Params) => narrowed(t, at.from, state, left, width);
      return { params: narrow(params), age: narrow(old.age), slots: old.slots.map(narrow) };
    },
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
const count = (units: Units): number => sum(units.flat().map((places) => places.length));

/** x, of which `axis` holds units, with those of gate q that `index[q]` names, in its order; null: zeros. */
function ofGates(
  t: Trace,
  x: Tensor,
  gates: number,
  axis: number,
  index: readonly (readonly (number | null)[])[],
): Tensor {
  return join(
    t,
    GATES.map((q) => pick(t, cut(t, x, gates, q, q + 1)!, axis, index[q]!)),
    gates,
  );
}

/** Every parameter of the gates with only the units of `places`, each list as long as the others. */
function onlyUnits(
  t: Trace,
  from: Side,
  state: Params,
  places: readonly (readonly (readonly (number | null)[])[])[],
): Params {
  const { layers, gateLayers } = archOf(from);
  const out = new Map(state);
  for (let layer = 0; layer < layers; layer++) {
    const at = (level: number) => places[layer * gateLayers + level]!;
    const put = (short: string, change: (x: Tensor) => Tensor) => {
      const path = `layers.${layer}.${short}`;
      out.set(path, change(state.get(path)!));
    };
    for (const short of ["x.weight", "h.weight", "x.bias"]) put(short, (x) => ofGates(t, x, 0, 1, at(0)));
    put("gates.weight", (x) => ofGates(t, x, 0, 2, at(gateLayers - 1)));
    if (gateLayers === 1) continue;
    const each = (x: Tensor, change: (one: Tensor, level: number) => Tensor) =>
      join(
        t,
        Array.from({ length: gateLayers - 1 }, (_, k) => change(cut(t, x, 0, k, k + 1)!, k)),
        0,
      );
    put("inner.weight", (x) =>
      each(x, (one, k) => ofGates(t, ofGates(t, one, 1, 2, at(k + 1)), 1, 3, at(k))),
    );
    put("inner.bias", (x) => each(x, (one, k) => ofGates(t, one, 1, 2, at(k + 1))));
  }
  return out;
}

const narrowed = (t: Trace, from: Side, state: Params, left: Units, width: number): Params =>
  onlyUnits(
    t,
    from,
    state,
    left.map((gates) => gates.map((units) => Array.from({ length: width }, (_, i) => units[i] ?? null))),
  );

/** Active connections by which each unit reads and is read, where only those `left` are there. */
async function fansOf(at: StructureAt, levels: readonly Level[], left: Units) {
  const { gateLayers, gateWidth } = archOf(at.from);
  const places = left.map((gates) =>
    gates.map((units) => {
      const here = new Set(units);
      return Array.from({ length: gateWidth }, (_, u) => (here.has(u) ? u : null));
    }),
  );
  const found = await at.look((t, old) => {
    const age = onlyUnits(t, at.from, old.age, places);
    const rows = (x: Tensor, leading: number) =>
      t.call(maskLines, [x], { from: leading, to: x.shape.length })[0]!;
    const outputs: Record<string, Tensor> = {};
    levels.forEach(({ layer, level }, i) => {
      const of = (short: string) => age.get(`layers.${layer}.${short}`)!;
      /** [4, G, G] between this level and the one `above` it. */
      const inner = (above: number) => {
        const x = cut(t, of("inner.weight"), 0, above - 1, above)!;
        return t.call(reshape, [x], { shape: x.shape.slice(1) })[0]!;
      };
      if (level === 0) {
        outputs[`x${i}`] = rows(of("x.weight"), 2);
        outputs[`h${i}`] = rows(of("h.weight"), 2);
      } else outputs[`x${i}`] = rows(inner(level), 2);
      const readers = level === gateLayers - 1 ? of("gates.weight") : inner(level + 1);
      outputs[`by${i}`] = t.call(maskLines, [readers], { from: 1, to: 2 })[0]!;
    });
    return outputs;
  });
  return levels.map((_, i) =>
    GATES.map((q) => {
      const of = (name: string) =>
        Array.from({ length: gateWidth }, (_, u) => found[name]?.[q * gateWidth + u] ?? 0);
      const h = of(`h${i}`);
      return { reads: of(`x${i}`).map((n, u) => n + h[u]!), readBy: of(`by${i}`) };
    }),
  );
}

/** bias_reader += Σ_u W_reader[:, u] · φ(d_u) over the units of one round. */
function folded(t: Trace, from: Side, params: Params, round: Units): Params {
  const arch = archOf(from);
  const { gateLayers, gateWidth, slope } = arch;
  const out = new Map(params);
  levelsOf(arch).forEach(({ layer, level }, i) => {
    if (round[i]!.every((units) => units.length === 0)) return;
    const path = (short: string) => `layers.${layer}.${short}`;
    const shaped = (x: Tensor, shape: readonly number[]) => t.call(reshape, [x], { shape })[0]!;
    /** One level of what is stacked on axis 0. */
    const one = (short: string, k: number, shape: readonly number[]) =>
      shaped(cut(t, out.get(path(short))!, 0, k, k + 1)!, shape);
    const square = [4, gateWidth, gateWidth];
    const own = level === 0 ? out.get(path("x.bias"))! : one("inner.bias", level - 1, [4, gateWidth]);
    const here = new Float32Array(4 * gateWidth);
    round[i]!.forEach((units, q) => {
      for (const u of units) here[q * gateWidth + u] = 1;
    });
    // φ(d) = s·d + (1 − s)·max(d, 0)
    const positive = t.call(scale, [t.call(relu, [own], {})[0]!], { factor: 1 - slope })[0]!;
    const phi = t.call(add, [t.call(scale, [own], { factor: slope })[0]!, positive], {})[0]!;
    const chosen = t.call(mul, [phi, t.constant({ shape: [4, gateWidth], dtype: "f32" }, here)], {})[0]!;
    const last = level === gateLayers - 1;
    const readers = last ? out.get(path("gates.weight"))! : one("inner.weight", level, square);
    const parts = t.call(mul, [readers, shaped(chosen, [4, 1, gateWidth])], {})[0]!;
    const more = t.call(reduce, [parts], { axes: [2], keepDims: false, how: "sum" })[0]!;
    if (last) {
      out.set(path("bias"), t.call(add, [out.get(path("bias"))!, more], {})[0]!);
      return;
    }
    const biases = out.get(path("inner.bias"))!;
    const levels = Array.from({ length: gateLayers - 1 }, (_, k) => {
      const x = t.call(slice, [biases], { starts: [k, 0, 0], sizes: [1, 4, gateWidth] })[0]!;
      return k === level ? t.call(add, [x, shaped(more, [1, 4, gateWidth])], {})[0]! : x;
    });
    out.set(path("inner.bias"), join(t, levels, 0));
  });
  return out;
}
