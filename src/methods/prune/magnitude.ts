/**
 * Magnitude pruning: "Learning both Weights and Connections" (Han et al. 2015; grow-prune §2). The smallest weights die,
 * the rest keep value and moments and train on. A threshold q·σ becomes a count, too: the weights below it are just so many
 * of the smallest, so one exact selection on the device serves all modes.
 */
import type { Schema, Values } from "../../config/schema.ts";
import { maskSelect } from "../../engine/ops/mask-select.ts";
import type { Tensor, Trace } from "../../engine/types.ts";
import type { Norm } from "../../models/types.ts";
import { mayPrune } from "../gates/phase.ts";
import { isConnection } from "../target.ts";
import type { StructureAt, StructureMethod, StructurePlan, StructureState } from "../types.ts";
import { drop, sparserDropout } from "./amounts.ts";
import { effectiveArena, normsOf } from "./effective.ts";
import { keptRows } from "./kept-rows.ts";
import { type Counts, countIn, countsOf, type Scope, scopeOf, spreads, tilesIn } from "./survey.ts";

const SCHEMA = {
  mode: {
    kind: "choice",
    label: "Drop",
    help: "std: weights below q·σ of their matrix. fraction: a share of each matrix. count, global: one ranking over all.",
    default: "fraction",
    options: ["std", "fraction", "count", "global"],
  },
  q: {
    kind: "float",
    label: "Threshold",
    symbol: "q",
    help: "For std: in standard deviations of the matrix's active weights.",
    default: 0.6,
    min: 0,
    max: 10,
    unit: "σ",
  },
  share: {
    kind: "float",
    label: "Share",
    symbol: "γ",
    help: "For fraction and global: of the active weights.",
    default: 0.1,
    min: 0,
    max: 0.9999,
  },
  count: {
    kind: "int",
    label: "Count",
    symbol: "n",
    help: "For count: so many of the smallest, over all matrices together.",
    default: 1000,
    min: 0,
    max: 100_000_000,
    unit: "weights",
  },
  target: {
    kind: "path",
    label: "Part",
    help: "The part that is thinned out: a parameter, a layer, a tile. Empty: every matrix of connections.",
    default: "",
  },
  grace: {
    kind: "int",
    label: "Grace",
    help: "Weights with fewer updates are spared: a newborn would always be the smallest.",
    default: 50,
    min: 0,
    max: 100_000,
    unit: "updates",
  },
  effective: {
    kind: "flag",
    label: "Count batch norm in",
    help: "Ranks a convolution by |γ/√(var + ε) · w|: what a weight does behind its batch norm.",
    default: false,
  },
  rescale: {
    kind: "flag",
    label: "Rescale dropout",
    help: "A sparser network needs less of it: D_r = D_o √(C_r/C_o).",
    default: true,
  },
  anyway: {
    kind: "flag",
    label: "Before the swap too",
    help: "For gates with leaky ReLUs, which are swapped to ReLUs before a network is pruned.",
    default: false,
  },
} as const satisfies Schema;

export type MagnitudeValues = Values<typeof SCHEMA>;

export const magnitude: StructureMethod<typeof SCHEMA> = {
  kind: "structure",
  does: "prune",
  id: "magnitude",
  label: "Magnitude pruning",
  summary: "Removes the smallest weights; the rest train on from where they are.",
  schema: SCHEMA,
  paper: {
    title: "Learning both Weights and Connections for Efficient Neural Networks",
    authors: "Han, Pool, Tran, Dally",
    year: 2015,
    arxiv: "1506.02626",
  },
  applies: () => true,
  plan: (at, c) => planMagnitude(at, c),
};

const not = (why: string): string => `Not pruned: ${why}.`;

