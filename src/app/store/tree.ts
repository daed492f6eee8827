/**
 * The history as the tree it is: every structural event a node with the loss after it, and under each node the branches
 * that leave there. Pure: folded from the marks and curves of the session, in the order in which they happened.
 */
import type { Value } from "../../config/schema.ts";
import { column, type Series } from "./series.ts";
import type { Branch, Mark, Session } from "./session.ts";

export interface TreeNode {
  /** Node of the history to go to; "" where the run has told none. */
  readonly node: string;
  /** Null: the start of the run. */
  readonly mark: Mark | null;
  readonly step: number;
  /** Losses from here to the next node of the line, few enough to draw small. */
  readonly after: readonly number[];
  readonly branches: readonly TreeLine[];
}

export interface TreeLine {
  /** Null: the line of the run. */
  readonly branch: Branch | null;
  /** Its place among all branches, which decides its colour; −1 for the line of the run. */
  readonly index: number;
  /** Of a branch that trains on before its first event: the losses up to there. */
  readonly before: readonly number[];
  /** Branches that leave before its first event. */
  readonly branches: readonly TreeLine[];
  readonly nodes: readonly TreeNode[];
}

/** Points of a thumbnail. */
export const SPARK = 32;

/** Means of the losses after step `from` and up to `to`, in at most `SPARK` groups. */
export function lossesBetween(train: Series, from: number, to: number): readonly number[] {
  const steps = column(train, "step");
  const losses = column(train, "loss");
  let first = steps.findIndex((step) => step > from);
  if (first < 0) return [];
  let end = steps.findIndex((step) => step > to);
  if (end < 0) end = steps.length;
  const groups = Math.min(SPARK, end - first);
  const means: number[] = [];
  const all = end - first;
  for (let g = 0; g < groups; g++) {
    const until = end - all + Math.floor((all * (g + 1)) / groups);
    let sum = 0;
    for (let i = first; i < until; i++) sum += losses[i]!;
    means.push(sum / Math.max(1, until - first));
    first = until;
  }
  return means;
}

type Tracked = Pick<Session, "train" | "marks" | "branches" | "state">;

/** The events of a line and its branches, hung where they leave it. */
function lineOf(
  all: readonly Branch[],
  of: { readonly branch: Branch | null; readonly train: Series; readonly marks: readonly Mark[] },
  start: Pick<TreeNode, "node" | "mark" | "step"> | null,
): TreeLine {
  const events = of.marks.filter(({ done, node }) => done !== null && node !== null);
  const places = [
    ...(start === null ? [] : [start]),
    ...events.map((mark) => ({ node: mark.node!, mark, step: mark.clock.step })),
  ];
  const own = all.filter(({ parent }) => parent === (of.branch?.id ?? null));
  const joins = own.map(({ joinStep }) => places.findLastIndex(({ step }) => step <= joinStep));
  const leaving = (at: number): readonly TreeLine[] =>
    own
      .filter((_, k) => joins[k] === at)
      .map((branch) => lineOf(all, { branch, train: branch.train, marks: branch.marks }, null));
  const first = of.branch?.joinStep ?? -1;
  return {
    branch: of.branch,
    index: of.branch === null ? -1 : all.indexOf(of.branch),
    before: start === null ? lossesBetween(of.train, first, places[0]?.step ?? Number.POSITIVE_INFINITY) : [],
    branches: leaving(-1),
    nodes: places.map((place, i) => ({
      ...place,
      after: lossesBetween(of.train, place.step, places[i + 1]?.step ?? Number.POSITIVE_INFINITY),
      branches: leaving(i),
    })),
  };
}

export function treeOf({ train, marks, branches, state }: Tracked): TreeLine {
  const root = state?.nodes.find(({ parent }) => parent === null)?.id ?? "";
  return lineOf(branches, { branch: null, train, marks }, { node: root, mark: null, step: 0 });
}

/** A mark of the run's line or of any branch. */
export function markWith({ marks, branches }: Pick<Session, "marks" | "branches">, id: string): Mark | null {
  return [...branches.map((branch) => branch.marks), marks].flat().find((mark) => mark.id === id) ?? null;
}

const NO_VALUES = {};

/** Values of the model as they were at a node of the history: of the last structural event at it or before it. */
export function archAt(
  { marks, branches, parents, config }: Pick<Session, "marks" | "branches" | "parents" | "config">,
  node: string,
): Readonly<Record<string, Value>> {
  const all = [...branches.map((branch) => branch.marks), marks].flat();
  for (let at: string | undefined = node; at !== undefined; at = parents[at]) {
    const made = all.find((mark) => mark.node === at)?.done;
    if (made) return made.arch;
  }
  return config?.model ?? NO_VALUES;
}
