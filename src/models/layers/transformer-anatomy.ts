/**
 * How a transformer is drawn. A tier is a layer. Its left arm, which reads, holds Q K V, the map of each head and O; its right
 * arm, which makes, holds W_in, a sample of the activation over the view window and W_out.
 */
import type { Anatomy, Part, Tier } from "../types.ts";

interface Shape {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly ffn: number;
  readonly maxLayers: number;
}

/** `places`: how many the trunk carries side by side, T. */
export function transformerAnatomy(arch: Shape, places: number, root: Anatomy["root"]): Anatomy {
  const heads = Array.from({ length: arch.heads }, (_, h) => ({
    id: `head${h + 1}`,
    label: `head ${h + 1}`,
  }));
  return {
    tiers: Array.from({ length: arch.layers }, (_, layer) => tier(arch, places, layer)),
    root,
    room: room(arch),
    posts: [
      { id: "q", label: "Q" },
      { id: "k", label: "K" },
      { id: "v", label: "V" },
      ...heads,
      { id: "o", label: "O" },
      { id: "in", label: "W_in" },
      { id: "gelu", label: "gelu" },
      { id: "out", label: "W_out" },
    ],
  };
}

/** Ids count from the root: an insertion under a layer renumbers it, as it renumbers its parameters. */
function tier({ width, heads, ffn }: Shape, context: number, layer: number): Tier {
  const id = `blocks.${layer}`;
  const hidden = ffn * width;
  const matrix = (post: string, name: string, path: string, rows: number, cols: number): Part => ({
    id: `${id}.${post}`,
    name,
    post,
    strips: [],
    kind: "weight",
    path: `${id}.${path}.weight`,
    slice: [
      [0, rows],
      [0, cols],
    ],
    rows: [0],
    cols: [1],
  });
  const projection = (post: string, name: string, index: number): Part => ({
    id: `${id}.${post}`,
    name,
    post,
    strips: [],
    kind: "weight",
    path: `${id}.attn.qkv.weight`,
    slice: [
      [index, index + 1],
      [0, heads],
      [0, width / heads],
      [0, width],
    ],
    rows: [0, 1, 2],
    cols: [3],
  });
  const maps = Array.from(
    { length: heads },
    (_, h): Part => ({
      id: `${id}.head${h + 1}`,
      name: `attention of head ${h + 1}`,
      post: `head${h + 1}`,
      strips: [],
      kind: "attention",
      tap: `${id}.attn`,
      slice: [
        [h, h + 1],
        [0, context],
        [0, context],
      ],
      rows: [0, 1],
      cols: [2],
      scale: "sequential",
    }),
  );
  const activation: Part = {
    id: `${id}.gelu`,
    name: "hidden units over the window",
    post: "gelu",
    strips: [],
    kind: "activation",
    tap: `${id}.gelu`,
    slice: [
      [0, context],
      [0, hidden],
    ],
    rows: [1],
    cols: [0],
    scale: "sequential",
  };
  return {
    id,
    name: `Layer ${layer + 1}`,
    note: `${heads} ${heads === 1 ? "head" : "heads"}`,
    group: "",
    // From the trunk outwards; read from the left it is the order of computation: Q K V, the maps, O, the trunk.
    left: [
      matrix("o", "output weights", "attn.out", width, width),
      ...maps.reverse(),
      projection("v", "value weights", 2),
      projection("k", "key weights", 1),
      projection("q", "query weights", 0),
    ],
    right: [
      matrix("in", "weights into the hidden units", "mlp.fc", hidden, width),
      activation,
      matrix("out", "weights out of the hidden units", "mlp.proj", width, hidden),
    ],
  };
}

/** A wire for each doubling that still fits, and one for what is left over. */
function room({ layers, maxLayers }: Shape): Anatomy["room"] {
  const wires: { label: string }[] = [];
  for (let from = layers; from < maxLayers; ) {
    const to = Math.min(2 * from, maxLayers);
    wires.push({
      label: to === from + 1 ? `room for layer ${to}` : `room for layers ${from + 1} to ${to}`,
    });
    from = to;
  }
  return wires;
}
