/**
 * Snapshots in this browser and in files: kept when a run is paused, replaced or has gone on for a minute, listed in the
 * rail, opened like any file. A full disk asks what may go instead of dropping something unseen.
 */
import { checkConfig } from "../../run/check.ts";
import type { RunConfig } from "../../run/config.ts";
import { requestSnapshot, send } from "./client.ts";
import { ownDataOf } from "./own-data.ts";
import { startedSession } from "./session.ts";
import { dropRun, keepRun, listRuns, readRun, type SavedRun, StorageFull } from "./storage.ts";
import { closeNotice, getRun, notify, setRun } from "./store.ts";

export async function refreshSaved(): Promise<void> {
  setRun({ saved: await listRuns().catch(() => []) });
}

let lastKept = "";

/** Keeps the run on the page, if there is anything in it. Never throws: a save that fails must not stop training. */
export async function keepCurrent(): Promise<void> {
  const { run, clock, baseName, phase, config } = getRun();
  const key = `${run}:${clock.step}`;
  if (run === null || config === null || clock.step === 0 || key === lastKept) return;
  if (phase === "none" || phase === "loading" || phase === "compiling" || phase === "diverged") return;
  const bytes = await requestSnapshot();
  if (bytes === null) return;
  const saved: SavedRun = {
    run,
    name: baseName || "Run",
    step: clock.step,
    at: Date.now(),
    size: bytes.byteLength,
  };
  try {
    await keepRun(saved, bytes);
    lastKept = key;
    await refreshSaved();
  } catch (error) {
    if (error instanceof StorageFull) await tellFull(saved, bytes);
    // Private windows have no storage at all: the run goes on, it is only not kept.
  }
}

async function tellFull(saved: SavedRun, bytes: ArrayBuffer): Promise<void> {
  const runs = await listRuns().catch(() => []);
  const oldest = runs[runs.length - 1];
  const can = oldest ? ` The oldest, from ${day(oldest.at)}, can go.` : "";
  notify({
    id: "storage",
    tone: "warn",
    text: `This browser has no room left for saved runs.${can}`,
    actions: [
      ...(oldest
        ? [
            {
              label: "Remove it",
              run: () => {
                closeNotice("storage");
                void dropRun(oldest.run)
                  .then(() => keepRun(saved, bytes))
                  .catch(() => undefined)
                  .then(refreshSaved);
              },
            },
          ]
        : []),
      { label: "Save to a file", run: () => download(fileName(saved), new Blob([bytes])) },
    ],
  });
}

/** 3 May */
export function day(at: number): string {
  return new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "long" });
}

function fileName({ name, step }: Pick<SavedRun, "name" | "step">): string {
  return `espalier-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${step}.safetensors`;
}

export function download(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The click has read the address by the next task.
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
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

export async function openFile(file: File): Promise<void> {
  await openSnapshot(await file.arrayBuffer(), file.name);
}

export async function openSaved(saved: SavedRun): Promise<void> {
  const bytes = await readRun(saved.run);
  if (bytes) await openSnapshot(bytes, saved.name);
  await refreshSaved();
}

export async function removeSaved(saved: SavedRun): Promise<void> {
  await dropRun(saved.run);
  await refreshSaved();
}

/** Replaces the run on the page, which is kept first. The worker checks the file; the page only needs its config. */
async function openSnapshot(bytes: ArrayBuffer, name: string): Promise<void> {
  const config = configOf(bytes);
  if (config === null) {
    notify({ id: "open", tone: "bad", text: `${name} is not a saved run.`, actions: [] });
    return;
  }
  const given = await ownDataOf(config, () => void openSnapshot(bytes, name));
  if (given === null) return;
  await keepCurrent();
  const run = `open-${Date.now().toString(36)}`;
  setRun((state) => ({
    ...startedSession(state, run, config),
    draft: config,
    base: config,
    baseName: name.replace(/\.safetensors$/, ""),
    preset: null,
    missingText: null,
    pinned: null,
    openMark: null,
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
