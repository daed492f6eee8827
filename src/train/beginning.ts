/**
 * A run that begins with weights it is given, instead of those its seed draws: a source to grow from. Made as the snapshot
 * of a run that has not taken a step, so that it is opened by the door through which every saved run comes.
 */
import type { Values } from "../config/schema.ts";
import type { ParamSpec } from "../engine/types.ts";
import type { RunConfig } from "../run/config.ts";
import { START } from "./history.ts";
import { Line } from "./line.ts";
import { liveOf } from "./setup.ts";
import { encodeSnapshot, type FlatArrays } from "./snapshot.ts";

export interface Beginning {
  readonly config: RunConfig;
  /** Values of the network that the weights are of, and its parameters. */
  readonly arch: Values;
  readonly specs: readonly ParamSpec[];
  readonly slots: readonly string[];
  readonly flat: FlatArrays;
  /** Steps that lie behind it: where it goes on counting, and drawing batches. Nothing is spent yet. */
  readonly step: number;
  /** Step of an evaluation that need not be made; −1: none. */
  readonly evaluated: number;
  /** Updates that the slots have seen. */
  readonly updates: number;
  /** Number of its first structural event: with the seed the key of its draws. */
  readonly event: number;
}

export function beginning(given: Beginning): ArrayBuffer {
  const { config, arch, specs, slots, flat, step, evaluated, updates, event } = given;
  const line = Line.start(config.recipe);
  line.arrive(step, 0);
  const header = {
    config,
    position: {
      spent: { steps: step, tokens: 0, flops: 0 },
      extra: 0,
      updates,
      rewarm: 0,
      event,
      arch,
      live: liveOf(config),
      line: line.save(),
      window: null,
      evaluated,
      skipped: 0,
    },
    history: { nodes: [{ id: START, parent: null, label: "source", loss: null, step }], made: 0, now: START },
    ended: false,
    seq: 0,
    wall: 0,
    events: [],
  };
  return encodeSnapshot(header, specs, slots, flat);
}
