/**
 * The tensor-ring matrix product operator (Mango; transformer-growth §3.7): a linear map from all weights of a small
 * transformer, packed as M1[b, i, o, l] (slot, in, out, layer), to all of a larger one, as a ring of four cores.
 *
 *   M2[b', i', o', l'] = Σ M1[b, i, o, l] S_B[p, b, b', q] S_I[q, i, i', r] S_O[r, o, o', s] S_L[s, l, l', p]
 *
 * The map S itself is never formed: the cores are contracted with M1 one after the other, each stage a permute (left out
 * where the axes already lie together) and a matmul. So gradients with respect to the cores come from the stages by
 * themselves, and the order, which decides cost and memory, is a plan made from the sizes alone.
 */
import { sizeOf } from "../../engine/layout.ts";
import { permute } from "../../engine/ops/layout.ts";
import { matmul } from "../../engine/ops/matmul.ts";
import { reshape } from "../../engine/ops/reshape.ts";
import type { Tensor, TensorSpec, Trace } from "../../engine/types.ts";

type Four<T> = readonly [T, T, T, T];

/** A place in the ring, and with it a mode and its core: 0 B, 1 I, 2 O, 3 L. */
export type Place = 0 | 1 | 2 | 3;
const PLACES: Four<Place> = [0, 1, 2, 3];
const NAMES: Four<string> = ["S_B", "S_I", "S_O", "S_L"];

export interface TrMpoSizes {
  /** B1, I1, O1, L1 and B2, I2, O2, L2. */
  readonly source: Four<number>;
  readonly target: Four<number>;
  /** R1 … R4: core k lies between bonds k and k + 1, the last one between R4 and R1. */
  readonly ranks: Four<number>;
}

export interface TrMpoPlan {
  readonly order: Four<Place>;
  /** Floating-point operations of the contraction, 2 a multiply-add. */
  readonly flops: number;
  /** Elements of the largest tensor on the way, M2 included. */
  readonly peak: number;
}

/** What every WebGPU device binds, in f32: 128 MiB. */
const MOST_ELEMENTS = 2 ** 25;

/** Bonds of a core, as axes: 0 to 3 are the modes, 4 to 7 the bonds. */
const bondsOf = (place: Place): readonly [number, number] => [4 + place, 4 + ((place + 1) % 4)];

/** The sizes of M1 [b, i, o, l] and of cores [R, source, target, R'] that form a ring; an Error where they do not. */
export function trMpoSizes(m1: TensorSpec, cores: Four<TensorSpec>): TrMpoSizes {
  if (m1.shape.length !== 4) throw new Error(`tr-mpo: M1 [b, i, o, l] expected, got [${m1.shape}]`);
  for (const place of PLACES) {
    const { shape } = cores[place];
    const wanted = [shape[0], m1.shape[place], shape[2], cores[((place + 1) % 4) as Place].shape[0]];
    if (shape.length !== 4 || shape.some((d, k) => d !== wanted[k])) {
      throw new Error(
        `tr-mpo: ${NAMES[place]} of [${shape}] does not fit M1 [${m1.shape}] and the next core's rank ${wanted[3]}`,
      );
    }
  }
  const four = (of: (place: Place) => number): Four<number> => [of(0), of(1), of(2), of(3)];
  return {
    source: four((place) => m1.shape[place]!),
    target: four((place) => cores[place].shape[2]!),
    ranks: four((place) => cores[place].shape[0]!),
  };
}

/** All 24 orders. */
const ORDERS: readonly Four<Place>[] = PLACES.flatMap((a) =>
  PLACES.flatMap((b) =>
    PLACES.flatMap((c) =>
      new Set([a, b, c]).size < 3 ? [] : [[a, b, c, (6 - a - b - c) as Place] as const],
    ),
  ),
);

/**
 * What an order costs. A stage: 2 × (all mode sizes, the contracted one as source × target) × (all open bonds, new and
 * shared).
 */
export function trMpoCost({ source, target, ranks }: TrMpoSizes, order: Four<Place>): TrMpoPlan {
  const modes: number[] = [...source];
  let open = new Set<number>();
  let flops = 0;
  let peak = sizeOf(source);
  const bonds = (set: ReadonlySet<number>): number =>
    sizeOf([...set].map((bond) => ranks[(bond - 4) as Place]));
  for (const place of order) {
    const own = new Set(bondsOf(place));
    flops += 2 * sizeOf(modes) * target[place] * bonds(new Set([...open, ...own]));
    modes[place] = target[place];
    // A bond that both have is summed over.
    open = new Set([...open, ...own].filter((bond) => !(open.has(bond) && own.has(bond))));
    peak = Math.max(peak, sizeOf(modes) * bonds(open));
  }
  return { order, flops, peak };
}

