/** Operators in training are looked at while the stage is on screen; at one of their matrices beside FPI's. */
import { send } from "./client.ts";
import { getRun, setRun } from "./store.ts";

export function watchNow(): void {
  const { route, besideFpi: beside } = getRun();
  send({ type: "watch", on: route.page === "play" && !document.hidden, beside });
}

/** Null: the map that widens the trunk. */
export function lookBeside(id: string | null): void {
  setRun({ besideFpi: id });
  watchNow();
}
