/**
 * How a CNN is drawn. A tier is a layer. Of a convolution the left arm holds its kernels as a board, made maps × read maps
 * of k × k weights each; the right arm its feature maps for the image that is looked at, as a board. The fully connected
 * layers are drawn as an MLP's.
 */
import {
  areaPath,
  boardRows,
  type CnnArch,
  type CnnBlock,
  cnnBlocks,
  convPath,
  onImage,
  padOf,
} from "./cnn-shape.ts";
import { fcPath } from "./layers/fc.ts";
import { fcTier } from "./mlp-anatomy.ts";
import type { Anatomy, DataShape, Part, Tier } from "./types.ts";

function convTier(arch: CnnArch, { channels, made, side, convolved }: CnnBlock, layer: number): Tier {
  const id = convPath(layer);
  const { kernel } = arch;
  const [height, width] = side;
  const read = { channels, height, width, kernel: { size: kernel, padding: padOf(arch) } };
  const kernels: Part = {
    id: `${id}.w`,
    name: layer === 0 ? "kernels on the image" : `kernels on the maps of convolution ${layer}`,
    post: "w",
    strips: [],
    form: "board",
    kind: "weight",
    path: `${id}.weight`,
    slice: [
      [0, made],
      [0, channels],
      [0, kernel],
      [0, kernel],
    ],
    // A board: rows run over made maps and kernel rows, columns over read maps and kernel columns.
    rows: [0, 2],
    cols: [1, 3],
    area: { path: areaPath(layer), rows: convolved[0], columns: convolved[1], ...onImage(arch, layer) },
    ...(layer === 0 ? { reads: read } : {}),
  };
  const down = boardRows(made);
  const maps: Part = {
    id: `${id}.maps`,
    name: "feature maps of this image",
    post: "units",
    strips: [],
    form: "board",
    kind: "activation",
    tap: `${id}.maps`,
    slice: [
      [0, down],
      [0, made / down],
      [0, convolved[0]],
      [0, convolved[1]],
    ],
    rows: [0, 2],
    cols: [1, 3],
    scale: "sequential",
  };
  return {
    id,
    name: `Convolution ${layer + 1}`,
    note: `${made} maps`,
    group: "",
    left: [kernels],
    right: [maps],
  };
}

export function cnnAnatomy(arch: CnnArch, data: DataShape): Anatomy {
  const blocks = cnnBlocks(arch, data);
  const { made, pooled } = blocks.at(-1)!;
  const fcs = [...arch.widths, data.vocab].map((out, i) => {
    const last = i === arch.widths.length;
    const inputs = i === 0 ? [made, pooled[0] * pooled[1]] : [arch.widths[i - 1]!];
    const reads = i === 0 ? `reads the maps of convolution ${blocks.length}` : `reads layer ${i}`;
    const words = {
      name: last ? "Readout" : `Layer ${i + 1}`,
      note: last ? `${out} classes` : `${out} units`,
      reads,
    };
    return fcTier(fcPath(i), out, inputs, words, last);
  });
  return {
    tiers: [...blocks.map((block, layer) => convTier(arch, block, layer)), ...fcs],
    root: "image",
    room: [],
    posts: [
      { id: "w", label: "weights" },
      { id: "units", label: "maps and units" },
    ],
  };
}
