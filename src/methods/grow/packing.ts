/**
 * A transformer's weights sorted for a growth operator, by axes and layers alone: matrices of the layers by what they join
 * (trunk, heads, hidden units), rows that stand on the trunk (tables, norms, biases), readers of the trunk outside the
 * layers. Everything that is a row of D numbers lies in one tensor, so that one product widens all of it.
 */
import { sizeOf } from "../../engine/layout.ts";
import { permute } from "../../engine/ops/layout.ts";
import { reshape } from "../../engine/ops/reshape.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import { isConnection } from "../target.ts";
import type { Side } from "../types.ts";
import { blockId } from "./depth.ts";
import { cut, filled, join, scaleColumns } from "./tools.ts";
import { type Sizes, sizesOf } from "./wider.ts";
import { countsOf, tiled } from "./width.ts";

export const MODULES = ["q", "k", "v", "o", "in", "out"] as const;
export type ModuleName = (typeof MODULES)[number];

export interface Packing {
  readonly sizes: Sizes;
  /** Paths of one layer's matrices, without the layer: "attn.qkv.weight". */
  readonly matrices: { readonly qkv: string; readonly o: string; readonly in: string; readonly out: string };
  /** Vectors of a layer in order, by what they stand on, with their number of rows of D. */
  readonly vectors: readonly { readonly name: string; readonly axis: string; readonly rows: number }[];
  /** Outside the layers. Rows on the trunk; `turned`: a matrix that makes the trunk, whose columns are rows here. */
  readonly rows: readonly { readonly spec: ParamSpec; readonly count: number; readonly turned: boolean }[];
  /** The matrix that reads the trunk, if it is no table. */
  readonly head: ParamSpec | null;
}

export function packing({ arch, specs }: Side): Packing {
  const sizes = sizesOf(arch);
  const inLayer = specs.filter(({ layer }) => layer === 0);
  const name = ({ path }: ParamSpec) => path.slice(blockId(0).length + 1);
  const find = (axes: string) =>
    name(inLayer.find((spec) => spec.axes.join() === axes && isConnection(spec))!);
  const outside = specs.filter(({ layer }) => layer === undefined);
  const reads = (spec: ParamSpec) => isConnection(spec) && spec.axes.at(-1) === "width";
  return {
    sizes,
    matrices: {
      qkv: find("qkv,heads,head,width"),
      o: find("width,heads"),
      in: find("hidden,width"),
      out: find("width,hidden"),
    },
    vectors: inLayer
      .filter((spec) => !isConnection(spec))
      .map((spec) => ({ name: name(spec), axis: spec.axes[0]!, rows: sizeOf(spec.shape) / sizes.width })),
    rows: outside
      .filter((spec) => spec.axes.includes("width") && !reads(spec))
      .map((spec) => ({
        spec,
        count: sizeOf(spec.shape) / sizes.width,
        turned: isConnection(spec) && spec.axes[0] === "width",
      })),
    head: outside.find(reads) ?? null,
  };
}

export const shaped = (t: Trace, x: Tensor, shape: readonly number[]): Tensor =>
  t.call(reshape, [x], { shape })[0]!;
export const moved = (t: Trace, x: Tensor, axes: readonly number[]): Tensor =>
  t.call(permute, [x], { axes })[0]!;

const each = (layers: number) => Array.from({ length: layers }, (_, l) => l);
const of = (old: Params, layer: number, name: string): Tensor => old.get(`${blockId(layer)}.${name}`)!;

/** Rows outside the layers [N, D1]. `shares`: a norm that a tied table reads takes the division of copied channels. */
export function outerRows(t: Trace, from: Side, to: Side, old: Params, shares = true): Tensor {
  const { rows, sizes } = packing(from);
  const counts = countsOf(tiled(sizes.width, sizesOf(to.arch).width));
  const parts = rows.map(({ spec, count, turned }) => {
    const x = old.get(spec.path)!;
    const flat = turned ? moved(t, x, [1, 0]) : shaped(t, x, [count, sizes.width]);
    return spec.tied && shares
      ? scaleColumns(
          t,
          flat,
          counts.map((n) => 1 / n),
        )
      : flat;
  });
  return join(t, parts, 0);
}

/** Vectors of all layers on these axes [L1, rows, D1]; hidden ones as k rows. */
export function layerRows(t: Trace, from: Side, old: Params, chosen: Packing["vectors"]): Tensor {
  const { sizes } = packing(from);
  const layers = each(sizes.layers).map((layer) => {
    const parts = chosen.map(({ name, rows }) => shaped(t, of(old, layer, name), [1, rows, sizes.width]));
    return join(t, parts, 1);
  });
  return join(t, layers, 0);
}

/** The head [rows, D1], or a zero where a table is the head. */
export function headRows(t: Trace, from: Side, old: Params): Tensor {
  const { head } = packing(from);
  return head === null ? filled(t, [1, sizesOf(from.arch).width], 0, "f32") : old.get(head.path)!;
}

/** The matrices of a layer in blocks of D × D as in × out: [4 + 2k, D, D], in the order Q K V O, IN, OUT. */
function slots(t: Trace, from: Side, old: Params, layer: number): Tensor {
  const { matrices, sizes } = packing(from);
  const { width: d, ffn: k } = sizes;
  const at = (name: string, shape: number[], axes: number[]) =>
    moved(t, shaped(t, of(old, layer, name), shape), axes);
  return join(
    t,
    [
      at(matrices.qkv, [3, d, d], [0, 2, 1]),
      at(matrices.o, [1, d, d], [0, 2, 1]),
      at(matrices.in, [k, d, d], [0, 2, 1]),
      at(matrices.out, [d, k, d], [1, 2, 0]),
    ],
    0,
  );
}

/** M1 [b, i, o, l] (transformer-growth §3.7). */
export function packed(t: Trace, from: Side, old: Params): Tensor {
  const { layers, width, ffn } = sizesOf(from.arch);
  const parts = each(layers).map((layer) =>
    shaped(t, slots(t, from, old, layer), [4 + 2 * ffn, width, width, 1]),
  );
  return join(t, parts, 3);
}

/** One module of all layers, out × in: [L1, out, in]. */
export function moduleOf(t: Trace, from: Side, old: Params, name: ModuleName): Tensor {
  const { matrices, sizes } = packing(from);
  const { width: d, ffn: k } = sizes;
  const projection = ["q", "k", "v"].indexOf(name);
  const parts = each(sizes.layers).map((layer) => {
    if (projection < 0) {
      const [path, shape] = {
        o: [matrices.o, [1, d, d]] as const,
        in: [matrices.in, [1, k * d, d]] as const,
        out: [matrices.out, [1, d, k * d]] as const,
      }[name as "o" | "in" | "out"];
      return shaped(t, of(old, layer, path), shape);
    }
    const whole = shaped(t, of(old, layer, matrices.qkv), [3, d, d]);
    return shaped(t, cut(t, whole, 0, projection, projection + 1)!, [1, d, d]);
  });
  return join(t, parts, 0);
}
