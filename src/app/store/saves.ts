/**
 * Snapshots in this browser and in files: kept when a run is paused, replaced or has gone on for a minute, listed in the
 * rail, opened like any file. A full disk asks what may go instead of dropping something unseen.
 */
import { checkConfig } from "../../run/check.ts";
import type { RunConfig } from "../../run/config.ts";
import type { RunState } from "../../run/messages.ts";
import { whole } from "../format.ts";
import { requestSnapshot, send } from "./client.ts";
import { download, fileName, tellFull, tellNodesFull } from "./full.ts";
import { ownDataOf } from "./own-data.ts";
import { cut, type Series } from "./series.ts";
import { startedSession } from "./session.ts";
import {
  dropRun,
  type KeptPage,
  keepNode,
  keepRun,
  listNodes,
  listRuns,
  readPage,
  readRun,
  type SavedRun,
  StorageFull,
} from "./storage.ts";
import { type AppState, getRun, notify, setRun } from "./store.ts";
import { asKept, triedKey } from "./tried.ts";
import { isElsewhere } from "./windows.ts";

export async function refreshSaved(): Promise<void> {
  setRun({ saved: await listRuns().catch(() => []) });
}

let lastKept = "";
/** What there was no room for. */
let unkeepable = "";

/** Curves in columns no longer than they are: what is stored is a copy in any case. */
const trimmed = (series: Series): Series => cut(series, 0, series.length);

/** What the page has drawn of the run, as it stands. */
function pageOf({ train, evals, marks, branches, sizes, parents, redo, clock, tried }: AppState): KeptPage {
  return {
    train: trimmed(train),
    evals: trimmed(evals),
    marks,
    branches: branches.map((branch) => ({
      ...branch,
      train: trimmed(branch.train),
      evals: trimmed(branch.evals),
    })),
    sizes,
    parents,
    redo,
    clock,
    tried: asKept(tried, trimmed),
  };
}

async function keptAfterAll(run: string, key: string): Promise<void> {
  lastKept = key;
  rememberHere(run);
  keeping.tried = new Set(getRun().keptNodes);
  await refreshSaved();
}

/**
 * Keeps the run on the page, if there is anything in it. Never throws: a save that fails must not stop training. `again`:
 * nobody asked for it, and a full disk that was told of is not told of again.
 */
export async function keepCurrent(again = false): Promise<void> {
  const { run, clock, baseName, phase, config, state, branches, tried } = getRun();
  const key = `${run}:${clock.step}:${state?.now}:${branches.length}:${triedKey(tried)}`;
  if (run === null || config === null || key === lastKept || (again && key === unkeepable)) return;
  if (clock.step === 0 && branches.length === 0) return;
  if (phase === "none" || phase === "loading" || phase === "compiling" || phase === "diverged") return;
  const bytes = await requestSnapshot();
  // The events up to the snapshot have been folded in, and none after it.
  const page = getRun();
  if (bytes === null || page.run !== run) return;
  const saved: SavedRun = {
    run,
    name: baseName || "Run",
    step: page.clock.step,
    at: Date.now(),
    size: bytes.byteLength,
  };
  try {
    await keepRun(saved, bytes, pageOf(page));
    await keptAfterAll(run, key);
  } catch (error) {
    // Private windows have no storage at all: the run goes on, it is only not kept.
    if (!(error instanceof StorageFull)) return;
    unkeepable = key;
    await tellFull({ saved, bytes, page: pageOf(page) }, again, () => void keptAfterAll(run, key));
  }
}

/** Bytes of one node, and of all nodes of a run, that are kept at most. */
const NODE_BYTES = 48e6;
const ALL_BYTES = 384e6;

let keeping = { run: "", busy: false, bytes: 0, tried: new Set<string>() };

/** Every node whose state the device still has, one after the other: branches outlive the page. */
export async function keepNodes(): Promise<void> {
  const { run, keptNodes } = getRun();
  if (run === null || (keeping.busy && keeping.run === run)) return;
  if (keeping.run !== run) keeping = { run, busy: false, bytes: 0, tried: new Set(keptNodes) };
  const mine = keeping;
  mine.busy = true;
  try {
    for (;;) {
      const { state, run: now } = getRun();
      const next = state?.nodes.find(
        ({ id, parent, restorable }) => parent !== null && restorable && !mine.tried.has(id),
      );
      if (now !== run || next === undefined) break;
      mine.tried.add(next.id);
      const bytes = await requestSnapshot(next.id);
      if (bytes === null || bytes.byteLength === 0 || bytes.byteLength > NODE_BYTES) continue;
      if (mine.bytes + bytes.byteLength > ALL_BYTES) continue;
      mine.bytes += bytes.byteLength;
      await keepNode(run, next.id, bytes);
      if (getRun().run === run) setRun((s) => ({ keptNodes: new Set([...s.keptNodes, next.id]) }));
    }
  } catch (error) {
    // Nodes stay as long as the device keeps them. Private windows have no storage at all.
    if (error instanceof StorageFull) tellNodesFull();
  } finally {
    mine.busy = false;
  }
}

