/**
 * What the transformers share: their settings, the parameters of a layer, the trunk. A layer reads by attention, then
 * makes by a feed-forward part; both add to the trunk. Norms stand before the arms (pre-LN), so that a layer whose output
 * projections are zero is the identity and depth can be added without loss; or, for BERT as it was, behind the sums.
 *
 * A layer is seven dispatches forward: q, k and v come out of one matmul, and every bias, the GELU and both residual
 * sums ride on matmul epilogues. Weights are stored out × in, [3, heads, d, D] for q k v, so that a head is a slice.
 */
import type { Schema, Values } from "../../config/schema.ts";
import { attention } from "../../engine/ops/attention.ts";
import { add } from "../../engine/ops/binary.ts";
import { dropout } from "../../engine/ops/dropout.ts";
import { gatedSum } from "../../engine/ops/gated-sum.ts";
import { layerNorm } from "../../engine/ops/layer-norm.ts";
import { slice } from "../../engine/ops/layout.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { ApplyOptions } from "../types.ts";
import { dense, view } from "./dense.ts";
import { windowRow } from "./taps.ts";

/** GPT-2's spread of initial weights. */
export const INIT = 0.02;

export const TRANSFORMER_FIELDS = {
  layers: {
    kind: "int",
    label: "Layers at start",
    symbol: "L",
    default: 2,
    min: 1,
    max: 12,
  },
  width: {
    kind: "int",
    label: "Width",
    symbol: "D",
    help: "Numbers that travel up the trunk for each place.",
    default: 64,
    min: 8,
    max: 256,
    unit: "channels",
  },
  heads: {
    kind: "int",
    label: "Heads",
    symbol: "H",
    help: "Must divide the width.",
    default: 4,
    min: 1,
    max: 16,
  },
  ffn: {
    kind: "int",
    label: "Feed-forward",
    symbol: "k",
    help: "Hidden units of a block's feed-forward part, as a multiple of the width.",
    default: 4,
    min: 1,
    max: 8,
    unit: "× width",
  },
  maxLayers: {
    kind: "int",
    label: "At most",
    help: "Growth ends at this many layers.",
    default: 12,
    min: 1,
    max: 12,
    unit: "layers",
  },
  eps: {
    kind: "float",
    label: "Norm ε",
    symbol: "ε",
    help: "Added to the variance in every norm. Growing in width by the map exact scales it.",
    default: 1e-5,
    min: 1e-8,
    max: 1e-2,
    scale: "log",
  },
  dropout: {
    kind: "float",
    label: "Dropout",
    help: "Share of the embedding and of each arm's output left out at each training step.",
    default: 0,
    min: 0,
    max: 0.9,
    live: true,
  },
} as const satisfies Schema;

export const TIED_FIELD = {
  kind: "flag",
  label: "Tied head",
  help: "The head reads by the embedding's own rows: fewer weights, and both learn together.",
  default: false,
} as const;

/** `norm` absent: pre-LN. */
export type TrunkArch = Values<typeof TRANSFORMER_FIELDS> & { readonly norm?: string };

export const matrix = (path: string, shape: number[], axes: string[], scale: number = INIT): ParamSpec => ({
  path,
  shape,
  axes,
  init: { law: "normal", scale },
  decay: true,
});

/** Looked up by row: its rows multiply nothing, and growth copies them. */
export const table = (path: string, rows: number, axis: string, width: number): ParamSpec => ({
  ...matrix(path, [rows, width], [axis, "width"]),
  macs: 0,
});

export const vector = (
  path: string,
  shape: number[],
  axes: string[],
  law: "zeros" | "ones" = "zeros",
): ParamSpec => ({ path, shape, axes, init: { law }, decay: false });

