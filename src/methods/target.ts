/**
 * Parts of a network that an action is aimed at. A person points at a tile, a layer or a parameter; what is meant is a box
 * in one or more parameters. And the few words in which a trace changes such a box and leaves the rest as it is.
 */
import { concat, slice } from "../engine/ops/layout.ts";
import type { Tensor, Trace } from "../engine/types.ts";
import type { Model } from "../models/types.ts";
import type { Side } from "./types.ts";

/** [from, to) on each axis of one parameter. */
export interface Region {
  readonly path: string;
  readonly box: readonly (readonly [number, number])[];
}

/**
 * What `target` names: "" the whole network; a parameter's path, or the beginning of some ("blocks.2"); the id of a tier
 * or of a part of the drawing. One clause when there is no such thing.
 */
export function regionsOf(model: Model, side: Side, target: string): readonly Region[] | string {
  const { specs } = side;
  const named = specs.filter(({ path }) => target === "" || path === target || path.startsWith(`${target}.`));
  if (named.length > 0) {
    return named.map(({ path, shape }) => ({ path, box: shape.map((d) => [0, d] as const) }));
  }
  const { tiers } = model.anatomy(side.arch, side.data);
  const parts = tiers.flatMap((tier) =>
    [...tier.left, ...tier.right].filter(({ id }) => tier.id === target || id === target),
  );
  const regions = parts.flatMap((part) =>
    part.kind === "weight" ? [{ path: part.path, box: part.slice }] : [],
  );
  return regions.length > 0 ? regions : `there is no part "${target}" with weights of its own`;
}

/** x with `change` applied to the box alone. Values pass through bit for bit. */
export function within(
  t: Trace,
  x: Tensor,
  box: Region["box"],
  change: (inside: Tensor) => Tensor,
  axis = 0,
): Tensor {
  if (axis === box.length) return change(x);
  const [from, to] = box[axis]!;
  const cut = (start: number, end: number): Tensor | null => {
    if (start >= end) return null;
    if (start === 0 && end === x.shape[axis]) return x;
    const starts = x.shape.map((_, k) => (k === axis ? start : 0));
    const sizes = x.shape.map((d, k) => (k === axis ? end - start : d));
    return t.call(slice, [x], { starts, sizes })[0]!;
  };
  const parts = [
    cut(0, from),
    within(t, cut(from, to)!, box, change, axis + 1),
    cut(to, x.shape[axis]!),
  ].filter((part) => part !== null);
  return parts.length === 1 ? parts[0]! : t.call(concat, parts, { axis })[0]!;
}
