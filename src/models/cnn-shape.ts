/** The settings of a CNN and the sizes that follow from them: what the model and its drawing share. */
import type { Schema, Values } from "../config/schema.ts";
import { ACTIVATION_FIELD, HALVE_FIELD } from "./layers/images.ts";
import type { DataShape } from "./types.ts";

export const schema = {
  channels: {
    kind: "list",
    of: "int",
    label: "Feature maps",
    help: "One number a convolution, the first one first. After each, pooling halves the maps.",
    default: [20, 50],
    min: 1,
    max: 128,
    minLength: 1,
    maxLength: 3,
    unit: "maps",
  },
  kernel: { kind: "int", label: "Kernel", help: "Rows and columns of a kernel.", default: 5, min: 1, max: 7 },
  padding: {
    kind: "choice",
    label: "Padding",
    help: "Valid: only where the whole kernel fits. Same: zeros around, so that a map keeps its size.",
    default: "valid",
    options: ["valid", "same"],
  },
  pooling: { kind: "choice", label: "Pooling", default: "max", options: ["max", "average"] },
  widths: {
    kind: "list",
    of: "int",
    label: "Hidden widths",
    help: "Fully connected layers after the last maps.",
    default: [500],
    min: 1,
    max: 1024,
    minLength: 0,
    maxLength: 4,
    unit: "units",
  },
  batchNorm: {
    kind: "flag",
    label: "Batch norm",
    help: "After each convolution: maps of zero mean and unit size over a batch.",
    default: false,
  },
  areas: {
    kind: "choice",
    label: "Partial areas",
    help: "Each kernel is used on a part of its map alone. mask: all is computed, then masked. skip: the rest is left out.",
    default: "off",
    options: ["off", "mask", "skip"],
  },
  activation: ACTIVATION_FIELD,
  halve: HALVE_FIELD,
  dropout: {
    kind: "float",
    label: "Dropout",
    help: "Share of a fully connected layer's outputs left out at each training step.",
    default: 0,
    min: 0,
    max: 0.9,
    live: true,
  },
} as const satisfies Schema;

export type CnnArch = Values<typeof schema>;

/** One block's sizes: of its input, after the convolution, and after the pooling. */
export interface CnnBlock {
  readonly channels: number;
  readonly made: number;
  readonly side: readonly [number, number];
  readonly convolved: readonly [number, number];
  readonly pooled: readonly [number, number];
}

export const padOf = ({ padding, kernel }: CnnArch): number =>
  padding === "same" ? Math.floor(kernel / 2) : 0;

/** The sizes of every block, whether or not they can be (`check`). */
export function cnnBlocks(arch: CnnArch, { image }: DataShape): readonly CnnBlock[] {
  if (image === undefined) throw new Error("A CNN reads images.");
  const halved = (n: number) => (arch.halve ? Math.floor(n / 2) : n);
  let channels = image.channels;
  let side: readonly [number, number] = [halved(image.height), halved(image.width)];
  return arch.channels.map((made) => {
    const grown = 2 * padOf(arch) - arch.kernel + 1;
    const convolved = [side[0] + grown, side[1] + grown] as const;
    const pooled = [Math.floor(convolved[0] / 2), Math.floor(convolved[1] / 2)] as const;
    const block = { channels, made, side, convolved, pooled };
    channels = made;
    side = pooled;
    return block;
  });
}

/** What the fully connected layers read: channels, and places of a map. */
export function flat(arch: CnnArch, data: DataShape): readonly [number, number] {
  const { made, pooled } = cnnBlocks(arch, data).at(-1)!;
  return [made, pooled[0] * pooled[1]];
}

export const convPath = (index: number): string => `conv${index + 1}`;

/** Where on each map a kernel is used, of 0 and 1 (NeST's partial-area convolution). */
export const areaPath = (index: number): string => `${convPath(index)}.area`;

/** Where the places of a convolution's maps lie on the image, in its pixels: the middle of what each has read. */
export function onImage(arch: CnnArch, layer: number): { readonly origin: number; readonly pitch: number } {
  let [origin, pitch] = [0, arch.halve ? 2 : 1];
  for (let l = 0; l <= layer; l++) {
    if (l > 0) pitch *= 2;
    origin += pitch * ((arch.kernel - 1) / 2 - padOf(arch));
  }
  return { origin, pitch };
}

/** Rows of the board on which so many maps are shown: as near to a square as their number allows. */
export function boardRows(maps: number): number {
  let rows = Math.floor(Math.sqrt(maps));
  while (maps % rows !== 0) rows--;
  return rows;
}
