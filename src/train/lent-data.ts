/**
 * The data of a run on the device, once however many runs read it: those that are compared with each other have the same
 * text or images, and nobody writes to them.
 */
import type { LoadedData } from "../data/types.ts";
import type { Backend } from "../engine/types.ts";
import { type DevicePart, disposePart, place } from "./feed.ts";

interface Lent {
  readonly train: DevicePart;
  readonly validation: DevicePart;
}

const held = new WeakMap<Backend, Map<LoadedData, { readonly parts: Lent; uses: number }>>();

/** Placed at the first call for this data; `returnData` once for each call. */
export function lendData(backend: Backend, data: LoadedData): Lent {
  const here = held.get(backend) ?? new Map();
  held.set(backend, here);
  const known = here.get(data) ?? {
    parts: { train: place(backend, data, "train"), validation: place(backend, data, "validation") },
    uses: 0,
  };
  known.uses++;
  here.set(data, known);
  return known.parts;
}

export function returnData(backend: Backend, data: LoadedData): void {
  const known = held.get(backend)?.get(data);
  if (known === undefined || --known.uses > 0) return;
  held.get(backend)!.delete(data);
  disposePart(known.parts.train);
  disposePart(known.parts.validation);
}
