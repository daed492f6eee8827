/**
 * The scoring window (grow-prune §1.2 and §3.3): for the batches before an event the training step also sums its signed,
 * dense, unclipped gradient into an arena of its own. Training itself is the same, to the bit.
 */
import type { Arrays } from "./arrays.ts";
import type { Core } from "./core.ts";
import { createNetwork } from "./network.ts";

export async function openWindow(core: Core): Promise<void> {
  const { backend } = core.setup;
  const score = backend.arena("score", core.network.layout.length);
  try {
    await backend.room();
    await around(core, { ...core.network.arrays, score });
  } catch (error) {
    score.dispose();
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
  const { arch, specs, counts, gates, lender } = network;
  const options = { onProgress, counts, gates, lender };
  core.replace(await createNetwork(setup, arch, specs, arrays, options), false);
}
