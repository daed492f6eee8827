/**
 * LiGO (arXiv 2303.00980; transformer-growth §3.6): a linear map from all weights of the network to those of a larger one,
 * factored into matrices that widen (B what makes, A what reads; Eq. 6) and blends of layers (w; Eq. 5), trained for a hundred
 * steps through the grown model. Every layer shares the B's and A's; each module, bias and norm vector has a w of its own.
 *
 *   Ω_m = Σ_l w[m, l] Aᵀ W_l B   (in × out; ours are kept out × in)
 */
import type { Values } from "../../config/schema.ts";
import type { Tensor, Trace } from "../../engine/types.ts";
import type { EventKey, GrowMethod, Side } from "../types.ts";
import { ligoFeeds, ligoPictures, vectorsOf } from "./ligo-picture.ts";
import { blendStart, widthStart } from "./ligo-start.ts";
import { FIT_FIELDS, nextOperated, noCarry, operatedCopies, operatedSources, phiSpec } from "./operated.ts";
import { type Operator, type Place, untrained } from "./operator.ts";
import { outerPlaces, product, rowsAt } from "./operator-parts.ts";
import { headRows, layerRows, moduleOf, moved, outerRows, packing, shaped } from "./packing.ts";
import { cut, join } from "./tools.ts";
import { isWide, sizesOf } from "./wider.ts";

const schema = {
  ...FIT_FIELDS,
  tie: {
    kind: "choice",
    label: "What reads",
    help: "Split: maps of its own, which start as FPI's shares. Paper: the maps of what makes, so that copies count twice.",
    default: "split",
    options: ["split", "paper"],
  },
  init: {
    kind: "choice",
    label: "Start of the operator",
    help: "FPI: copies, and the layer map. Code: as the authors' code, random mixtures for new channels, a noisy layer map.",
    default: "fpi",
    options: ["fpi", "code"],
  },
  noise: {
    kind: "float",
    label: "Noise at the start",
    symbol: "σ",
    help: "Added to the width maps, under FPI. Without any, copies would stay equal for ever.",
    default: 1e-2,
    min: 0,
    max: 0.1,
  },
} as const;

type LigoValues = Values<typeof schema>;

const SPLIT = ["A_e", "A_V", "A_f"] as const;

/**
 * x [c, L1·I1, O1] widened by B [c, O1, O2] and A [c, I1, I2], then blended by w [c, L2, L1] into [c, L2, O2, I2]. Width
 * first: the B's and A's are shared over layers, and there are fewer of those before the blend.
 */
export function grown(t: Trace, x: Tensor, b: Tensor, a: Tensor, w: Tensor): Tensor {
  const [c, in1, in2] = a.shape as [number, number, number];
  const [, after, before] = w.shape as [number, number, number];
  const out2 = b.shape[2]!;
  const made = moved(t, shaped(t, product(t, x, b), [c, before, in1, out2]), [0, 1, 3, 2]);
  const read = product(t, shaped(t, made, [c, before * out2, in1]), a);
  const deep = product(t, w, shaped(t, read, [c, before, out2 * in2]));
  return shaped(t, deep, [c, after, out2, in2]);
}

/** Blends and how many kinds each holds: Q K V O, IN OUT, and the vectors on trunk, projections and hidden units. */
function blends(from: Side): readonly (readonly [string, number])[] {
  const { e, qkv, f } = vectorsOf(from);
  return [
    ["w_QKVO", 4],
    ["w_IN_OUT", 2],
    ["w_e", e.length],
    ["w_qkv", qkv.length * 3],
    ["w_f", f.length],
  ];
}

