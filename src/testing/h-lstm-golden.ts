/**
 * G10 and G11 of the methods page (grow-prune §6): an H-LSTM cell of 2 inputs and 2 cells over two steps, filled by the rule
 * F (one running counter k, value ½ sin k), and a plain LSTM before and after a layer was inserted into its gates. The page
 * lists gates as f, i, o, g; tensors here hold i, f, g, o. A runner takes a device or, without one,
 * the references.
 */
import { defaults } from "../config/schema.ts";
import { control } from "../engine/control.ts";
import { evaluate } from "../engine/evaluate.ts";
import { sizeOf } from "../engine/layout.ts";
import { hLstm } from "../engine/ops/h-lstm.ts";
import { slice } from "../engine/ops/layout.ts";
import { matmul } from "../engine/ops/matmul.ts";
import { reduce } from "../engine/ops/reduce.ts";
import { reshape } from "../engine/ops/reshape.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { Backend, NdArray, Tensor } from "../engine/types.ts";
import { hlstm } from "../models/hlstm.ts";

/** Our place of the page's gates f, i, o, g. */
const PLACE = [1, 0, 3, 2];
export const GATE = { i: 0, f: 1, g: 2, o: 3 } as const;

/** Weights of a cell by gate; U's columns are those for x, then those for h. With no layers `u` is absent. */
export interface Cell {
  readonly x: NdArray;
  /** U¹ (or W, where there are no layers) for x [4, G, D] and for h [4, G, H], and its bias [4, G]. */
  readonly ux: NdArray;
  readonly uh: NdArray;
  readonly d: NdArray;
  readonly w?: NdArray;
  readonly b?: NdArray;
}

export const array = (shape: readonly number[], data: ArrayLike<number>): NdArray => ({
  shape,
  dtype: "f32",
  data: Float64Array.from(data),
});

const X = array([1, 2, 2], [1, -0.5, 0.25, 0.75]);

/** Per gate one list a tensor of `sizes`, filled in the page's order; results [gate][tensor]. */
function filled(sizes: readonly number[]): number[][][] {
  let k = 0;
  const gates: number[][][] = [[], [], [], []];
  for (const place of PLACE) {
    gates[place] = sizes.map((n) => Array.from({ length: n }, () => 0.5 * Math.sin(++k)));
  }
  return gates;
}

/** Columns [from, to) of each gate's rows of `width`. */
const columns = (rows: readonly number[], width: number, from: number, to: number): number[] =>
  rows.filter((_, i) => i % width >= from && i % width < to);

export function g10(): Cell {
  const gates = filled([12, 3, 6, 2]);
  const all = (k: number): number[] => gates.flatMap((gate) => gate[k]!);
  return {
    x: X,
    ux: array([4, 3, 2], columns(all(0), 4, 0, 2)),
    uh: array([4, 3, 2], columns(all(0), 4, 2, 4)),
    d: array([4, 3], all(1)),
    w: array([4, 2, 3], all(2)),
    b: array([4, 2], all(3)),
  };
}

export function g11(x: NdArray = X): Cell {
  const gates = filled([8, 2]);
  const all = (k: number): number[] => gates.flatMap((gate) => gate[k]!);
  return {
    x,
    ux: array([4, 2, 2], columns(all(0), 4, 0, 2)),
    uh: array([4, 2, 2], columns(all(0), 4, 2, 4)),
    d: array([4, 2], all(1)),
  };
}

/** The paired identity of §5.2 between [x; h] and the gates: U = [I; −I], W' = [W, −W] / (1 + s). */
export function inserted({ x, ux, uh, d }: Cell, slope: number): Cell {
  const pair = (first: number): number[] =>
    [0, 1, 2, 3].flatMap(() =>
      Array.from({ length: 8 }, (_, row) =>
        [0, 1].map((column) => (row % 4 === first + column ? (row < 4 ? 1 : -1) : 0)),
      ).flat(),
    );
  const rows = Array.from({ length: 8 }, (_, row) => {
    const both = [...ux.data.slice(2 * row, 2 * row + 2), ...uh.data.slice(2 * row, 2 * row + 2)];
    return [...both, ...both.map((v) => -v)].map((v) => v / (1 + slope));
  });
  return {
    x,
    ux: array([4, 8, 2], pair(0)),
    uh: array([4, 8, 2], pair(2)),
    d: array([4, 8], new Float64Array(32)),
    w: array([4, 2, 8], rows.flat()),
    b: d,
  };
}

