/**
 * How an LSTM is drawn. A tier is a block. Its left arm reads, from the trunk outwards: x, then each block of the layer
 * that it may read; so an older block's arm is shorter, and Cascade stands as a triangle, Fully Connected as a
 * rectangle. Its right arm shows the gates over the view window and the readout.
 */
import type { ParamSpec } from "../engine/types.ts";
import { activeCount, blockRanges, cellsOf } from "./layers/blocks.ts";
import type { Anatomy, DataShape, Part, Tier } from "./types.ts";

/** What a growth adds unless told otherwise (grow-prune §4.3): the default of the methods' `cells`, too. */
export const BLOCK_CELLS = 64;
/** Blocks a layer may have, and the fewest cells of one. */
export const MAX_BLOCKS = 8;
export const MIN_CELLS = 4;

export const GATES = ["i", "f", "g", "o"];

interface Shape {
  readonly blocks: readonly number[];
  readonly layers: number;
  readonly input: string;
  readonly embed: number;
  readonly connectivity: string;
  readonly maxCells: number;
}

/** `paramsOf` lists the parameters of the same model with other blocks. */
export function lstmAnatomy(
  arch: Shape,
  data: DataShape,
  paramsOf: (blocks: readonly number[]) => readonly ParamSpec[],
): Anatomy {
  const layers = Array.from({ length: arch.layers }, (_, layer) => layerTiers(arch, data, layer));
  return {
    tiers: layers.flat(),
    root: "text",
    room: room(arch, paramsOf),
    posts: [
      { id: "x", label: "x" },
      ...arch.blocks.map((_, j) => ({ id: `h${j + 1}`, label: `h${subscript(j + 1)}` })),
      { id: "gates", label: "gates" },
      { id: "y", label: "W_y" },
    ],
  };
}

function layerTiers(arch: Shape, data: DataShape, layer: number): Tier[] {
  const ranges = blockRanges(arch.blocks);
  const entering = arch.input === "one-hot" ? data.vocab : arch.embed;
  const inputs = layer === 0 ? entering : cellsOf(arch.blocks);
  return ranges.map(({ start, end, size }, j): Tier => {
    const id = `layers.${layer}.block.${j}`;
    const reads = (post: string, name: string, path: string, from: number, to: number): Part => ({
      id: `${id}.${post}`,
      name,
      post,
      strips: GATES,
      kind: "weight",
      path: `layers.${layer}.${path}.weight`,
      slice: [
        [0, 4],
        [start, end],
        [from, to],
      ],
      rows: [0, 1],
      cols: [2],
    });
    const readable = arch.connectivity === "cascade" ? ranges.slice(0, j + 1) : ranges;
    return {
      id,
      name: `Block ${j + 1}`,
      note: `${size} cells`,
      group: arch.layers > 1 && j === 0 ? `Layer ${layer + 1}` : "",
      left: [
        reads("x", layer === 0 ? "reads the text" : `reads layer ${layer}`, "x", 0, inputs),
        ...readable.map((block, i) =>
          reads(`h${i + 1}`, i === j ? "reads itself" : `reads block ${i + 1}`, "h", block.start, block.end),
        ),
      ],
      // A lower layer is read by the next layer's x, which is drawn there.
      right: makes(arch, data, layer, id, [start, end]),
    };
  });
}

/** What cells [start, end) of a layer make: their gates over the window and, in the last layer, their readout. */
export function makes(
  { layers }: Pick<Shape, "layers">,
  { vocab, context }: DataShape,
  layer: number,
  id: string,
  cells: readonly [number, number],
): readonly Part[] {
  const gates: Part = {
    id: `${id}.gates`,
    name: "gates over the window",
    post: "gates",
    strips: GATES,
    kind: "activation",
    tap: `layers.${layer}.gates`,
    slice: [[0, context], [0, 4], cells],
    rows: [1, 2],
    cols: [0],
    scale: "sequential",
    divergingStrips: [2],
  };
  const readout: Part = {
    id: `${id}.y`,
    name: "readout",
    post: "y",
    strips: [],
    kind: "weight",
    path: "head.weight",
    slice: [[0, vocab], cells],
    rows: [0],
    cols: [1],
  };
  return layer === layers - 1 ? [gates, readout] : [gates];
}

/**
 * One wire for each block that still fits. What a growth will add is its own setting, not the model's: the sentence
 * takes the usual block, or one like the newest where the network is smaller than that.
 */
export function room(
  arch: Pick<Shape, "blocks" | "maxCells">,
  paramsOf: (blocks: readonly number[]) => readonly ParamSpec[],
): Anatomy["room"] {
  const wires: { label: string }[] = [];
  let blocks = arch.blocks;
  while (blocks.length < MAX_BLOCKS) {
    const cells = Math.min(BLOCK_CELLS, blocks.at(-1)!, arch.maxCells - cellsOf(blocks));
    if (cells < MIN_CELLS) break;
    const grown = [...blocks, cells];
    const more = activeCount(paramsOf(grown)) - activeCount(paramsOf(blocks));
    wires.push({
      label: `room for block ${grown.length}: ${cells} cells, +${more.toLocaleString("en-US")} weights`,
    });
    blocks = grown;
  }
  return wires;
}

const subscript = (n: number): string =>
  [...String(n)].map((digit) => String.fromCodePoint(0x2080 + Number(digit))).join("");
