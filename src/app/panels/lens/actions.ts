/** Opening and closing the lens: the worker looks only while it is open. */
import { lookNow } from "../../store/client.ts";
import { getRun, setRun } from "../../store/store.ts";

/** On the mean maps of this layer. */
export function lookThrough(layer: number): void {
  setRun({ lensOn: true, lensLayer: layer });
  lookNow();
}

export function closeLens(): void {
  if (!getRun().lensOn) return;
  setRun({ lensOn: false });
  lookNow();
}
