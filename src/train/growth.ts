/**
 * One growth as a transaction (grow-prune §1.3, transformer-growth §2.4): the larger network is made beside the old one,
 * both see the same probe batch, and only then does the caller swap. Whatever fails on the way, the old network has not
 * been touched and training goes on.
 */
import type { Values } from "../config/schema.ts";
import { control } from "../engine/control.ts";
import { arenaLayout } from "../engine/layout.ts";
import { NoRoom } from "../engine/no-room.ts";
import type { Backend, Program } from "../engine/types.ts";
import type { GrowMethod, Side } from "../methods/types.ts";
import { freeze, isStructured, settleStructure, uniformAges } from "./ages.ts";
import { largestDelta } from "./metrics.ts";
import {
  type Arrays,
  allocate,
  createNetwork,
  disposeArrays,
  type Network,
  networkPrograms,
  type Progress,
  specsOf,
} from "./network.ts";
import { carryProgram, sideOf, transferProgram } from "./programs.ts";
import type { Setup } from "./setup.ts";

/** A growth that cannot be: one sentence for the reader. */
export class Refusal extends Error {}

export interface Grown {
  readonly network: Network;
  /** Optimizer slots start anew, and the count of updates with them. */
  readonly reset: boolean;
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly maxLogitDelta: number;
  readonly maxLogit: number;
  readonly copies: Readonly<Record<string, string>>;
}

export interface Probe {
  readonly logits: Float32Array;
  readonly loss: number;
}

/** Logits and mean loss on the fixed probe batch, dropout off. */
export async function probe(backend: Backend, network: Network): Promise<Probe> {
  network.probe.run(control({ drawMode: 1, drawIndex: 0, drawCount: 1 }));
  const logits = network.probe.read("logits");
  const loss = network.probe.read("loss");
  backend.submit();
  return { logits: new Float32Array(await logits), loss: new Float32Array(await loss)[0]! };
}

/** Changing |z| by no more than this is rounding, not another function. */
export const preservingLimit = (maxLogit: number): number => 1e-5 * Math.max(1, maxLogit);

/** The values of the next size. Throws a Refusal with the sentence why there is none. */
export function nextArch(setup: Setup, arch: Values, method: GrowMethod, values: Values): Values {
  const applies = method.applies(setup.model);
  if (applies !== true) throw new Refusal(`Not grown: ${method.label} is ${applies}.`);
  const next = method.next(setup.model, arch, values as never);
  if (next === null) throw new Refusal("Not grown: the network has reached its full size.");
  if (typeof next === "string") throw new Refusal(next);
  const wrong = setup.model.check(next, setup.shape);
  if (wrong !== null) throw new Refusal(wrong.startsWith("Not grown") ? wrong : `Not grown: ${wrong}`);
  return next;
}

export interface GrowthRequest {
  readonly method: GrowMethod;
  readonly values: Values;
  /** Number of the event: with the run's seed the key of its draws. */
  readonly event: number;
  /** Updates since the slots were last reset. */
  readonly updates: number;
  readonly onProgress: Progress;
  /** Called when the new programs are known: how many kernels they need that the old ones did not. */
  begun(kernels: number): void;
}

