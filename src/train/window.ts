/**
 * The scoring window (grow-prune §1.2 and §3.3): for the batches before an event the training step also sums its signed,
 * dense, unclipped gradient into an arena of its own. Training itself is the same, to the bit.
 */
import { NoRoom } from "../engine/no-room.ts";
import type { Arrays } from "./arrays.ts";
import type { Core } from "./core.ts";
import { Refusal } from "./event-terms.ts";
import { createNetwork } from "./network.ts";

export async function openWindow(core: Core): Promise<void> {
  const { layout } = core.network;
  try {
    const score = core.setup.backend.arena("score", layout.length);
    await around(core, { ...core.network.arrays, score }).catch((error: unknown) => {
      score.dispose();
      throw error;
    });
  } catch (error) {
    if (error instanceof NoRoom) throw new Refusal(`${error.message} Training goes on.`);
    throw error;
  }
  core.standing = null;
}

/** Without an event: it was refused. */
export async function closeWindow(core: Core): Promise<void> {
  const { window, network } = core;
  const { score } = network.arrays;
  if (window === null || score === null) return;
  await around(core, { ...network.arrays, score: null });
  score.dispose();
  core.window = null;
}

/** The same network around other arrays. */
async function around(core: Core, arrays: Arrays): Promise<void> {
  const { setup, network, progress: onProgress } = core;
  const { arch, specs, counts, lender } = network;
  core.replace(await createNetwork(setup, arch, specs, arrays, { onProgress, counts, lender }), false);
}
