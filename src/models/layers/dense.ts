/**
 * y = act(x Wᵀ + b) + residual: the one way models multiply by a weight, so that bias, activation and residual always
 * ride on the matmul's epilogue and cost no dispatch. Weights keep their leading axes (gate; q k v; heads) in the
 * parameter list and are flattened here by a free view.
 */
import type { Activation } from "../../engine/ops/activations.ts";
import { matmul } from "../../engine/ops/matmul.ts";
import { reshape } from "../../engine/ops/reshape.ts";
import type { Tensor, Trace } from "../../engine/types.ts";

export interface DenseOptions {
  readonly activation?: Activation;
  /** [N, M], added after the activation. */
  readonly residual?: Tensor;
}

/** x [N, K] · weight [..., K]ᵀ + bias [...] → [N, M], where M is the product of the leading axes. */
export function dense(
  t: Trace,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  { activation, residual }: DenseOptions = {},
): Tensor {
  const width = weight.shape.at(-1)!;
  const rows = weight.shape.slice(0, -1).reduce((n, d) => n * d, 1);
  const inputs = [x, view(t, weight, [rows, width])];
  if (bias !== null) inputs.push(view(t, bias, [rows]));
  if (residual !== undefined) inputs.push(residual);
  return t.call(matmul, inputs, {
    ta: false,
    tb: true,
    bias: bias !== null,
    residual: residual !== undefined,
    activation: activation ?? "none",
  })[0]!;
}

/** The same bytes under another shape. */
export function view(t: Trace, x: Tensor, shape: readonly number[]): Tensor {
  const same = shape.length === x.shape.length && shape.every((d, k) => d === x.shape[k]);
  return same ? x : t.call(reshape, [x], { shape })[0]!;
}
