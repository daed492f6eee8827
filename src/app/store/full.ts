/**
 * A browser whose storage is full: said once, in one sentence with what can be done. What could not be kept stays on the page
 * as it is and can be saved to a file; what goes to make room is the person's choice.
 */
import { dropRun, type KeptPage, keepRun, listRuns, type SavedRun, StorageFull } from "./storage.ts";
import { closeNotice, getRun, notify } from "./store.ts";

/** A run as it was about to be kept. */
export interface Unkept {
  readonly saved: SavedRun;
  readonly bytes: ArrayBuffer;
  readonly page: KeptPage;
}

/** 3 May */
export function day(at: number): string {
  return new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "long" });
}

export function fileName({ name, step }: Pick<SavedRun, "name" | "step">): string {
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

const ID = "storage";
let toldOf = "";

/**
 * `again`: a save that comes by itself, and is not told once more where it was told and closed. `kept`: called when there was
 * room after all.
 */
export async function tellFull(unkept: Unkept, again: boolean, kept: () => void): Promise<void> {
  const { saved, bytes, page } = unkept;
  if (again && toldOf === saved.run && getRun().closed.has(ID)) return;
  toldOf = saved.run;
  const others = (await listRuns().catch(() => [])).filter(({ run }) => run !== saved.run);
  const oldest = others[others.length - 1];
  const can = oldest ? `, or the oldest kept run, ${oldest.name} from ${day(oldest.at)}, can go` : "";
  const makeRoom = async (old: SavedRun): Promise<void> => {
    closeNotice(ID);
    await dropRun(old.run);
    try {
      await keepRun(saved, bytes, page);
      kept();
    } catch (error) {
      if (error instanceof StorageFull) await tellFull(unkept, false, kept);
    }
  };
  notify({
    id: ID,
    tone: "warn",
    text: `This browser has no room left to keep this run, which stays whole while the page is open: save it to a file${can}.`,
    actions: [
      ...(oldest ? [{ label: "Remove it", run: () => void makeRoom(oldest).catch(() => undefined) }] : []),
      { label: "Save to a file", run: () => download(fileName(saved), new Blob([bytes])) },
    ],
  });
}

/** Of a state in the tree, which the device still has. */
export function tellNodesFull(): void {
  notify({
    id: "storage-nodes",
    tone: "warn",
    text: "This browser has no room left for the states in the tree: each can be gone back to until this page is closed.",
    actions: [],
  });
}

/** One's own data: used all the same. */
export function tellDataFull(name: string): void {
  notify({
    id: "storage-data",
    tone: "warn",
    text: `This browser has no room left to keep ${name}: it is used now, and has to be given again after a reload.`,
    actions: [],
  });
}
