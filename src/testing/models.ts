/**
 * Models and growths by the ops' references, for tests: parameters and results are plain arrays by name; a program is
 * traced, planned and run for each evaluation, in float64 throughout.
 */
import { defaults, type Values } from "../config/schema.ts";
import { evaluate } from "../engine/evaluate.ts";
import { sizeOf } from "../engine/layout.ts";
import { reduce } from "../engine/ops/reduce.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { DType, Params, Tensor, TensorSpec, Trace } from "../engine/types.ts";
import type { EventKey, GrowMethod, Side } from "../methods/types.ts";
import type { DataShape, Model } from "../models/types.ts";
import { initial } from "../random/init.ts";
import { fold, STREAM, streamKey } from "../random/threefry.ts";

export type Arrays = ReadonlyMap<string, Float64Array>;

/** Names what goes in and what comes out; `build` sees each input as a tensor of its shape. */
function compute(
  inputs: readonly { name: string; shape: readonly number[]; dtype?: DType; data: Float64Array }[],
  build: (t: Trace, at: Params) => Params,
): Map<string, Float64Array> {
  const trace = createTrace();
  const at = new Map(
    inputs.map(({ name, shape, dtype = "f32" }) => [name, trace.buffer(name, "data", { shape, dtype })]),
  );
  for (const [name, value] of build(trace, at)) trace.output(name, value);
  const named = new Map(inputs.map(({ name, data }) => [name, data.slice()]));
  return new Map([...evaluate(plan(trace.finish()), named)].map(([name, { data }]) => [name, data]));
}

export const arch = (model: Model, values: object): Values => ({ ...defaults(model.schema), ...values });

export const side = (model: Model, values: Values, data: DataShape): Side => ({
  arch: values,
  data,
  specs: model.params(values, data),
});

/** Fresh weights; what Cascade does not have is 0. Biases get values, too, so that a lost bias is noticed. */
export function weights({ specs }: Side, seed = 1): Arrays {
  return new Map(
    specs.map((spec) => {
      const key = fold(streamKey(seed, 0, STREAM.test), spec.path);
      const count = sizeOf(spec.shape);
      const data = Float64Array.from(initial(spec.init, count, key));
      if (!spec.decay)
        initial({ law: "normal", scale: 0.3 }, count, key).forEach((v, i) => {
          data[i]! += v;
        });
      if (spec.lowerBlocks) {
        const blockOf = spec.lowerBlocks.flatMap((size, j) => new Array<number>(size).fill(j));
        const cells = blockOf.length;
        data.forEach((_, i) => {
          if (blockOf[i % cells]! > blockOf[Math.floor(i / cells) % cells]!) data[i] = 0;
        });
      }
      return [spec.path, data];
    }),
  );
}

const paramInputs = ({ specs }: Side, values: Arrays) =>
  specs.map(({ path, shape }) => ({ name: path, shape, data: values.get(path)! }));

export interface Look {
  readonly logits: Float64Array;
  readonly losses: Float64Array;
  readonly taps: Arrays;
  /** d mean loss / d each parameter asked for. */
  readonly grads: Arrays;
}

/** What a model is given. */
export interface Given {
  readonly inputs: { readonly shape: readonly number[]; readonly dtype: DType; readonly data: Float64Array };
  readonly targets: readonly number[];
}

export interface LookOptions {
  readonly grads?: readonly string[];
  readonly taps?: boolean;
  readonly training?: boolean;
}

/** One batch of text through a model. `tokens` are rows of T + 1 ids. */
export function look(
  model: Model,
  of: Side,
  values: Arrays,
  tokens: readonly (readonly number[])[],
  options: LookOptions = {},
): Look {
  const time = tokens[0]!.length - 1;
  const rows = (from: number) => tokens.flatMap((row) => row.slice(from, from + time));
  const bos = tokens.flatMap((row) => [of.data.vocab, ...row.slice(1, time)]);
  const data = Float64Array.from(model.bos ? bos : rows(0));
  const inputs = { shape: [tokens.length, time], dtype: "u32", data } as const;
  return lookAt(model, of, values, { inputs, targets: rows(1) }, options);
}

/** Images that look like nothing in particular, of the size that the data has, and their classes. */
export function someImages({ data: { image, vocab } }: Side, count: number): Given {
  const { channels, height, width } = image!;
  const shape = [count, channels, height, width];
  const draws = initial({ law: "normal", scale: 1 }, sizeOf(shape), streamKey(3, 0, STREAM.test));
  return {
    inputs: { shape, dtype: "f32", data: Float64Array.from(draws) },
    targets: Array.from({ length: count }, (_, i) => (i * 2 + 1) % vocab),
  };
}

