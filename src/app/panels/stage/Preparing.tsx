/** Between the press and the new network: training goes on while its kernels are prepared, and a line says so. */
import type { ReactNode } from "react";
import { catalog, find, labelOf } from "../../store/catalog.ts";
import { type AppState, useRun } from "../../store/store.ts";

/** "" when nothing waits. A run that rests prepares nothing: there an action happens at once. */
export function preparingLine({
  growing,
  asked,
  phase,
}: Pick<AppState, "growing" | "asked" | "phase">): string {
  const first = asked[0];
  if (first === undefined || growing !== null || phase !== "running") return "";
  const grows = find(catalog.actions, first.method)?.does === "grow";
  return `Preparing the ${grows ? "larger network" : "change"}; training goes on.`;
}

/** An action by its gradients, before it acts: how many batches are in, and that they come by training. */
export function gatheringLine({ state, clock, phase }: Pick<AppState, "state" | "clock" | "phase">): string {
  const gathering = state?.gathering;
  if (!gathering) return "";
  const { method, opened, closes } = gathering;
  const done = Math.min(closes, Math.max(opened, clock.step)) - opened;
  const label = labelOf(catalog.actions, method);
  const rest = phase === "paused" ? " Play goes on with it." : "";
  return `${label}: gradients of ${done} of ${closes - opened} batches.${rest}`;
}

/** Always there, so that it is read out when it fills. It shows late: what is ready at once should not flicker. */
export function Preparing(): ReactNode {
  const line = useRun(preparingLine);
  const gathering = useRun(gatheringLine);
  return (
    <>
      <div role="status">{line === "" ? null : <p className="stage-preparing">{line}</p>}</div>
      {gathering === "" ? null : <p className="stage-preparing">{gathering}</p>}
    </>
  );
}
