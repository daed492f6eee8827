/**
 * A growth operator that is trained before it acts (LiGO, Mango): a map from all weights of a source to all weights of a
 * target with parameters φ of its own. The source is frozen; φ gets the gradient of the grown model's own loss. What is
 * read of the source once an event, what φ is, and how both make the target, an operator says here; `train/fit.ts` trains.
 */
import { ALIGN, arenaLayout, sizeOf } from "../../engine/layout.ts";
import { assemble, SEGMENT_WORDS, SKIPPED } from "../../engine/ops/assemble.ts";
import { reshape } from "../../engine/ops/reshape.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { Part } from "../../models/types.ts";
import type { Bond, EventKey, Feeds, Side } from "../types.ts";
import { cut, filled } from "./tools.ts";

/** A parameter as a strided walk over one of the three tensors that an operator makes. Row-major over `dims`. */
export interface Place {
  readonly source: 0 | 1 | 2;
  readonly base: number;
  /** Four lengths, their product the parameter's size, and as many strides. */
  readonly dims: readonly [number, number, number, number];
  readonly strides: readonly [number, number, number, number];
}

/** A learned matrix as it is drawn: `post` names its group ("S_B"), `name` which of the group it is. */
export type OperatorPart = Extract<Part, { readonly kind: "weight" }>;

export type Made = readonly [Tensor, Tensor, Tensor];

// biome-ignore lint/suspicious/noExplicitAny: operators of different settings are handled alike
export interface Operator<C = any> {
  /** φ. */
  specs(from: Side, to: Side, c: C): readonly ParamSpec[];
  /** φ before training. */
  start(t: Trace, from: Side, to: Side, c: C, key: EventKey): Params;
  /** What is multiplied, read from the source once. */
  frozen(t: Trace, from: Side, to: Side, old: Params, c: C): Params;
  /** The target's weights, in three tensors. */
  made(t: Trace, from: Side, to: Side, frozen: Params, phi: Params, c: C): Made;
  /** Where each of them lies; what is not named is the source's own. */
  places(from: Side, to: Side, c: C): ReadonlyMap<string, Place>;
  /** φ as pictures, in groups. */
  parts(from: Side, to: Side, c: C): readonly OperatorPart[];
  /** What feeds what, by the values of φ. */
  feeds(from: Side, to: Side, c: C, phi: (path: string) => Float32Array): Feeds;
  /** φ as bert2BERT FPI with the layer map would be: what it is compared with. */
  fpi(t: Trace, from: Side, to: Side, c: C): Params;
  /** The picture of the map that widens the trunk: the id of one of `parts`. */
  trunk(from: Side, to: Side, c: C): string;
  /** Of a tensor ring: what passes through its bonds. */
  bonds?(from: Side, to: Side, c: C, phi: (path: string) => Float32Array): readonly Bond[];
  /** Updates of φ, and the peak of their learning rate. */
  steps(c: C): number;
  lr(c: C): number;
}

/** The tables that `assemble` reads. */
export function tables(t: Trace, specs: readonly ParamSpec[], places: ReadonlyMap<string, Place>) {
  const layout = arenaLayout(specs);
  const blocks = new Uint32Array(layout.length / ALIGN).fill(SKIPPED);
  const segments: number[] = [];
  for (const { path, shape } of specs) {
    const place = places.get(path);
    if (place === undefined) continue;
    const { offset, count } = layout.entries.get(path)!;
    if (sizeOf(place.dims) !== count) throw new Error(`${path} [${shape}] is not [${place.dims}]`);
    blocks.fill(segments.length / SEGMENT_WORDS, offset / ALIGN, Math.ceil((offset + count) / ALIGN));
    segments.push(place.source, place.base, ...place.dims, ...place.strides, offset, count);
  }
  const rows = segments.length / SEGMENT_WORDS;
  return [
    t.constant({ shape: [blocks.length], dtype: "u32" }, blocks),
    t.constant({ shape: [rows, SEGMENT_WORDS], dtype: "u32" }, segments),
  ] as const;
}

/** Every parameter of `to`, each a tensor of its own. */
export function assembled<C>(
  t: Trace,
  operator: Operator<C>,
  { from, to, old, frozen, phi }: { from: Side; to: Side; old: Params; frozen: Params; phi: Params },
  c: C,
): Params {
  const { entries, length } = arenaLayout(to.specs);
  const places = operator.places(from, to, c);
  const made = operator.made(t, from, to, frozen, phi, c);
  const into = filled(t, [length], 0, "f32");
  const [flat] = t.call(assemble, [into, ...tables(t, to.specs, places), ...made], {});
  return new Map(
    to.specs.map(({ path, shape }) => {
      if (!places.has(path)) return [path, old.get(path)!];
      const { offset, count } = entries.get(path)!;
      return [path, t.call(reshape, [cut(t, flat!, 0, offset, offset + count)!], { shape })[0]!];
    }),
  );
}

/** What the operator makes before it was trained. */
export function untrained<C>(
  t: Trace,
  operator: Operator<C>,
  from: Side,
  to: Side,
  old: Params,
  c: C,
  key: EventKey,
): Params {
  const frozen = operator.frozen(t, from, to, old, c);
  const phi = operator.start(t, from, to, c, key);
  return assembled(t, operator, { from, to, old, frozen, phi }, c);
}
