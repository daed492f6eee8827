/**
 * Making a network wider by copying units (transformer-growth §2.1). A unit map says which unit of the source each unit
 * of the target is; axes of one name share a map, so that what makes a unit and what reads it agree. Makers are copied,
 * readers divided by the number of copies: then Σ over the copies of what is read is what was read before.
 *
 * Layer norm asks for more: mean and variance of the trunk must stay. That holds when every channel is copied equally
 * often (tile), or when the channels left over carry the mean of the others, where the norm's output is 0 (exact).
 */
import { add, mul, sub } from "../../engine/ops/binary.ts";
import { pad } from "../../engine/ops/layout.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import type { ParamSpec, Tensor, Trace } from "../../engine/types.ts";
import type { Key } from "../../random/threefry.ts";
import { isConnection } from "../target.ts";
import type { EventKey } from "../types.ts";
import { cut, drawInts, eventDraw, filled, join, noisy, normal, pick, scaleColumns } from "./tools.ts";

/** g(j) for each unit of the target; null: the mean of all units of the source. */
export interface UnitMap {
  readonly from: number;
  readonly of: readonly (number | null)[];
}

/** Spread of what reads a mean channel: the norm's output there is 0, so that any value will do. */
const FREE = 0.02;

export const tiled = (from: number, to: number): UnitMap => ({
  from,
  of: Array.from({ length: to }, (_, j) => j % from),
});

/** Whole copies, and the mean in the channels that are left over (LEMON's average padding). */
export const exactMap = (from: number, to: number): UnitMap => ({
  from,
  of: Array.from({ length: to }, (_, j) => (j < to - (to % from) ? j % from : null)),
});

/** The papers' f: the old units first, then uniform draws. */
export const drawnMap = (key: Key, from: number, to: number): UnitMap => ({
  from,
  of: [...Array.from({ length: from }, (_, j) => j), ...drawInts(key, to - from, from)],
});

/** C(i): how often unit i stands in the target. */
export function countsOf({ from, of }: UnitMap): readonly number[] {
  const counts = new Array<number>(from).fill(0);
  for (const i of of) if (i !== null) counts[i]!++;
  return counts;
}

/** The same map of channels, `size` to a unit: heads are copied whole. */
export const ofChannels = ({ from, of }: UnitMap, size: number): UnitMap => ({
  from: from * size,
  of: of.flatMap((i) => Array.from({ length: size }, (_, c) => (i === null ? null : i * size + c))),
});

/** Maps by the name of an axis. */
export type UnitMaps = ReadonlyMap<string, UnitMap>;

/** An axis may count units, or their channels one after the other (the rows of W_O). */
export function mapOf(maps: UnitMaps, { axes, shape }: ParamSpec, axis: number): UnitMap | null {
  const map = maps.get(axes[axis]!);
  return map === undefined ? null : ofChannels(map, shape[axis]! / map.from);
}

export const isIdentity = ({ from, of }: UnitMap): boolean =>
  of.length === from && of.every((i, j) => i === j);

/** x with an axis copied along a map. */
export function copied(t: Trace, x: Tensor, axis: number, map: UnitMap): Tensor {
  if (isIdentity(map)) return x;
  const whole = map.of.filter((i) => i !== null);
  const parts = [pick(t, x, axis, whole)];
  if (whole.length < map.of.length) {
    const [mean] = t.call(reduce, [x], { axes: [axis], keepDims: true, how: "mean" });
    parts.push(pick(t, mean!, axis, new Array<number>(map.of.length - whole.length).fill(0)));
  }
  return join(t, parts, axis);
}

/** Readers of the last axis: each copy reads its share. Of mean channels: what `free` draws. */
export function divided(t: Trace, x: Tensor, map: UnitMap, free: Key): Tensor {
  if (isIdentity(map)) return x;
  const axis = x.shape.length - 1;
  const counts = countsOf(map);
  const shares = map.of.map((i) => (i === null ? 1 : 1 / counts[i]!));
  const read = scaleColumns(t, pick(t, x, axis, map.of), shares);
  if (!map.of.includes(null)) return read;
  const open = map.of.map((i) => Number(i === null));
  return t.call(add, [read, scaleColumns(t, normal(t, read.shape, FREE, free), open)], {})[0]!;
}

/** Every axis of one parameter along its map. Matrices of connections read their last axis; all else is made. */
export function widened(t: Trace, x: Tensor, spec: ParamSpec, maps: UnitMaps, key: EventKey): Tensor {
  if (spec.norm !== undefined) return widenedNorm(t, x, spec, maps);
  let y = x;
  for (let axis = 0; axis < spec.shape.length; axis++) {
    const map = mapOf(maps, spec, axis);
    if (map === null) continue;
    y =
      isConnection(spec) && axis === spec.shape.length - 1
        ? divided(t, y, map, eventDraw(key, `${spec.path} free`))
        : copied(t, y, axis, map);
  }
  return y;
}

