/**
 * What a network would be without some of its layers (transformer-growth §8): the validation loss with each given set of
 * layers left out, and with all of them there. A report: an evaluation of its own, whose layers are segments that can be
 * skipped, over the batches of every evaluation. Training, its draws and the network's own programs never notice.
 */
import type { BlocksOff } from "../run/blocks-off.ts";
import type { Core } from "./core.ts";
import { scored } from "./evaluate.ts";
import { bindPart } from "./feed.ts";
import { evalProgram } from "./programs.ts";

/** At a step boundary. `progress(done, total)` after each set. */
export async function blocksOff(
  core: Readonly<Core>,
  sets: readonly (readonly string[])[],
  progress: (done: number, total: number) => void = () => {},
): Promise<Omit<BlocksOff, "step">> {
  const { network, setup } = core;
  const { backend, config, model, validation } = setup;
  const names = model.skips?.(network.arch) ?? `${model.label} has no layers that can be left out`;
  if (typeof names === "string") throw new Error(`No layer can be switched off here: ${names}.`);
  const strange = sets.flat().find((name) => !names.includes(name));
  if (strange !== undefined) throw new Error(`There is no layer ${strange} in this network to switch off.`);
  const evaluating = await backend.compile(evalProgram(setup, network, "skip"));
  try {
    bindPart(evaluating, validation);
    evaluating.bind("params", network.arrays.params);
    const without = async (off: readonly string[]) => {
      const scores = await scored(backend, evaluating, config.eval.batches, new Set(off));
      return { off, ...scores };
    };
    const { off: _, ...all } = await without([]);
    const told = [];
    for (const [k, off] of sets.entries()) {
      told.push(await without(off));
      progress(k + 1, sets.length);
    }
    return { layers: names.length, all, sets: told };
  } finally {
    evaluating.dispose();
  }
}
