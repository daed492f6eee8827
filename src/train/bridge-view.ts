/**
 * The bridging gradient past a layer, for whoever has its panel open (NeST; grow-prune §3.9): B as the growth of neurons
 * would see it now, pooled here to what a screen can show, and the pairs that a newborn would join. Nothing is computed or
 * read while nobody looks, and then at most every so many steps.
 */
import { BRIDGE_PAIRS, bridging, layersOf } from "../methods/grow/bridging.ts";
import { regionsOf } from "../methods/target.ts";
import type { BridgeMap } from "../run/messages.ts";
import type { Core } from "./core.ts";
import { lookProgram, PROBE } from "./event-programs.ts";
import { once } from "./once.ts";
import { sideOf } from "./programs.ts";
import { pooled } from "./view.ts";

/** Steps between two. */
const EVERY = 50;
/** Cells along a side. */
const SIDE = 112;
/** Entries that are read back at most: 1 MiB. */
const MOST = 2 ** 18;

export class BridgeLook {
  #last: {
    readonly target: string;
    readonly event: number;
    readonly map: BridgeMap | null;
    readonly step: number;
  } | null = null;

  /** `target`: as the method `neurons` takes it; null: nobody looks. */
  async look(core: Readonly<Core>, target: string | null): Promise<BridgeMap | null> {
    if (target === null) {
      this.#last = null;
      return null;
    }
    const { step, event } = core;
    const last = this.#last;
    const same = last !== null && last.target === target && last.event === event;
    if (same && step >= last.step && step - last.step < EVERY) return last.map;
    const map = await bridgeOf(core, target);
    this.#last = { target, event, map, step };
    return map;
  }
}

/** Null: no unit can be born there, or there are too many pairs to look at. */
async function bridgeOf({ setup, network, step }: Readonly<Core>, target: string): Promise<BridgeMap | null> {
  const { model, backend, shape, validation } = setup;
  const from = sideOf(network, shape);
  const regions = regionsOf(model, from, target);
  if (typeof regions === "string") return null;
  const layer = layersOf(model, from).find(({ maker }) => regions.some(({ spec }) => spec === maker));
  if (layer === undefined) return null;
  let size: readonly [number, number] = [0, 0];
  const traced = () =>
    lookProgram(setup, from, false, (t, old) => {
      const b = bridging(t, model, from, old.params, old.batch(), [layer]).get(layer.axis)!;
      size = b.shape as [number, number];
      // Beyond what may be read only the shape is asked for.
      return size[0] * size[1] > MOST ? {} : { b };
    });
  const { program } = traced();
  const [rows, cols] = size;
  if (rows * cols > MOST) return null;
  const named = { "from.params": network.arrays.params, ...Object.fromEntries(validation) };
  const { b } = await once(backend, program, named, ["b"], PROBE);
  const data = new Float32Array(b!);
  const small = pooled({ rows, cols, data }, SIDE, SIDE);
  const order = Array.from(data.keys()).sort((i, j) => Math.abs(data[j]!) - Math.abs(data[i]!) || i - j);
  return {
    ...{ target, step, rows: small.rows, cols: small.cols, data: small.data, ofRows: rows, ofCols: cols },
    most: Math.abs(data[order[0] ?? 0] ?? 0),
    pairs: order
      .slice(0, BRIDGE_PAIRS)
      .map((i) => ({ row: Math.floor(i / cols), col: i % cols, value: data[i]! })),
  };
}
