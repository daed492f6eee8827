/**
 * What is selected on the stage, and what an action aimed at it is told: a part, a tier (a layer, a block), a unit of a
 * tier ("fc.0#12"), or the whole network. The desk holds one id, `pinned`; here it becomes a name for the reader and a target for the trainer.
 */
import type { Anatomy, Part, RunView, Tier } from "../../run/messages.ts";

/** The id that stands for all of the network. */
export const NETWORK = "network";

export interface Selection {
  readonly id: string;
  /** "Block 2 reads block 1", "Block 2", "the whole network" */
  readonly name: string;
  /** What a field of kind "path" gets: a part's id, a tier's, or "" for everything. */
  readonly target: string;
  /** The one part, when it is one. */
  readonly part: Part | null;
  readonly tier: Tier | null;
  /** The one unit of the tier, from 0, when it is one. */
  readonly unit: number | null;
  /** What is drawn of the selection's weights. */
  readonly weights: readonly Part[];
}

const weightsOf = (tier: Tier): readonly Part[] =>
  [...tier.left, ...tier.right].filter(({ kind }) => kind === "weight");

/** "Layer 2 Block 1": blocks of stacked layers have the same names. */
function tierName(tiers: readonly Tier[], tier: Tier): string {
  const at = tiers.indexOf(tier);
  const group = tiers.slice(0, at + 1).findLast((each) => each.group !== "")?.group ?? "";
  return group === "" ? tier.name : `${group} ${tier.name}`;
}

/** Null when nothing is selected, or when it has left the network. */
export function selectionOf(anatomy: Anatomy | null, id: string | null): Selection | null {
  if (anatomy === null || id === null) return null;
  const { tiers } = anatomy;
  if (id === NETWORK) {
    const weights = tiers.flatMap(weightsOf);
    return { id, name: "the whole network", target: "", part: null, tier: null, unit: null, weights };
  }
  const [of, number] = id.split("#");
  const unit = number === undefined ? null : Number(number);
  for (const tier of tiers) {
    const name = tierName(tiers, tier);
    if (unit !== null && tier.id === of) {
      const weights = tier.left.filter(({ kind }) => kind === "weight");
      if (!weights.every((part) => unit < (part.slice[part.rows[0] ?? 0]?.[1] ?? 0))) return null;
      return { id, name: `${name} unit ${unit + 1}`, target: id, part: null, tier, unit, weights };
    }
    if (tier.id === id)
      return { id, name, target: id, part: null, tier, unit: null, weights: weightsOf(tier) };
    const part = [...tier.left, ...tier.right].find((each) => each.id === id);
    if (part === undefined) continue;
    const own = part.kind === "weight";
    return {
      id,
      name: `${name} ${part.name}`,
      // What is made cannot be cut: its tier's weights can.
      target: own ? id : tier.id,
      part,
      tier,
      unit: null,
      weights: own ? [part] : weightsOf(tier),
    };
  }
  return null;
}

/** What an action is said to act on: the tier where the selection shows what a tier makes. */
export const objectOf = ({ name, part, tier }: Selection): string =>
  part !== null && part.kind !== "weight" && tier !== null ? tier.name : name;

/** Weights of the selection, and those of them in use; null before the first look. */
export function weightsIn(
  { weights, unit }: Selection,
  view: RunView | null,
): { readonly all: number; readonly active: number } | null {
  // Tiles are of whole layers: what one unit has in use is not told by them.
  if (unit !== null) return null;
  let [all, active] = [0, 0];
  for (const part of weights) {
    const tile = view?.tiles[part.id];
    if (tile === undefined) return null;
    const size = tile.ofRows * tile.ofCols;
    all += size;
    active += Math.round(size * tile.kept);
  }
  return { all, active };
}