type Values = ReadonlyMap<string, NdArray>;

/** Outputs of a traced program by name, on a device or, without one, by the references. */
async function run(
  trace: Trace,
  given: readonly (readonly [string, NdArray])[],
  backend?: Backend,
): Promise<Values> {
  const program = plan(trace.finish());
  if (!backend) return evaluate(program, new Map(given.map(([name, { data }]) => [name, data.slice()])));

  const executable = await backend.compile(program);
  const arenas = given.map(([name, { shape, dtype, data }]) => {
    const arena = backend.arena(name, sizeOf(shape));
    arena.write(0, dtype === "u32" ? Uint32Array.from(data) : Float32Array.from(data));
    executable.bind(name, arena);
    return arena;
  });
  executable.run(control({}));
  const names = Object.keys(program.outputs);
  const reads = names.map((name) => executable.read(name));
  backend.submit();
  const found = new Map<string, NdArray>();
  for (const [i, name] of names.entries()) {
    const { shape } = program.tensors[program.outputs[name]!]!.spec;
    found.set(name, array(shape, new Float32Array(await reads[i]!)));
  }
  executable.dispose();
  for (const arena of arenas) arena.dispose();
  return found;
}

type Trace = ReturnType<typeof createTrace>;
export type Runner = (cell: Cell, slope: number, backend?: Backend) => Promise<Values>;

const summed = (t: Trace, x: Tensor): Tensor =>
  t.call(reduce, [x], { axes: x.shape.map((_, axis) => axis), keepDims: false, how: "sum" })[0]!;

/** By the op: h, gates, c (and the hidden layers `acts`), and the gradients of Σ h of the last step as `d <name>`. */
export const runCell: Runner = (cell, slope, backend) => {
  const t = createTrace();
  const given = Object.entries(cell) as [keyof Cell, NdArray][];
  const at = new Map(given.map(([name, spec]) => [name as string, t.buffer(name, "data", spec)]));
  const view = (x: string, ...shape: number[]) => t.call(reshape, [at.get(x)!], { shape })[0]!;
  const [batch, time, inputs] = cell.x.shape as [number, number, number];
  const width = cell.d.shape[1]!;
  const [flat] = t.call(
    matmul,
    [view("x", batch * time, inputs), view("ux", 4 * width, inputs), view("d", 4 * width)],
    { ta: false, tb: true, bias: true, residual: false, activation: "none" },
  );
  const xproj = t.call(reshape, [flat!], { shape: [batch, time, 4, width] })[0]!;
  const rest = cell.w ? [at.get("w")!, at.get("b")!] : [];
  const outputs = t.call(hLstm, [xproj, at.get("uh")!, ...rest], {
    layers: cell.w ? 1 : 0,
    slope,
    site: null,
  });
  const h = outputs[0]!;
  const [last] = t.call(slice, [h], { starts: [0, time - 1, 0], sizes: [batch, 1, h.shape[2]!] });
  ["h", "gates", "c", "acts"].forEach((name, i) => {
    if (outputs[i]) t.output(name, outputs[i]);
  });
  for (const [name, d] of t.grad(summed(t, last!), at)) t.output(`d ${name}`, d);
  return run(t, given, backend);
};

/**
 * The same by the registered model: token t has x_t as its embedding, and a readout of ones on the diagonal shows h as
 * logits; c comes from h = o tanh c. One window.
 */
