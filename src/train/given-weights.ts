/**
 * Weights from a file as the beginning of a run: a network that was trained elsewhere, or another run's snapshot, to be grown
 * from. A file comes from anywhere, so its architecture is checked against every tensor that the model names: what is missing,
 * too many, of another shape or not finite is refused with one sentence.
 */
import type { Value } from "../config/schema.ts";
import type { LoadedData } from "../data/types.ts";
import { arenaLayout } from "../engine/layout.ts";
import type { ParamSpec } from "../engine/types.ts";
import { checkConfig } from "../run/check.ts";
import type { RunConfig } from "../run/config.ts";
import { actions, models, optims } from "../run/registries.ts";
import { beginning } from "./beginning.ts";
import { exported } from "./record.ts";
import { decodeSafetensors, type FileTensor, type SafetensorsFile } from "./safetensors.ts";
import { shapeFor } from "./setup.ts";
import { readHeader } from "./snapshot.ts";

/** Beyond this many, positions are no longer exact in the numbers that `positions` counts with. */
const MOST_WEIGHTS = 2 ** 24;

/** A tensor that the file must have, and where each of its values goes in the arena. */
interface Expected {
  readonly name: string;
  readonly shape: readonly number[];
  /** Absent: it is read and added to what another has put there, as PyTorch's second bias is. */
  readonly at: Float32Array;
}

/** A snapshot's own arrays beside the weights. */
const BESIDE = /^(slots\.[^/]+|age|score|start)\//;

/** A run over `data` that begins with the weights of this file, as the bytes of a saved run. Throws one sentence. */
export function beginningWith(
  bytes: ArrayBuffer,
  name: string,
  given: RunConfig,
  data: LoadedData,
): ArrayBuffer {
  const file = decodeSafetensors(bytes, name);
  const saved = file.metadata.espalier !== undefined;
  const choice = saved ? savedModel(bytes) : namedModel(file, given);
  const model = models.get(choice.id);
  if (model === undefined)
    throw new Error(`${name} is of a model called ${choice.id}, which is not known here.`);
  const recipe = given.recipe.filter(
    ({ trigger, action }) => trigger.id !== "step" && actions.get(action.id)?.applies(model) === true,
  );
  const checked = checkConfig({ ...given, model: choice, recipe });
  if (!checked.ok) throw new Error(`${name} does not fit these settings: ${checked.message}.`);
  const { config } = checked;
  const shape = shapeFor(config, data);
  const { id: _, ...arch } = config.model;
  const wrong = model.check(arch, shape);
  if (wrong !== null) throw new Error(`${name} does not fit these settings: ${wrong.replace(/\.$/, "")}.`);
  const specs = model.params(arch, shape);
  const { length } = arenaLayout(specs);
  if (length > MOST_WEIGHTS)
    throw new Error(`${name} has more than 16.7 million weights, the most that can be read here.`);
  const params = new Float32Array(length);
  const about = `${model.label}, ${model.describe(arch)}, over ${data.id}`;
  fill(params, file, saved ? own(specs) : foreign(specs, length), name, about);
  const slots = optims.get(config.optim.id)!.slots;
  const flat = { params, slots: slots.map(() => new Float32Array(length)), age: null, score: null };
  const begun = { config, arch, specs, slots, flat, step: 0, evaluated: -1, updates: 0, event: 0 };
  return beginning({ ...begun, given: name });
}

const savedModel = (bytes: ArrayBuffer): RunConfig["model"] => {
  const { config, position } = readHeader(bytes);
  return { id: config.model.id, ...position.arch };
};

/**
 * The model of a file of plain weights: the one that the settings name, in the size that the file's tensors have. Heads cannot
 * be told from shapes: they keep the size that the settings give them.
 */
function namedModel({ tensors, metadata }: SafetensorsFile, { model }: RunConfig): RunConfig["model"] {
  const told = modelOf(metadata.model);
  if (told !== null) return told;
  const shape = (name: string) => tensors.get(name)?.shape;
  const width = shape("ln_f.weight")?.[0];
  const layers =
    1 + Math.max(-1, ...[...tensors.keys()].map((name) => Number(/^h\.(\d+)\./.exec(name)?.[1] ?? -1)));
  if (width === undefined || layers === 0 || typeof model.width !== "number") return model;
  const head = model.width / Number(model.heads);
  const hidden = shape("h.0.mlp.c_fc.weight")?.[0] ?? 4 * width;
  const tied = "tied" in model ? { tied: shape("lm_head.weight") === undefined } : {};
  const sized = { width, layers, heads: Math.max(1, Math.round(width / head)), ffn: hidden / width, ...tied };
  return { ...model, ...sized, maxLayers: Math.max(layers, Number(model.maxLayers)) };
}

function modelOf(text: string | undefined): RunConfig["model"] | null {
  try {
    const read = JSON.parse(text ?? "null") as Readonly<Record<string, Value>> | null;
    return typeof read?.id === "string" ? (read as RunConfig["model"]) : null;
  } catch {
    return null;
  }
}

function own(specs: readonly ParamSpec[]): readonly Expected[] {
  return [...arenaLayout(specs).entries].map(([name, { offset, count, shape }]) => ({
    name,
    shape,
    at: Float32Array.from({ length: count }, (_, i) => offset + i),
  }));
}

/** Under the names of PyTorch and GPT-2: what `exported` would write of the positions themselves. */
const foreign = (specs: readonly ParamSpec[], length: number): readonly Expected[] => {
  const positions = exported(
    specs,
    Float32Array.from({ length }, (_, i) => i),
  );
  const first = new Map(positions.map(({ name, data }) => [name, data]));
  return positions.map(({ name, shape, data }) => ({
    name,
    shape,
    at: first.get(name.replace("bias_hh", "bias_ih")) ?? data,
  }));
};

function fill(
  params: Float32Array,
  { tensors }: SafetensorsFile,
  expected: readonly Expected[],
  file: string,
  about: string,
): void {
  const missing = expected.filter(({ name }) => !tensors.has(name));
  if (missing.length > 0) {
    throw new Error(
      `${file} lacks ${some(missing.map(({ name }) => name))}: it is not of this network (${about}).`,
    );
  }
  const known = new Set(expected.map(({ name }) => name));
  const more = [...tensors.keys()].filter((name) => !known.has(name) && !BESIDE.test(name));
  if (more.length > 0) throw new Error(`${file} has ${some(more)}, which this network has not (${about}).`);
  for (const { name, shape, at } of expected) {
    const tensor: FileTensor = tensors.get(name)!;
    if (tensor.shape.join() !== shape.join()) {
      throw new Error(
        `${file} has ${name} as [${tensor.shape.join(", ")}], and this network needs [${shape.join(", ")}] (${about}).`,
      );
    }
    if (!(tensor.data instanceof Float32Array))
      throw new Error(`${file} has ${name} in whole numbers, not as weights.`);
    const values = tensor.data;
    if (!values.every(Number.isFinite))
      throw new Error(`${file} has a value in ${name} that is not a finite number.`);
    values.forEach((value, i) => {
      params[at[i]!] = params[at[i]!]! + value;
    });
  }
}

/** "a", "a and 3 more" */
const some = ([first, ...rest]: readonly string[]): string =>
  rest.length === 0 ? String(first) : `${first} and ${rest.length} more`;