/** Throws a Refusal when it cannot be; then nothing has changed. */
export async function grow(setup: Setup, old: Network, request: GrowthRequest): Promise<Grown> {
  const { backend, config } = setup;
  const { method, values } = request;
  const arch = nextArch(setup, old.arch, method, values);
  const specs = specsOf(setup, arch);
  const bytes = arenaLayout(specs).length * 4;
  if (bytes > backend.maxBufferBytes) {
    const megabytes = (n: number) => `${(n / 1e6).toFixed(1)} MB`;
    throw new Refusal(
      `Not grown: the next size needs ${megabytes(bytes)}, this GPU allows ${megabytes(backend.maxBufferBytes)}. Training goes on.`,
    );
  }
  const weights = new Float32Array(await old.arrays.params.read());
  if (!weights.every(Number.isFinite)) throw new Refusal("Not grown: a weight is not a finite number.");

  const from = sideOf(old, setup.shape);
  const to = sideOf({ arch, specs }, setup.shape);
  const reset = method.slots(values as never) === "reset";
  const ages = !reset || isStructured(specs);
  const programs = networkPrograms(setup, { arch, specs }, ages);
  const transfer = transferProgram(method, from, to, values, [config.seed, request.event]);
  request.begun(newKernels([...Object.values(programs), transfer], old));

  const before = await probe(backend, old);
  const arrays = allocate(setup, specs, ages);
  let network: Network | null = null;
  try {
    await runOnce(backend, transfer, old.arrays.params, arrays.params);
    if (!reset) await carrySlots(setup, old, arrays, from, to, request);
    if (arrays.age !== null) arrays.age.write(0, await newAges(setup, old, from, to, reset, request));
    network = await createNetwork(setup, arch, specs, arrays, request.onProgress, programs);
    const after = await probe(backend, network);
    const { delta, largest } = largestDelta(before.logits, after.logits);
    if (!Number.isFinite(after.loss)) {
      throw new Refusal(
        "Not grown: the loss of the larger network is not a finite number. Training goes on.",
      );
    }
    if (method.preserving(values as never) && !(delta <= preservingLimit(largest))) {
      throw new Refusal(
        `Not grown: the output would change by ${delta.toExponential(1)}, allowed is ${preservingLimit(largest).toExponential(1)}. Training goes on.`,
      );
    }
    return {
      network,
      reset,
      lossBefore: before.loss,
      lossAfter: after.loss,
      maxLogitDelta: delta,
      maxLogit: largest,
      copies: method.copies?.(from, to, values as never) ?? {},
    };
  } catch (error) {
    if (network === null) disposeArrays(arrays);
    else network.dispose();
    if (error instanceof NoRoom) throw new Refusal(`Not grown: ${lowered(error.message)} Training goes on.`);
    throw error;
  }
}

const lowered = (sentence: string): string => sentence.slice(0, 1).toLowerCase() + sentence.slice(1);

/** Kernels (shader, entry, constants) that the old network's programs do not use: a fact of the two programs alone. */
function newKernels(programs: readonly Program[], old: Network): number {
  const names = (program: Program) =>
    program.commands.flatMap((command) =>
      command.kind === "dispatch"
        ? [`${command.shader}:${command.entry}:${JSON.stringify(command.constants)}`]
        : [],
    );
  const known = new Set([old.train, old.evaluate, old.probe].flatMap(({ program }) => names(program)));
  return new Set(programs.flatMap(names).filter((name) => !known.has(name))).size;
}

async function runOnce(
  backend: Backend,
  program: Program,
  from: Arrays["params"],
  to: Arrays["params"],
): Promise<void> {
  const executable = await backend.compile(program);
  executable.bind("from", from);
  executable.bind("to", to);
  executable.run(control({}));
  backend.submit();
  await backend.idle();
  executable.dispose();
}

async function carrySlots(
  setup: Setup,
  old: Network,
  arrays: Arrays,
  from: Side,
  to: Side,
  { method, values }: GrowthRequest,
): Promise<void> {
  if (arrays.slots.length === 0) return;
  const program = carryProgram(method, from, to, values, "f32", 0);
  for (const [i, slot] of arrays.slots.entries()) {
    await runOnce(setup.backend, program, old.arrays.slots[i]!, slot);
  }
}

/** Old weights keep their ages, new ones are newborn (1); frozen ones are marked, forbidden ones dormant. */
async function newAges(
  setup: Setup,
  old: Network,
  from: Side,
  to: Side,
  reset: boolean,
  { method, values, updates }: GrowthRequest,
): Promise<Uint32Array> {
  if (reset) return uniformAges(to.specs, 0);
  const ages =
    old.arrays.age === null ? uniformAges(from.specs, updates) : new Uint32Array(await old.arrays.age.read());
  freeze(from.specs, ages, method.frozen?.(from, values as never) ?? []);
  const { backend } = setup;
  const source = backend.arena("age.from", ages.length);
  const target = backend.arena("age.to", arenaLayout(to.specs).length);
  source.write(0, ages);
  await runOnce(backend, carryProgram(method, from, to, values, "u32", 1), source, target);
  const carried = new Uint32Array(await target.read());
  source.dispose();
  target.dispose();
  settleStructure(to.specs, carried);
  return carried;
}
