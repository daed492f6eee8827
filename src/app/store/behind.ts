/**
 * Curves of earlier runs that stay, faint, behind the curves of the present one: a fixed network behind one that grows, one
 * layer behind two. They live as long as the page; a run itself is kept by saving it or by its link.
 */
import type { Choice, RunConfig } from "../../run/config.ts";
import { compact, loss, whole } from "../format.ts";
import { catalog, labelOf } from "./catalog.ts";
import { lastRow, type Series } from "./series.ts";
import type { Session } from "./session.ts";
import { getRun, setRun } from "./store.ts";

export interface KeptCurve {
  /** "LSTM, 79 k weights" */
  readonly name: string;
  /** Losses on other data say nothing beside these. */
  readonly data: Choice;
  readonly train: Series;
  readonly evals: Series;
  readonly run: string | null;
  /** It is what the present run is compared with: over its curves, as plain to see. */
  readonly over?: boolean;
}

/** More would hide the curve that they stand behind. */
export const MOST_KEPT = 3;

const nameOf = (config: RunConfig, sizes: Session["sizes"]): string => {
  const weights = sizes.at(-1)?.active ?? 0;
  return `${labelOf(catalog.models, config.model.id)}, ${compact(weights)} weights`;
};

/** The present curve as it stands, the newest of at most three. */
export function keepCurve(): void {
  const { config, train, evals, sizes, kept, run } = getRun();
  if (config === null || train.length === 0) return;
  const curve: KeptCurve = { name: nameOf(config, sizes), data: config.data, train, evals, run };
  setRun({ kept: [...kept, curve].slice(-MOST_KEPT) });
}

/** The present curve, to lie over the run that it is compared with; there is one comparison at a time. */
export function keepAgainst(name: string): void {
  const { config, train, evals, kept, run } = getRun();
  if (config === null) return;
  const curve: KeptCurve = { name, data: config.data, train, evals, run, over: true };
  setRun({ kept: [...kept.filter(({ over }) => !over), curve].slice(-MOST_KEPT) });
}

export function dropKept(): void {
  setRun({ kept: [] });
}

/** Those that may be compared with this run: on its data, and not its own curve, which lies over the other one. */
export function keptBeside(
  kept: readonly KeptCurve[],
  config: RunConfig | null,
  run: string | null = null,
): readonly KeptCurve[] {
  const data = JSON.stringify(config?.data);
  return kept.filter((curve) => JSON.stringify(curve.data) === data && !(curve.over && curve.run === run));
}

/** "Behind it LSTM, 79 k weights, ended at 1.58." */
export function sayKept({ name, train, evals, over }: KeptCurve): string {
  const last = lastRow(evals.length > 1 ? evals : train);
  return last === null
    ? ""
    : `${over ? "Beside" : "Behind"} it ${name}, ended at ${loss(last.loss)} at step ${whole(last.step)}.`;
}
