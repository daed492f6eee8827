/**
 * The surgeon's table as a list: every action that the catalog has for this model, with what the selection decides of it
 * filled in. A new method stands on the table by being registered.
 */
import type { Value } from "../../config/schema.ts";
import type { ActionEntry } from "../../run/catalog.ts";
import type { Choice } from "../../run/config.ts";
import { catalog, choiceOf } from "./catalog.ts";
import { sized } from "./draft.ts";
import { objectOf, type Selection } from "./selection.ts";

/** Ids of the table's heading: in the rail, and in the popover at the part. */
export const RAIL_TABLE = "surgeon-title";
export const POPOVER_TABLE = "surgery-title";

export interface Deed {
  readonly entry: ActionEntry;
  /** Values that the selection decides. */
  readonly aimed: Readonly<Record<string, Value>>;
  /** It acts on the selection, not on the network as a whole. */
  readonly here: boolean;
  readonly start: Choice;
  /** "Block 2 reads block 1", "the whole network" */
  readonly object: string;
}

const WHOLE = "the whole network";

/** A block is copied by its number, which is the last word of its name. */
function donorOf(entry: ActionEntry, selection: Selection): string | null {
  const field = entry.schema.donor;
  const number = /^Block (\d+)$/.exec(selection.tier?.name ?? "")?.[1];
  if (field?.kind !== "choice" || number === undefined) return null;
  return field.options.includes(number) ? number : null;
}

function aimedAt(entry: ActionEntry, selection: Selection): Record<string, Value> {
  const aimed: Record<string, Value> = {};
  for (const [name, field] of Object.entries(entry.schema)) {
    if (field.kind === "path") aimed[name] = selection.target;
  }
  const donor = donorOf(entry, selection);
  if (donor !== null && !selection.target.includes("@")) aimed.donor = donor;
  return aimed;
}

/** The gates that the selection's matrices stack, by their letters; none: it has no gates. */
export const gatesOf = ({ weights }: Selection): readonly string[] =>
  weights.find(({ strips }) => strips.length > 1)?.strips ?? [];

/** One gate of the selection: what a target of a gate names. */
export const gateOf = (selection: Selection, gate: string): Selection => ({
  ...selection,
  target: `${selection.target}@${gate}`,
  name: `${selection.name}, gate ${gate}`,
});

/** What acts on the selection first, cuts before the rest, as under Structure. */
export function deedsOn(selection: Selection, model: Choice): readonly Deed[] {
  const deeds = catalog.actions
    .filter(({ applies }) => applies[model.id] === true)
    .map((entry): Deed => {
      const aimed = aimedAt(entry, selection);
      const here = Object.keys(aimed).length > 0 && selection.target !== "";
      const start = sized(choiceOf(entry), model);
      return { entry, aimed, here, start, object: here ? objectOf(selection) : WHOLE };
    });
  const order = ({ here, entry: { does } }: Deed): number =>
    (here ? 0 : 2) + (does === "prune" || does === "grow" ? 0 : 1);
  return [...deeds].sort((a, b) => order(a) - order(b));
}

export const actionOf = ({ start, aimed }: Deed): Choice => ({ ...start, ...aimed });
