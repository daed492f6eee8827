/** An operator (LiGO, Mango) is being trained through the larger network: it can be committed, paused or given up. */
import type { AppState } from "./store.ts";

export const operatorLearns = ({ progress }: Pick<AppState, "progress">): boolean =>
  progress?.what === "grow" && progress.label === "operator";
