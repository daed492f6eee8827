/**
 * Every key of the page, with the words the sheet lists it by. Off while typing; single-letter keys can be switched off
 * altogether. Space stays with whatever control has the focus, where pressing it means something.
 */

import { graphable } from "../panels/stage/graph.ts";
import { goTo, growNow, playPause, redo, reset, stepOnce, undo } from "./actions.ts";
import { copyLink } from "./links.ts";
import { closeScene, sceneMark } from "./scene.ts";
import { NETWORK } from "./selection.ts";
import type { Axis } from "./series.ts";
import { getRun, notify, setRun } from "./store.ts";
import { RAIL_TABLE } from "./surgery.ts";

export interface Shortcut {
  readonly key: string;
  readonly shift?: boolean;
  /** As printed on the sheet. */
  readonly shown: string;
  readonly says: string;
  /** Its button, where there is one. */
  readonly button: string;
  readonly run: () => void;
  /** Works on other places than play too. */
  readonly anywhere?: boolean;
}

const AXES: readonly Axis[] = ["step", "tokens", "flops", "seconds"];

function nextAxis(): void {
  const { axis } = getRun();
  setRun({ axis: AXES[(AXES.indexOf(axis) + 1) % AXES.length] ?? "step" });
}

function moveMark(by: 1 | -1): void {
  const { marks, openMark } = getRun();
  if (marks.length === 0) return;
  const at = marks.findIndex((mark) => mark.id === openMark);
  const next = at < 0 ? (by > 0 ? 0 : marks.length - 1) : Math.min(marks.length - 1, Math.max(0, at + by));
  setRun({ openMark: marks[next]?.id ?? null, pinned: null });
}

/** On from the open event, or from where the run stands: the part beyond becomes a branch. */
function branchHere(): void {
  const { marks, openMark, state } = getRun();
  const mark = marks.find((each) => each.id === openMark);
  const node = mark?.node ?? state?.now;
  if (node !== undefined && node !== null) goTo(node, true);
}

/** Whoever came to the rail by key goes back to where they were on the stage. */
function unpin(id: string): void {
  const inRail = document.activeElement?.closest(".place-rail, .rail-tabs") != null;
  setRun({ pinned: null });
  if (!inRail) return;
  const part = document.querySelector<HTMLElement>(`[data-part="${CSS.escape(id)}"]`);
  (part ?? document.querySelector<HTMLElement>("#network"))?.focus();
}

/** One thing back: dialog and drawers close themselves. */
function back(): void {
  const { openMark, pinned, cursor, projector } = getRun();
  if (sceneMark(getRun()) !== null) closeScene();
  else if (openMark !== null) setRun({ openMark: null });
  else if (pinned !== null) unpin(pinned);
  else if (cursor !== null) setRun({ cursor: null });
  else if (projector) setRun({ projector: false });
}

/** Frames that the rail, which comes in a chunk of its own, may take until its table is there. */
const TABLE_PATIENCE = 120;

/** What can be done to the selected part, else to the one that has the focus, else to the whole network. */
function surgeonsTable(): void {
  const { pinned, hover, state } = getRun();
  if (state === null) return;
  setRun({ pinned: pinned ?? hover ?? NETWORK, openMark: null, railFolded: false, projector: false });
  let frames = 0;
  const focus = (): void => {
    const title = document.querySelector<HTMLElement>(`#${RAIL_TABLE}`);
    if (title) title.focus();
    else if (++frames < TABLE_PATIENCE) requestAnimationFrame(focus);
  };
  requestAnimationFrame(focus);
}

/** Units and edges instead of tiles, where they can be told apart. */
function graphView(): void {
  const { state, graph } = getRun();
  if (state === null) return;
  if (graph || graphable(state.anatomy)) setRun({ graph: !graph });
  else
    notify({
      id: "graph",
      tone: "plain",
      text: "The graph view is for stacked layers of at most 64 units each, or one layer of at most 32 cells.",
      actions: [],
    });
}

/** To the line over the pinned part's weights: arrows move it, Enter cuts. */
function prunePinned(): void {
  document.querySelector<HTMLElement>("#prune-line")?.focus();
}