/** The cheapest order whose tensors all fit into `most` elements; of equal ones that with the smaller peak. */
export function planTrMpo(sizes: TrMpoSizes, most = MOST_ELEMENTS): TrMpoPlan {
  const plans = ORDERS.map((order) => trMpoCost(sizes, order));
  const fitting = plans.filter(({ peak }) => peak <= most);
  if (fitting.length === 0) {
    const mib = (elements: number): string => (elements / 2 ** 18).toFixed(1);
    const least = Math.min(...plans.map(({ peak }) => peak));
    throw new Error(`tr-mpo: a tensor of ${mib(least)} MiB is needed, ${mib(most)} MiB fit`);
  }
  return fitting.reduce((best, plan) => {
    const better = plan.flops - best.flops || plan.peak - best.peak;
    return better < 0 ? plan : best;
  });
}

/** A tensor whose axes have names. */
interface Named {
  readonly tensor: Tensor;
  readonly axes: readonly number[];
}

const lengthOf = ({ tensor, axes }: Named, axis: number): number => tensor.shape[axes.indexOf(axis)]!;
const lengthsOf = (x: Named, axes: readonly number[]): number[] => axes.map((axis) => lengthOf(x, axis));

/** The axes longer than 1, which alone decide how the elements lie. */
const long = (x: Named, axes: readonly number[]): number[] => axes.filter((axis) => lengthOf(x, axis) > 1);

/** x with its axes in this order, folded into `shape`. */
function arranged(t: Trace, x: Named, axes: readonly number[], shape: readonly number[]): Tensor {
  const still = long(x, axes).join() === long(x, x.axes).join();
  const moved = still
    ? x.tensor
    : t.call(permute, [x.tensor], { axes: axes.map((axis) => x.axes.indexOf(axis)) })[0]!;
  return t.call(reshape, [moved], { shape })[0]!;
}

/** One core contracted with what is there: over its mode and the bonds that both have. */
function stage(t: Trace, x: Named, core: Tensor, place: Place): Named {
  const [left, right] = bondsOf(place);
  const target = -1;
  const s: Named = { tensor: core, axes: [left, place, target, right] };
  const summed = x.axes.filter((axis) => s.axes.includes(axis));
  const kept = x.axes.filter((axis) => !summed.includes(axis));
  const fresh = s.axes.filter((axis) => !summed.includes(axis));
  const [m, k, n] = [lengthsOf(x, kept), lengthsOf(x, summed), lengthsOf(s, fresh)];
  // Summed axes that lie in front are as good as behind: the product takes its left operand transposed.
  const ta = long(x, [...summed, ...kept]).join() === long(x, x.axes).join();
  const a = ta
    ? arranged(t, x, [...summed, ...kept], [sizeOf(k), sizeOf(m)])
    : arranged(t, x, [...kept, ...summed], [sizeOf(m), sizeOf(k)]);
  const tb = long(s, [...fresh, ...summed]).join() === long(s, s.axes).join();
  const b = tb
    ? arranged(t, s, [...fresh, ...summed], [sizeOf(n), sizeOf(k)])
    : arranged(t, s, [...summed, ...fresh], [sizeOf(k), sizeOf(n)]);
  const attrs = { ta, tb, bias: false, residual: false, activation: "none" } as const;
  const [y] = t.call(matmul, [a, b], attrs);
  const tensor = t.call(reshape, [y!], { shape: [...m, ...n] })[0]!;
  return { tensor, axes: [...kept, ...fresh.map((axis) => (axis === target ? place : axis))] };
}

/** M2 [b', i', o', l'] of M1 [b, i, o, l] and the cores S_B, S_I, S_O, S_L, contracted in the plan's order. */
export function trMpo(
  t: Trace,
  m1: Tensor,
  cores: Four<Tensor>,
  { order }: Pick<TrMpoPlan, "order">,
): Tensor {
  const { target } = trMpoSizes(m1, cores);
  let x: Named = { tensor: m1, axes: PLACES };
  for (const place of order) x = stage(t, x, cores[place], place);
  return arranged(t, x, PLACES, target);
}
