/**
 * Connection growth, the first policy of NeST (Dai, Yin, Jha; grow-prune §3.3), and the growth of the paper's LSTMs
 * (§5.2): the dormant connections at which the loss pulls hardest come to life. Over a window of batches the signed
 * gradient of every entry is summed, dormant ones included; gradients that change sign cancel; then the largest |Ḡ| of each
 * matrix win, an exact number of them.
 */
import type { Schema, Values } from "../../config/schema.ts";
import { whereActive } from "../../engine/ops/ages-at.ts";
import { maskMoments } from "../../engine/ops/mask-moments.ts";
import { maskSelect } from "../../engine/ops/mask-select.ts";
import { scale } from "../../engine/ops/unary.ts";
import type { Params, Tensor, Trace } from "../../engine/types.ts";
import { mayGrow } from "../gates/phase.ts";
import { NEST } from "../papers.ts";
import { take } from "../prune/amounts.ts";
import { countIn, countsOf, type Scope, scopeOf, tilesIn } from "../prune/survey.ts";
import type { StructureAt, StructureMethod, StructurePlan, StructureState } from "../types.ts";
import { filled } from "./tools.ts";

const schema = {
  mode: {
    kind: "choice",
    label: "How many",
    help: "fraction: a share of each matrix's dormant connections. percentile: those above the 100·α-th percentile of its |Ḡ|.",
    default: "fraction",
    options: ["fraction", "percentile"],
  },
  share: {
    kind: "float",
    label: "Share",
    symbol: "α",
    help: "Of the dormant connections of each matrix, or as a percentile of the gradients of all of them.",
    default: 0.02,
    min: 0.0001,
    max: 1,
  },
  most: {
    kind: "float",
    label: "Stops at density",
    help: "A matrix of which this share is active grows no more.",
    default: 1,
    min: 0.01,
    max: 1,
  },
  window: {
    kind: "int",
    label: "Batches looked at",
    symbol: "K",
    help: "Steps over which gradients are summed before it acts.",
    default: 20,
    min: 1,
    max: 10_000,
    unit: "batches",
  },
  start: {
    kind: "choice",
    label: "Start",
    help: "zero: nothing changes at first. step: −η·Ḡ, one step down the mean gradient.",
    default: "zero",
    options: ["zero", "step"],
  },
  accept: {
    kind: "flag",
    label: "Only if it helps",
    help: "For start step: kept only if the loss on the probe batch falls.",
    default: false,
  },
  target: {
    kind: "path",
    label: "Part",
    help: "The part that is filled in: a parameter, a layer, a tile. Empty: every matrix of connections.",
    default: "",
  },
} as const satisfies Schema;

export type ConnectionsValues = Values<typeof schema>;

const not = (why: string): string => `Not grown: ${why}.`;

export const connections: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "grow",
  id: "connections",
  label: "Grow connections",
  summary: "Wakes the dormant connections whose gradients are largest.",
  schema,
  paper: NEST,
  applies: () => true,
  window: (c) => c.window,
  can(model, from, c) {
    const may = mayGrow(model, from.arch);
    if (may !== true) return may;
    const scope = scopeOf({ model, from }, c.target);
    return typeof scope === "string" ? not(scope) : true;
  },
  plan: planConnections,
};

