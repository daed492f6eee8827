/**
 * What every optimizer has in common: its live settings, and the frame of its one kernel. An optimizer is then a rule
 * for one scalar; the frame handles clipping, weight decay by block, skipped steps, dormant and frozen entries
 * (selection-optimizers-comparison §1.1, grow-prune §1.2). It runs over whole arenas, in place, in one dispatch.
 */
import type { Field } from "../../config/schema.ts";
import { CONTROL_WORDS, control, controlValue, gateValues, setGate } from "../../engine/control.ts";
import { sizeOf } from "../../engine/layout.ts";
import { elementGrid } from "../../engine/ops/grid.ts";
import { joinedNorm, NORM_HEAD } from "../../engine/ops/norm.ts";
import type { NdArray, OpDef, OpSample, Tensor, TensorSpec, Trace } from "../../engine/types.ts";
import { initial } from "../../random/init.ts";
import type { UpdateInputs } from "../types.ts";

/** The learning rate reaches the kernel through the control block, after the schedule. */
export function learningRate(value: number): Field & { readonly kind: "float" } {
  return {
    kind: "float",
    label: "learning rate",
    symbol: "η",
    default: value,
    min: 1e-6,
    max: 1,
    scale: "log",
    live: true,
  };
}

export const WEIGHT_DECAY = {
  kind: "float",
  label: "weight decay",
  symbol: "λ",
  help: "Decoupled: weights shrink by η·λ a step. Biases and norm gains are spared.",
  default: 0,
  min: 0,
  max: 10,
  live: true,
} as const satisfies Field;

export const CLIP = {
  kind: "float",
  label: "clip norm",
  symbol: "c",
  help: "Gradients longer than this, over all parameters together, are scaled down to it. 0 is off.",
  default: 1,
  min: 0,
  max: 1000,
  live: true,
} as const satisfies Field;

/** A decay rate of a moment. */
export function beta(symbol: string, label: string, value: number): Field & { readonly kind: "float" } {
  return { kind: "float", label, symbol, default: value, min: 0, max: 0.99999 };
}

/** What one scalar's update sees. */
export interface Scalar {
  readonly theta: number;
  /** Clipped. */
  readonly g: number;
  readonly slots: readonly number[];
  readonly lr: number;
  /** 1 − ηλ, or 1 where no decay applies. */
  readonly shrink: number;
  /** 1-based index of this update for this entry, or null: the bias corrections of the control block hold. */
  readonly tau: number | null;
  readonly bias1: number;
  readonly bias2: number;
}

const FIXED = 5; // inputs before the slots: param, grad, norm, control, blocks
const BLOCK = 64; // elements that share a word of `blocks`
const NORM = 2; // its place among the inputs
const GROUP = 4096; // elements of a workgroup: 64 invocations, sixteen fours each

/** An optimizer's two ops: while one count of updates serves all weights, and counted by ages. */
export interface ArenaUpdate<A extends object> {
  readonly plain: OpDef<A>;
  readonly aged: OpDef<A>;
}

interface Rule<A extends object> {
  readonly name: string;
  readonly slots: readonly string[];
  /** Fields of the shader's `Sizes` beside `count`. */
  readonly sizes: (attrs: A) => Readonly<Record<string, number>>;
  /** New θ and slots, in float64. */
  readonly rule: (at: Scalar, attrs: A) => readonly [theta: number, ...slots: number[]];
  /** What to test it with. */
  readonly attrs: readonly A[];
  /** Slots that cannot be negative. */
  readonly positive?: readonly string[];
}

/**
 * Inputs: param f32 [P], grad f32 [P], what the `norm` op made, control, blocks u32 [P/64], slots f32 [P] each; `aged` has
 * age u32 [P] after them. Outputs, in place: param, slots, age, and the norm's head, into which what was found is written.
 * The shader has the entries `update` and `update_aged` and binds the slots by their names.
 */
export function arenaUpdate<A extends object>(rule: Rule<A>): ArenaUpdate<A> {
  return { plain: updateOp(rule, false), aged: updateOp(rule, true) };
}

function updateOp<A extends object>(spec: Rule<A>, aged: boolean): OpDef<A> {
  const state = [...spec.slots, ...(aged ? ["age"] : [])];
  return {
    name: aged ? `${spec.name}-aged` : spec.name,
    alias: [0, ...state.map((_, k) => FIXED + k), NORM],
    infer(inputs) {
      const param = inputs[0]!;
      const entries = param.shape[0]!;
      if (inputs.length !== FIXED + state.length) {
        throw new Error(`${spec.name}: ${inputs.length} inputs; ${FIXED + state.length} are needed`);
      }
      const flat = [param, inputs[1]!, ...inputs.slice(FIXED)];
      if (flat.some(({ shape }) => shape.length !== 1 || shape[0] !== entries)) {
        throw new Error(`${spec.name}: gradient, slots and ages must be as long as the arena, ${entries}`);
      }
      if (inputs[4]!.shape[0] !== Math.ceil(entries / BLOCK)) {
        throw new Error(`${spec.name}: blocks must have one word for every ${BLOCK} elements`);
      }
      if (sizeOf(inputs[NORM]!.shape) <= NORM_HEAD || sizeOf(inputs[NORM]!.shape) % 4 !== 0) {
        throw new Error(`${spec.name}: [${inputs[NORM]!.shape}] is not what the norm op makes`);
      }
      return [param, ...inputs.slice(FIXED), inputs[NORM]!].map(({ shape, dtype }) => ({ shape, dtype }));
    },
    lower(inputs, outputs, attrs) {
      const count = inputs[0]!.shape[0]!;
      const bind: Record<string, Tensor> = {
        param: outputs[0]!,
        grad: inputs[1]!,
        norm: outputs.at(-1)!,
        control: inputs[3]!,
        blocks: inputs[4]!,
      };
      state.forEach((name, k) => {
        bind[name] = outputs[1 + k]!;
      });
      const parts = (sizeOf(inputs[NORM]!.shape) - NORM_HEAD) / 4;
      const sizes = { count: count / 4, parts, ...spec.sizes(attrs) };
      const entry = aged ? "update_aged" : "update";
      return [{ shader: spec.name, entry, sizes, bind, grid: elementGrid(count, GROUP) }];
    },
    reference: (inputs, attrs) => updateReference(inputs, spec.slots.length, (at) => spec.rule(at, attrs)),
    samples: spec.attrs.flatMap((attrs) => updateSamples(attrs, state, spec.positive ?? [], aged)),
  };
}

