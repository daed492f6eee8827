/**
 * The kernel page's own state, folded from what the worker says, and what its buttons do. In the page's chunk: nothing
 * else asks for it. An edited text goes through the check first; only when every op that it reaches is right does the run
 * get it, unless the person wants it all the same.
 */
import { create } from "zustand";
import type { DeviceFacts, DevicePeaks, KernelOp, KernelResult, StepTimes } from "../../run/kernels.ts";
import type { WorkerMessage } from "../../run/messages.ts";
import { onMessage, send } from "./client.ts";
import { type Results, reached } from "./kernel-figures.ts";
import { reportText } from "./kernel-report.ts";
import { shaders } from "./shaders.ts";
import { getRun } from "./store.ts";

type Texts = Readonly<Record<string, string>>;

/** How an edited text fares. */
export type Trial =
  | { readonly state: "checking" }
  /** Right, and in the run. */
  | { readonly state: "used" }
  /** In the run although its figures are wrong. */
  | { readonly state: "forced" }
  | { readonly state: "wrong" | "refused"; readonly message: string };

export interface KernelsState {
  readonly device: DeviceFacts | null;
  readonly ops: readonly KernelOp[];
  readonly peaks: DevicePeaks | null;
  readonly results: Results;
  readonly running: {
    readonly request: number;
    readonly done: number;
    readonly total: number;
    /** Texts on trial; null when what is in use is checked. */
    readonly trial: Texts | null;
    /** Stop was pressed. */
    readonly stopping: boolean;
  } | null;
  /** Said once, when a check is over. */
  readonly said: string;
  /** Texts in the editor that are not the published ones, by file. */
  readonly edited: Texts;
  /** Texts that the run computes with, where they are not the published ones. */
  readonly used: Texts;
  readonly trial: Trial | null;
  /** What the check of texts on trial has found: it is not told of the kernels in use. */
  readonly found: Results;
  readonly times: StepTimes | null;
  readonly timing: boolean;
}

const INITIAL: KernelsState = {
  device: null,
  ops: [],
  peaks: null,
  results: {},
  running: null,
  said: "",
  edited: {},
  used: {},
  trial: null,
  found: {},
  times: null,
  timing: false,
};

export const useKernels = create<KernelsState>()(() => INITIAL);
const { getState: get, setState: set } = useKernels;

let requests = 0;

/** The published text. */
export const published = (file: string): string => shaders[file] ?? "";
/** The text in the editor. */
export const textOf = (file: string, { edited, used }: Pick<KernelsState, "edited" | "used">): string =>
  edited[file] ?? used[file] ?? published(file);

export function allTexts({ edited, used }: Pick<KernelsState, "edited" | "used">): Texts {
  return { ...shaders, ...used, ...edited };
}

/** Asks the worker what there is; nothing is checked. */
export function listKernels(): void {
  if (get().ops.length === 0 && get().running === null) ask([], null);
}

function ask(ops: readonly string[] | null, trial: Texts | null): void {
  const request = ++requests;
  set({ running: { request, done: 0, total: 0, trial, stopping: false }, said: "" });
  send({ type: "kernels", request, ops, shaders: trial ?? {} });
}

/** The kernels in use, of these ops or all. */
export const check = (ops: readonly string[] | null): void => ask(ops, null);

/** Heard when the sample in hand is done. */
export function stop(): void {
  set(({ running }) => ({ running: running === null ? null : { ...running, stopping: true } }));
  send({ type: "kernels-stop" });
}

export function edit(file: string, text: string): void {
  set(({ edited, used }) => {
    const { [file]: _, ...others } = edited;
    const same = text === (used[file] ?? published(file));
    return { edited: same ? others : { ...others, [file]: text }, trial: null, found: {} };
  });
}

/** The edited texts through the check, and into the run when they pass. */
export function tryEdited(): void {
  const { edited, used, ops } = get();
  const files = Object.keys(edited);
  if (files.length === 0) return;
  set({ trial: { state: "checking" }, found: {} });
  ask(reached(ops, files, allTexts({ edited, used })), edited);
}

/** The published text again, in the editor and in the run. */
export function reset(file: string): void {
  const { edited, used, ops } = get();
  const { [file]: _, ...others } = edited;
  set({ edited: others, trial: null, found: {} });
  if (used[file] !== undefined) swap({ [file]: published(file) });
  check(reached(ops, [file], allTexts({ edited: others, used })));
}

