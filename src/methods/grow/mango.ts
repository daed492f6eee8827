/**
 * Mango (arXiv 2310.10699; transformer-growth §3.7): one linear map from all weights of the source to all of the target,
 * factored as a tensor ring of four small cores (S_B over slots, S_I and S_O over inputs and outputs, S_L over layers) and
 * trained for a hundred steps through the grown model. Tables, norms, biases and head have maps of their own.
 */

import type { Values } from "../../config/schema.ts";
import { add } from "../../engine/ops/binary.ts";
import { pad } from "../../engine/ops/layout.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { GrowMethod, Side } from "../types.ts";
import { bondsOf } from "./bonds.ts";
import { headSize } from "./feeds.ts";
import { CORES, coreFeeds, corePictures } from "./mango-picture.ts";
import {
  byOperator,
  FIT_FIELDS,
  nextOperated,
  operatedSources,
  phiSpec,
  untrainedNotes,
} from "./operated.ts";
import type { Operator, Place } from "./operator.ts";
import { choosing, layerBlend, outerPlaces, product, rowsAt, selection } from "./operator-parts.ts";
import { headRows, layerRows, moved, outerRows, packed, packing, shaped } from "./packing.ts";
import { each, eventDraw, join, normal } from "./tools.ts";
import { planTrMpo, type TrMpoSizes, trMpo } from "./tr-mpo.ts";
import { sizesOf } from "./wider.ts";
import { countsOf, tiled } from "./width.ts";

const schema = {
  ...FIT_FIELDS,
  ranks: {
    kind: "list",
    of: "int",
    label: "Ranks",
    help: "Of the four bonds of the ring, R1 to R4. Small ranks are enough, the paper finds.",
    default: [1, 1, 1, 1],
    min: 1,
    max: 8,
    minLength: 4,
    maxLength: 4,
  },
  init: {
    kind: "choice",
    label: "Start of the cores",
    help: "FPI: the operator begins as bert2BERT FPI with the layer map. Random: normal cores that keep the variance.",
    default: "fpi",
    options: ["fpi", "random"],
  },
  noise: {
    kind: "float",
    label: "Noise at the start",
    symbol: "σ",
    help: "Added to every core. Without any, ranks above 1 would stay unused for ever.",
    default: 1e-3,
    min: 0,
    max: 0.1,
  },
  aux: {
    kind: "choice",
    label: "Maps beside the cores",
    help: "Tables, norms, biases and head: trained with the cores, or fixed at FPI.",
    default: "trained",
    options: ["trained", "fixed"],
  },
} as const;

type MangoValues = Values<typeof schema>;
type Four = readonly [number, number, number, number];

function mpoSizes(from: Side, to: Side, { ranks }: MangoValues): TrMpoSizes {
  const four = ({ arch }: Side): Four => {
    const { width, ffn, layers } = sizesOf(arch);
    return [4 + 2 * ffn, width, width, layers];
  };
  return { source: four(from), target: four(to), ranks: ranks as unknown as Four };
}

const noiseOf = ({ ranks, noise }: MangoValues): number =>
  noise === 0 && ranks.some((rank) => rank > 1) ? 1e-3 : noise;

/** FPI's parts: copies and shares of the trunk, and the depth map. */
function bases(t: Trace, from: Side, to: Side, c: MangoValues) {
  const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
  const map = tiled(a.width, b.width);
  const g = map.of as number[];
  const counts = countsOf(map);
  return {
    slots: selection(t, 4 + 2 * a.ffn, each(4 + 2 * a.ffn)),
    copies: selection(t, a.width, g),
    shares: selection(t, a.width, g, (i) => 1 / counts[i]!),
    layers: selection(t, a.layers, operatedSources(from, to, c)),
  };
}

/** Rows of D a layer: every vector, biases of hidden units as k of them. */
const kinds = (from: Side): number => packing(from).vectors.reduce((n, { rows }) => n + rows, 0);