/** Gain and bias. `tied`: its reader is the table of embeddings. */
export const normSpecs = (path: string, width: number, tied = false): ParamSpec[] =>
  (["weight", "bias"] as const).map((name) => ({
    ...vector(`${path}.${name}`, [width], ["width"], name === "weight" ? "ones" : "zeros"),
    norm: name === "weight" ? "gain" : "bias",
    ...(tied ? { tied } : {}),
  }));

/** The parameters of all layers. `places`: how often a weight is used for one sample, where that is not once. */
export function blockSpecs({ width, heads, layers, ffn }: TrunkArch, places?: number): ParamSpec[] {
  const hidden = ffn * width;
  const size = width / heads;
  // Each of the 2L residual sums adds variance; GPT-2 scales their projections so that the trunk ends at unit size.
  const residual = INIT / Math.sqrt(2 * layers);
  const used = (spec: ParamSpec): ParamSpec => (places === undefined ? spec : { ...spec, macs: places });
  return Array.from({ length: layers }, (_, layer) => {
    const at = `blocks.${layer}`;
    return [
      ...normSpecs(`${at}.ln1`, width),
      used(matrix(`${at}.attn.qkv.weight`, [3, heads, size, width], ["qkv", "heads", "head", "width"])),
      vector(`${at}.attn.qkv.bias`, [3, heads, size], ["qkv", "heads", "head"]),
      used(matrix(`${at}.attn.out.weight`, [width, width], ["width", "heads"], residual)),
      vector(`${at}.attn.out.bias`, [width], ["width"]),
      ...normSpecs(`${at}.ln2`, width),
      used(matrix(`${at}.mlp.fc.weight`, [hidden, width], ["hidden", "width"])),
      vector(`${at}.mlp.fc.bias`, [hidden], ["hidden"]),
      used(matrix(`${at}.mlp.proj.weight`, [width, hidden], ["width", "hidden"], residual)),
      vector(`${at}.mlp.proj.bias`, [width], ["width"]),
    ].map((spec) => ({ ...spec, layer }));
  }).flat();
}

export interface Pass {
  readonly t: Trace;
  readonly arch: TrunkArch;
  readonly params: Params;
  readonly options: ApplyOptions;
  readonly batch: number;
  /** T */
  readonly places: number;
  readonly causal: boolean;
  readonly taps: Map<string, Tensor>;
}

/** x [B·T, D] through every layer, each a segment of its name. */
export function trunk(pass: Pass, x: Tensor): Tensor {
  let y = x;
  for (const [layer, name] of blockNames(pass.arch).entries()) {
    const body = () => block(pass, layer, y);
    y = pass.options.gates ? pass.t.skippable(name, y, body) : pass.t.segment(name, null, body);
  }
  return y;
}

const blockNames = ({ layers }: TrunkArch): string[] =>
  Array.from({ length: layers }, (_, layer) => `blocks.${layer}`);

/** Behind norms on the sums a layer that is left out would hand on what no norm has seen. */
export const skippedBlocks = (arch: TrunkArch): string[] | string =>
  arch.norm === "post"
    ? "its norms stand behind the sums (post-LN), and layers can only be left out where they stand before the arms"
    : blockNames(arch);

export function norm({ t, arch, params: p }: Pass, path: string, x: Tensor): Tensor {
  return t.call(layerNorm, [x, p.get(`${path}.weight`)!, p.get(`${path}.bias`)!], { eps: arch.eps })[0]!;
}

/** Sites: 0 the embedding, 1 + 2·layer its attention, 2 + 2·layer its feed-forward part. */
export function dropped({ t, arch, options }: Pass, x: Tensor, site: number): Tensor {
  return options.training && arch.dropout > 0 ? t.call(dropout, [x, t.control], { site })[0]! : x;
}

/** x [N, D] against the first `symbols` rows of the table of embeddings, or against a head of its own. */
export function readout(pass: Pass, x: Tensor, symbols: number, tied: boolean): Tensor {
  const { t, params: p } = pass;
  const bias = p.get("lm_head.bias") ?? null;
  if (!tied) return dense(t, x, p.get("lm_head.weight")!, bias);
  const whole = p.get("wte.weight")!;
  const sizes = [symbols, whole.shape[1]!];
  return dense(t, x, t.call(slice, [whole], { starts: [0, 0], sizes })[0]!, bias);
}

