/**
 * The last good states of a run, in case its loss stops being a number: two rolling copies on the device, so that the
 * newer one may already be spoiled. Taken without waiting for losses; what the loss triggers made of them is put in when
 * they arrive.
 */

import { NoRoom } from "../engine/no-room.ts";
import { type Arrays, cloneArrays, copyArrays, disposeArrays } from "./arrays.ts";
import type { Position } from "./history.ts";
import type { Network } from "./network.ts";
import type { Setup } from "./setup.ts";

/** Steps between checkpoints: more than can be in flight at once. */
export const CHECKPOINT_EVERY = 100;
const KEPT = 2;

interface Checkpoint {
  readonly step: number;
  readonly arrays: Arrays;
  /** Null until every loss up to `step` is known. */
  position: Position | null;
}

export class Checkpoints {
  /** Oldest first. */
  #kept: Checkpoint[] = [];

  /** What is held on the device. */
  get arrays(): readonly Arrays[] {
    return this.#kept.map(({ arrays }) => arrays);
  }

  /**
   * Copies the arrays as they are at this point of the queue. The returned function completes the checkpoint. Without room
   * on the device there is none: what it would be good for may never happen.
   */
  async take(setup: Setup, network: Network, step: number): Promise<(position: Position) => void> {
    const oldest = this.#kept.length < KEPT ? null : this.#kept.shift()!;
    let arrays: Arrays;
    // A scoring window adds an array and takes it away again.
    const fits = oldest !== null && (oldest.arrays.score === null) === (network.arrays.score === null);
    if (!fits) {
      if (oldest !== null) disposeArrays(oldest.arrays);
      const copied = await cloneArrays(setup, network.specs, network.arrays).catch((error: unknown) => {
        if (error instanceof NoRoom) return null;
        throw error;
      });
      if (copied === null) return () => {};
      arrays = copied;
    } else {
      arrays = oldest.arrays;
      copyArrays(network.arrays, arrays);
      setup.backend.submit();
    }
    const checkpoint: Checkpoint = { step, arrays, position: null };
    this.#kept.push(checkpoint);
    return (position) => {
      checkpoint.position = position;
    };
  }

  /** The newest complete one at or before `step`; it belongs to the caller from now on. */
  claim(step: number): { readonly position: Position; readonly arrays: Arrays } | null {
    const good = this.#kept.filter((kept) => kept.step <= step && kept.position !== null).at(-1);
    if (good === undefined) return null;
    this.#kept = this.#kept.filter((kept) => kept !== good);
    return { position: good.position!, arrays: good.arrays };
  }

  /** The step `claim` would give; −1 when none. */
  newest(step: number): number {
    return this.#kept.filter((kept) => kept.step <= step && kept.position !== null).at(-1)?.step ?? -1;
  }

  /** The network has another size or another past: older copies are of no use. */
  clear(): void {
    for (const { arrays } of this.#kept) disposeArrays(arrays);
    this.#kept = [];
  }
}
