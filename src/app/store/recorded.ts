/**
 * Messages as a worker sends them, built by hand for the tests of the reducer and of the page's sentences: a run that
 * trains, grows, is undone, redone and branched. Only tests import this file.
 */
import type { RunConfig } from "../../run/config.ts";
import type { RunEvent, RunEventBody } from "../../run/events.ts";
import type { Anatomy, HistoryNode, RunState, WorkerMessage } from "../../run/messages.ts";

export const RUN = "run-1";

export const CONFIG: RunConfig = {
  version: 1,
  seed: 1,
  data: { id: "moby-dick" },
  model: {
    id: "lstm",
    blocks: [64],
    layers: 1,
    embed: 64,
    connectivity: "cascade",
    maxCells: 256,
    dropout: 0,
  },
  optim: { id: "adamw", lr: 0.002, weightDecay: 0, clip: 1 },
  schedule: { id: "constant" },
  batch: 32,
  context: 64,
  budget: { unit: "steps", amount: 6000 },
  eval: { every: 100, batches: 4 },
  recipe: [],
};

export function anatomy(blocks: number): Anatomy {
  return {
    tiers: Array.from({ length: blocks }, (_, i) => ({
      id: `layers.0.block.${i}`,
      name: `Block ${i + 1}`,
      note: "64 cells",
      group: "",
      left: [],
      right: [],
    })),
    root: "text",
    room: [],
    posts: [],
  };
}

export function state(over: Partial<RunState>): WorkerMessage {
  return {
    type: "state",
    state: {
      run: RUN,
      phase: "running",
      step: 0,
      budgetSteps: 6000,
      now: "0",
      nodes: [node("0", null, 0)],
      recipe: [],
      arch: CONFIG.model,
      anatomy: anatomy(1),
      size: "64 cells in 1 block",
      params: 33_000,
      active: 33_000,
      flops: { executed: 66_000, active: 66_000 },
      plannedBytes: 1e6,
      heldBytes: 1e6,
      can: {},
      ...over,
    },
  };
}

export function node(id: string, parent: string | null, step: number): HistoryNode {
  return { id, parent, step, label: id, loss: null, restorable: true };
}

/** Numbers the events of a run as its trainer does. */
export function recorder(run = RUN): {
  events(step: number, ...bodies: RunEventBody[]): WorkerMessage;
  steps(from: number, to: number, loss?: (step: number) => number): WorkerMessage;
} {
  let seq = 0;
  const event = (step: number, body: RunEventBody): RunEvent => ({
    run,
    seq: seq++,
    step,
    wall: step / 100,
    reference: 0,
    ...body,
  });
  return {
    events: (step, ...bodies) => ({ type: "events", events: bodies.map((body) => event(step, body)) }),
    steps: (from, to, loss = (step) => 4.4 / Math.sqrt(step)) => ({
      type: "events",
      events: Array.from({ length: to - from + 1 }, (_, i) => {
        const step = from + i;
        return event(step, {
          type: "step",
          loss: loss(step),
          lr: 0.002,
          gradNorm: 1,
          tokens: step * 2048,
          flops: step * 1e6,
        });
      }),
    }),
  };
}

export const STARTED: RunEventBody = {
  type: "run/started",
  config: CONFIG,
  device: "test device",
  software: false,
  vocab: 80,
  params: 33_000,
  active: 33_000,
  budgetSteps: 6000,
  resumed: false,
};

export function grew(nodeId: string, parent: string, over: object = {}): RunEventBody {
  return {
    type: "structure/done",
    kind: "grow",
    method: "cascade",
    by: "hand",
    node: nodeId,
    parent,
    arch: CONFIG.model,
    sizeBefore: "64 cells in 1 block",
    sizeAfter: "128 cells in 2 blocks",
    copies: {},
    milliseconds: 14,
    lossBefore: 1.6421,
    lossAfter: 1.6421,
    maxLogitDelta: 3.6e-6,
    maxLogit: 11,
    paramsBefore: 33_000,
    paramsAfter: 79_000,
    activeBefore: 33_000,
    activeAfter: 70_000,
    activeFlops: 276_000,
    executedFlops: 276_000,
    flopsBefore: { executed: 128_000, active: 128_000 },
    counts: {},
    extra: {},
    notes: [],
    event: 0,
    ...over,
  };
}
