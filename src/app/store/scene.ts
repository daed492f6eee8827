/**
 * A growth side by side on the stage: the network before it, the network after it, and what fed what. It comes by itself
 * with the record of a growth, for a moment, and from the record for as long as one likes. It belongs to that record: who
 * closes it, or opens another one, sees the network again.
 */
import { type AppState, getRun, setRun } from "./store.ts";
import { markWith } from "./tree.ts";

export interface Scene {
  /** The mark whose record it belongs to. */
  readonly mark: string;
  /** Asked for, and not only passing by. */
  readonly kept: boolean;
}

/** How long it stays by itself, in milliseconds. */
const PASSES = 6000;
/** From one that came by itself to the next: rules that grow again and again leave the network to be seen. */
const REST = 12_000;

let began = Number.NEGATIVE_INFINITY;
let timer: ReturnType<typeof setTimeout> | undefined;
/** Where the keyboard was on the stage, which goes while the scene is there. */
let place: string | null = null;

/** The mark whose scene is on the stage; of one that passes by, only while its growth stands. */
export function sceneMark(state: Pick<AppState, "scene" | "openMark" | "marks" | "branches">) {
  const { scene, openMark, marks } = state;
  if (scene === null || scene.mark !== openMark) return null;
  const mark = scene.kept ? markWith(state, scene.mark) : marks.find(({ id }) => id === scene.mark);
  return mark?.done?.feeds === undefined ? null : mark;
}

/** A growth has just happened and its record is open. */
export function passScene(mark: string): void {
  const now = performance.now();
  if (now - began < REST || document.hidden) return;
  began = now;
  show({ mark, kept: false });
  clearTimeout(timer);
  timer = setTimeout(() => {
    const { scene } = getRun();
    if (scene?.mark === mark && !scene.kept) closeScene();
  }, PASSES);
}

export const keepScene = (mark: string): void => show({ mark, kept: true });

function show(scene: Scene): void {
  const at = document.activeElement?.closest<HTMLElement>("#network [data-place]");
  if (at != null) place = at.dataset.place ?? null;
  setRun({ scene });
}

export function closeScene(): void {
  setRun({ scene: null });
  const back = place;
  place = null;
  if (back === null) return;
  requestAnimationFrame(() => {
    if (document.activeElement !== null && document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>(`#network [data-place="${back}"]`)?.focus({ preventScroll: true });
  });
}
