/**
 * Vision transformer as in ViT and DeiT: an image is cut into patches, each projected to the width, a class token put
 * before them, positions added; the head reads the class token behind the last norm. Pre-LN, every place reads every place.
 */
import type { Schema, Values } from "../config/schema.ts";
import { add } from "../engine/ops/binary.ts";
import { crossEntropy } from "../engine/ops/cross-entropy.ts";
import { pad, permute, slice } from "../engine/ops/layout.ts";
import type { ParamSpec, Tensor, Trace } from "../engine/types.ts";
import { dense, view } from "./layers/dense.ts";
import {
  blockFlops,
  blockSpecs,
  checkTrunk,
  describeTrunk,
  dropped,
  INIT,
  matrix,
  norm,
  normSpecs,
  type Pass,
  skippedBlocks,
  TRANSFORMER_FIELDS,
  TRUNK_GROWTH,
  table,
  trunk,
  vector,
} from "./layers/transformer.ts";
import { transformerAnatomy } from "./layers/transformer-anatomy.ts";
import type { DataShape, Model } from "./types.ts";

const schema = {
  ...TRANSFORMER_FIELDS,
  layers: { ...TRANSFORMER_FIELDS.layers, default: 3 },
  width: { ...TRANSFORMER_FIELDS.width, default: 48 },
  heads: { ...TRANSFORMER_FIELDS.heads, default: 3 },
  patch: {
    kind: "choice",
    label: "Patch",
    symbol: "P",
    help: "Side of a patch in pixels. A digit of 28 × 28 has 49 patches of side 4, or 16 of side 7.",
    default: "7",
    options: ["4", "7"],
  },
} as const satisfies Schema;

export type VitArch = Values<typeof schema>;

/** Patches down and across, and the pixels of one. */
function patches({ patch }: VitArch, { image }: DataShape) {
  if (image === undefined) throw new Error("A ViT reads images.");
  const side = Number(patch);
  const { channels, height, width } = image;
  const [down, across] = [Math.floor(height / side), Math.floor(width / side)];
  return { side, channels, down, across, count: down * across, pixels: channels * side ** 2 };
}

function params(arch: VitArch, data: DataShape): readonly ParamSpec[] {
  const { width } = arch;
  const { count, pixels } = patches(arch, data);
  return [
    { ...matrix("patch.weight", [width, pixels], ["width", "pixels"], pixels ** -0.5), macs: count },
    vector("patch.bias", [width], ["width"]),
    { ...vector("cls", [width], ["width"]), init: { law: "normal", scale: INIT } },
    table("wpe.weight", count + 1, "positions", width),
    ...blockSpecs(arch, count + 1),
    ...normSpecs("ln_f", width),
    matrix("head.weight", [data.vocab, width], ["classes", "width"]),
    vector("head.bias", [data.vocab], ["classes"]),
  ];
}

/** [B, C, H, W] → [B·n, C·P·P], patches row by row, pixels of each channel by channel. */
function cut(
  t: Trace,
  x: Tensor,
  { side, channels, down, across, pixels }: ReturnType<typeof patches>,
): Tensor {
  const batch = x.shape[0]!;
  const grid = view(t, x, [batch * channels, down, side, across, side]);
  // A grey image needs no axis for its channels.
  if (channels === 1) {
    const [moved] = t.call(permute, [grid], { axes: [0, 1, 3, 2, 4] });
    return view(t, moved!, [batch * down * across, pixels]);
  }
  const [inner] = t.call(permute, [grid], { axes: [0, 1, 3, 2, 4] });
  const byChannel = view(t, inner!, [batch, channels, down * across, side * side]);
  const [moved] = t.call(permute, [byChannel], { axes: [0, 2, 1, 3] });
  return view(t, moved!, [batch * down * across, pixels]);
}

export const vit: Model<typeof schema> = {
  id: "vit",
  label: "ViT",
  schema,
  task: "classify",
  bos: false,
  attends: "grid",
  growth: TRUNK_GROWTH,
  params,

  apply(t, arch, data, p, { inputs, targets }, options) {
    const shape = patches(arch, data);
    const batch = inputs.shape[0]!;
    const places = shape.count + 1;
    const taps = new Map<string, Tensor>();
    const pass: Pass = { t, arch, params: p, options, batch, places, causal: false, taps };
    /** A place more in front, empty. */
    const front = (x: Tensor, axis: number) => {
      const before = x.shape.map((_, k) => Number(k === axis));
      return t.call(pad, [x], { before, after: x.shape.map(() => 0), value: 0 })[0]!;
    };
    const embedded = t.segment("embed", null, () => {
      const rows = dense(t, cut(t, inputs, shape), p.get("patch.weight")!, p.get("patch.bias")!);
      const tokens = front(view(t, rows, [batch, shape.count, arch.width]), 1);
      // The class token joins the position of place 0, where the patches have nothing: one sum adds both.
      const after = [shape.count, 0];
      const cls = view(t, p.get("cls")!, [1, arch.width]);
      const [first] = t.call(pad, [cls], { before: [0, 0], after, value: 0 });
      const places = t.call(add, [p.get("wpe.weight")!, first!], {})[0]!;
      const summed = t.call(add, [tokens, places], {})[0]!;
      return dropped(pass, view(t, summed, [batch * (shape.count + 1), arch.width]), 0);
    });
    const x = trunk(pass, embedded);
    return t.segment("head", null, () => {
      const whole = view(t, x, [batch, places, arch.width]);
      const [first] = t.call(slice, [whole], { starts: [0, 0, 0], sizes: [batch, 1, arch.width] });
      const read = norm(pass, "ln_f", view(t, first!, [batch, arch.width]));
      const logits = dense(t, read, p.get("head.weight")!, p.get("head.bias")!);
      const losses = targets && t.call(crossEntropy, [logits, targets], {})[0]!;
      return { logits, losses, taps };
    });
  },

  /** An image: all its places through the trunk, one through the head. */
  flops(arch, data) {
    const { count, pixels } = patches(arch, data);
    const places = count + 1;
    const layers = arch.layers * places * blockFlops(arch, places, false);
    const executed = layers + 2 * count * pixels * arch.width + 2 * arch.width * data.vocab;
    return { executed, active: executed };
  },

  check(arch, { image }) {
    const side = Number(arch.patch);
    if (image !== undefined && (image.height % side !== 0 || image.width % side !== 0)) {
      return `model.patch is ${side}, which does not divide images of ${image.width} × ${image.height}`;
    }
    return checkTrunk(arch);
  },

  anatomy: (arch, data) => transformerAnatomy(arch, patches(arch, data).count + 1, "image"),
  describe: describeTrunk,
  skips: skippedBlocks,
};
