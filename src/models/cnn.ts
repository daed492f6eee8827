/**
 * A convolutional network on images: blocks of convolution, (batch norm,) activation and pooling, then fully connected
 * layers. 20 and 50 channels with 500 units are the LeNet-5 on which Han et al. and NeST prune and grow (grow-prune §2.8):
 * 431,080 weights.
 *
 * Weights start as N(0, 2/in) where the activation is a rectifier (He et al. 2015), else N(0, 1/in); biases at 0, and a
 * batch norm's gain at 1. With batch norm a convolution has no bias of its own: the norm's takes its place.
 */
import { batchNorm, batchNormInference, batchNormTrack } from "../engine/ops/batch-norm.ts";
import { conv2d } from "../engine/ops/conv2d.ts";
import { conv2dArea } from "../engine/ops/conv2d-area.ts";
import { crossEntropy } from "../engine/ops/cross-entropy.ts";
import { pool } from "../engine/ops/pool.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../engine/types.ts";
import { cnnAnatomy } from "./cnn-anatomy.ts";
import {
  areaPath,
  boardRows,
  type CnnArch,
  type CnnBlock,
  cnnBlocks,
  convPath,
  flat,
  padOf,
  schema,
} from "./cnn-shape.ts";
import { view } from "./layers/dense.ts";
import { activated, fanIn, fcBridges, fcPath, fcSpecs, fcStack, fcUnits } from "./layers/fc.ts";
import { windowRow } from "./layers/taps.ts";
import type { ApplyOptions, DataShape, Model, UnitAxis, Units } from "./types.ts";

/** PyTorch's defaults. */
const EPS = 1e-5;
const MOMENTUM = 0.1;

const normPath = (index: number): string => `bn${index + 1}`;

function convSpecs(
  arch: CnnArch,
  { channels, made, convolved }: CnnBlock,
  layer: number,
): readonly ParamSpec[] {
  const axis = `c${layer + 1}`;
  const from = layer === 0 ? "channels" : `c${layer}`;
  const vector = (path: string, law: "zeros" | "ones"): ParamSpec => ({
    path,
    shape: [made],
    axes: [axis],
    layer,
    init: { law },
    decay: false,
  });
  const weight: ParamSpec = {
    path: `${convPath(layer)}.weight`,
    shape: [made, channels, arch.kernel, arch.kernel],
    axes: [axis, from, "ky", "kx"],
    reads: 1,
    layer,
    init: fanIn(channels * arch.kernel ** 2, arch.activation),
    decay: true,
    macs: convolved[0] * convolved[1],
    ...(arch.areas === "off" ? {} : { area: { path: areaPath(layer), skips: arch.areas === "skip" } }),
  };
  const areas: readonly ParamSpec[] =
    arch.areas === "off"
      ? []
      : [
          {
            path: areaPath(layer),
            shape: [made, channels, ...convolved],
            axes: [axis, from, "py", "px"],
            layer,
            init: { law: "ones" },
            decay: false,
            state: true,
          },
        ];
  if (!arch.batchNorm) return [weight, vector(`${convPath(layer)}.bias`, "zeros"), ...areas];
  const running: ParamSpec = {
    path: `${normPath(layer)}.running`,
    shape: [2, made],
    axes: ["mean variance", axis],
    layer,
    init: { law: "constant", values: Array.from({ length: 2 * made }, (_, i) => (i < made ? 0 : 1)) },
    decay: false,
    state: true,
  };
  const norm = [vector(`${normPath(layer)}.weight`, "ones"), vector(`${normPath(layer)}.bias`, "zeros")];
  return [weight, ...norm, running, ...areas];
}

function params(arch: CnnArch, data: DataShape): readonly ParamSpec[] {
  const { activation, widths, channels } = arch;
  const input = { shape: flat(arch, data), axes: [`c${channels.length}`, "places"] };
  return [
    ...cnnBlocks(arch, data).flatMap((block, layer) => convSpecs(arch, block, layer)),
    ...fcSpecs({ input, widths, classes: data.vocab, activation, layer: channels.length }),
  ];
}

interface Pass {
  readonly t: Trace;
  readonly arch: CnnArch;
  readonly params: Params;
  readonly options: ApplyOptions;
}

/** Batch norm: by the batch while training, which also moves the running statistics; else by those. */
function normed({ t, params: p, options }: Pass, x: Tensor, layer: number): Tensor {
  const at = (name: string) => p.get(`${normPath(layer)}.${name}`)!;
  const inputs = [x, at("weight"), at("bias")];
  if (!options.training) return t.call(batchNormInference, [...inputs, at("running")], { eps: EPS })[0]!;
  const [y, stats] = t.call(batchNorm, inputs, { eps: EPS });
  const count = x.shape.reduce((n, d) => n * d, 1) / x.shape[1]!;
  t.call(batchNormTrack, [at("running"), stats!], { momentum: MOMENTUM, count });
  return y!;
}