/** Frames that the gallery, which comes in a chunk of its own, may take until it can be searched. */
const PATIENCE = 120;

function search(): void {
  location.hash = "#/gallery";
  let frames = 0;
  const focus = (): void => {
    const field = document.querySelector<HTMLInputElement>("#find-preset");
    if (field) field.focus();
    else if (++frames < PATIENCE) requestAnimationFrame(focus);
  };
  requestAnimationFrame(focus);
}

export const SHORTCUTS: readonly Shortcut[] = [
  { key: " ", shown: "Space", says: "play or pause", button: "Play", run: playPause },
  { key: "s", shown: "S", says: "one step", button: "Step", run: stepOnce },
  { key: "g", shown: "G", says: "grow", button: "Grow now", run: growNow },
  { key: "p", shown: "P", says: "prune the pinned part", button: "Prune", run: prunePinned },
  {
    key: ".",
    shown: ".",
    says: "what can be done to the selected part",
    button: "a press on the network",
    run: surgeonsTable,
  },
  { key: "u", shown: "U", says: "undo the last event", button: "Undo", run: undo },
  { key: "u", shift: true, shown: "Shift U", says: "redo it", button: "Redo", run: redo },
  { key: "b", shown: "B", says: "branch from the open event", button: "Branch from here", run: branchHere },
  { key: "r", shown: "R", says: "reset to step 0, asks first", button: "Reset", run: reset },
  { key: "l", shown: "L", says: "copy the link", button: "Copy link", run: () => void copyLink() },
  { key: "x", shown: "X", says: "next x axis", button: "x axis", run: nextAxis },
  { key: "e", shown: "E", says: "units and edges of a small network", button: "Graph", run: graphView },
  { key: ",", shown: ",", says: "previous event", button: "", run: () => moveMark(-1) },
  { key: ";", shown: ";", says: "next event", button: "", run: () => moveMark(1) },
  {
    key: "[",
    shown: "[",
    says: "fold the controls",
    button: "Fold the controls",
    run: () => setRun(({ controlsFolded }) => ({ controlsFolded: !controlsFolded })),
  },
  {
    key: "]",
    shown: "]",
    says: "fold the rail",
    button: "Fold the rail",
    run: () => setRun(({ railFolded }) => ({ railFolded: !railFolded })),
  },
  {
    key: "v",
    shown: "V",
    says: "projector mode",
    button: "Projector mode",
    run: () => setRun(({ projector }) => ({ projector: !projector })),
  },
  { key: "/", shown: "/", says: "find a preset", button: "Find a preset", run: search, anywhere: true },
  { key: "Escape", shown: "Esc", says: "back", button: "", run: back },
  {
    key: "?",
    shown: "?",
    says: "this sheet",
    button: "Keys and help",
    run: () => setRun(({ help }) => ({ help: !help })),
    anywhere: true,
  },
];

const isLetter = (key: string): boolean => key.length === 1 && key !== " ";

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  ) {
    return true;
  }
  return (
    target instanceof HTMLInputElement && !["checkbox", "radio", "range", "button"].includes(target.type)
  );
}

/** What Space itself would press or move. */
function takesSpace(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("button, a, input, [role=button], [role=switch], [role=tab], [role=menuitem], summary") !==
      null
  );
}

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const { keysOn, dialog, help, doc, route } = getRun();
  const target = event.target;
  if (typing(target)) return;
  if (isLetter(event.key) && !keysOn && event.key !== "?") return;
  // Play itself may keep the focus: there Space is its own press.
  if (event.key === " " && takesSpace(target)) return;
  if (dialog !== null || doc !== null || (help && event.key !== "?")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const found = SHORTCUTS.find(
    (each) =>
      each.key === key && (each.shift === undefined ? key !== "u" || !event.shiftKey : event.shiftKey),
  );
  if (!found || (route.page !== "play" && !found.anywhere)) return;
  if (event.repeat && key !== "s") return;
  event.preventDefault();
  found.run();
}
