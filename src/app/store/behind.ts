/**
 * Curves of earlier runs that stay, faint, behind the curves of the present one: a fixed network behind one that grows, one
 * layer behind two. They live as long as the page; a run itself is kept by saving it or by its link.
 */
import type { Choice, RunConfig } from "../../run/config.ts";
import { compact } from "../format.ts";
import { catalog, labelOf } from "./catalog.ts";
import type { Series } from "./series.ts";
import type { Session } from "./session.ts";
import { getRun, setRun } from "./store.ts";

export interface KeptCurve {
  /** "LSTM, 79 k weights" */
  readonly name: string;
  /** Losses on other data say nothing beside these. */
  readonly data: Choice;
  readonly train: Series;
  readonly evals: Series;
}

/** More would hide the curve that they stand behind. */
export const MOST_KEPT = 3;

const nameOf = (config: RunConfig, sizes: Session["sizes"]): string => {
  const weights = sizes.at(-1)?.active ?? 0;
  return `${labelOf(catalog.models, config.model.id)}, ${compact(weights)} weights`;
};

/** The present curve as it stands, the newest of at most three. */
export function keepCurve(): void {
  const { config, train, evals, sizes, kept } = getRun();
  if (config === null || train.length === 0) return;
  const curve: KeptCurve = { name: nameOf(config, sizes), data: config.data, train, evals };
  setRun({ kept: [...kept, curve].slice(-MOST_KEPT) });
}

export function dropKept(): void {
  setRun({ kept: [] });
}

/** Those that may be compared with a run of this config. */
export function keptBeside(kept: readonly KeptCurve[], config: RunConfig | null): readonly KeptCurve[] {
  const data = JSON.stringify(config?.data);
  return kept.filter((curve) => JSON.stringify(curve.data) === data);
}
