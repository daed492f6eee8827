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
  /** What the weights were given by, where the start cannot be drawn again from the seed: a file, a run. */
  readonly given?: string;
  /** Number of its first structural event: with the seed the key of its draws. */
  readonly event: number;
}

export function beginning(from: Beginning): ArrayBuffer {
  const { config, arch, specs, slots, flat, step, evaluated, updates, event } = from;
  const line = Line.start(config.recipe);
  line.arrive(step, 0);
  const position = {
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
  };
  const header = {
    config,
    position,
    history: { nodes: [{ id: START, parent: null, label: "source", loss: null, step }], made: 0, now: START },
    ended: false,
    seq: 0,
    wall: 0,
    events: [],
    ...(from.given === undefined ? {} : { start: { position, given: from.given } }),
  };
  return encodeSnapshot(header, specs, slots, flat);
}
