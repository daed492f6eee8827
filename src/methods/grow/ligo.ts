/**
 * LiGO (arXiv 2303.00980; transformer-growth §3.6): a linear map from all weights of the network to those of a larger one,
 * factored into matrices that widen (B what makes, A what reads; Eq. 6) and blends of layers (w; Eq. 5), trained for a hundred
 * steps through the grown model. Every layer shares the B's and A's; each module, bias and norm vector has a w of its own.
 *
 *   Ω_m = Σ_l w[m, l] Aᵀ W_l B   (in × out; ours are kept out × in)
 */
import type { Values } from "../../config/schema.ts";
import { deal } from "../../engine/ops/deal.ts";
import type { Params, Tensor, Trace } from "../../engine/types.ts";
import type { EventKey, GrowMethod, Side } from "../types.ts";
import { ligoFeeds, ligoPictures, type MapsOf, mapsIn, vectorsOf } from "./ligo-picture.ts";
import { blendStart, widthStart } from "./ligo-start.ts";
import {
  byOperator,
  FIT_FIELDS,
  nextOperated,
  operatedSources,
  phiSpec,
  untrainedNotes,
} from "./operated.ts";
import type { Operator, Place } from "./operator.ts";
import { outerPlaces, product, rowsAt } from "./operator-parts.ts";
import {
  headRows,
  layerRows,
  type ModuleName,
  moduleOf,
  moved,
  outerRows,
  packing,
  shaped,
} from "./packing.ts";
import { join } from "./tools.ts";
import { sizesOf } from "./wider.ts";

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

/** Where a map lies among those of its φ. What reads is, under the paper's tie, what makes. */
function places(of: MapsOf, tie: string): (name: string) => number {
  const all = mapsIn(of, tie);
  return (name) => all.indexOf(tie === "split" ? name : name.replace("A", "B"));
}

/** Stacks of one φ's maps by name, each once for each of its uses: all in one dispatch, and back in one. */
function dealt(
  t: Trace,
  phi: Tensor,
  of: MapsOf,
  tie: string,
  stacks: readonly (readonly string[])[],
): readonly Tensor[] {
  const place = places(of, tie);
  const lists = stacks.map((stack) => stack.map(place));
  const all = lists.flat();
  return t.call(deal, [phi, t.constant({ shape: [all.length], dtype: "u32" }, all)], { lists });
}

/**
 * x [c, I1, L1, O1] widened by B [c, O1, O2] and A [c, I1, I2], then blended by w [c, L2, L1] into [c, L2, O2, I2]. Width
 * first: the B's and A's are shared over layers, and there are fewer of those before the blend. The axes come round by
 * themselves: the last is summed as it lies, then the first as the left operand's rows, so that nothing is moved between.
 */
export function grown(t: Trace, x: Tensor, b: Tensor, a: Tensor, w: Tensor): Tensor {
  const [c, in1, in2] = a.shape as [number, number, number];
  const [, after, before] = w.shape as [number, number, number];
  const [, out1, out2] = b.shape as [number, number, number];
  const made = product(t, shaped(t, x, [c, in1 * before, out1]), b);
  const read = product(t, shaped(t, made, [c, in1, before * out2]), a, true);
  const deep = product(t, w, shaped(t, read, [c, before, out2 * in2]));
  return shaped(t, deep, [c, after, out2, in2]);
}

/** Blends and how many kinds each holds: Q K V O, IN OUT, and the vectors on trunk and projections, and on hidden units. */
function blends(from: Side): readonly (readonly [string, number])[] {
  const { e, qkv, f } = vectorsOf(from);
  return [
    ["w_QKVO", 4],
    ["w_IN_OUT", 2],
    ["w_vectors", e.length + qkv.length * 3],
    ["w_f", f.length],
  ];
}

/** Channels and hidden units of one layer, before and after. */
function widths(from: Side, to: Side) {
  const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
  return { D: [a.width, b.width], F: [a.ffn * a.width, b.ffn * b.width] } as const;
}

/** φ before training. */
function started(t: Trace, from: Side, to: Side, c: LigoValues, key: EventKey): Params {
  const at = { layers: sizesOf(from.arch).layers, sources: operatedSources(from, to, c) };
  const sizes = widths(from, to);
  const maps = (["D", "F"] as const).map((of) => {
    const [n1, n2] = sizes[of];
    const all = mapsIn(of, c.tie).map((name) => shaped(t, widthStart(t, name, n1, n2, c, key), [1, n1, n2]));
    return [of, join(t, all, 0)] as const;
  });
  const blended = blends(from).map(
    ([name, kinds]) => [name, blendStart(t, name, kinds, at, c, key)] as const,
  );
  return new Map([...maps, ...blended]);
}

