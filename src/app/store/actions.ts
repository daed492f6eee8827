/**
 * What a person can do to a run: every button, key and menu calls one of these, so that all of them do the same. They
 * read the store, send commands and set what the page itself decides; the run's answer comes back through the reducer.
 */
import { type Choice, LIVE_PATHS, type RunConfig } from "../../run/config.ts";
import { whole } from "../format.ts";
import { lineOf } from "./branches.ts";
import { canNow } from "./can.ts";
import { checkedDraft } from "./checked.ts";
import { send } from "./client.ts";
import { actsNow, handGrowth, pending, valueAt, withValue } from "./draft.ts";
import { operatorLearns } from "./operator.ts";
import { ownDataOf } from "./own-data.ts";
import { predictionOf } from "./previews.ts";
import { forgetHere, keepCurrent } from "./saves.ts";
import { startedSession } from "./session.ts";
import { readNode } from "./storage.ts";
import { type AppState, getRun, notify, setRun } from "./store.ts";
import { undoTarget } from "./undo.ts";

let started = 0;

function nextRunId(): string {
  return `run-${Date.now().toString(36)}-${++started}`;
}

/** Replaces what is there, after keeping it. Starts paused; `play` presses Play as soon as it stands. */
export async function startRun(config: RunConfig, play = false): Promise<void> {
  const given = await ownDataOf(config, () => void startRun(config, play));
  if (given === null) return;
  await keepCurrent();
  const run = nextRunId();
  forgetHere();
  setRun((state) => ({
    ...startedSession(state, run, config),
    missingText: null,
    // Play pressed while the page was still opening counts for the run it opens with.
    playSoon: play || (state.phase === "none" && state.playSoon),
    pinned: null,
    surgery: null,
    openMark: null,
    keptNodes: new Set<string>(),
    cursor: null,
    // What was said of a file that was not opened is past, too.
    notices: state.notices.filter(({ id }) => !id.startsWith("run:") && id !== "open"),
  }));
  send({ type: "start", run, config, ...given });
}

/** Something has been trained that a new run would replace. */
export function runIsOn(): boolean {
  const { clock, phase, branches } = getRun();
  return clock.step > 0 || branches.length > 0 || ["running", "growing", "held"].includes(phase);
}

export function playPause(): void {
  const { phase, draft, config, clock, branches, budgetSteps } = getRun();
  if (phase === "running" || phase === "growing") {
    setRun({ playSoon: false });
    send({ type: "pause" });
  } else if (phase === "held") {
    send({ type: "resume" });
  } else if (phase === "paused") {
    // Nothing has been trained: the run that begins now is the next run, and has what the controls say.
    const untouched = clock.step === 0 && branches.length === 0;
    if (untouched && pending(draft, config).length > 0) void startRun(draft, true);
    else send({ type: "resume" });
  } else if (phase === "ended") {
    send({ type: "extend", steps: continueSteps(config, budgetSteps) });
    setRun({ playSoon: true });
  } else if (phase === "none" || phase === "loading" || phase === "compiling") {
    setRun(({ playSoon }) => ({ playSoon: !playSoon }));
  }
}

/** Steps that Continue adds: as many as the run was first given. */
export function continueSteps(config: RunConfig | null, budgetSteps: number): number {
  return config?.budget.unit === "steps" ? config.budget.amount : budgetSteps;
}

export function stepOnce(): void {
  const { phase, clock, draft, config } = getRun();
  if (phase !== "paused") return;
  const step = (): void => send({ type: "step", count: 1 });
  if (clock.step > 0 || pending(draft, config).length === 0) {
    step();
    return;
  }
  // The run that begins now is the next run, and has what the controls say.
  const { run } = getRun();
  void startRun(draft).then(() => {
    if (getRun().run !== run) step();
  });
}

export function growNow(): void {
  const { draft, state, config } = getRun();
  const action = handGrowth({ ...draft, model: config?.model ?? draft.model });
  if (action === null || state === null) return;
  const can = canNow({ state }, action);
  if (operatorLearns(getRun())) {
    const message = "An operator is being trained. Commit it, or give it up with Undo, before growing again.";
    setRun({ refusal: { id: "learning", about: "growth", message } });
    return;
  }
  if (typeof can === "string") {
    setRun({ refusal: { id: `can:${can}`, about: "growth", message: can } });
    return;
  }
  setRun({ refusal: null });
  act(action);
}

