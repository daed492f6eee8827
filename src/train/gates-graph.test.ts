/** Gates as a graph: which weight is the edge between which unit and which source. */
import { describe, expect, it } from "vitest";
import { arenaLayout } from "../engine/layout.ts";
import { hlstm } from "../models/hlstm.ts";
import { lstm } from "../models/lstm.ts";
import type { Model } from "../models/types.ts";
import { LIFE } from "../run/messages.ts";
import { arch as archOf } from "../testing/models.ts";
import { networkGraph } from "./gates-graph.ts";

const DATA = { vocab: 7, context: 4 };

/** Weights count up from 1; `asleep` says which entries are dormant. */
function graphOf(model: Model, values: object, asleep: (path: string, i: number) => boolean = () => false) {
  const arch = archOf(model, values) as never;
  const layout = arenaLayout(model.params(arch, DATA));
  const params = new Float32Array(layout.length);
  const age = new Uint32Array(layout.length).fill(90);
  for (const [path, { offset, count }] of layout.entries) {
    for (let i = 0; i < count; i++) {
      params[offset + i] = i + 1;
      if (asleep(path, i)) age[offset + i] = 0;
    }
  }
  return networkGraph({ layout, params, age, taps: new Map() }, model.anatomy(arch, DATA));
}

describe("an LSTM", () => {
  it("has x and h below, and four gates of all its blocks' cells", () => {
    const [layer, ...more] = graphOf(
      lstm,
      { blocks: [2, 1], embed: 4, connectivity: "fully-connected" },
      (path, i) => path === "layers.0.h.weight" && i === 5,
    )!;
    expect(more).toEqual([]);
    expect(layer).toMatchObject({
      ...{ units: 12, sources: 7, gates: ["i", "f", "g", "o"] },
      from: [
        { name: "x", count: 4 },
        { name: "h", count: 3 },
      ],
      made: [
        { tier: "layers.0.block.0", from: 0, to: 2 },
        { tier: "layers.0.block.1", from: 2, to: 3 },
      ],
    });
    const row = (unit: number) => [...layer!.weights.subarray(7 * unit, 7 * unit + 7)];
    // x.weight [4, 3, 4] and h.weight [4, 3, 3], of gate f cell 0.
    expect(row(3)).toEqual([13, 14, 15, 16, 10, 11, 12]);
    // Gate i cell 1: its last weight sleeps.
    expect(row(1)).toEqual([5, 6, 7, 8, 4, 5, 0]);
    expect(layer!.life![13]).toBe(LIFE.dormant);
    expect(layer!.life![12]).toBe(LIFE.settled);
  });

  it("is none where it is stacked, or has too many cells", () => {
    expect(graphOf(lstm, { blocks: [4], layers: 2, embed: 4 })).toBeNull();
    expect(graphOf(lstm, { blocks: [33], embed: 4 })).toBeNull();
    expect(graphOf(lstm, { blocks: [4], embed: 65 })).toBeNull();
  });
});

it("an H-LSTM has what is inside its gates in between, each gate its own", () => {
  const layers = graphOf(hlstm, { blocks: [2], embed: 3, gateLayers: 2, gateWidth: 2 })!;
  expect(layers.map(({ units, sources, from }) => [units, sources, from!.map(({ count }) => count)])).toEqual(
    [
      [8, 5, [3, 2]],
      [8, 8, [2, 2, 2, 2]],
      [8, 8, [2, 2, 2, 2]],
    ],
  );
  // gates.weight [4, 2, 2]: gate g, cell 1 reads the hidden units of gate g, 4 and 5.
  const last = layers[2]!;
  expect([...last.weights.subarray(8 * 5, 8 * 6)]).toEqual([0, 0, 0, 0, 11, 12, 0, 0]);
  expect([...last.life!.subarray(8 * 5, 8 * 6)].map((a) => a !== LIFE.dormant)).toEqual(
    [0, 0, 0, 0, 1, 1, 0, 0].map(Boolean),
  );
});
