/**
 * Fully connected layers behind an image or behind feature maps: fc1, fc2, …, the last one giving the logits. Layers are
 * told apart by the names of their axes: the units of hidden layer k are the axis "hk", wherever they stand.
 */
import { dropout } from "../../engine/ops/dropout.ts";
import { gelu, leakyRelu, relu, sigmoid, tanh } from "../../engine/ops/unary.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { ApplyOptions, UnitAxis } from "../types.ts";
import { dense, view } from "./dense.ts";
import { windowRow } from "./taps.ts";

export const fcPath = (index: number): string => `fc${index + 1}`;

export interface FcShape {
  /** What the first layer reads: its axes keep their names, so that channels can grow. */
  readonly input: { readonly shape: readonly number[]; readonly axes: readonly string[] };
  readonly widths: readonly number[];
  readonly classes: number;
  readonly activation: string;
  /** Place of fc1 in the order of the stack. */
  readonly layer: number;
}

/** N(0, 2/in) before a rectifier, N(0, 1/in) otherwise. */
export function fanIn(inputs: number, activation: string): ParamSpec["init"] {
  const gain = activation === "relu" || activation === "leaky-relu" || activation === "gelu" ? 2 : 1;
  return { law: "normal", scale: Math.sqrt(gain / inputs) };
}

export function fcSpecs({ input, widths, classes, activation, layer }: FcShape): readonly ParamSpec[] {
  return [...widths, classes].flatMap((out, i): readonly ParamSpec[] => {
    const from = i === 0 ? input : { shape: [widths[i - 1]!], axes: [`h${i}`] };
    const inputs = from.shape.reduce((n, d) => n * d, 1);
    const last = i === widths.length;
    const axis = last ? "classes" : `h${i + 1}`;
    return [
      {
        path: `${fcPath(i)}.weight`,
        shape: [out, ...from.shape],
        axes: [axis, ...from.axes],
        reads: 1,
        layer: layer + i,
        init: fanIn(inputs, last ? "none" : activation),
        decay: true,
      },
      {
        path: `${fcPath(i)}.bias`,
        shape: [out],
        axes: [axis],
        layer: layer + i,
        init: { law: "zeros" },
        decay: false,
      },
    ];
  });
}

/** The hidden units, which can go one by one: one that reads nothing is the constant φ(bias) (grow-prune §2.4). */
export function fcUnits<A extends { readonly widths: readonly number[]; readonly activation: string }>(
  arch: A,
) {
  const axes = arch.widths.map(
    (width, i): UnitAxis => ({
      ...{ axis: `h${i + 1}`, groups: [width], least: 1 },
      constant: {
        activation: arch.activation as NonNullable<UnitAxis["constant"]>["activation"],
        bias: `${fcPath(i)}.bias`,
        readers: [{ weight: `${fcPath(i + 1)}.weight`, bias: `${fcPath(i + 1)}.bias` }],
      },
    }),
  );
  const resized = (sizes: ReadonlyMap<string, readonly number[]>): A => ({
    ...arch,
    widths: arch.widths.map((width, i) => sizes.get(`h${i + 1}`)?.[0] ?? width),
  });
  return { axes, resized };
}

const UNARY = { relu, tanh, sigmoid, gelu } as const;

/** An activation by its name in a schema, as an op of its own. */
export function activated(t: Trace, x: Tensor, activation: string): Tensor {
  if (activation === "leaky-relu") return t.call(leakyRelu, [x], { slope: 0.01 })[0]!;
  return t.call(UNARY[activation as keyof typeof UNARY], [x], {})[0]!;
}

export interface FcStack {
  readonly arch: {
    readonly widths: readonly number[];
    readonly activation: string;
    readonly dropout: number;
  };
  readonly params: Params;
  readonly options: ApplyOptions;
  readonly taps: Map<string, Tensor>;
}

/**
 * x [N, in] through every hidden layer to the logits [N, classes]; the last layer runs in the segment with `last`, which
 * gets the logits. Dropout at 0 is left out of the trace, so a run without it pays nothing: crossing 0 needs a new trace.
 */
export function fcStack<T>(
  t: Trace,
  input: Tensor,
  { arch, params, options, taps }: FcStack,
  last: (logits: Tensor) => T,
): T {
  const { widths, activation } = arch;
  /** What each layer reads, and the one before it. */
  let x = input;
  let below: Tensor | null = null;
  const layer = (i: number): Tensor => {
    const path = fcPath(i);
    const weight = params.get(`${path}.weight`)!;
    const flat = view(t, weight, [weight.shape[0]!, x.shape[1]!]);
    const bias = params.get(`${path}.bias`)!;
    const act = i < widths.length ? activation : "none";
    const bridge = options.bridges?.get(`h${i}`);
    if (bridge === undefined) return dense(t, x, flat, bias, { activation: act as never });
    const u = dense(t, x, flat, bias, { residual: dense(t, below!, bridge, null) });
    return act === "none" ? u : activated(t, u, act);
  };
  widths.forEach((_, i) => {
    const path = fcPath(i);
    const next = t.segment(path, null, () => {
      const h = layer(i);
      if (options.taps) taps.set(`${path}.out`, windowRow(t, h));
      const drops = options.training && arch.dropout > 0;
      return drops ? t.call(dropout, [h, t.control], { site: i })[0]! : h;
    });
    below = x;
    x = next;
  });
  return t.segment(fcPath(widths.length), null, () => last(layer(widths.length)));
}

/** Past every hidden layer. */
export const fcBridges = ({ widths }: { readonly widths: readonly number[] }): readonly string[] =>
  widths.map((_, i) => `h${i + 1}`);
