/**
 * What stays in this browser: one's own texts and images under the SHA-256 of their bytes, and snapshots of runs, the newest few.
 * Nothing here leaves the browser. A full disk is told to the caller, who asks the person what may go.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { OwnImages } from "../../run/own-images.ts";
import type { Session } from "./session.ts";

export interface OwnText {
  readonly sha256: string;
  readonly name: string;
  readonly text: string;
  readonly bytes: number;
  /** Milliseconds since 1970, of its last use. */
  readonly at: number;
}

/** One's own images without the images. */
export interface KeptImages {
  readonly sha256: string;
  readonly name: string;
  readonly count: number;
  readonly at: number;
}

export interface SavedRun {
  readonly run: string;
  readonly name: string;
  readonly step: number;
  readonly at: number;
  readonly size: number;
}

/** What the page has drawn of a run: curves, marks, branches. Snapshots carry the end of the present line only. */
export type KeptPage = Pick<
  Session,
  "train" | "evals" | "marks" | "branches" | "sizes" | "parents" | "redo" | "clock"
> & {
  /** Absent in pages that were kept before growths were compared. */
  readonly tried?: Session["tried"];
};

interface Schema extends DBSchema {
  texts: { key: string; value: OwnText };
  runs: { key: string; value: SavedRun };
  snapshots: { key: string; value: ArrayBuffer };
  images: { key: string; value: KeptImages };
  pixels: { key: string; value: OwnImages };
  pages: { key: string; value: KeptPage };
  /** Node of the history of a run, as bytes: "run/node". */
  nodes: { key: string; value: ArrayBuffer };
}

/** Snapshots kept: enough to go back over an afternoon, few enough to stay under what browsers grant at once. */
const KEPT_RUNS = 6;

let opened: Promise<IDBPDatabase<Schema>> | null = null;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("espalier", 3, {
    upgrade(db, was) {
      if (was < 1) {
        db.createObjectStore("texts", { keyPath: "sha256" });
        db.createObjectStore("runs", { keyPath: "run" });
        db.createObjectStore("snapshots");
      }
      if (was < 2) {
        db.createObjectStore("images", { keyPath: "sha256" });
        db.createObjectStore("pixels");
      }
      db.createObjectStore("pages");
      db.createObjectStore("nodes");
    },
  }).catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

export class StorageFull extends Error {}

/** Browsers name a full disk in two ways. */
async function orFull<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "QuotaExceededError" || name === "NS_ERROR_DOM_QUOTA_REACHED") throw new StorageFull(name);
    throw error;
  }
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function keepText(text: OwnText): Promise<void> {
  const db = await database();
  await orFull(db.put("texts", text));
}

export async function findText(hash: string): Promise<OwnText | null> {
  return (await (await database()).get("texts", hash)) ?? null;
}

/** Newest first. */
export async function listTexts(): Promise<readonly OwnText[]> {
  const texts = await (await database()).getAll("texts");
  return texts.sort((a, b) => b.at - a.at);
}

/** Written whole or not at all. */
export async function keepImages(kept: KeptImages, images: OwnImages): Promise<void> {
  const db = await database();
  const work = async (): Promise<void> => {
    const t = db.transaction(["images", "pixels"], "readwrite");
    await Promise.all([
      t.objectStore("pixels").put(images, kept.sha256),
      t.objectStore("images").put(kept),
      t.done,
    ]);
  };
  await orFull(work());
}

export async function findImages(hash: string): Promise<OwnImages | null> {
  return (await (await database()).get("pixels", hash)) ?? null;
}

/** Newest first. */
export async function listImages(): Promise<readonly KeptImages[]> {
  const images = await (await database()).getAll("images");
  return images.sort((a, b) => b.at - a.at);
}

/** Newest first. */
export async function listRuns(): Promise<readonly SavedRun[]> {
  const runs = await (await database()).getAll("runs");
  return runs.sort((a, b) => b.at - a.at);
}

/** Written whole or not at all; the oldest beyond the newest few go. */
export async function keepRun(run: SavedRun, bytes: ArrayBuffer, page: KeptPage): Promise<void> {
  const db = await database();
  const work = async (): Promise<void> => {
    const t = db.transaction(["runs", "snapshots", "pages"], "readwrite");
    await Promise.all([
      t.objectStore("snapshots").put(bytes, run.run),
      t.objectStore("pages").put(page, run.run),
      t.objectStore("runs").put(run),
      t.done,
    ]);
  };
  await orFull(work());
  for (const old of (await listRuns()).slice(KEPT_RUNS)) await dropRun(old.run);
}

export async function readRun(run: string): Promise<ArrayBuffer | null> {
  return (await (await database()).get("snapshots", run)) ?? null;
}

/** With its branches: undefined in runs that were kept before pages were. */
export async function readPage(run: string): Promise<KeptPage | null> {
  return (await (await database()).get("pages", run)) ?? null;
}

/** Keys of the nodes of one run: "/" and the character after it bound them. */
const nodesOf = (run: string): IDBKeyRange => IDBKeyRange.bound(`${run}/`, `${run}0`, false, true);

export async function keepNode(run: string, node: string, bytes: ArrayBuffer): Promise<void> {
  const db = await database();
  await orFull(db.put("nodes", bytes, `${run}/${node}`));
}

export async function readNode(run: string, node: string): Promise<ArrayBuffer | null> {
  return (await (await database()).get("nodes", `${run}/${node}`)) ?? null;
}

export async function listNodes(run: string): Promise<readonly string[]> {
  const keys = await (await database()).getAllKeys("nodes", nodesOf(run));
  return keys.map((key) => key.slice(run.length + 1));
}

export async function dropRun(run: string): Promise<void> {
  const t = (await database()).transaction(["runs", "snapshots", "pages", "nodes"], "readwrite");
  await Promise.all([
    t.objectStore("runs").delete(run),
    t.objectStore("snapshots").delete(run),
    t.objectStore("pages").delete(run),
    t.objectStore("nodes").delete(nodesOf(run)),
    t.done,
  ]);
}
