/**
 * Runs that begin with weights they are given: from a file, a run that was kept, or a state of the present one's history. The
 * page changes over when the worker has taken them; what it refuses leaves the run on the page as it is.
 */
import { bytes as bytesText, whole } from "../format.ts";
import { expectRun, requestSnapshot, send } from "./client.ts";
import { ownDataOf } from "./own-data.ts";
import { forgetAwaited, forgetHere, keepCurrent, openBytes } from "./saves.ts";
import { startedSession } from "./session.ts";
import { readNode, readRun, type SavedRun } from "./storage.ts";
import { closeNotice, getRun, notify, setRun } from "./store.ts";

/** Whether a safetensors file says of itself that it is a saved run. Told apart here; whether it is in order, later. */
function holdsRun(bytes: ArrayBuffer): boolean {
  try {
    const length = Number(new DataView(bytes).getBigUint64(0, true));
    return new TextDecoder().decode(new Uint8Array(bytes, 8, length)).includes('"espalier"');
  } catch {
    return false;
  }
}

/** Larger files are not read: no network that this page trains has as many weights. */
const FILE_BYTES = 512e6;

/** A saved run is gone on with; a file of weights alone is what a new run of the controls' settings begins with. */
export async function openFile(file: File): Promise<void> {
  if (file.size > FILE_BYTES) {
    const text = `${file.name} has ${bytesText(file.size)}; files of up to ${bytesText(FILE_BYTES)} can be read.`;
    return notify({ id: "open", tone: "bad", text, actions: [] });
  }
  const bytes = await file.arrayBuffer();
  if (holdsRun(bytes)) await openBytes(bytes, file.name);
  else await beginWith(bytes, file.name);
}

/** A new run of the controls' settings, at step 0, with the weights of a file, a saved run or a node of one. */
export async function beginWith(bytes: ArrayBuffer, name: string): Promise<void> {
  const { draft } = getRun();
  const given = await ownDataOf(draft, () => void beginWith(bytes, name));
  if (given === null) return;
  await keepCurrent();
  const run = `begin-${Date.now().toString(36)}`;
  expectRun({
    run,
    adopt: (config) => {
      forgetAwaited();
      forgetHere();
      closeNotice("open");
      setRun((state) => ({
        ...startedSession(state, run, config),
        ...{ draft: config, base: config, baseName: name.replace(/\.safetensors$/, ""), preset: null },
        ...{ missingText: null, pinned: null, openMark: null, tryAsked: null, tryLink: null },
        keptNodes: new Set<string>(),
      }));
    },
    refuse: (text) => notify({ id: "open", tone: "bad", text, actions: [] }),
  });
  send({ type: "open", run, bytes, begin: { config: draft, name }, ...given });
}

export async function beginWithSaved(saved: SavedRun): Promise<void> {
  const bytes = await readRun(saved.run);
  if (bytes) await beginWith(bytes, `${saved.name}, step ${whole(saved.step)}`);
}

/** What a node of the present run holds. */
export async function beginWithNode(node: string, name: string): Promise<void> {
  const { run } = getRun();
  let bytes = await requestSnapshot(node);
  if (run !== null && (bytes === null || bytes.byteLength === 0))
    bytes = await readNode(run, node).catch(() => null);
  if (bytes !== null && bytes.byteLength > 0) return beginWith(bytes, name);
  notify({ id: "open", tone: "warn", text: "That state is no longer kept.", actions: [] });
}
