/**
 * How an H-LSTM is drawn. The lowest tier of a layer is what its gates have inside: left the weights in reading order, U¹
 * for x and for h, U² and U³, each as four strips, so that a strip is one gate's row of matrices; right what the hidden
 * units say over the view window. Above it stands a tier for each block of cells: the rows of W that open its gates, the
 * gates over the window, the readout.
 */
import type { ParamSpec } from "../engine/types.ts";
import { blockRanges, cellsOf } from "./layers/blocks.ts";
import { GATES, makes, room } from "./lstm-anatomy.ts";
import type { Anatomy, DataShape, Part, Tier } from "./types.ts";

interface Shape {
  readonly blocks: readonly number[];
  readonly gateLayers: number;
  readonly gateWidth: number;
  readonly slope: number;
  readonly layers: number;
  readonly embed: number;
  readonly maxCells: number;
}

const SUPERSCRIPTS = ["¹", "²", "³"];

/** `paramsOf` lists the parameters of the same model with other blocks. For L ≥ 1. */
export function hlstmAnatomy(
  arch: Shape,
  data: DataShape,
  paramsOf: (blocks: readonly number[]) => readonly ParamSpec[],
): Anatomy {
  const depth = Array.from({ length: arch.gateLayers }, (_, k) => k);
  return {
    tiers: Array.from({ length: arch.layers }, (_, layer) => [
      insideTier(arch, data, layer),
      ...blockTiers(arch, data, layer),
    ]).flat(),
    root: "text",
    room: room(arch, paramsOf),
    posts: [
      { id: "x", label: "x" },
      { id: "h", label: "h" },
      ...depth.slice(1).map((k) => ({ id: `u${k + 1}`, label: `U${SUPERSCRIPTS[k]}` })),
      { id: "w", label: "W" },
      ...depth.map((k) => ({ id: `a${k + 1}`, label: `a${SUPERSCRIPTS[k]}` })),
      { id: "gates", label: "gates" },
      { id: "y", label: "W_y" },
    ],
  };
}

type Range = readonly [number, number];

function weights(
  id: string,
  post: string,
  name: string,
  path: string,
  slice: readonly Range[],
): Part & { readonly kind: "weight" } {
  const axes = slice.map((_, axis) => axis);
  return {
    id: `${id}.${post}`,
    name,
    post,
    strips: GATES,
    kind: "weight",
    path,
    slice,
    rows: axes.slice(0, -1),
    cols: axes.slice(-1),
  };
}

/** What the gates of a layer have inside, and what their hidden units say. */
function insideTier(arch: Shape, { context }: DataShape, layer: number): Tier {
  const { gateLayers, gateWidth: width, slope } = arch;
  const id = `layers.${layer}.inside`;
  const cells = cellsOf(arch.blocks);
  const at = (part: string) => `layers.${layer}.${part}.weight`;
  const all: Range = [0, 4];
  const units: Range = [0, width];
  const depth = Array.from({ length: gateLayers }, (_, k) => k);
  return {
    id,
    name: "Inside the gates",
    note: `${gateLayers === 1 ? "1 layer" : `${gateLayers} layers`} of ${width}, ${slope > 0 ? "leaky ReLU" : "ReLU"}`,
    group: arch.layers > 1 ? `Layer ${layer + 1}` : "",
    left: [
      weights(id, "x", layer === 0 ? "U¹ reads the text" : `U¹ reads layer ${layer}`, at("x"), [
        all,
        units,
        [0, layer === 0 ? arch.embed : cells],
      ]),
      weights(id, "h", "U¹ reads the cells", at("h"), [all, units, [0, cells]]),
      ...depth.slice(1).map((k) => ({
        ...weights(id, `u${k + 1}`, `U${SUPERSCRIPTS[k]} reads hidden layer ${k}`, at("inner"), [
          [k - 1, k],
          all,
          units,
          units,
        ]),
        perStrip: true as const,
      })),
    ],
    right: depth.map((k) => ({
      id: `${id}.a${k + 1}`,
      name: `hidden layer ${k + 1} over the window`,
      post: `a${k + 1}`,
      strips: GATES,
      kind: "activation",
      tap: `layers.${layer}.hidden`,
      slice: [[k, k + 1], all, [0, context], units],
      rows: [0, 1, 3],
      cols: [2],
      scale: "sequential",
      silent: true,
    })),
  };
}

function blockTiers(arch: Shape, data: DataShape, layer: number): Tier[] {
  return blockRanges(arch.blocks).map(({ start, end, size }, j): Tier => {
    const id = `layers.${layer}.block.${j}`;
    return {
      id,
      name: `Block ${j + 1}`,
      note: `${size} cells`,
      group: "",
      left: [
        {
          ...weights(id, "w", `W opens the gates of block ${j + 1}`, `layers.${layer}.gates.weight`, [
            [0, 4],
            [start, end],
            [0, arch.gateWidth],
          ]),
          perStrip: true,
        },
      ],
      right: makes(arch, data, layer, id, [start, end]),
    };
  });
}
