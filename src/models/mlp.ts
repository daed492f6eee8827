/**
 * A multilayer perceptron on images: every pixel goes to every unit of the first layer. Any widths; without a hidden
 * layer it is softmax regression, the yardstick. 300 and 100 are LeNet-300-100 (LeCun et al. 1998), the network on which
 * pruning has been tried ever since (grow-prune §2.8).
 *
 * Weights start as N(0, 2/in) where the activation is a rectifier (He et al. 2015), else N(0, 1/in); biases at 0. The
 * last layer starts as N(0, 1/in), so that the first loss is near that of guessing.
 */
import type { Schema, Values } from "../config/schema.ts";
import { crossEntropy } from "../engine/ops/cross-entropy.ts";
import { pool } from "../engine/ops/pool.ts";
import type { ParamSpec, Tensor } from "../engine/types.ts";
import { view } from "./layers/dense.ts";
import { fcBridges, fcSpecs, fcStack, fcUnits } from "./layers/fc.ts";
import { ACTIVATION_FIELD, HALVE_FIELD } from "./layers/images.ts";
import { mlpAnatomy } from "./mlp-anatomy.ts";
import type { DataShape, Model } from "./types.ts";

const schema = {
  widths: {
    kind: "list",
    of: "int",
    label: "Hidden widths",
    help: "One number a hidden layer, the first one first. None at all: softmax regression.",
    default: [300, 100],
    min: 1,
    max: 1024,
    minLength: 0,
    maxLength: 6,
    unit: "units",
  },
  activation: ACTIVATION_FIELD,
  halve: HALVE_FIELD,
  dropout: {
    kind: "float",
    label: "Dropout",
    help: "Share of a hidden layer's outputs left out at each training step.",
    default: 0,
    min: 0,
    max: 0.9,
    live: true,
  },
} as const satisfies Schema;

export type MlpArch = Values<typeof schema>;

/** [channels, height, width] that the first layer sees. */
export function mlpInput({ halve }: Pick<MlpArch, "halve">, { image }: DataShape): readonly number[] {
  if (image === undefined) throw new Error("An MLP reads images.");
  const { channels, height, width } = image;
  return halve ? [channels, Math.floor(height / 2), Math.floor(width / 2)] : [channels, height, width];
}

const pixels = (arch: MlpArch, data: DataShape): number => mlpInput(arch, data).reduce((n, d) => n * d, 1);

const sizes = (arch: MlpArch, data: DataShape): readonly number[] => [
  pixels(arch, data),
  ...arch.widths,
  data.vocab,
];

function params(arch: MlpArch, data: DataShape): readonly ParamSpec[] {
  const input = { shape: [pixels(arch, data)], axes: ["pixels"] };
  return fcSpecs({ input, widths: arch.widths, classes: data.vocab, activation: arch.activation, layer: 0 });
}

export const mlp: Model<typeof schema> = {
  id: "mlp",
  label: "MLP",
  schema,
  task: "classify",
  bos: false,
  growth: { width: ["widths"] },
  params,

  apply(t, arch, data, p, { inputs, targets }, options) {
    const batch = inputs.shape[0]!;
    const taps = new Map<string, Tensor>();
    const small = arch.halve ? t.call(pool, [inputs], { how: "average", size: 2 })[0]! : inputs;
    const x = view(t, small, [batch, pixels(arch, data)]);
    return fcStack(t, x, { arch, params: p, options, taps }, (logits) => {
      const losses = targets && t.call(crossEntropy, [logits, targets], {})[0]!;
      return { logits, losses, taps };
    });
  },

  flops(arch, data) {
    const all = sizes(arch, data);
    const executed = all.slice(1).reduce((sum, width, i) => sum + 2 * all[i]! * width, 0);
    return { executed, active: executed };
  },

  units: fcUnits,
  bridges: fcBridges,

  check: () => null,

  anatomy: mlpAnatomy,

  describe({ widths }) {
    return widths.length === 0 ? "softmax regression" : `${widths.join("-")} hidden units`;
  },
};
