/** Between the press and the new network: training goes on while its kernels are prepared, and a line says so. */
import type { ReactNode } from "react";
import { catalog, find } from "../../store/catalog.ts";
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

/** Always there, so that it is read out when it fills. It shows late: what is ready at once should not flicker. */
export function Preparing(): ReactNode {
  const line = useRun(preparingLine);
  return <div role="status">{line === "" ? null : <p className="stage-preparing">{line}</p>}</div>;
}
