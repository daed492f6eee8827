/**
 * Pre-LN decoder as in GPT-2: h = x + MHA(LN(x)), x' = h + FFN(LN(h)), a last LN before an untied head. Pre-LN because
 * a block whose two output projections are zero is then the identity, which is what lets depth be added without loss.
 *
 * A block is seven dispatches forward: q, k and v come out of one matmul, and every bias, the GELU and both residual
 * sums ride on matmul epilogues. Weights are stored out × in, [3, heads, d, D] for q k v, so that a head is a slice.
 */
import type { Schema, Values } from "../config/schema.ts";
import { attention } from "../engine/ops/attention.ts";
import { add } from "../engine/ops/binary.ts";
import { crossEntropy } from "../engine/ops/cross-entropy.ts";
import { dropout } from "../engine/ops/dropout.ts";
import { embedding } from "../engine/ops/embedding.ts";
import { layerNorm } from "../engine/ops/layer-norm.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../engine/types.ts";
import { gptAnatomy } from "./gpt-anatomy.ts";
import { dense, view } from "./layers/dense.ts";
import { windowRow } from "./layers/taps.ts";
import type { ApplyOptions, DataShape, Model } from "./types.ts";

/** Added to the variance (transformer-growth §1; GPT-2, PyTorch). */
const LN_EPS = 1e-5;
/** GPT-2's spread of initial weights. */
const INIT = 0.02;