async function planMagnitude(at: StructureAt, c: MagnitudeValues): Promise<StructurePlan | string> {
  const wrong = checkValues(c);
  if (wrong !== null) return not(wrong);
  const may = mayPrune(at.model, at.from.arch, c.anyway);
  if (may !== true) return may;
  const scope = scopeOf(at, c.target);
  if (typeof scope === "string") return not(scope);
  const apart = c.mode === "std" || c.mode === "fraction";
  const tiles = apart ? scope.apart : scope.together;
  const norms = c.effective ? normsOf(at.model.norms?.(at.from.arch) ?? [], scope.specs) : [];
  /** What is ranked. */
  const scores = (t: Trace, old: StructureState): Tensor =>
    norms.length > 0 ? effectiveArena(t, at.from, old, norms) : old.flat.params;
  const limits =
    c.mode === "std" ? (await spreads(at, tiles, scores)).map(({ deviation }) => c.q * deviation) : [];
  const survey = await at.look((t, old) => {
    const [score, { age }] = [scores(t, old), old.flat];
    return {
      groups: countIn(t, score, age, tiles, c.grace, limits),
      matrices: countIn(t, score, age, scope.whole, c.grace),
      ...Object.fromEntries(norms.map(({ running }, k) => [`running${k}`, old.params.get(running)!])),
    };
  });
  const groups = countsOf(survey.groups);
  const matrices = countsOf(survey.matrices);
  const active = sum(groups.map((group) => group.active));
  if (active === 0) return not("no active weight is left there");
  if (groups.every(({ droppable }) => droppable === 0)) return not(tooYoung(groups, c.grace));

  const wanted = groups.map((group) => Math.min(wantedOf(group, c), group.droppable));
  if (c.mode === "std") {
    const cut = wanted.findIndex((n, k) => n > 0 && n === matrices[k]!.active);
    if (cut >= 0) return not(wouldDisconnect(scope, cut));
  }
  // A share of one weight is one weight, but every matrix keeps one.
  const leaving = apart ? wanted.map((n, k) => Math.min(n, matrices[k]!.active - 1)) : wanted;
  const dropped = sum(leaving);
  if (dropped === 0) return not("no weight is that small");

  const selected = (t: Trace, old: StructureState): Tensor => {
    const words = t.constant({ shape: [leaving.length], dtype: "u32" }, leaving);
    const inputs = [scores(t, old), old.flat.age, tilesIn(t, tiles), words];
    return t.call(maskSelect, inputs, { ...tiles.attrs, what: "drop", grace: c.grace })[0]!;
  };
  if (!apart) {
    const { after } = await at.look((t, old) => ({
      after: countIn(t, old.flat.params, selected(t, old), scope.whole, 0),
    }));
    const cut = countsOf(after).findIndex((count, k) => count.active === 0 && matrices[k]!.active > 0);
    if (cut >= 0) return not(wouldDisconnect(scope, cut));
  }
  const kept = await keptRows(at, scope.specs, selected, scores);
  const gone = dropped - kept.rows.length;
  if (gone === 0) return not("only the last weights of gates are that small, which stay");
  const notes = [...kept.notes, ...stillNotes(norms, survey)];
  return {
    arch: at.from.arch,
    preserving: false,
    change: (t, old) => ({ age: kept.ages?.(t, old) ?? selected(t, old) }),
    ...(c.rescale ? dropoutAfter(at, gone) : {}),
    figures: { dropped: gone, share: gone / active },
    ...(notes.length > 0 ? { notes } : {}),
  };
}

/** A map that never varies is ranked by the ε under its norm's root: said, since that makes its weights look large. */
function stillNotes(
  norms: readonly Norm[],
  seen: Readonly<Record<string, ArrayLike<number>>>,
): readonly string[] {
  return norms.flatMap(({ running }, k) => {
    const values = Array.from(seen[`running${k}`]!);
    const still = values.slice(values.length / 2).filter((variance) => variance < 1e-12).length;
    return still === 0
      ? []
      : [`${still} of the maps before ${running.replace(".running", "")} never vary; ε ranks them.`];
  });
}

/** What the schema's check lets through when a config was written by hand, said in the words of the page. */
function checkValues({ mode, q, share }: MagnitudeValues): string | null {
  if (mode === "std" && !(q >= 0 && Number.isFinite(q))) return "choose q ≥ 0";
  if ((mode === "fraction" || mode === "global") && !(share >= 0 && share < 1)) return "choose 0 ≤ γ < 1";
  return null;
}

function wantedOf(group: Counts, { mode, share, count }: MagnitudeValues): number {
  if (mode === "std") return group.below;
  return mode === "count" ? count : drop(share, group.active);
}

function tooYoung(groups: readonly Counts[], grace: number): string {
  const oldest = Math.max(...groups.map((group) => group.oldest));
  if (oldest === 0) return "every active weight there is frozen";
  const more = grace - (oldest - 1);
  return `nothing is old enough to prune; train ${more} more ${more === 1 ? "step" : "steps"}`;
}

const wouldDisconnect = ({ specs }: Scope, k: number): string =>
  `it would disconnect ${specs[k]!.path} (100 % of its weights); choose less`;

/** The dropout of the network that is left, where there is dropout at all. C_o and C_r: all its connections. */
function dropoutAfter({ from, live, active }: StructureAt, dropped: number): Pick<StructurePlan, "live"> {
  const before = live["model.dropout"] ?? 0;
  if (before === 0) return {};
  const connections = sum(from.specs.filter(isConnection).map(({ path }) => active.get(path)!));
  return { live: { "model.dropout": sparserDropout(before, connections, connections - dropped) } };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
