/**
 * What was timed on this device, kept in this browser as one short text, and how it is said. Its place is the local storage and not
 * the database of runs: it is wanted before the worker begins, and nothing is lost with it.
 */
import type { TilesState } from "../../run/kernels.ts";
import { whole } from "../format.ts";

const KEY = "espalier.tiles";

/** "": nothing is kept, or the browser lets nothing be kept. */
export function keptTiles(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

/** Where there is no room it is timed again another time. */
export function keepTiles(text: string): void {
  try {
    localStorage.setItem(KEY, text);
  } catch {
    // Private windows, full disks.
  }
}

const kernels = (count: number): string => (count === 1 ? "1 kernel" : `${whole(count)} kernels`);

/** One sentence about the choice of kernels that add in the same order. */
export function tilesText({ on, over, choices }: TilesState, software: boolean): string {
  const timed = choices.length;
  const exchanged = choices.filter(({ id, standing }) => id !== standing).length;
  if (!on) {
    return software
      ? "As measured for such processors: timing them here would take longer to compile than it saves."
      : "As measured on other devices: nothing is timed here.";
  }
  if (over) {
    return timed === 0
      ? "Timed on this device once a run has trained for some steps."
      : `Timed on this device: ${whole(exchanged)} of ${kernels(timed)} exchanged.`;
  }
  return `Being timed on this device while the run trains: ${kernels(timed)} so far, ${whole(exchanged)} exchanged.`;
}
