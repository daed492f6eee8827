/** Layers switched off for an evaluation: which can be, and what was found. */
import type { Choice } from "./config.ts";
import { models } from "./registries.ts";

interface Scored {
  /** Validation loss, and of a classifier the share that it gets right. */
  readonly loss: number;
  readonly accuracy?: number;
}

export interface BlocksOff {
  readonly step: number;
  /** Layers of the network that it was found of. */
  readonly layers: number;
  /** With every layer there. */
  readonly all: Scored;
  readonly sets: readonly (Scored & { readonly off: readonly string[] })[];
}

/** The layers that an evaluation may do without, first one first, or the clause why none; null: no such layers here. */
export function switchable({ id, ...arch }: Choice): readonly string[] | string | null {
  return models.get(id)?.skips?.(arch) ?? null;
}
