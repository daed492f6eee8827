/**
 * Fully connected layers behind an image or behind feature maps: fc1, fc2, …, the last one giving the logits. Layers are
 * told apart by the names of their axes: the units of hidden layer k are the axis "hk", wherever they stand.
 */
import type { ParamSpec } from "../../engine/types.ts";
import type { UnitAxis } from "../types.ts";

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