async function planConnections(at: StructureAt, c: ConnectionsValues): Promise<StructurePlan | string> {
  const scope = scopeOf(at, c.target);
  if (typeof scope === "string") return not(scope);
  const tiles = scope.apart;
  const { counts } = await at.look((t, { flat: { age, score } }) => ({
    counts: countIn(t, score!, age, tiles, 0),
  }));
  const groups = countsOf(counts);
  const dormant = sum(groups.map((group) => group.dormant));
  if (dormant === 0) return not("no connection is dormant there, it is dense: nothing to grow");
  const room = groups.map(({ active, dormant }) =>
    Math.max(0, Math.min(dormant, Math.floor(c.most * (active + dormant) + 1e-9) - active)),
  );
  if (sum(room) === 0) return not(`${percent(c.most)} of every matrix there is active, where growth stops`);
  const asked =
    c.mode === "fraction"
      ? groups.map((group) => take(c.share, group.dormant))
      : await abovePercentile(at, scope, c.share);
  const wanted = asked.map((n, k) => Math.min(n, room[k]!));
  const grown = sum(wanted);
  if (grown === 0) {
    const percentile = Number((100 * c.share).toPrecision(4));
    return not(`no dormant gradient is above the ${percentile}th percentile of its matrix; try fraction`);
  }
  const rate = at.lr / at.scored;
  const plan: StructurePlan = {
    arch: at.from.arch,
    preserving: c.start === "zero",
    change: (t, old) => ({
      age: woken(t, old, scope, wanted),
      ...(c.start === "step" ? { params: stepped(t, old, scope, rate) } : {}),
    }),
    figures: { grown, share: grown / dormant },
  };
  if (c.start !== "step" || !c.accept) return plan;
  return {
    ...plan,
    judge: ({ lossBefore, lossAfter }) =>
      lossAfter < lossBefore ||
      not(`the loss on the probe batch would rise by ${(lossAfter - lossBefore).toPrecision(3)}`),
  };
}

/** Newborns have age 1; what was active keeps its age. */
function woken(t: Trace, { flat }: StructureState, { apart }: Scope, wanted: readonly number[]): Tensor {
  const words = t.constant({ shape: [wanted.length], dtype: "u32" }, wanted);
  const inputs = [flat.score!, flat.age, tilesIn(t, apart), words];
  return t.call(maskSelect, inputs, { ...apart.attrs, what: "wake", grace: 0 })[0]!;
}

/** −η·Ḡ wherever nothing was: what stays dormant becomes 0 with the new ages. */
function stepped(t: Trace, { params, age, score }: StructureState, { specs }: Scope, rate: number): Params {
  return new Map(
    specs.map(({ path }) => {
      const [step] = t.call(scale, [score!.get(path)!], { factor: -rate });
      return [path, t.call(whereActive, [params.get(path)!, step!, age.get(path)!], {})[0]!];
    }),
  );
}

/**
 * Of each matrix the dormant entries with |Ḡ| strictly above its 100·p-th percentile: by nearest rank, the ⌈p·n⌉-th
 * smallest |Ḡ| of all its n entries, active and dormant (grow-prune §5.2).
 */
async function abovePercentile(at: StructureAt, { apart }: Scope, p: number): Promise<readonly number[]> {
  const sizes = new Array<number>(apart.attrs.groups).fill(0);
  for (let i = 0; i < apart.table.length; i += 3) sizes[apart.table[i + 2]!]! += apart.table[i + 1]!;
  const ranks = sizes.map((n) => Math.max(1, Math.ceil(p * n - 1e-9)));
  const { moments } = await at.look((t, { flat: { age, score } }) => {
    const tiles = tilesIn(t, apart);
    const everyone = filled(t, age.shape, 1, "u32");
    const nothing = filled(t, age.shape, 0, "f32");
    const words = t.constant({ shape: [ranks.length], dtype: "u32" }, ranks);
    // The ranks smallest are dropped; the largest of those is the percentile.
    const rest = t.call(maskSelect, [score!, everyone, tiles, words], {
      ...apart.attrs,
      what: "drop",
      grace: 0,
    })[0]!;
    const [smallest] = t.call(whereActive, [nothing, score!, rest], {});
    return { moments: t.call(maskMoments, [smallest!, everyone, tiles], apart.attrs)[0]! };
  });
  // |Ḡ| ≤ limit is |Ḡ| < the next number above it.
  const limits = sizes.map((_, g) => nextUp(moments[4 * g + 3]!));
  const { counts } = await at.look((t, { flat: { age, score } }) => {
    const nothing = filled(t, age.shape, 0, "f32");
    const everyone = filled(t, age.shape, 1, "u32");
    const [asleep] = t.call(whereActive, [nothing, score!, age], {});
    return { counts: countIn(t, asleep!, everyone, apart, 0, limits) };
  });
  return countsOf(counts).map(({ below }, g) => sizes[g]! - below);
}

/** The next f32 above x ≥ 0. */
function nextUp(x: number): number {
  const bits = new Uint32Array(new Float32Array([x]).buffer);
  bits[0]! += 1;
  return new Float32Array(bits.buffer)[0]!;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
