/**
 * A whole run in one file: every array under its parameter's path, everything else as JSON in the header. A run that is
 * saved, loaded into a fresh trainer and gone on with is bit for bit the run that was never stopped.
 */
import { check, objectType, shapeOf } from "../config/check.ts";
import { arenaLayout } from "../engine/layout.ts";
import type { Arena, ParamSpec } from "../engine/types.ts";
import { checkConfig } from "../run/check.ts";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import { models } from "../run/registries.ts";
import { type Arrays, specsOf } from "./arrays.ts";
import type { Core } from "./core.ts";
import { wrongDrop } from "./drop.ts";
import { type PlaceRecord, type Position, START } from "./history.ts";
import { decodeSafetensors, type EmptyFile, emptySafetensors, type FileTensor } from "./safetensors.ts";

const FORMAT = 1;
const STARTS = "start/";

export interface SnapshotHeader {
  readonly config: RunConfig;
  readonly position: Position;
  readonly history: { readonly nodes: readonly PlaceRecord[]; readonly made: number; readonly now: string };
  readonly ended: boolean;
  readonly seq: number;
  readonly wall: number;
  /** What a page needs to draw the past: structural events, edits, evaluations, and the last steps. */
  readonly events: readonly RunEvent[];
  /**
   * Of a run that began with weights it was given: how it stood there, and what gave them. Its arrays lie under "start/", or
   * are those of the run itself where it has not left its start.
   */
  readonly start?: { readonly position: Position; readonly given: string };
}

export interface FlatArrays {
  readonly params: Float32Array;
  readonly slots: readonly Float32Array[];
  readonly age: Uint32Array | null;
  readonly score: Float32Array | null;
}

export async function readArrays(arrays: Arrays): Promise<FlatArrays> {
  const params = new Float32Array(await arrays.params.read());
  const slots: Float32Array[] = [];
  for (const slot of arrays.slots) slots.push(new Float32Array(await slot.read()));
  const age = arrays.age === null ? null : new Uint32Array(await arrays.age.read());
  const score = arrays.score === null ? null : new Float32Array(await arrays.score.read());
  return { params, slots, age, score };
}

/** Arrays of one layout in a file: whose they are, and which. */
interface Part<A> {
  readonly prefix: string;
  readonly dtype: "F32" | "U32";
  readonly specs: readonly ParamSpec[];
  readonly values: A;
}

interface Kept<A> {
  readonly params: A;
  readonly slots: readonly A[];
  readonly age: A | null;
  readonly score: A | null;
}

function partsOf<A>(
  before: string,
  specs: readonly ParamSpec[],
  slotNames: readonly string[],
  { params, slots, age, score }: Kept<A>,
): readonly Part<A>[] {
  const part = (prefix: string, values: A | null, dtype: "F32" | "U32" = "F32"): Part<A>[] =>
    values === null ? [] : [{ prefix: before + prefix, dtype, specs, values }];
  return [
    ...part("", params),
    ...slotNames.flatMap((name, i) => part(`slots.${name}/`, slots[i]!)),
    ...part("age/", age, "U32"),
    ...part("score/", score),
  ];
}

/** The file without its arrays, as things stand now. */
function emptyFile(
  header: SnapshotHeader,
  parts: readonly Part<unknown>[],
  again?: ArrayBuffer | null,
): EmptyFile {
  const tensors = new Map<string, Pick<FileTensor, "dtype" | "shape">>();
  for (const { prefix, dtype, specs } of parts) {
    for (const { path, shape } of specs) tensors.set(prefix + path, { dtype, shape });
  }
  return emptySafetensors(tensors, { espalier: JSON.stringify({ format: FORMAT, ...header }) }, again);
}

function put({ bytes, places }: EmptyFile, { prefix, specs }: Part<unknown>, from: Uint8Array): void {
  for (const [path, { offset, count }] of arenaLayout(specs).entries) {
    bytes.set(from.subarray(4 * offset, 4 * (offset + count)), places.get(prefix + path)!);
  }
}

/** Of arrays on the device: each byte is copied once, from where the device left it into the file. */
async function snapshotFile(
  header: SnapshotHeader,
  parts: readonly Part<Arena>[],
  again?: ArrayBuffer | null,
): Promise<ArrayBuffer> {
  const file = emptyFile(header, parts, again);
  await Promise.all(parts.map((part) => part.values.readBy((from) => put(file, part, from))));
  return file.bytes.buffer;
}

export function encodeSnapshot(
  header: SnapshotHeader,
  specs: readonly ParamSpec[],
  slotNames: readonly string[],
  flat: FlatArrays,
): ArrayBuffer {
  const parts = partsOf<Float32Array | Uint32Array>("", specs, slotNames, flat);
  const file = emptyFile(header, parts);
  for (const part of parts) {
    const { buffer, byteOffset, byteLength } = part.values;
    put(file, part, new Uint8Array(buffer, byteOffset, byteLength));
  }
  return file.bytes.buffer;
}

