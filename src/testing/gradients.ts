/**
 * An op's `vjp`, run as models run it (traced, planned, interpreted in float64), against central differences of its
 * `reference`. The loss is a fixed random weighting of output 0; further outputs are what an op keeps for its gradient.
 *
 * Central differences with h = 1e-5 err by h²f‴/6 ≈ 2e-11·f‴ and by rounding, about ε·S/h with S = Σ|w·y| the size of
 * what is summed. So |Δ| ≤ 1e-6·max(1, |numeric|) + 8·ε·S/h; a wrong factor or index is off by its whole size.
 */
import { evaluate } from "../engine/evaluate.ts";
import { mul } from "../engine/ops/binary.ts";
import { reduce } from "../engine/ops/reduce.ts";
import { plan } from "../engine/plan.ts";
import { normals, sampleInputs } from "../engine/samples.ts";
import { createTrace } from "../engine/trace.ts";
import type { NdArray, OpDef, OpSample } from "../engine/types.ts";

const STEP = 1e-5;
const RELATIVE = 1e-6;
/** Entries of each input that are looked at one by one; all of them together are tried along one random direction. */
const ENTRIES = 24;

export interface GradientError {
  /** "input 1 [17]" or "input 1 along a direction" */
  readonly where: string;
  readonly analytic: number;
  readonly numeric: number;
  /** |analytic − numeric| over what is allowed; above 1 is a failure. */
  readonly excess: number;
}

/** Inputs that the check differentiates. */
export const differentiated = ({ inputs, wrt }: OpSample): readonly number[] =>
  wrt ?? inputs.flatMap(({ dtype }, i) => (dtype === "f32" ? [i] : []));

const named = (inputs: readonly NdArray[]): Map<string, Float64Array> =>
  new Map(inputs.map(({ data }, i) => [`input ${i}`, data.slice()]));

/** d Σ w·y / d each of `wrt`, as a model gets it. */
function analyticGradients(op: OpDef, sample: OpSample, inputs: readonly NdArray[], weights: Float64Array) {
  const t = createTrace();
  const tensors = inputs.map((input, i) => t.buffer(`input ${i}`, "data", input));
  const y = t.call(op, tensors, sample.attrs)[0]!;
  const w = t.buffer("weights", "data", y);
  const product = t.call(mul, [y, w], {});
  const axes = y.shape.map((_, k) => k);
  const [loss] = t.call(reduce, product, { axes, keepDims: false, how: "sum" });
  const wrt = new Map(differentiated(sample).map((i) => [`${i}`, tensors[i]!]));
  for (const [name, gradient] of t.grad(loss!, wrt)) t.output(name, gradient);
  return evaluate(plan(t.finish()), named(inputs).set("weights", weights), [], [op]);
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);

/** The worst entry or direction of a sample. */
export function gradientError(op: OpDef, sample: OpSample): GradientError {
  const inputs = sampleInputs(sample);
  const [y] = op.reference(inputs, sample.attrs);
  const weights = normals("weights", y!.data.length);
  const gradients = analyticGradients(op, sample, inputs, weights);
  const size = y!.data.reduce((sum, v, i) => sum + Math.abs(v * weights[i]!), 0);

  const slope = (input: number, direction: (data: Float64Array, h: number) => void): number => {
    const loss = (h: number) => {
      const data = inputs[input]!.data.slice();
      direction(data, h);
      const shifted = inputs.map((one, i) => (i === input ? { ...one, data } : one));
      return dot(op.reference(shifted, sample.attrs)[0]!.data, weights);
    };
    return (loss(STEP) - loss(-STEP)) / (2 * STEP);
  };

  let worst: GradientError = { where: "nothing was differentiated", analytic: 0, numeric: 0, excess: 0 };
  const compare = (where: string, analytic: number, numeric: number) => {
    const allowed = RELATIVE * Math.max(1, Math.abs(numeric)) + (8 * Number.EPSILON * size) / STEP;
    const excess = Math.abs(analytic - numeric) / allowed;
    if (!(excess <= worst.excess)) worst = { where, analytic, numeric, excess };
  };
  for (const i of differentiated(sample)) {
    const gradient = gradients.get(`${i}`)!.data;
    const direction = normals(`direction ${i}`, gradient.length);
    compare(
      `input ${i} along a direction`,
      dot(gradient, direction),
      slope(i, (data, h) => {
        for (let k = 0; k < data.length; k++) data[k]! += h * direction[k]!;
      }),
    );
    const entries = sample.bench ? 0 : Math.min(ENTRIES, gradient.length);
    for (let n = 0; n < entries; n++) {
      const k = Math.floor((n * gradient.length) / entries);
      const numeric = slope(i, (data, h) => {
        data[k]! += h;
      });
      compare(`input ${i} [${k}]`, gradient[k]!, numeric);
    }
  }
  return worst;
}