function auxSpecs(from: Side, to: Side): readonly ParamSpec[] {
  const [a, b] = [sizesOf(from.arch), sizesOf(to.arch)];
  return [
    phiSpec("B_e", [a.width, b.width]),
    ...(packing(from).head === null ? [] : [phiSpec("A_e", [a.width, b.width])]),
    phiSpec("w", [kinds(from), b.layers, a.layers]),
  ];
}

function auxStart(t: Trace, from: Side, to: Side, c: MangoValues): Params {
  const { copies, shares } = bases(t, from, to, c);
  // The depth map, once for each kind of vector.
  const chosen = choosing(operatedSources(from, to, c), sizesOf(from.arch).layers);
  const w = layerBlend(t, kinds(from), () => chosen);
  return new Map([
    ["B_e", copies],
    ...(packing(from).head === null ? [] : ([["A_e", shares]] as const)),
    ["w", w],
  ]);
}

/** FPI's parts at the first slot of the ring, and nothing at the others. */
function coresOfFpi(t: Trace, from: Side, to: Side, c: MangoValues): readonly Tensor[] {
  const { slots, copies, shares, layers } = bases(t, from, to, c);
  const { ranks } = mpoSizes(from, to, c);
  return [slots, shares, copies, layers].map((base, k) => {
    const [left, right] = [ranks[k]!, ranks[(k + 1) % 4]!];
    const first = shaped(t, base, [1, ...base.shape, 1]);
    if (left * right === 1) return first;
    const after = [left - 1, 0, 0, right - 1];
    return t.call(pad, [first], { before: [0, 0, 0, 0], after, value: 0 })[0]!;
  });
}

const operator: Operator<MangoValues> = {
  specs(from, to, c) {
    const { source, target, ranks } = mpoSizes(from, to, c);
    const cores = CORES.map((name, k) =>
      phiSpec(name, [ranks[k]!, source[k]!, target[k]!, ranks[(k + 1) % 4]!]),
    );
    return [...cores, ...(c.aux === "trained" ? auxSpecs(from, to) : [])];
  },

  start(t, from, to, c, key) {
    const { source, target, ranks } = mpoSizes(from, to, c);
    const based = c.init === "random" ? null : coresOfFpi(t, from, to, c);
    const cores = CORES.map((name, k) => {
      const [left, right] = [ranks[k]!, ranks[(k + 1) % 4]!];
      const shape = [left, source[k]!, target[k]!, right];
      const draw = eventDraw(key, name);
      if (based === null) {
        return [name, normal(t, shape, 1 / Math.sqrt(source[k]! * Math.sqrt(left * right)), draw)] as const;
      }
      const sigma = noiseOf(c);
      const placed = based[k]!;
      return [
        name,
        sigma === 0 ? placed : t.call(add, [placed, normal(t, shape, sigma, draw)], {})[0]!,
      ] as const;
    });
    return new Map([...cores, ...(c.aux === "trained" ? auxStart(t, from, to, c) : [])]);
  },

  fpi(t, from, to, c) {
    const cores = coresOfFpi(t, from, to, c).map((core, k) => [CORES[k]!, core] as const);
    return new Map([...cores, ...(c.aux === "trained" ? auxStart(t, from, to, c) : [])]);
  },

  frozen(t, from, to, old, c) {
    const { vectors } = packing(from);
    const v = layerRows(t, from, old, vectors);
    return new Map([
      ["m1", packed(t, from, old)],
      ["x", outerRows(t, from, to, old)],
      ["v", moved(t, v, [1, 0, 2])],
      ["h", headRows(t, from, old)],
      ...(c.aux === "fixed" ? auxStart(t, from, to, c) : []),
    ]);
  },

  made(t, from, to, frozen, phi, c) {
    const at = (name: string): Tensor => (phi.get(name) ?? frozen.get(name))!;
    const cores = CORES.map(at) as unknown as Parameters<typeof trMpo>[2];
    const m2 = trMpo(t, at("m1"), cores, planTrMpo(mpoSizes(from, to, c)));
    const { layers } = sizesOf(to.arch);
    const deep = product(t, at("w"), at("v"));
    const old = sizesOf(from.arch).width;
    const rows = join(t, [at("x"), shaped(t, deep, [layers * kinds(from), old])], 0);
    const head = packing(from).head === null ? shaped(t, at("h"), [1, old]) : product(t, at("h"), at("A_e"));
    return [m2, product(t, rows, at("B_e")), head];
  },

  parts: (from, to, c) => corePictures(mpoSizes(from, to, c)),
  feeds: (from, to, c, phi) => coreFeeds(mpoSizes(from, to, c), headSize(from), phi),
  trunk: (from, to, c) => corePictures(mpoSizes(from, to, c)).find(({ path }) => path === "S_O")!.id,
  bonds: (from, to, c, phi) => bondsOf(mpoSizes(from, to, c), CORES, phi),
  places: mangoPlaces,
  steps: (c) => c.steps,
  lr: (c) => c.lr,
};