/** The whole run as it stands at a step boundary. `again`: as in `emptySafetensors`. */
export async function snapshotOf(core: Readonly<Core>, again?: ArrayBuffer | null): Promise<ArrayBuffer> {
  const { seq, wall, past } = core.journal;
  const header = {
    config: core.setup.config,
    position: core.position(),
    history: core.history.save(),
    ended: core.phase === "ended",
    seq,
    wall,
    events: past,
  };
  const { specs, arrays: now } = core.network;
  const { slots } = core.setup.optim;
  const { given } = core.history;
  const { arrays = null, position = null } = given === null ? {} : (core.history.get(START) ?? {});
  const parts = partsOf("", specs, slots, now);
  if (given === null || arrays === null || position === null) return snapshotFile(header, parts, again);
  const before = partsOf(STARTS, specsOf(core.setup, position.arch), slots, arrays);
  return snapshotFile({ ...header, start: { position, given } }, [...parts, ...before], again);
}

/** One node of the history, for whoever keeps branches longer than the device does. Null: its arrays are gone. */
export async function nodeSnapshot(core: Readonly<Core>, id: string): Promise<ArrayBuffer | null> {
  const { arrays = null, position = null } = core.history.get(id) ?? {};
  if (arrays === null || position === null) return null;
  const history = { nodes: [], made: 0, now: id };
  const header = { config: core.setup.config, position, history, ended: false, seq: 0, wall: 0, events: [] };
  const { slots } = core.setup.optim;
  return snapshotFile(header, partsOf("", specsOf(core.setup, position.arch), slots, arrays));
}

/**
 * The header alone: who loads a run needs its config before its data, and its data before its trainer. A file comes from
 * anywhere: what is no saved run is refused with one sentence. The config comes out checked.
 */
export function readHeader(bytes: ArrayBuffer): SnapshotHeader {
  const text = decodeSafetensors(bytes).metadata.espalier;
  if (text === undefined) throw new Error("This is not a saved run: the file holds weights only.");
  let read: (SnapshotHeader & { readonly format: unknown }) | null;
  try {
    read = JSON.parse(text);
  } catch {
    read = null;
  }
  if (typeof read !== "object" || read === null) return damaged("its header cannot be read");
  const { format, ...header } = read;
  if (format !== FORMAT) {
    throw new Error(`This run was saved in format ${String(format)}; this version reads format ${FORMAT}.`);
  }
  const checked = checkConfig(header.config);
  if (!checked.ok) throw new Error(`This saved run cannot be opened: ${checked.message}.`);
  const { config } = checked;
  const { position, history, events } = header;
  const lists = [position?.line?.entries, position?.line?.due, history?.nodes, events];
  if (!lists.every(Array.isArray)) return damaged("its header lacks the state of the run");
  const counts = [position.spent?.steps, position.spent?.tokens, position.spent?.flops, position.extra];
  if (!counts.every(Number.isFinite)) return damaged("its header lacks what was spent");
  const dropping = wrongDrop(position.drop ?? null, position.watch);
  if (dropping !== null) return damaged(dropping);
  const { schema } = models.get(config.model.id)!;
  const arch = check(objectType(shapeOf(schema)), position.arch, "model");
  if (!arch.ok) throw new Error(`This saved run cannot be opened: ${arch.message}.`);
  return { ...header, config };
}

function damaged(why: string): never {
  throw new Error(`This is not a saved run: ${why}.`);
}

/** The arrays, laid out for `specs`. Throws one sentence when the file has others. `start`: those of the run's start. */
export function readFlat(
  bytes: ArrayBuffer,
  specs: readonly ParamSpec[],
  slotNames: readonly string[],
  start = false,
): FlatArrays {
  const { tensors } = decodeSafetensors(bytes);
  // A run that has not left its start has its arrays once.
  const apart = start && [...tensors.keys()].some((name) => name.startsWith(STARTS));
  const before = apart ? STARTS : "";
  const { entries, length } = arenaLayout(specs);
  const take = <T extends Float32Array | Uint32Array>(prefix: string, into: T): T => {
    for (const [path, { offset, count, shape }] of entries) {
      const tensor = tensors.get(`${before}${prefix}${path}`);
      if (tensor === undefined) throw new Error(`This saved run lacks ${prefix}${path}.`);
      const fits = tensor.data.constructor === into.constructor && tensor.data.length === count;
      if (!fits || tensor.shape.join() !== shape.join()) {
        throw new Error(
          `This saved run has ${prefix}${path} of shape [${tensor.shape}], expected [${shape}].`,
        );
      }
      into.set(tensor.data as never, offset);
    }
    return into;
  };
  const has = (prefix: string) => [...tensors.keys()].some((name) => name.startsWith(`${before}${prefix}`));
  return {
    params: take("", new Float32Array(length)),
    slots: slotNames.map((name) => take(`slots.${name}/`, new Float32Array(length))),
    age: has("age/") ? take("age/", new Uint32Array(length)) : null,
    score: has("score/") ? take("score/", new Float32Array(length)) : null,
  };
}