/** x + project(a), where dropout and the layer's gate, if there are any, stand between the projection and the sum. */
function residual(pass: Pass, path: string, a: Tensor, x: Tensor, layer: number, site: number): Tensor {
  const { t, arch, options, params: p } = pass;
  const weight = p.get(`${path}.weight`)!;
  const bias = p.get(`${path}.bias`)!;
  const scaled = options.gates === "scale";
  if (!scaled && (!options.training || arch.dropout === 0)) {
    return dense(t, a, weight, bias, { residual: x });
  }
  const arm = dropped(pass, dense(t, a, weight, bias), site);
  if (scaled) return t.call(gatedSum, [arm, x, t.control], { gate: layer + 1 })[0]!;
  return t.call(add, [arm, x], {})[0]!;
}

/** x [B·T, D] → [B·T, D] */
function block(pass: Pass, layer: number, x: Tensor): Tensor {
  const { t, arch, params: p, batch, places, causal, options, taps } = pass;
  const at = `blocks.${layer}`;
  const post = arch.norm === "post";
  const before = (name: string, a: Tensor) => (post ? a : norm(pass, `${at}.${name}`, a));
  const behind = (name: string, a: Tensor) => (post ? norm(pass, `${at}.${name}`, a) : a);
  const size = arch.width / arch.heads;
  const qkv = dense(t, before("ln1", x), p.get(`${at}.attn.qkv.weight`)!, p.get(`${at}.attn.qkv.bias`)!);
  const [read, maps] = t.call(attention, [view(t, qkv, [batch, places, 3, arch.heads, size])], { causal });
  const heads = view(t, read!, [batch * places, arch.width]);
  const h = behind("ln1", residual(pass, `${at}.attn.out`, heads, x, layer, 1 + 2 * layer));
  const [fc, bias] = [p.get(`${at}.mlp.fc.weight`)!, p.get(`${at}.mlp.fc.bias`)!];
  const hidden = dense(t, before("ln2", h), fc, bias, { activation: "gelu" });
  if (options.taps) {
    taps.set(`${at}.attn`, windowRow(t, maps!));
    taps.set(`${at}.attention`, maps!);
    taps.set(`${at}.gelu`, windowRow(t, view(t, hidden, [batch, places, arch.ffn * arch.width])));
  }
  return behind("ln2", residual(pass, `${at}.mlp.proj`, hidden, h, layer, 2 + 2 * layer));
}

/** Forward, a place: a causal one reads (T+1)/2 places on average, and the kernel goes no further. */
export function blockFlops({ width, ffn }: TrunkArch, places: number, causal: boolean): number {
  return (8 + 4 * ffn) * width ** 2 + (causal ? 2 * (places + 1) : 4 * places) * width;
}

export function checkTrunk({ width, heads, layers, maxLayers }: TrunkArch): string | null {
  if (width % heads !== 0) return `model.heads is ${heads}, which does not divide model.width ${width}`;
  if (width / heads > 128) return `model.heads is ${heads}: a head of ${width / heads} channels is over 128`;
  return layers > maxLayers ? `model.layers is ${layers}, model.maxLayers allows ${maxLayers}` : null;
}

/** The feed-forward part is named where it is not the usual four times as wide: Net2Net changes nothing else. */
export const describeTrunk = ({ layers, width, ffn }: TrunkArch): string =>
  `${layers} ${layers === 1 ? "layer" : "layers"} of width ${width}${ffn === 4 ? "" : `, feed-forward ${ffn} ×`}`;

/** What every transformer can grow by. */
export const TRUNK_GROWTH = { depth: "layers", width: ["width", "heads", "ffn"] } as const;
