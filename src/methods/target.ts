/**
 * What a person pointed at, as entries of parameters: the whole network, a parameter by its path, or a tier or part of the
 * drawing by its id. And which parameters hold connections, by their specs alone, so that it is right for any model; and
 * the few words in which a trace changes a region and leaves the rest as it is.
 */
import { sizeOf } from "../engine/layout.ts";
import { concat, slice } from "../engine/ops/layout.ts";
import type { ParamSpec, Tensor, Trace } from "../engine/types.ts";
import type { Anatomy, Model, Part } from "../models/types.ts";
import type { Side } from "./types.ts";

/** Some entries of one parameter: one [from, to) an axis. */
export interface Region {
  readonly spec: ParamSpec;
  readonly slice: readonly (readonly [number, number])[];
}

/**
 * A matrix of connections, which masks may thin out (grow-prune §0: biases are never masked). Weight decay spares biases
 * and gains of norms; tables that are looked up multiply nothing: each of their rows is the only input of its symbol.
 */
export const isConnection = ({ shape, decay, macs = 1 }: ParamSpec): boolean =>
  decay && macs > 0 && shape.length >= 2;

/** The first axis of a matrix that is read; the axes before it are made. */
export const readsFrom = ({ shape, reads = shape.length - 1 }: ParamSpec): number => reads;

/** A matrix of connections as rows, one a unit that is made, and columns, one a number that is read. */
export function linesOf(spec: ParamSpec): { readonly rows: number; readonly columns: number } {
  const from = readsFrom(spec);
  return { rows: sizeOf(spec.shape.slice(0, from)), columns: sizeOf(spec.shape.slice(from)) };
}

export const wholeOf = (spec: ParamSpec): Region => ({
  spec,
  slice: spec.shape.map((d) => [0, d] as const),
});

/**
 * What `target` names: "" the whole network; a parameter's path, or the beginning of some ("blocks.2"); the id of a tier,
 * of a part of the drawing, or of a unit of a tier ("fc1#12": what that unit reads by); "@f" after any of them but a unit: of
 * that gate alone. One clause when there is no such thing.
 */
export function regionsOf(model: Model, side: Side, target: string): readonly Region[] | string {
  const { arch, data, specs } = side;
  const gate = /^(.*)@(\w+)$/.exec(target);
  if (gate !== null) return gateOf(model.anatomy(arch, data), specs, gate[1]!, gate[2]!);
  const named = specs.filter(({ path }) => target === "" || path === target || path.startsWith(`${target}.`));
  if (named.length > 0) return named.map(wholeOf);
  const unit = /^(.+)#(\d+)$/.exec(target);
  const drawing = model.anatomy(arch, data);
  const parts = unit === null ? partsOf(drawing, target) : unitOf(drawing, unit[1]!, Number(unit[2]));
  if (parts === null) return `the network has no part "${target}"`;
  const found = parts.flatMap((part): Region[] => {
    const of = part.kind === "weight" ? specs.find(({ path }) => path === part.path) : undefined;
    return of === undefined || part.kind !== "weight" ? [] : [{ spec: of, slice: part.slice }];
  });
  return found.length > 0 ? found : `"${target}" shows no weights`;
}

/** Of each part of this id, or of all where it is "", the strip of one gate: axis 0 of stacked gates. */
function gateOf(drawing: Anatomy, specs: readonly ParamSpec[], id: string, gate: string) {
  const all = drawing.tiers.flatMap(({ left, right }) => [...left, ...right]);
  const parts = id === "" ? all : partsOf(drawing, id);
  if (parts === null) return `the network has no part "${id}"`;
  const found = parts.flatMap((part): Region[] => {
    const strip = part.strips.indexOf(gate);
    const of = part.kind === "weight" ? specs.find(({ path }) => path === part.path) : undefined;
    const axis = part.rows[0] ?? 0;
    if (of === undefined || strip < 0 || of.shape[axis] !== part.strips.length) return [];
    return [
      { spec: of, slice: part.slice.map((range, k) => (k === axis ? ([strip, strip + 1] as const) : range)) },
    ];
  });
  return found.length > 0 ? found : `"${id}" has no gate "${gate}"`;
}

/** The parts of a tier, or the one part, of this id. */
function partsOf({ tiers }: Anatomy, id: string): readonly Part[] | null {
  for (const { id: tier, left, right } of tiers) {
    const parts = [...left, ...right];
    if (tier === id) return parts;
    const part = parts.find((one) => one.id === id);
    if (part !== undefined) return [part];
  }
  return null;
}

/** What makes one unit of a tier: the parts that its arm reads by, cut to the unit's row. */
function unitOf({ tiers }: Anatomy, id: string, unit: number): readonly Part[] | null {
  const reads = tiers.find((tier) => tier.id === id)?.left.filter((part) => part.strips.length === 0) ?? [];
  const own = reads.map((part): Part => {
    const axis = part.rows[0] ?? 0;
    const from = part.slice[axis]![0] + unit;
    return { ...part, slice: part.slice.map((range, k) => (k === axis ? [from, from + 1] : range)) };
  });
  const there = reads.every(({ rows, slice }) => unit < slice[rows[0] ?? 0]![1] - slice[rows[0] ?? 0]![0]);
  return own.length > 0 && there ? own : null;
}

/** Stretches of a parameter's flat, row-major entries that a region covers: [first, last + 1), in order, disjoint. */
export function stretchesOf({ spec, slice }: Region): readonly (readonly [number, number])[] {
  const { shape } = spec;
  // Trailing axes that are whole make one stretch together with the axis before them.
  let whole = shape.length;
  while (whole > 0 && slice[whole - 1]![0] === 0 && slice[whole - 1]![1] === shape[whole - 1]) whole--;
  if (whole === 0) return [[0, shape.reduce((n, d) => n * d, 1)]];
  const axis = whole - 1;
  const strides = shape.map((_, k) => shape.slice(k + 1).reduce((n, d) => n * d, 1));
  let starts = [0];
  for (let k = 0; k < axis; k++) {
    const [from, to] = slice[k]!;
    starts = starts.flatMap((at) =>
      Array.from({ length: to - from }, (_, i) => at + (from + i) * strides[k]!),
    );
  }
  const [from, to] = slice[axis]!;
  return starts.map((at) => [at + from * strides[axis]!, at + to * strides[axis]!] as const);
}

/** x with `change` applied to the box alone. Values pass through bit for bit. */
export function within(
  t: Trace,
  x: Tensor,
  box: Region["slice"],
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