/** Although the check says that it is wrong. */
export function forceEdited(): void {
  const { edited } = get();
  set({ trial: { state: "forced" } });
  swap(edited);
}

/** Into the worker: the run, and every check from now on. */
function swap(texts: Texts): void {
  send({ type: "shaders", shaders: { ...shaders, ...get().used, ...texts } });
}

export function measureStep(): void {
  set({ timing: true });
  send({ type: "step-times" });
}

export function reportNow(): string {
  const { device, peaks, ops, results, used } = get();
  const { device: run, state } = getRun();
  return reportText({
    name: run?.name ?? "",
    software: run?.software ?? false,
    features: run?.features ?? [],
    facts: device,
    browser: navigator.userAgent,
    peaks,
    ops,
    results,
    edited: Object.keys(used),
    tiles: getRun().tiles,
    memory: state === null ? null : { held: state.heldBytes, planned: state.plannedBytes },
  });
}

// -------------------------------------------------------------------------------------------------- what is answered

onMessage((message: WorkerMessage) => {
  switch (message.type) {
    case "kernels":
      return set(({ running }) => ({
        device: message.device,
        ops: message.ops,
        running: running?.request === message.request ? { ...running, total: message.total } : running,
      }));
    case "peaks":
      return set({ peaks: message.peaks });
    case "kernel":
      return heard(message.request, message.result);
    case "kernels-done":
      return done(message.request, message.stopped);
    case "shaders":
      return swapped(message.changed);
    case "step-times":
      return set({ times: message.times, timing: false });
    case "refused":
      if (message.command === "step-times") set({ timing: false });
      if (message.command === "shaders") set({ trial: { state: "refused", message: message.message } });
      if (message.command === "kernels") set({ running: null, said: message.message });
      return;
    case "ready":
      // Another device: what was measured was measured on the one before.
      return set({ ops: [], results: {}, peaks: null, device: null, running: null, timing: false });
    default:
  }
});

const withResult = (results: Results, result: KernelResult): Results => ({
  ...results,
  [result.op]: { ...results[result.op], [result.sample]: result },
});

function heard(request: number, result: KernelResult): void {
  set(({ running, results, found }) => {
    if (running?.request !== request) return {};
    const counted = { running: { ...running, done: running.done + 1 } };
    return running.trial === null
      ? { ...counted, results: withResult(results, result) }
      : { ...counted, found: withResult(found, result) };
  });
}

const failures = (results: Results): readonly KernelResult[] =>
  Object.values(results).flatMap((bySample) => Object.values(bySample).filter(({ off }) => off !== null));

function done(request: number, stopped: boolean): void {
  const { running, results, found } = get();
  if (running?.request !== request) return;
  const wrong = failures(running.trial === null ? results : found).length;
  const samples = `${running.done} of ${running.total} samples checked`;
  set({
    running: null,
    said: running.total === 0 ? "" : `${samples}${stopped ? ", then stopped" : ""}: ${wrong} failed.`,
  });
  if (running.trial !== null) judge(running.trial, stopped);
}

/** The first complaint about the texts on trial decides what is said. */
function judge(trial: Texts, stopped: boolean): void {
  const { found } = get();
  if (stopped) {
    set({ trial: null, found: {} });
    return;
  }
  const bad = failures(found);
  const first = bad.find(({ error }) => error === null) ?? bad[0];
  if (first === undefined) {
    swap(trial);
    return;
  }
  const { op, sample, off, error } = first;
  set({
    trial:
      error === null
        ? { state: "refused", message: off! }
        : { state: "wrong", message: `${op} #${sample}, ${off}` },
  });
}

function swapped(changed: readonly string[]): void {
  set(({ edited, used, trial, results, found }) => {
    const now = { ...used };
    const left = { ...edited };
    for (const file of changed) {
      if (edited[file] === undefined) delete now[file];
      else {
        now[file] = edited[file];
        delete left[file];
      }
    }
    const forced = trial?.state === "forced";
    return {
      used: now,
      edited: left,
      trial: forced ? trial : Object.keys(now).length === 0 ? null : { state: "used" },
      // What was found on trial is from now on what there is.
      results: Object.values(found)
        .flatMap(Object.values<KernelResult>)
        .reduce(withResult, results),
      found: {},
    };
  });
}
