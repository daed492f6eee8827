/**
 * Which windows of the page have which run. A run is kept in one place in this browser: two windows that went on with the
 * same one would write over each other, so the second one to open it goes on with a copy.
 */
import { getRun, runStore } from "./store.ts";

const nameOf = (run: string): string => `espalier.run.${run}`;

/** A page that was just left may hold its run for a moment longer. */
const PATIENCE = { tries: 5, every: 100 };

/** Whether another window has this run on its page. Where the browser cannot say, no. */
export async function isElsewhere(run: string): Promise<boolean> {
  if (getRun().run === run || !("locks" in navigator)) return false;
  for (let i = 0; i < PATIENCE.tries; i++) {
    const { held = [] } = await navigator.locks.query();
    if (held.every(({ name }) => name !== nameOf(run))) return false;
    await new Promise((resolve) => setTimeout(resolve, PATIENCE.every));
  }
  return true;
}

/** Once a page: other windows are told which run it has, for as long as it has it. */
export function tellWindows(): void {
  if (!("locks" in navigator)) return;
  let held: string | null = null;
  let leave: () => void = () => undefined;
  const hold = (run: string | null): void => {
    if (run === held) return;
    leave();
    held = run;
    if (run === null) return;
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    void navigator.locks.request(nameOf(run), () => left).catch(() => undefined);
  };
  hold(getRun().run);
  runStore.subscribe(({ run }) => hold(run));
}
