/**
 * Places that follow: the score, the rail and the controls see the state through a follower of the store, which takes
 * what the worker says one task later, each place in a task of its own. Drawn all at once, a growth held the main thread
 * up for as long as the four places take together. What a person does in a place (typing, a switch, the cursor of the
 * charts) arrives at once, so that an input never shows what was there before the key.
 */
import { createStore, type StoreApi } from "zustand";
import { emptySession } from "./session.ts";
import type { AppState, Desk } from "./store.ts";

/** Parts of the desk that may arrive a task later: none of them is what an input shows. */
const CALM_DESK: readonly (keyof Desk)[] = [
  "pinned",
  "hover",
  "surgery",
  "openMark",
  "scene",
  "told",
  "notices",
  "closed",
  "saved",
  "keptNodes",
];

const CALM: ReadonlySet<string> = new Set([...Object.keys(emptySession()), ...CALM_DESK]);

/** Whether all that differs may arrive a task later. */
export function isCalm(now: AppState, before: AppState): boolean {
  const keys = Object.keys(now) as (keyof AppState)[];
  return keys.every((key) => now[key] === before[key] || CALM.has(key));
}

export interface Follower {
  readonly store: StoreApi<AppState>;
  /** Follows until the function given back is called. */
  readonly follow: () => () => void;
}

/** Runs what is given in a task of its own, after the tasks asked for before it. */
export type InTask = (task: () => void) => void;

/** One task a turn of the event loop, in the order of asking: the page may draw and hear keys between them. */
export function inTasks(soon: (run: () => void) => void): InTask {
  const waiting: (() => void)[] = [];
  const next = (): void => {
    const task = waiting.shift();
    if (waiting.length > 0) soon(next);
    task?.();
  };
  return (task) => {
    waiting.push(task);
    if (waiting.length === 1) soon(next);
  };
}

const oneByOne = inTasks((run) => setTimeout(run));

/** A store that has the state of another one, a task later where that may be. */
export function follower(whole: StoreApi<AppState>, inTask: InTask = oneByOne): Follower {
  const store = createStore<AppState>()(() => whole.getState());
  let asked = false;
  const take = (): void => {
    asked = false;
    if (store.getState() !== whole.getState()) store.setState(whole.getState(), true);
  };
  const follow = (): (() => void) => {
    take();
    return whole.subscribe((now, before) => {
      if (!isCalm(now, before)) take();
      else if (!asked) {
        asked = true;
        inTask(take);
      }
    });
  };
  return { store, follow };
}