/** One batch through a model. */
export function lookAt(
  model: Model,
  of: Side,
  values: Arrays,
  { inputs, targets }: Given,
  { grads = [], taps = false, training = false }: LookOptions = {},
): Look {
  // Of text the targets have the inputs' shape; of images there is one each.
  const shape = inputs.dtype === "u32" ? inputs.shape : [targets.length];
  const results = compute(
    [
      ...paramInputs(of, values),
      { name: "inputs", ...inputs },
      { name: "targets", shape, dtype: "u32", data: Float64Array.from(targets) },
    ],
    (t, at) => {
      const params: Params = new Map(of.specs.map(({ path }) => [path, at.get(path)!]));
      const batch = { inputs: at.get("inputs")!, targets: at.get("targets")! };
      const applied = model.apply(t, of.arch, of.data, params, batch, { training, taps });
      const outputs = new Map<string, Tensor>([
        ["logits", applied.logits],
        ["losses", applied.losses!],
      ]);
      for (const [name, value] of applied.taps) outputs.set(`tap ${name}`, value);
      if (grads.length > 0) {
        const wrt = new Map(grads.map((path) => [path, params.get(path)!]));
        const loss = meanOf(t, applied.losses!);
        for (const [path, grad] of t.grad(loss, wrt)) outputs.set(`grad ${path}`, grad);
      }
      return outputs;
    },
  );
  const named = (prefix: string) =>
    new Map(
      [...results].flatMap(([name, data]): [string, Float64Array][] =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), data]] : [],
      ),
    );
  return {
    logits: results.get("logits")!,
    losses: results.get("losses")!,
    taps: named("tap "),
    grads: named("grad "),
  };
}

/** Floating-point operations of a forward pass over some windows, counted by the ops. */
export function forwardFlops(model: Model, of: Side, windows: number): number {
  const trace = createTrace();
  const params = new Map(
    of.specs.map(({ path, shape }) => [path, trace.buffer(path, "data", { shape, dtype: "f32" })]),
  );
  const { image, context } = of.data;
  const spec: TensorSpec = image
    ? { shape: [windows, image.channels, image.height, image.width], dtype: "f32" }
    : { shape: [windows, context], dtype: "u32" };
  const inputs = trace.buffer("inputs", "data", spec);
  const options = { training: false, taps: false };
  const { logits } = model.apply(trace, of.arch, of.data, params, { inputs, targets: null }, options);
  trace.output("logits", logits);
  return plan(trace.finish()).flops;
}

const meanOf = (t: Trace, x: Tensor): Tensor =>
  t.call(reduce, [x], { axes: x.shape.map((_, k) => k), keepDims: false, how: "mean" })[0]!;

export interface Grown {
  readonly from: Side;
  readonly to: Side;
  readonly weights: Arrays;
}

/** One growth: its next size and its map, as the trainer runs them. */
export function grow(
  model: Model,
  method: GrowMethod,
  from: Side,
  old: Arrays,
  choice: object = {},
  key: EventKey = [17, 1],
): Grown {
  const c = { ...defaults(method.schema), ...choice };
  const next = method.next(model, from.arch, c);
  if (next === null || typeof next === "string") throw new Error(`not grown: ${next}`);
  const to = side(model, next, from.data);
  const weights = compute(paramInputs(from, old), (t, at) => method.map(t, from, to, at, c, key));
  return { from, to, weights };
}

/** The method's carry of one array a parameter: a slot, or ages (u32). */
export function carry(
  method: GrowMethod,
  from: Side,
  to: Side,
  old: Arrays,
  {
    choice = {},
    fill,
    dtype,
    key = [17, 1],
  }: { choice?: object; fill: number; dtype: DType; key?: EventKey },
): Arrays {
  const c = { ...defaults(method.schema), ...choice };
  const inputs = from.specs.map(({ path, shape }) => ({ name: path, shape, dtype, data: old.get(path)! }));
  return compute(inputs, (t, at) => method.carry(t, from, to, at, c, fill, key));
}

/** Token ids that look like nothing in particular. */
export const someTokens = (windows: number, length: number, vocab: number): number[][] =>
  Array.from({ length: windows }, (_, b) =>
    Array.from({ length }, (_, i) => (7 * b + 3 * i + ((i * i * (b + 2)) % 11)) % vocab),
  );

const mean = (xs: Float64Array): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;

/** ∂(mean loss)/∂(one entry) by central differences: rounding 1e-16/h and curvature h²/6 balance near h = 1e-5. */
export function slope(
  model: Model,
  of: Side,
  values: Arrays,
  tokens: readonly (readonly number[])[],
  path: string,
  index: number,
): number {
  return difference(values, path, index, (moved) => mean(look(model, of, moved, tokens).losses));
}

/** The same of a batch as it is given. */
export function slopeAt(
  model: Model,
  of: Side,
  values: Arrays,
  given: Given,
  path: string,
  index: number,
  options: LookOptions = {},
): number {
  return difference(values, path, index, (moved) => mean(lookAt(model, of, moved, given, options).losses));
}

function difference(values: Arrays, path: string, index: number, f: (moved: Arrays) => number): number {
  const h = 1e-5;
  const at = (shift: number) => {
    const data = values.get(path)!.slice();
    data[index]! += shift;
    return f(new Map([...values, [path, data]]));
  };
  return (at(h) - at(-h)) / (2 * h);
}

export const largest = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), a.length === b.length ? 0 : Number.NaN);
