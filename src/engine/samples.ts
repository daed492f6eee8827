/**
 * Values for an op's samples: the same everywhere, so that a failure can be looked at again. Drawn normals with a few
 * outliers planted, since kernels that are right near 0 may overflow or lose digits far out.
 */

import { initial } from "../random/init.ts";
import { fold, type Key, STREAM, streamKey } from "../random/threefry.ts";
import { sizeOf } from "./layout.ts";
import type { NdArray, OpSample, TensorSpec } from "./types.ts";

const KEY: Key = streamKey(20_260, 1, STREAM.test);
/** Beyond all a normal draw gives; e⁹ is still far from f32's limit. */
const OUTLIERS = [9, -9, 7];

/** N(0, 1) as f32 numbers, by name; from 16 values on, three of them are outliers. */
export function normals(name: string, count: number): Float64Array {
  const data = Float64Array.from(initial({ law: "normal", scale: 1 }, count, fold(KEY, name)));
  if (count >= 16) {
    OUTLIERS.forEach((value, k) => {
      data[Math.floor(((k + 1) * count) / (OUTLIERS.length + 1))] = value;
    });
  }
  return data;
}

function valuesOf(sample: OpSample, input: number, spec: TensorSpec): Float64Array {
  const count = sizeOf(spec.shape);
  if (sample.values) {
    const given = sample.values(input, spec);
    if (given.length !== count) {
      throw new Error(`a sample gives ${given.length} values for input ${input} of shape [${spec.shape}]`);
    }
    return Float64Array.from(given, (v) => (spec.dtype === "f32" ? Math.fround(v) : v >>> 0));
  }
  return spec.dtype === "f32" ? normals(`input ${input}`, count) : new Float64Array(count);
}

/** A sample's inputs: f32 values are exact f32, u32 values exact integers. */
export function sampleInputs(sample: OpSample): NdArray[] {
  return sample.inputs.map((spec, i) => ({ ...spec, data: valuesOf(sample, i, spec) }));
}

/** "matmul #2 f32[3,4] f32[4,5] {...}": how tests and pages name a sample. */
export function sampleName(op: string, sample: OpSample, index: number): string {
  const inputs = sample.inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`);
  return [`${op} #${index}`, ...inputs, JSON.stringify(sample.attrs)].join(" ");
}