const operator: Operator<LigoValues> = {
  specs(from, to, { tie }) {
    const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
    const [d1, d2, f1, f2] = [a.width, b.width, a.ffn * a.width, b.ffn * b.width];
    return [
      phiSpec("B_e", [d1, d2]),
      phiSpec("B_QKV", [3, d1, d2]),
      phiSpec("B_f", [f1, f2]),
      ...(tie === "split" ? SPLIT.map((name) => phiSpec(name, name === "A_f" ? [f1, f2] : [d1, d2])) : []),
      ...blends(from).map(([name, kinds]) => phiSpec(name, [kinds, b.layers, a.layers])),
    ];
  },

  start(t, from, to, c, key) {
    const at = { layers: sizesOf(from.arch).layers, sources: operatedSources(from, to, c) };
    const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
    const [d1, d2, f1, f2] = [a.width, b.width, a.ffn * a.width, b.ffn * b.width];
    const qkv = (["B_Q", "B_K", "B_V"] as const).map((name) =>
      shaped(t, widthStart(t, name, d1, d2, c, key), [1, d1, d2]),
    );
    const split = SPLIT.map((name) => {
      const [n1, n2] = name === "A_f" ? [f1, f2] : [d1, d2];
      return [name, widthStart(t, name, n1, n2, c, key)] as const;
    });
    return new Map([
      ["B_e", widthStart(t, "B_e", d1, d2, c, key)],
      ["B_QKV", join(t, qkv, 0)],
      ["B_f", widthStart(t, "B_f", f1, f2, c, key)],
      ...(c.tie === "split" ? split : []),
      ...blends(from).map(([name, kinds]) => [name, blendStart(t, name, kinds, at, c, key)] as const),
    ]);
  },

  frozen(t, from, to, old, { tie }) {
    const { width: d, ffn: k, layers } = sizesOf(from.arch);
    const { e, qkv, f } = vectorsOf(from);
    // [L, out, in] as rows of in, out across.
    const turned = (name: "q" | "k" | "v" | "o" | "in") => {
      const whole = moduleOf(t, from, old, name);
      const [, out, into] = whole.shape as [number, number, number];
      return shaped(t, moved(t, whole, [0, 2, 1]), [1, layers * into, out]);
    };
    // Kinds of vectors, each of all layers.
    const vectors = (chosen: typeof e, kinds: number, size: number) =>
      moved(t, shaped(t, layerRows(t, from, old, chosen), [layers, kinds, size]), [1, 0, 2]);
    // W_OUT lies as W_IN: its reading side is what the hidden units' map widens.
    const out = shaped(t, moduleOf(t, from, old, "out"), [1, layers * d, k * d]);
    const attention = (["q", "k", "v", "o"] as const).map(turned);
    return new Map([
      ["attention", join(t, attention, 0)],
      ["hidden", join(t, [turned("in"), out], 0)],
      ["x", outerRows(t, from, to, old, tie === "split")],
      ["e", vectors(e, e.length, d)],
      ["qkv", vectors(qkv, 3 * qkv.length, d)],
      ["f", vectors(f, f.length, k * d)],
      ...(packing(from).head === null ? [] : [["h", headRows(t, from, old)] as const]),
    ]);
  },

  made(t, from, to, frozen, phi, { tie }) {
    const at = (name: string): Tensor => (phi.get(name) ?? frozen.get(name))!;
    const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
    const [d1, d2, k] = [a.width, b.width, b.ffn];
    const [be, bqkv, bf] = [at("B_e"), at("B_QKV"), at("B_f")];
    const [ae, av, af] =
      tie === "split" ? SPLIT.map(at) : [be, shaped(t, cut(t, bqkv, 0, 2, 3)!, [d1, d2]), bf];
    const one = (x: Tensor) => shaped(t, x, [1, ...x.shape]);
    const attention = grown(
      t,
      at("attention"),
      join(t, [bqkv, one(be)], 0),
      join(t, [one(ae!), one(ae!), one(ae!), one(av!)], 0),
      at("w_QKVO"),
    );
    // The maps of hidden units first, which costs less: O of `grown` is that side of both.
    const hidden = grown(
      t,
      at("hidden"),
      join(t, [one(bf), one(af!)], 0),
      join(t, [one(ae!), one(be)], 0),
      at("w_IN_OUT"),
    );
    const rows = (x: Tensor) => shaped(t, x, [x.shape.reduce((n, d) => n * d, 1) / d2, d2]);
    const onTrunk = product(t, at("w_e"), at("e"));
    const trunk = join(t, [at("x"), shaped(t, onTrunk, [onTrunk.shape[0]! * b.layers, d1])], 0);
    const small = [
      product(t, trunk, be),
      product(t, product(t, at("w_qkv"), at("qkv")), bqkv),
      product(t, shaped(t, product(t, at("w_f"), at("f")), [b.layers, k * d1]), bf),
      ...(packing(from).head === null ? [] : [product(t, at("h"), ae!)]),
    ];
    return [attention, hidden, join(t, small.map(rows), 0)];
  },

  parts: ligoPictures,
  feeds: ligoFeeds,
  places: ligoPlaces,
  steps: (c) => c.steps,
  lr: (c) => c.lr,
};