const HERE = "espalier.here";
const COPY = "This run is open in another window. Here it goes on as a copy, which is kept beside it.";

/** The run of this tab, for a reload of it; another address is another wish. */
function rememberHere(run: string): void {
  sessionStorage.setItem(HERE, JSON.stringify({ run, hash: location.hash }));
}

/** What is on the page now has not been kept yet. */
export function forgetHere(): void {
  sessionStorage.removeItem(HERE);
}

/** After a reload: the run that this tab had, opened where it was kept. False: there is none. */
export async function openHere(): Promise<boolean> {
  try {
    const here = JSON.parse(sessionStorage.getItem(HERE) ?? "null") as { run: string; hash: string } | null;
    if (here === null || here.hash !== location.hash) return false;
    const saved = (await listRuns()).find(({ run }) => run === here.run);
    if (saved === undefined) return false;
    const text = `Opened again where it was kept in this browser, at step ${whole(saved.step)}.`;
    notify({ id: "here", tone: "plain", text, actions: [] });
    await openSaved(saved);
    return true;
  } catch {
    return false;
  }
}

export async function saveFile(): Promise<void> {
  const { baseName, clock } = getRun();
  const bytes = await requestSnapshot();
  if (bytes === null) {
    notify({ id: "save", tone: "warn", text: "The run could not be saved just now.", actions: [] });
    return;
  }
  download(fileName({ name: baseName || "run", step: clock.step }), new Blob([bytes]));
}

export const openBytes = (bytes: ArrayBuffer, name: string): Promise<void> => openSnapshot(bytes, name);

/** Under its own name, so that it is kept in its own place again, with its branches; as a copy where another window has it. */
export async function openSaved(saved: SavedRun): Promise<void> {
  const copied = await isElsewhere(saved.run);
  const [bytes, page, nodes] = await Promise.all([
    readRun(saved.run),
    readPage(saved.run),
    listNodes(saved.run),
  ]);
  const run = copied ? `copy-${Date.now().toString(36)}` : saved.run;
  if (bytes) await openSnapshot(bytes, saved.name, { run, page, nodes: copied ? [] : nodes });
  if (copied) notify({ id: "here", tone: "plain", text: COPY, actions: [] });
  await refreshSaved();
}

/** What was drawn of a run that is not opened after all, or by another way. */
export function forgetAwaited(): void {
  awaited = null;
}

let awaited: { readonly run: string; readonly page: KeptPage } | null = null;

/** The first state of a run that was kept: its whole past is drawn, not only what the snapshot carries. */
export function restorePage(state: RunState): void {
  if (awaited === null || awaited.run !== state.run) return;
  const { page } = awaited;
  awaited = null;
  if (page.clock.step !== state.step) return;
  setRun(({ parents }) => ({ ...page, parents: { ...parents, ...page.parents } }));
}

export async function removeSaved(saved: SavedRun): Promise<void> {
  await dropRun(saved.run);
  await refreshSaved();
}

interface Kept {
  readonly run: string;
  readonly page: KeptPage | null;
  readonly nodes: readonly string[];
}

/** Replaces the run on the page, which is kept first. The worker checks the file; the page only needs its config. */
async function openSnapshot(bytes: ArrayBuffer, name: string, kept: Kept | null = null): Promise<void> {
  const config = configOf(bytes);
  if (config === null) {
    notify({ id: "open", tone: "bad", text: `${name} is not a saved run.`, actions: [] });
    return;
  }
  const given = await ownDataOf(config, () => void openSnapshot(bytes, name, kept));
  if (given === null) return;
  await keepCurrent();
  const run = kept?.run ?? `open-${Date.now().toString(36)}`;
  awaited = kept?.page ? { run, page: kept.page } : null;
  forgetHere();
  setRun((state) => ({
    ...startedSession(state, run, config),
    draft: config,
    base: config,
    baseName: name.replace(/\.safetensors$/, ""),
    preset: null,
    missingText: null,
    pinned: null,
    openMark: null,
    keptNodes: new Set(kept?.nodes ?? []),
  }));
  send({ type: "open", run, bytes, ...given });
}

/** The config in a snapshot's header (safetensors: u64 length, then JSON with `__metadata__`), or null. */
export function configOf(bytes: ArrayBuffer): RunConfig | null {
  try {
    const length = Number(new DataView(bytes).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length))) as {
      __metadata__?: { espalier?: string };
    };
    const own = JSON.parse(header.__metadata__?.espalier ?? "null") as { config?: unknown } | null;
    const checked = checkConfig(own?.config);
    return checked.ok ? checked.config : null;
  } catch {
    return null;
  }
}