export const runModel: Runner = async (cell, slope, backend) => {
  const [, time, inputs] = cell.x.shape as [number, number, number];
  const width = cell.d.shape[1]!;
  const cells = cell.uh.shape[2]!;
  const arch = {
    ...defaults(hlstm.schema),
    ...{ blocks: [cells], embed: inputs, gateLayers: cell.w ? 1 : 0, gateWidth: width, slope },
  };
  const data = { vocab: Math.max(time, cells), context: time };
  const at = (part: string) => `layers.0.${part}`;
  const paths = cell.w
    ? { ux: at("x.weight"), uh: at("h.weight"), d: at("x.bias"), w: at("gates.weight"), b: at("bias") }
    : { ux: at("x.weight"), uh: at("h.weight"), d: at("bias") };
  const square = (size: readonly number[], diagonal: (row: number, column: number) => number) =>
    array(
      size,
      Array.from({ length: sizeOf(size) }, (_, i) => diagonal(Math.floor(i / size[1]!), i % size[1]!)),
    );
  const values = new Map<string, NdArray>([
    ["embed.weight", square([data.vocab, inputs], (row, column) => cell.x.data[row * inputs + column] ?? 0)],
    ...Object.entries(paths).map(([name, path]): [string, NdArray] => [path, cell[name as keyof Cell]!]),
    ["head.weight", square([data.vocab, cells], (row, column) => (row === column ? 1 : 0))],
    ["head.bias", array([data.vocab], new Float64Array(data.vocab))],
  ]);
  const tokens: NdArray = {
    shape: [1, time],
    dtype: "u32",
    data: Float64Array.from({ length: time }, (_, i) => i),
  };
  const t = createTrace();
  const ids = t.buffer("tokens", "data", tokens);
  const params = new Map(
    hlstm
      .params(arch, data)
      .map(({ path, shape }) => [path, t.buffer(path, "data", { shape, dtype: "f32" })]),
  );
  const { logits, taps } = hlstm.apply(
    t,
    arch,
    data,
    params,
    { inputs: ids, targets: null },
    { training: false, taps: true },
  );
  const [last] = t.call(slice, [logits], { starts: [time - 1, 0], sizes: [1, data.vocab] });
  t.output("z", logits);
  t.output("gates", taps.get("layers.0.gates")!);
  for (const [path, d] of t.grad(summed(t, last!), params)) t.output(`d ${path}`, d);
  const found = await run(t, [...values, ["tokens", tokens]], backend);
  const h = found.get("z")!.data.filter((_, i) => i % data.vocab < cells);
  const o = (i: number) =>
    found.get("gates")!.data[(4 * Math.floor(i / cells) + GATE.o) * cells + (i % cells)]!;
  return new Map([
    ["h", array([1, time, cells], h)],
    [
      "c",
      array(
        [1, time, cells],
        h.map((v, i) => Math.atanh(v / o(i))),
      ),
    ],
    ["gates", found.get("gates")!],
    ...Object.entries(paths).map(([name, path]): [string, NdArray] => [`d ${name}`, found.get(`d ${path}`)!]),
  ]);
};

/** Every printed number of G10 and G11, as [what, found, printed]. */
export async function goldenNumbers(
  backend?: Backend,
  by: Runner = runCell,
): Promise<[string, number[], number[]][]> {
  const ten = await by(g10(), 0.01, backend);
  const swapped = await by(g10(), 0, backend);
  const plain = await by(g11(), 0.01, backend);
  const grown = await by(inserted(g11(), 0.01), 0.01, backend);
  const of = (all: ReadonlyMap<string, NdArray>, name: string, from: number, count: number): number[] => [
    ...all.get(name)!.data.slice(from, from + count),
  ];
  const gate = (q: number): number[] => of(ten, "gates", 2 * q, 2);
  return [
    ["f₁", gate(GATE.f), [0.412356, 0.481348]],
    ["i₁", gate(GATE.i), [0.600409, 0.612234]],
    ["o₁", gate(GATE.o), [0.339746, 0.54558]],
    ["g₁", gate(GATE.g), [-0.306497, -0.017867]],
    ["c", of(ten, "c", 0, 4), [-0.184024, -0.010939, -0.202498, -0.103731]],
    ["h", of(ten, "h", 0, 4), [-0.061825, -0.005968, -0.077476, -0.051]],
    ["c₂ after the swap", of(swapped, "c", 2, 2), [-0.202911, -0.103506]],
    ["h₂ after the swap", of(swapped, "h", 2, 2), [-0.077807, -0.050801]],
    ["db_o", of(ten, "d b", 2 * GATE.o, 2), [-0.046638, -0.025851]],
    [
      "dW_f",
      of(ten, "d w", 6 * GATE.f, 6),
      [-0.010966, -0.004147, -0.003439, -0.000867, -0.000328, -0.000272],
    ],
    ["dU_g of row 0 from x", of(ten, "d ux", 6 * GATE.g, 2), [-0.008213, -0.007629]],
    ["dU_g of row 0 from h", of(ten, "d uh", 6 * GATE.g, 2), [0.000829, 0.00008]],
    ["h of the plain cell", of(plain, "h", 0, 4), [0.031474, 0.084619, 0.126839, 0.034012]],
    ["c₂ of the plain cell", of(plain, "c", 2, 2), [0.304069, 0.075618]],
    ["h with a layer more", of(grown, "h", 0, 4), [0.031474, 0.084619, 0.126839, 0.034012]],
    ["c₂ with a layer more", of(grown, "c", 2, 2), [0.304069, 0.075618]],
  ];
}