/** A structural action by hand, at the next step; what was predicted of it stands in its record. */
export function act(action: Choice): void {
  const predicted = predictionOf(getRun(), action);
  setRun(({ asked }) => ({ asked: [...asked, { method: action.id, predicted }] }));
  send({ type: "act", action });
}

export function undo(): void {
  const { asked, at, moving } = getRun();
  // Pressed again before the run has gone back: the same state would be gone to twice, and what was left out, too.
  if (moving !== null) return;
  if (asked.length > 0 || operatorLearns(getRun())) {
    // It may wait, or be under way: the trainer knows, and takes it back in either case.
    setRun({ asked: asked.slice(0, -1) });
    send({ type: "take-back", node: at });
    return;
  }
  const target = undoTarget(getRun());
  if (target !== null) goTo(target);
}

export function redo(): void {
  const { redo: nodes } = getRun();
  const node = nodes[nodes.length - 1];
  if (node !== undefined) goTo(node);
}

/** Whether a node can be gone to: its state is on the device, or kept in this browser. */
export function canGoTo({ state, keptNodes }: Pick<AppState, "state" | "keptNodes">, id: string): boolean {
  return state?.nodes.find((node) => node.id === id)?.restorable === true || keptNodes.has(id);
}

export function goTo(node: string, play = false): void {
  setRun({ playSoon: play, openMark: null, moving: node });
  void (async () => {
    const { run, state } = getRun();
    const held = run === null || state?.nodes.find((each) => each.id === node)?.restorable !== false;
    const bytes = held ? null : await readNode(run, node).catch(() => null);
    send({ type: "goto", node, ...(bytes === null ? {} : { bytes }) });
  })();
}

/** The last good state after the loss stopped being a number, with half the learning rate if asked. */
export function goBack(halveRate: boolean): void {
  const { state, draft, parents, keptNodes } = getRun();
  if (state === null) return;
  const line = lineOf(state.now, parents);
  const good = state.nodes.filter(({ id }) => canGoTo({ state, keptNodes }, id) && line.has(id));
  const last = good[good.length - 1];
  if (last === undefined) return;
  goTo(last.id);
  if (halveRate && typeof draft.optim.lr === "number") setField("optim.lr", draft.optim.lr / 2);
}

/** To what the run asks about a goal that was not reached; it trains on. */
export function answer(of: number, said: "prune" | "grow"): void {
  send({ type: "answer", of, said });
  send({ type: "resume" });
}

/** A control was set. Live settings go to the run at once, all others wait for the next run. */
export function setField(path: string, value: unknown): void {
  const { draft, config, phase } = getRun();
  const next = withValue(draft, path, value);
  setRun({ draft: next });
  if (typeof value !== "number" || checkedDraft(next, path) !== null) return;
  if (actsNow(path, next, config) && phase !== "none" && phase !== "loading") {
    send({ type: "edit", path, value });
  }
}

export function restart(): void {
  const { draft, phase } = getRun();
  void startRun(draft, phase === "running");
}

/** From step 0 again, as this run began; asks first when there is something to lose. */
export function reset(): void {
  if (runIsOn()) setRun({ dialog: { kind: "reset" } });
}

export function resetConfirmed(): void {
  const { config, draft, state } = getRun();
  if (config === null) return;
  // Live settings go back to where they began, and the controls with them.
  const began = LIVE_PATHS.filter((path) => actsNow(path, draft, config)).reduce(
    (next, path) => withValue(next, path, valueAt(config, path)),
    draft,
  );
  setRun({ dialog: null, draft: began });
  const root = state?.nodes.find(({ parent }) => parent === null);
  // Its seed does not make the weights that it was given: the run keeps them.
  if (state?.given != null && root !== undefined) goTo(root.id);
  else void startRun(config);
}

/** Said when the person comes back to a tab that went on training. */
export function tellHidden(steps: number): void {
  if (steps <= 0) return;
  notify({
    id: "run:hidden",
    tone: "plain",
    text: `Training went on while this tab was hidden: ${whole(steps)} steps.`,
    actions: [],
  });
}

/** A change of the draft that is more than one value. */
export function editDraft(change: (draft: RunConfig) => RunConfig): void {
  setRun(({ draft }) => ({ draft: change(draft) }));
}