/** Attention [4, L2, out, in], hidden [2, L2, hidden, trunk], and rows of D: outside, vectors by kind and layer, head. */
function ligoPlaces(_from: Side, to: Side): ReadonlyMap<string, Place> {
  const { matrices, head } = packing(to);
  const { width: d, ffn: k, layers } = sizesOf(to.arch);
  const { e, qkv, f } = vectorsOf(to);
  const { places, count } = outerPlaces(to, 2);
  const [square, tall] = [d * d, k * d * d];
  for (let m = 0; m < layers; m++) {
    const put = (name: string, place: Place) => places.set(`blocks.${m}.${name}`, place);
    put(matrices.qkv, {
      ...{ source: 0, base: m * square },
      ...{ dims: [1, 3, d, d], strides: [0, layers * square, d, 1] },
    });
    put(matrices.o, rowsAt(0, (3 * layers + m) * square, d, d));
    put(matrices.in, rowsAt(1, m * tall, k * d, d));
    put(matrices.out, {
      ...{ source: 1, base: (layers + m) * tall },
      ...{ dims: [1, 1, d, k * d], strides: [0, 0, 1, d] },
    });
    let row = count;
    for (const { name } of e) {
      put(name, rowsAt(2, (row + m) * d, 1, d));
      row += layers;
    }
    for (const { name } of qkv) {
      put(name, {
        ...{ source: 2, base: (row + m) * d },
        ...{ dims: [1, 1, 3, d], strides: [0, 0, layers * d, 1] },
      });
      row += 3 * layers;
    }
    for (const { name } of f) {
      put(name, rowsAt(2, (row + m * k) * d, k, d));
      row += k * layers;
    }
  }
  const rows = count + layers * (e.length + 3 * qkv.length + k * f.length);
  if (head !== null) places.set(head.path, rowsAt(2, rows * d, head.shape[0]!, d));
  return places;
}

export const ligo: GrowMethod<typeof schema> = {
  kind: "grow",
  id: "ligo",
  label: "LiGO",
  summary:
    "Learns matrices that widen and blend the layers of the network into a larger one, then applies them.",
  schema,
  paper: {
    title: "Learning to Grow Pretrained Models for Efficient Transformer Training",
    authors: "Wang, Panda, Torroba Hennigen, Greengard, Karlinsky, Feris, Cox, Wang, Kim",
    year: 2023,
    arxiv: "2303.00980",
  },
  applies: isWide,
  next: nextOperated,
  operator,
  map: (t, from, to, old, c, key: EventKey) => untrained(t, operator, from, to, old, c, key),
  slots: () => "reset",
  rewarm: (c) => c.rewarm,
  carry: noCarry,
  preserving: () => false,
  notes: (_from, _to, c) => (c.steps === 0 ? ["The operator was not trained: this is its start."] : []),
  copies: operatedCopies,
};
