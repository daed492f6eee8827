/**
 * How an MLP is drawn. A tier is a layer: its left arm holds the weights, its right arm the units as one row of cells,
 * for the image that is looked at. The first layer's weights, opened, are one picture a unit (rows are units).
 */
import { fcPath } from "./layers/fc.ts";
import type { MlpArch } from "./mlp.ts";
import type { Anatomy, DataShape, Part, Tier } from "./types.ts";

export function fcTier(
  id: string,
  out: number,
  inputs: readonly number[],
  words: { readonly name: string; readonly note: string; readonly reads: string },
  last: boolean,
): Tier {
  const weight: Part = {
    id: `${id}.w`,
    name: words.reads,
    post: "w",
    strips: [],
    kind: "weight",
    path: `${id}.weight`,
    slice: [[0, out], ...inputs.map((n): [number, number] => [0, n])],
    rows: [0],
    cols: inputs.map((_, k) => k + 1),
  };
  const units: Part = {
    id: `${id}.units`,
    name: "its units, for this image",
    post: "units",
    strips: [],
    form: "row",
    kind: "activation",
    tap: `${id}.out`,
    slice: [[0, out]],
    rows: [],
    cols: [0],
    scale: "sequential",
  };
  // The last layer's units are the classes, which the crown shows.
  return { id, name: words.name, note: words.note, group: "", left: [weight], right: last ? [] : [units] };
}

export function mlpAnatomy(arch: MlpArch, data: DataShape): Anatomy {
  const { image, vocab } = data;
  const side = (n: number) => (arch.halve ? Math.floor(n / 2) : n);
  const read = { channels: image!.channels, height: side(image!.height), width: side(image!.width) };
  const pixels = read.channels * read.height * read.width;
  const sizes = [pixels, ...arch.widths, vocab];
  const tiers = sizes.slice(1).map((out, i) => {
    const last = i === arch.widths.length;
    const tier = fcTier(
      fcPath(i),
      out,
      [sizes[i]!],
      {
        name: last ? "Readout" : `Layer ${i + 1}`,
        note: last ? `${out} classes` : `${out} units`,
        reads: i === 0 ? "reads the image" : `reads layer ${i}`,
      },
      last,
    );
    return i > 0 ? tier : { ...tier, left: tier.left.map((part) => ({ ...part, reads: read })) };
  });
  return {
    tiers,
    root: "image",
    room: [],
    posts: [
      { id: "w", label: "weights" },
      { id: "units", label: "units" },
    ],
  };
}