const operator: Operator<LigoValues> = {
  specs(from, to, { tie }) {
    const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
    const { D, F } = widths(from, to);
    return [
      phiSpec("D", [mapsIn("D", tie).length, ...D]),
      phiSpec("F", [mapsIn("F", tie).length, ...F]),
      ...blends(from).map(([name, kinds]) => phiSpec(name, [kinds, b.layers, a.layers])),
    ];
  },

  start: started,

  frozen(t, from, to, old, { tie }) {
    const { width: d, ffn: k, layers } = sizesOf(from.arch);
    const { e, qkv, f } = vectorsOf(from);
    // [L, out, in] with in outermost. W_OUT lies as W_IN: its reading side is what the hidden units' map widens.
    const turned = (name: ModuleName) => {
      const whole = moduleOf(t, from, old, name);
      const [, out, into] = whole.shape as [number, number, number];
      return name === "out"
        ? shaped(t, moved(t, whole, [1, 0, 2]), [1, out, layers, into])
        : shaped(t, moved(t, whole, [2, 0, 1]), [1, into, layers, out]);
    };
    // Kinds of vectors, each of all layers.
    const vectors = (chosen: typeof e, kinds: number, size: number) =>
      moved(t, shaped(t, layerRows(t, from, old, chosen), [layers, kinds, size]), [1, 0, 2]);
    const attention = (["q", "k", "v", "o"] as const).map(turned);
    return new Map([
      ["attention", join(t, attention, 0)],
      ["hidden", join(t, (["in", "out"] as const).map(turned), 0)],
      ["x", outerRows(t, from, to, old, tie === "split")],
      ["vectors", vectors([...e, ...qkv], e.length + 3 * qkv.length, d)],
      ["f", vectors(f, f.length, k * d)],
      ...(packing(from).head === null ? [] : [["h", headRows(t, from, old)] as const]),
    ]);
  },

  made(t, from, to, frozen, phi, { tie }) {
    const at = (name: string): Tensor => (phi.get(name) ?? frozen.get(name))!;
    const { e, qkv } = vectorsOf(from);
    const { width: d2, layers } = sizesOf(to.arch);
    const headed = packing(from).head !== null;
    const [b4, a4, a2, onVectors, be, ae] = dealt(t, at("D"), "D", tie, [
      ["B_Q", "B_K", "B_V", "B_e"],
      ["A_e", "A_e", "A_e", "A_V"],
      ["A_e", "B_e"],
      [...e.map(() => "B_e"), ...qkv.flatMap(() => ["B_Q", "B_K", "B_V"])],
      ["B_e"],
      ...(headed ? [["A_e"]] : []),
    ]);
    const [b2, bf] = dealt(t, at("F"), "F", tie, [["B_f", "A_f"], ["B_f"]]);
    const attention = grown(t, at("attention"), b4!, a4!, at("w_QKVO"));
    // The maps of hidden units first, which costs less: O of `grown` is that side of both.
    const hidden = grown(t, at("hidden"), b2!, a2!, at("w_IN_OUT"));
    const one = (x: Tensor) => shaped(t, x, x.shape.slice(1));
    const blended = product(t, at("w_f"), at("f"));
    const small = [
      product(t, at("x"), one(be!)),
      product(t, product(t, at("w_vectors"), at("vectors")), onVectors!),
      product(t, shaped(t, blended, [blended.shape[0]! * layers, blended.shape[2]!]), one(bf!)),
      ...(headed ? [product(t, at("h"), one(ae!))] : []),
    ];
    const rows = (x: Tensor) => shaped(t, x, [x.shape.reduce((n, d) => n * d, 1) / d2, d2]);
    return [attention, hidden, join(t, small.map(rows), 0)];
  },

  fpi: (t, from, to, c) => started(t, from, to, { ...c, init: "fpi", noise: 0 }, [0, 0]),
  trunk: () => "D B_e",
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
  ...byOperator(operator),
  next: nextOperated,
  notes: (_from, _to, c) => untrainedNotes(c),
};
