/** What a network answers to the fixed probe batch, dropout off: how an event is judged. */
import type { Backend } from "../engine/types.ts";
import { PROBE } from "./event-programs.ts";
import type { Network } from "./network.ts";

export interface Probe {
  readonly logits: Float32Array;
  readonly loss: number;
}

/** Logits and mean loss. */
export async function probe(backend: Backend, network: Network): Promise<Probe> {
  network.probe.run(PROBE);
  const logits = network.probe.read("logits");
  const loss = network.probe.read("loss");
  backend.submit();
  return { logits: new Float32Array(await logits), loss: new Float32Array(await loss)[0]! };
}

/** Changing |z| by no more than this is rounding, not another function. */
export const preservingLimit = (maxLogit: number): number => 1e-5 * Math.max(1, maxLogit);
