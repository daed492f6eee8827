/**
 * What recurrent models of characters have around their cells: an embedding below, a readout above, layers between that
 * each hand on h. Embeddings are N(0, 1): with U(±1/√H) input weights the gates then see inputs of unit size from the
 * first step (measured: public/docs/models/lstm.md).
 */
import { crossEntropy } from "../../engine/ops/cross-entropy.ts";
import { embedding } from "../../engine/ops/embedding.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { Applied, Batch } from "../types.ts";
import { dense, view } from "./dense.ts";

/** The forget gate starts open (Jozefowicz et al. 2015), so that a cell remembers before it has learned to: [4, H]. */
export const forgetOpen = (cells: number): readonly number[] =>
  Array.from({ length: 4 * cells }, (_, i) => (Math.floor(i / cells) === 1 ? 1 : 0));

export function embedSpec(vocab: number, embed: number): ParamSpec {
  return {
    path: "embed.weight",
    shape: [vocab, embed],
    axes: ["vocab", "embed"],
    init: { law: "normal", scale: 1 },
    decay: true,
    macs: 0,
  };
}

/** `head.weight` [V, H] and `head.bias` [V]. */
export function headSpecs(vocab: number, cells: number): readonly ParamSpec[] {
  const init = { law: "uniform", scale: 1 / Math.sqrt(cells) } as const;
  return [
    { path: "head.weight", shape: [vocab, cells], axes: ["vocab", "cells"], init, decay: true },
    { path: "head.bias", shape: [vocab], axes: ["vocab"], init: { law: "zeros" }, decay: false },
  ];
}

/** The symbols' embeddings [B·T, D], flat. */
export function embedded(t: Trace, params: Params, { inputs }: Batch): Tensor {
  const rows = inputs.shape[0]! * inputs.shape[1]!;
  return t.segment("embed", null, () =>
    t.call(embedding, [params.get("embed.weight")!, view(t, inputs, [rows])], {}),
  )[0]!;
}

/** `step` takes a layer's number and its inputs [B·T, D] (null: the symbols themselves), traced as the segment `layers.<number>`, and gives [B·T, H]. */
export function applyNet<X extends Tensor | null>(
  t: Trace,
  layers: number,
  params: Params,
  { inputs, targets }: Batch,
  below: X,
  taps: Params,
  step: (layer: number, x: Tensor | X) => Tensor,
): Applied {
  const rows = inputs.shape[0]! * inputs.shape[1]!;
  const at = (path: string) => params.get(path)!;
  let x: Tensor | X = below;
  for (let layer = 0; layer < layers; layer++) {
    x = t.segment(`layers.${layer}`, null, () => step(layer, x));
  }
  return t.segment("head", null, () => {
    const logits = dense(t, x!, at("head.weight"), at("head.bias"));
    const losses = targets && t.call(crossEntropy, [logits, view(t, targets, [rows])], {})[0]!;
    return { logits, losses, taps };
  });
}