function updateReference(
  inputs: readonly NdArray[],
  slotCount: number,
  rule: (at: Scalar) => readonly [number, ...number[]],
): readonly NdArray[] {
  const [, grad, norm, words, blocks] = inputs as readonly [NdArray, NdArray, NdArray, NdArray, NdArray];
  const outputs = [inputs[0]!, ...inputs.slice(FIXED), norm].map((a) => ({ ...a, data: a.data.slice() }));
  const found = joinedNorm(norm.data, controlValue(words.data, "clip"));
  outputs.at(-1)!.data.set(found, 1);
  const [, factor, skipped] = found;
  if (skipped !== 0) return outputs;
  const values = outputs.slice(0, 1 + slotCount).map((a) => a.data);
  const age = inputs.length > FIXED + slotCount ? outputs[1 + slotCount]!.data : null;
  const lr = controlValue(words.data, "lr");
  const decay = controlValue(words.data, "weightDecay");
  const left = controlValue(words.data, "left");
  const run = [1, controlValue(words.data, "bias1"), controlValue(words.data, "bias2")];
  for (let i = 0; i < grad.data.length; i++) {
    const block = blocks.data[Math.floor(i / BLOCK)]!;
    const gate = block >>> 1;
    if (((left >>> gate) & 1) === 1) continue;
    const tau = age ? age[i]! % 2 ** 31 : null;
    if (tau === 0) {
      for (const list of values) list[i] = 0;
      continue;
    }
    if (age && age[i]! >= 2 ** 31) continue;
    const decays = block % 2 === 1;
    const [, bias1, bias2] = gate === 0 ? run : gateValues(words.data, gate);
    const after = rule({
      theta: values[0]![i]!,
      g: grad.data[i]! * factor,
      slots: values.slice(1).map((list) => list[i]!),
      lr,
      shrink: decays ? 1 - lr * decay : 1,
      tau,
      bias1: bias1!,
      bias2: bias2!,
    });
    values.forEach((list, k) => {
      list[i] = after[k]!;
    });
    if (age) age[i]! += 1;
  }
  return outputs;
}

/** Calls the right op on what a trainer hands over. */
export function traceUpdate<A extends object>(
  t: Trace,
  op: ArenaUpdate<A>,
  at: UpdateInputs,
  attrs: A,
): void {
  const inputs = [at.param, at.grad, at.norm, t.control, at.blocks, ...at.slots];
  if (at.age) t.call(op.aged, [...inputs, at.age], attrs);
  else t.call(op.plain, inputs, attrs);
}

const AGES = [1, 2, 0, 17, 0x80000001, 300, 80_000, 1, 0, 0x80000fff];

/**
 * Decay on every other block; every third of a gate, of which one was left out; a clipped step; ages of newborn, young, old, dormant and frozen entries in turn; more than one
 * workgroup; a step to be skipped; without ages one of a size worth timing.
 */
function updateSamples<A extends object>(
  attrs: A,
  state: readonly string[],
  positive: readonly string[],
  aged: boolean,
): readonly OpSample<A>[] {
  const sample = (count: number, bad: boolean): OpSample<A> => {
    const f32 = (length: number): TensorSpec => ({ shape: [length], dtype: "f32" });
    const u32 = (length: number): TensorSpec => ({ shape: [length], dtype: "u32" });
    const slots = state.map((name) => (name === "age" ? u32(count) : f32(count)));
    return {
      inputs: [f32(count), f32(count), f32(NORM_HEAD + 8), u32(CONTROL_WORDS), u32(count / BLOCK), ...slots],
      attrs,
      wrt: [],
      values(input: number): ArrayLike<number> {
        const name = state[input - FIXED];
        // A loss, and parts whose sum is 2.25; a clip of 0.6 halves the gradient and more.
        if (input === NORM) return [3, 0, 0, 0, 0, 0, 0, 0, 0.5, 1, 0, 0.25, 0, 0.5, bad ? -1 : 0, 0];
        if (input === 3) {
          const words = control({
            ...{ clip: 0.6, lr: 0.01, weightDecay: 0.1, bias1: 0.271, bias2: 0.002997, left: 1 << 2 },
          });
          setGate(words, 1, [1, 0.19, 0.001999]);
          return words;
        }
        if (input === 4) {
          return Array.from({ length: count / BLOCK }, (_, i) => ((i + 1) % 2) | ((i % 3) << 1));
        }
        if (name === "age") return Array.from({ length: count }, (_, i) => AGES[i % AGES.length]!);
        const drawn = initial({ law: "normal", scale: input === 0 ? 1 : 0.3 }, count, [input, 0]);
        return name && positive.includes(name) ? drawn.map((v) => v * v) : drawn;
      },
    };
  };
  const bench = aged ? [] : [{ ...sample(1 << 18, false), bench: true as const }];
  // The second is updated by two workgroups.
  return [sample(320, false), sample(4160, false), sample(128, true), ...bench];
}