/** x [N, C, h, w] → the maps of one block, pooled. */
function block(pass: Pass, x: Tensor, layer: number, taps: Map<string, Tensor>): Tensor {
  const { t, arch, params: p, options } = pass;
  const path = convPath(layer);
  const weight = p.get(`${path}.weight`)!;
  const padding = padOf(arch);
  const { activation, batchNorm: withNorm } = arch;
  if (options.taps) taps.set(`${path}.in`, x);
  const bias = withNorm ? [] : [p.get(`${path}.bias`)!];
  const maps = ((): Tensor => {
    if (withNorm || arch.areas !== "off") {
      const [sums] =
        arch.areas === "off"
          ? t.call(conv2d, [x, weight], { padding, bias: false, activation: "none" })
          : t.call(conv2dArea, [x, weight, p.get(areaPath(layer))!, ...bias], {
              ...{ padding, bias: !withNorm, skip: arch.areas === "skip" },
            });
      return activated(t, withNorm ? normed(pass, sums!, layer) : sums!, activation);
    }
    return t.call(conv2d, [x, weight, ...bias], { padding, bias: true, activation: activation as never })[0]!;
  })();
  if (options.taps) {
    const [made, height, width] = maps.shape.slice(1) as [number, number, number];
    const down = boardRows(made);
    taps.set(`${path}.maps`, view(t, windowRow(t, maps), [down, made / down, height, width]));
  }
  return t.call(pool, [maps], { how: arch.pooling as "max" | "average", size: 2 })[0]!;
}

/**
 * Feature maps and units. A map that reads nothing is φ(bias) everywhere, and so are its pooled places. That can be added to
 * the biases of a convolution only where no zeros surround the map; with batch norm there is no such bias at all.
 */
function units(arch: CnnArch): Units<typeof schema> {
  const fc = fcUnits(arch);
  const last = arch.channels.length - 1;
  const maps = arch.channels.map((made, layer): UnitAxis => {
    const reader = layer === last ? fcPath(0) : convPath(layer + 1);
    const folds = !arch.batchNorm && (layer === last || arch.padding === "valid");
    return {
      ...{ axis: `c${layer + 1}`, groups: [made], least: 1, map: true },
      constant: folds
        ? {
            activation: arch.activation as never,
            bias: `${convPath(layer)}.bias`,
            readers: [{ weight: `${reader}.weight`, bias: `${reader}.bias` }],
          }
        : null,
    };
  });
  return {
    axes: [...maps, ...fc.axes],
    resized: (sizes) => ({
      ...fc.resized(sizes),
      channels: arch.channels.map((made, layer) => sizes.get(`c${layer + 1}`)?.[0] ?? made),
    }),
  };
}

export const cnn: Model<typeof schema> = {
  id: "cnn",
  label: "CNN",
  schema,
  task: "classify",
  bos: false,
  growth: { width: ["channels", "widths"] },
  params,

  apply(t, arch, data, p, { inputs, targets }, options) {
    const batch = inputs.shape[0]!;
    const taps = new Map<string, Tensor>();
    const pass: Pass = { t, arch, params: p, options };
    let maps = arch.halve ? t.call(pool, [inputs], { how: "average", size: 2 })[0]! : inputs;
    arch.channels.forEach((_, layer) => {
      maps = t.segment(convPath(layer), null, () => block(pass, maps, layer, taps));
    });
    const [channels, places] = flat(arch, data);
    const x = view(t, maps, [batch, channels * places]);
    return fcStack(t, x, { arch, params: p, options, taps }, (logits) => {
      const losses = targets && t.call(crossEntropy, [logits, targets], {})[0]!;
      return { logits, losses, taps };
    });
  },

  /** grow-prune §1.4: conv 2·k·k·Σ over pairs of channels of the places made; fully connected 2 a weight. */
  flops(arch, data) {
    const convs = cnnBlocks(arch, data).reduce(
      (sum, { channels, made, convolved: [h, w] }) => sum + 2 * arch.kernel ** 2 * channels * made * h * w,
      0,
    );
    const [channels, places] = flat(arch, data);
    const all = [channels * places, ...arch.widths, data.vocab];
    const executed = convs + all.slice(1).reduce((sum, width, i) => sum + 2 * all[i]! * width, 0);
    return { executed, active: executed };
  },

  units,
  norms: ({ batchNorm, channels }) =>
    batchNorm
      ? channels.map((_, layer) => ({
          weight: `${convPath(layer)}.weight`,
          gain: `${normPath(layer)}.weight`,
          running: `${normPath(layer)}.running`,
          eps: EPS,
        }))
      : [],
  bridges: fcBridges,

  check(arch, data) {
    if (arch.padding === "same" && arch.kernel % 2 === 0) {
      return `model.kernel is ${arch.kernel}: padding "same" needs an odd one`;
    }
    const bad = cnnBlocks(arch, data).findIndex(({ pooled }) => Math.min(...pooled) < 1);
    if (bad < 0) return null;
    return `model.channels has ${arch.channels.length} convolutions, and after ${bad} of them a map is too small for a kernel of ${arch.kernel}`;
  },

  anatomy: cnnAnatomy,

  describe({ channels, widths }) {
    const units = widths.length === 0 ? "" : `, ${widths.join("-")} units`;
    return `${channels.join("-")} feature maps${units}`;
  },
};