function mangoPlaces(_from: Side, to: Side): ReadonlyMap<string, Place> {
  const { matrices, vectors, head } = packing(to);
  const { width: d, ffn: k, layers } = sizesOf(to.arch);
  const { places: found, count: row } = outerPlaces(to, 1);
  // M2 [b, i, o, l], l the innermost.
  const [sb, si, so] = [d * d * layers, d * layers, layers];
  for (let m = 0; m < layers; m++) {
    const at = (name: string) => `blocks.${m}.${name}`;
    const make = (slot: number, count: number): Place => ({
      source: 0,
      base: slot * sb + m,
      dims: [1, count, d, d],
      strides: [0, sb, so, si],
    });
    found.set(at(matrices.qkv), make(0, 3));
    found.set(at(matrices.o), make(3, 1));
    found.set(at(matrices.in), make(4, k));
    // [out, (block, in)]
    found.set(at(matrices.out), {
      source: 0,
      base: (4 + k) * sb + m,
      dims: [1, d, k, d],
      strides: [0, so, sb, si],
    });
    let kind = 0;
    for (const vector of vectors) {
      const base = (row + kind * layers + m) * d;
      found.set(at(vector.name), {
        source: 1,
        base,
        dims: [1, 1, vector.rows, d],
        strides: [0, 0, layers * d, 1],
      });
      kind += vector.rows;
    }
  }
  if (head !== null) {
    found.set(head.path, rowsAt(2, 0, head.shape[0]!, d));
  }
  return found;
}

export const mango: GrowMethod<typeof schema> = {
  kind: "grow",
  id: "mango",
  label: "Mango",
  summary:
    "Learns one map from all weights of the network to those of a larger one, a ring of four small cores.",
  schema,
  paper: {
    title: "Reusing Pretrained Models by Multi-linear Operators for Efficient Training",
    authors: "Pan, Yuan, Yin, Shi, Xu, Zhang, Shang, Jiang, Liu",
    year: 2023,
    arxiv: "2310.10699",
  },
  ...byOperator(operator),

  next(model, arch, c) {
    const next = nextOperated(model, arch, c);
    if (next === null || typeof next === "string") return next;
    const side = (values: Values): Side => ({ arch: values, data: { vocab: 1, context: 1 }, specs: [] });
    const fits = (ranks: readonly number[]): string | null => {
      try {
        planTrMpo(mpoSizes(side(arch), side(next), { ...c, ranks }));
        return null;
      } catch (error) {
        return (error as Error).message.replace(/^tr-mpo: /, "");
      }
    };
    const wrong = fits(c.ranks);
    if (wrong === null) return next;
    const largest = [4, 2, 1].find((rank) => fits([rank, rank, rank, rank]) === null);
    const advice =
      largest === undefined ? "a smaller size would fit" : `rank ${largest} in all four bonds fits`;
    return `Not grown: ${wrong}; ${advice}. Training goes on.`;
  },

  notes: (_from, _to, c) => [
    ...(noiseOf(c) === c.noise ? [] : ["Ranks above 1 need noise to be used: it was raised to 0.001."]),
    ...untrainedNotes(c),
  ],
};