const schema = {
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
    help: "Numbers that travel up the trunk for each character.",
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

export type GptArch = Values<typeof schema>;

function params(arch: GptArch, { vocab, context }: DataShape): readonly ParamSpec[] {
  const { width, heads, layers } = arch;
  const hidden = arch.ffn * width;
  const size = width / heads;
  // Each of the 2L residual sums adds variance; GPT-2 scales their projections so that the trunk ends at unit size.
  const residual = INIT / Math.sqrt(2 * layers);
  const matrix = (path: string, shape: number[], axes: string[], scale: number = INIT): ParamSpec => ({
    path,
    shape,
    axes,
    init: { law: "normal", scale },
    decay: true,
  });
  const vector = (path: string, shape: number[], axes: string[], law: "zeros" | "ones"): ParamSpec => ({
    path,
    shape,
    axes,
    init: { law },
    decay: false,
  });
  const norm = (path: string): ParamSpec[] => [
    vector(`${path}.weight`, [width], ["width"], "ones"),
    vector(`${path}.bias`, [width], ["width"], "zeros"),
  ];
  const block = (layer: number): ParamSpec[] => {
    const at = `blocks.${layer}`;
    return [
      ...norm(`${at}.ln1`),
      matrix(`${at}.attn.qkv.weight`, [3, heads, size, width], ["qkv", "heads", "head", "width"]),
      vector(`${at}.attn.qkv.bias`, [3, heads, size], ["qkv", "heads", "head"], "zeros"),
      matrix(`${at}.attn.out.weight`, [width, width], ["width", "heads"], residual),
      vector(`${at}.attn.out.bias`, [width], ["width"], "zeros"),
      ...norm(`${at}.ln2`),
      matrix(`${at}.mlp.fc.weight`, [hidden, width], ["hidden", "width"]),
      vector(`${at}.mlp.fc.bias`, [hidden], ["hidden"], "zeros"),
      matrix(`${at}.mlp.proj.weight`, [width, hidden], ["width", "hidden"], residual),
      vector(`${at}.mlp.proj.bias`, [width], ["width"], "zeros"),
    ].map((spec) => ({ ...spec, layer }));
  };
  return [
    { ...matrix("wte.weight", [vocab + 1, width], ["tokens", "width"]), macs: 0 },
    { ...matrix("wpe.weight", [context, width], ["positions", "width"]), macs: 0 },
    ...Array.from({ length: layers }, (_, layer) => block(layer)).flat(),
    ...norm("ln_f"),
    matrix("lm_head.weight", [vocab, width], ["vocab", "width"]),
  ];
}

interface Pass {
  readonly t: Trace;
  readonly arch: GptArch;
  readonly params: Params;
  readonly options: ApplyOptions;
  readonly batch: number;
  readonly time: number;
  readonly taps: Map<string, Tensor>;
}

export const gpt: Model<typeof schema> = {
  id: "gpt",
  label: "GPT",
  schema,
  task: "next-token",
  bos: true,
  attends: "causal",
  growth: { depth: "layers" },
  params,

  /** Dropout at 0 is left out of the trace, so a run without it pays nothing: crossing 0 needs a new trace. */
  apply(t, arch, _data, p, { inputs, targets }, options) {
    const [batch, time] = inputs.shape as [number, number];
    const rows = batch * time;
    const pass: Pass = { t, arch, params: p, options, batch, time, taps: new Map() };
    let x = t.segment("embed", null, () => {
      const tokens = t.call(embedding, [p.get("wte.weight")!, view(t, inputs, [rows])], {})[0]!;
      const summed = t.call(add, [view(t, tokens, [batch, time, arch.width]), p.get("wpe.weight")!], {})[0]!;
      return dropped(pass, view(t, summed, [rows, arch.width]), 0);
    });
    for (let layer = 0; layer < arch.layers; layer++) {
      x = t.segment(`blocks.${layer}`, null, () => block(pass, layer, x));
    }
    return t.segment("head", null, () => {
      const logits = dense(t, norm(pass, "ln_f", x), p.get("lm_head.weight")!, null);
      const losses = targets && t.call(crossEntropy, [logits, view(t, targets, [rows])], {})[0]!;
      return { logits, losses, taps: pass.taps };
    });
  },

  /** A place reads (T+1)/2 places on average, and the kernel goes no further. Rows of tables are looked up: 0. */
  flops({ layers, width, ffn }, { vocab, context }) {
    const block = (8 + 4 * ffn) * width ** 2 + 2 * (context + 1) * width;
    const executed = layers * block + 2 * width * vocab;
    return { executed, active: executed };
  },

  check({ width, heads, layers, maxLayers }) {
    if (width % heads !== 0) return `model.heads is ${heads}, which does not divide model.width ${width}`;
    if (width / heads > 128)
      return `model.heads is ${heads}: a head of ${width / heads} channels is over 128`;
    return layers > maxLayers ? `model.layers is ${layers}, model.maxLayers allows ${maxLayers}` : null;
  },

  anatomy: gptAnatomy,

  describe: ({ layers, width }) => `${layers} ${layers === 1 ? "layer" : "layers"} of width ${width}`,
};

function norm({ t, params: p }: Pass, path: string, x: Tensor): Tensor {
  return t.call(layerNorm, [x, p.get(`${path}.weight`)!, p.get(`${path}.bias`)!], { eps: LN_EPS })[0]!;
}

/** Sites: 0 the embedding, 1 + 2·layer its attention, 2 + 2·layer its feed-forward part. */
function dropped({ t, arch, options }: Pass, x: Tensor, site: number): Tensor {
  return options.training && arch.dropout > 0 ? t.call(dropout, [x, t.control], { site })[0]! : x;
}

/** x + project(a), where dropout, if there is any, stands between the projection and the sum. */
function residual(pass: Pass, path: string, a: Tensor, x: Tensor, site: number): Tensor {
  const { t, arch, options, params: p } = pass;
  const weight = p.get(`${path}.weight`)!;
  const bias = p.get(`${path}.bias`)!;
  if (!options.training || arch.dropout === 0) return dense(t, a, weight, bias, { residual: x });
  return t.call(add, [dropped(pass, dense(t, a, weight, bias), site), x], {})[0]!;
}

/** x [B·T, D] → [B·T, D] */
function block(pass: Pass, layer: number, x: Tensor): Tensor {
  const { t, arch, params: p, batch, time, options, taps } = pass;
  const at = `blocks.${layer}`;
  const size = arch.width / arch.heads;
  const qkv = dense(
    t,
    norm(pass, `${at}.ln1`, x),
    p.get(`${at}.attn.qkv.weight`)!,
    p.get(`${at}.attn.qkv.bias`)!,
  );
  const [read, maps] = t.call(attention, [view(t, qkv, [batch, time, 3, arch.heads, size])], {
    causal: true,
  });
  const heads = view(t, read!, [batch * time, arch.width]);
  const h = residual(pass, `${at}.attn.out`, heads, x, 1 + 2 * layer);
  const hidden = dense(
    t,
    norm(pass, `${at}.ln2`, h),
    p.get(`${at}.mlp.fc.weight`)!,
    p.get(`${at}.mlp.fc.bias`)!,
    { activation: "gelu" },
  );
  if (options.taps) {
    taps.set(`${at}.attn`, windowRow(t, maps!));
    taps.set(`${at}.attention`, maps!);
    taps.set(`${at}.gelu`, windowRow(t, view(t, hidden, [batch, time, arch.ffn * arch.width])));
  }
  return residual(pass, `${at}.mlp.proj`, hidden, h, 2 + 2 * layer);
}
