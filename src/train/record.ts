/**
 * A run written down so that another framework can replay it: initial and final weights under the names and in the shapes
 * PyTorch and GPT-2 use, and every batch that was drawn.
 */
import { control } from "../engine/control.ts";
import { arenaLayout } from "../engine/layout.ts";
import type { ParamSpec } from "../engine/types.ts";
import type { Core } from "./core.ts";
import { bindPart } from "./feed.ts";
import { batchProgram } from "./programs.ts";
import { encodeSafetensors, type FileTensor } from "./safetensors.ts";

/** Batches of one submit. */
const RUNS = 16;
const IGNORED = 0xffffffff;

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

type Rename = readonly [RegExp, string];

/** Stacked gates [4, H, …] and q k v [3, heads, d, …] are flattened into rows, as both keep them. */
const LSTM: readonly Rename[] = [
  [/^layers\.(\d+)\.x\.weight$/, "lstm.weight_ih_l$1"],
  [/^layers\.(\d+)\.h\.weight$/, "lstm.weight_hh_l$1"],
  [/^layers\.(\d+)\.bias$/, "lstm.bias_ih_l$1"],
];
/** As in GPT-2, whichever transformer it is. */
const TRANSFORMER: readonly Rename[] = [
  [/^blocks\.(\d+)\.ln1\.(weight|bias)$/, "h.$1.ln_1.$2"],
  [/^blocks\.(\d+)\.ln2\.(weight|bias)$/, "h.$1.ln_2.$2"],
  [/^blocks\.(\d+)\.attn\.qkv\.(weight|bias)$/, "h.$1.attn.c_attn.$2"],
  [/^blocks\.(\d+)\.attn\.out\.(weight|bias)$/, "h.$1.attn.c_proj.$2"],
  [/^blocks\.(\d+)\.mlp\.fc\.(weight|bias)$/, "h.$1.mlp.c_fc.$2"],
  [/^blocks\.(\d+)\.mlp\.proj\.(weight|bias)$/, "h.$1.mlp.c_proj.$2"],
];

/** Kernels stay [O, C, k, k]; units are rows, whatever they read; else all leading axes of a matrix belong to its rows. */
function flattened(path: string, shape: readonly number[]): readonly number[] {
  if (path.startsWith("conv")) return shape;
  if (path.startsWith("fc")) {
    const inputs = shape.slice(1);
    return inputs.length === 0 ? shape : [shape[0]!, inputs.reduce((n, d) => n * d, 1)];
  }
  if (path.endsWith("bias") || shape.length === 1) return [shape.reduce((n, d) => n * d, 1)];
  return [shape.slice(0, -1).reduce((n, d) => n * d, 1), shape.at(-1)!];
}

/** The weights under the names that others know. */
export function exported(specs: readonly ParamSpec[], weights: Float32Array): readonly Named[] {
  const { entries } = arenaLayout(specs);
  // Gates that are networks have no counterpart elsewhere: they keep our names.
  const own = specs.some(({ path }) => path.endsWith(".gates.weight"));
  const rename = (path: string): string => {
    for (const [from, to] of own ? [] : [...LSTM, ...TRANSFORMER]) {
      if (from.test(path)) return path.replace(from, to);
    }
    return path;
  };
  return [...entries].flatMap(([path, { offset, count, shape }]): Named[] => {
    const name = rename(path);
    const data = weights.slice(offset, offset + count);
    if (path.endsWith(".running")) return statistics(path, data);
    const file = { name, shape: flattened(path, shape), data };
    if (!name.startsWith("lstm.bias_ih_l")) return [file];
    // PyTorch has two biases a gate; one of them is enough and the other stays 0.
    const second = name.replace("bias_ih", "bias_hh");
    return [file, { name: second, shape: file.shape, data: new Float32Array(count) }];
  });
}

/** [2, C]: PyTorch keeps the two apart. */
function statistics(path: string, data: Float32Array): Named[] {
  const half = data.length / 2;
  const shape = [half];
  return [
    { name: `${path}_mean`, shape, data: data.slice(0, half) },
    { name: `${path}_var`, shape, data: data.slice(half) },
  ];
}

/** The present weights as a safetensors file. */
export async function weightsFile(core: Readonly<Core>): Promise<ArrayBuffer> {
  const { network, setup } = core;
  const weights = new Float32Array(await network.arrays.params.read());
  const tensors = new Map<string, FileTensor>();
  for (const { name, shape, data } of exported(network.specs, weights)) {
    tensors.set(name, { dtype: "F32", shape, data });
  }
  // Heads, norms and ties, which no shape tells: whoever reads the weights again here needs them.
  const note = JSON.stringify({ id: setup.model.id, ...network.arch });
  return encodeSafetensors({ tensors, metadata: { format: "pt", model: note } });
}

/**
 * Batches of steps 0 … steps−1. Text: `inputs` and `targets` I64 [steps, B, T]; −1 where no target is asked for. Images:
 * `inputs` F32 [steps, B, C, H, W] as the network reads them, `targets` I64 [steps, B].
 */
export async function batchesFile(core: Readonly<Core>, steps: number): Promise<ArrayBuffer> {
  const { backend, config, train } = core.setup;
  const program = await backend.compile(batchProgram(core.setup));
  bindPart(program, train);
  const at = (name: "inputs" | "targets") => {
    const { spec } = program.program.tensors[program.program.outputs[name]!]!;
    return { ...spec, size: spec.shape.reduce((n, d) => n * d, 1) };
  };
  const [x, y] = [at("inputs"), at("targets")];
  const inputs = x.dtype === "f32" ? new Float32Array(steps * x.size) : new BigInt64Array(steps * x.size);
  const targets = new BigInt64Array(steps * y.size);
  const ids = (bytes: ArrayBuffer) =>
    BigInt64Array.from(new Uint32Array(bytes), (id) => (id === IGNORED ? -1n : BigInt(id)));
  for (let first = 0; first < steps; first += RUNS) {
    const reads: Promise<ArrayBuffer>[][] = [];
    for (let step = first; step < Math.min(steps, first + RUNS); step++) {
      program.run(control({ step, seed0: config.seed }));
      reads.push([program.read("inputs"), program.read("targets")]);
    }
    backend.submit();
    for (const [i, pair] of reads.entries()) {
      const [given, asked] = (await Promise.all(pair)) as [ArrayBuffer, ArrayBuffer];
      if (inputs instanceof Float32Array) inputs.set(new Float32Array(given), (first + i) * x.size);
      else inputs.set(ids(given), (first + i) * x.size);
      targets.set(ids(asked), (first + i) * y.size);
    }
  }
  program.dispose();
  const kept: FileTensor =
    inputs instanceof Float32Array
      ? { dtype: "F32", shape: [steps, ...x.shape], data: inputs }
      : { dtype: "I64", shape: [steps, ...x.shape], data: inputs };
  return encodeSafetensors({
    tensors: new Map<string, FileTensor>([
      ["inputs", kept],
      ["targets", { dtype: "I64", shape: [steps, ...y.shape], data: targets }],
    ]),
    metadata: { format: "pt" },
  });
}