/**
 * γ and β. The trunk's variance over all channels is n·D1/D2 of what it was over the old ones, which √(n·D1/D2) in γ
 * undoes (ε goes along, see `scaledEps`). Mean channels: γ 1, β 0, and both 0 where a tied table reads them.
 */
function widenedNorm(t: Trace, x: Tensor, spec: ParamSpec, maps: UnitMaps): Tensor {
  const map = mapOf(maps, spec, 0);
  if (map === null || isIdentity(map)) return x;
  const counts = countsOf(map);
  const whole = map.of.filter((i) => i !== null);
  const gain = spec.norm === "gain" ? Math.sqrt(whole.length / map.of.length) : 1;
  const factors = whole.map((i) => (spec.tied ? gain / counts[i]! : gain));
  const parts = [scaleColumns(t, pick(t, x, 0, whole), factors)];
  const rest = map.of.length - whole.length;
  if (rest > 0) parts.push(filled(t, [rest], spec.norm === "gain" && !spec.tied ? 1 : 0, "f32"));
  return join(t, parts, 0);
}

/** ε·n·D1/D2 under `exact`, else ε. */
export function scaledEps(eps: number, { of }: UnitMap): number {
  const whole = of.filter((i) => i !== null).length;
  return whole === of.length ? eps : (eps * whole) / of.length;
}

export const SYMMETRY = ["zeroSum", "additive", "none"] as const;

/**
 * Copies that are equal stay equal for ever: the network would not be wider. `zeroSum`: noise on what reads the copies,
 * less its mean over the copies of each unit, which changes no sum. `additive` (Net2Net): noise on all new entries.
 */
export function broken(
  t: Trace,
  y: Tensor,
  x: Tensor,
  spec: ParamSpec,
  maps: UnitMaps,
  how: string,
  key: EventKey,
): Tensor {
  if (!isConnection(spec) || y === x || how === "none") return y;
  const draw = eventDraw(key, `${spec.path} noise`);
  if (how === "additive") {
    const ones = filled(t, x.shape, 1, "f32");
    const before = x.shape.map(() => 0);
    const after = y.shape.map((d, k) => d - x.shape[k]!);
    const [old] = t.call(pad, [ones], { before, after, value: 0 });
    const noise = t.call(sub, [noisy(t, y, x, 0.01, draw), y], {})[0]!;
    const young = t.call(sub, [filled(t, y.shape, 1, "f32"), old!], {})[0]!;
    return t.call(add, [y, t.call(mul, [noise, young], {})[0]!], {})[0]!;
  }
  const map = mapOf(maps, spec, spec.shape.length - 1);
  if (map === null || isIdentity(map)) return y;
  const zero = filled(t, y.shape, 0, "f32");
  const noise = noisy(t, zero, x, 0.1, draw);
  return t.call(add, [y, lessMean(t, noise, map)], {})[0]!;
}

/** Each column less the mean over the columns of its unit; columns of no unit 0. */
function lessMean(t: Trace, noise: Tensor, { from, of }: UnitMap): Tensor {
  const axis = noise.shape.length - 1;
  const copies = Array.from({ length: from }, (_, i) => of.flatMap((g, j) => (g === i ? [j] : [])));
  const most = Math.max(...copies.map(({ length }) => length));
  /** The k-th copy after each column, around; null where there are not so many. */
  const after = (k: number) =>
    of.map((i, j) => {
      const all = i === null ? [] : copies[i]!;
      return k < all.length ? all[(all.indexOf(j) + k) % all.length]! : null;
    });
  let sum = pick(t, noise, axis, after(0));
  const own = sum;
  for (let k = 1; k < most; k++) sum = t.call(add, [sum, pick(t, noise, axis, after(k))], {})[0]!;
  const shares = of.map((i) => (i === null ? 0 : 1 / copies[i]!.length));
  return t.call(sub, [own, scaleColumns(t, sum, shares)], {})[0]!;
}

/** AKI: the units beyond the first copies are those of the layer above (bert2BERT §3.3.2), along the made axis. */
export function fromAbove(t: Trace, own: Tensor, above: Tensor, spec: ParamSpec, maps: UnitMaps): Tensor {
  const last = isConnection(spec) ? spec.shape.length - 1 : spec.shape.length;
  for (let axis = 0; axis < last; axis++) {
    const map = mapOf(maps, spec, axis);
    if (map === null || own.shape[axis] === map.from) continue;
    const after = cut(t, above, axis, map.from, own.shape[axis]!);
    return join(t, [cut(t, own, axis, 0, map.from), after], axis);
  }
  return own;
}
