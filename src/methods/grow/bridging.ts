/**
 * The arithmetic of a neuron's birth (NeST, Algorithm 1 and Eq. 7; grow-prune §3.4), as traces: the bridging matrix of a
 * layer of units, the pairs in it that matter most, and what a newborn reads and is read by because of them.
 *
 *     B_mn = −Σ_s δ_sm x_sn        minus the gradient of a connection n → m past the layer
 *     S = the k largest |B|        d = ε √|B_mn|        w_out[m] += d        w_in[n] += d · sgn(B_mn)
 *
 * The paper writes B without the minus; only with it does the newborn go down the loss (a golden value pins this).
 */
import { sizeOf } from "../../engine/layout.ts";
import { whereActive } from "../../engine/ops/ages-at.ts";
import { add, mul, sub } from "../../engine/ops/binary.ts";
import { maskSelect } from "../../engine/ops/mask-select.ts";
import { maskTiles } from "../../engine/ops/mask-tiles.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { neg, offset, relu, scale, sqrt } from "../../engine/ops/unary.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { Batch, Model } from "../../models/types.ts";
import { isConnection, linesOf, readsFrom } from "../target.ts";
import type { Side } from "../types.ts";
import { filled } from "./tools.ts";

/** A layer of hidden units: the matrix that makes them and the one that reads them. */
export interface Layer {
  readonly axis: string;
  readonly maker: ParamSpec;
  readonly reader: ParamSpec;
}

/** The layers past which the model can lead a bridge, the first one first. */
export function layersOf(model: Model, { arch, specs }: Side): readonly Layer[] {
  return (model.bridges?.(arch) ?? []).map((axis) => {
    const matrix = (reads: boolean): ParamSpec =>
      specs.find((spec) => {
        const at = spec.axes.indexOf(axis);
        return isConnection(spec) && at >= 0 && at >= readsFrom(spec) === reads;
      })!;
    return { axis, maker: matrix(false), reader: matrix(true) };
  });
}

/** Pairs that a newborn joins at most, unless told otherwise. */
export const BRIDGE_PAIRS = 8;

/** B [M, N] of each of these layers, by axis, over the batch. */
export function bridging(
  t: Trace,
  model: Model,
  { arch, data }: Side,
  params: Params,
  batch: Batch,
  layers: readonly Layer[],
): Params {
  const bridges = new Map(
    layers.map(({ axis, maker, reader }) => {
      const shape = [linesOf(reader).rows, linesOf(maker).columns];
      return [axis, filled(t, shape, 0, "f32")] as const;
    }),
  );
  const { losses } = model.apply(t, arch, data, params, batch, { training: false, taps: false, bridges });
  const axes = losses!.shape.map((_, k) => k);
  const [loss] = t.call(reduce, [losses!], { axes, keepDims: false, how: "mean" });
  return new Map([...t.grad(loss!, bridges)].map(([axis, grad]) => [axis, t.call(neg, [grad], {})[0]!]));
}

/** 1 where x > 0, else 0. Of magnitudes under 1e-30 it makes something in between. */
export function step(t: Trace, x: Tensor): Tensor {
  const one = (y: Tensor) => t.call(offset, [t.call(neg, [y], {})[0]!], { value: 1 })[0]!;
  const lots = t.call(relu, [t.call(scale, [x], { factor: 1e30 })[0]!], {})[0]!;
  return one(t.call(relu, [one(lots)], {})[0]!);
}

/** −1, 0 or 1. */
export function sign(t: Trace, x: Tensor): Tensor {
  return t.call(sub, [step(t, x), step(t, t.call(neg, [x], {})[0]!)], {})[0]!;
}

export function absolute(t: Trace, x: Tensor): Tensor {
  const positive = t.call(relu, [x], {})[0]!;
  return t.call(add, [positive, t.call(relu, [t.call(neg, [x], {})[0]!], {})[0]!], {})[0]!;
}

export interface Birth {
  /** [N] and [M], before they are given their strength. */
  readonly reads: Tensor;
  readonly readBy: Tensor;
}

/** `signs` [M, N] ε of each pair; null: sgn B, so that what the newborn reads is positive ("rectified"). */
export function birth(t: Trace, bridge: Tensor, pairs: number, signs: Tensor | null): Birth {
  const tiles = maskTiles([{ offset: 0, count: sizeOf(bridge.shape), group: 0 }]);
  const words = (values: readonly number[]) => t.constant({ shape: [values.length], dtype: "u32" }, values);
  const [chosen] = t.call(
    maskSelect,
    [bridge, filled(t, bridge.shape, 0, "u32"), t.constant(tiles.spec, tiles.table), words([pairs])],
    { ...tiles.attrs, what: "wake", grace: 0 },
  );
  const nothing = filled(t, bridge.shape, 0, "f32");
  const [size] = t.call(whereActive, [t.call(sqrt, [absolute(t, bridge)], {})[0]!, nothing, chosen!], {});
  const way = sign(t, bridge);
  const d = t.call(mul, [size!, signs ?? way], {})[0]!;
  const sum = (x: Tensor, axis: number) =>
    t.call(reduce, [x], { axes: [axis], keepDims: false, how: "sum" })[0]!;
  return { readBy: sum(d, 1), reads: sum(t.call(mul, [d, way], {})[0]!, 0) };
}

/** Σ|w| and how many w are not 0, [2]: `nz` of the page is their quotient. */
export function sizes(t: Trace, w: Tensor): readonly [Tensor, Tensor] {
  const axes = w.shape.map((_, k) => k);
  const total = (x: Tensor) => t.call(reduce, [x], { axes, keepDims: false, how: "sum" })[0]!;
  const size = absolute(t, w);
  return [total(size), total(step(t, size))];
}

/** Mean |x| of the entries that are not 0; 0 where there is none. */
export function nz(values: ArrayLike<number>): number {
  const there = Array.from(values).filter((v) => v !== 0);
  return there.length === 0 ? 0 : there.reduce((sum, v) => sum + Math.abs(v), 0) / there.length;
}

/** Eq. 7: so large that nz(w) = α · `like`. */
export const strengthened = (raw: ArrayLike<number>, alpha: number, like: number): readonly number[] =>
  Array.from(raw, (v) => (v * alpha * like) / nz(raw));
