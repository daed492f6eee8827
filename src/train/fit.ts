/**
 * Training a growth operator through the grown model (LiGO §3.2, Mango; transformer-growth §3.6, §3.7): the source stands
 * still, the target's weights are made anew each step from it and φ, and the target's own gradient is led back into φ.
 *
 * The step is a training step of the target whose arena is gathered by one dispatch and whose gradients are taken apart by
 * another; between them and φ lie only the operator's products. Batches are drawn under a key of their own, so that the
 * run's data goes on where it was.
 */
import { control } from "../engine/control.ts";
import { ALIGN, arenaLayout } from "../engine/layout.ts";
import { NoRoom } from "../engine/no-room.ts";
import { assemble, disassemble } from "../engine/ops/assemble.ts";
import { meanCrossEntropy } from "../engine/ops/mean-cross-entropy.ts";
import { norm } from "../engine/ops/norm.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { Arena, OpDef, Program, Tensor, Trace } from "../engine/types.ts";
import { type Operator, tables } from "../methods/grow/operator.ts";
import { adamw } from "../methods/optim/adamw.ts";
import type { EventKey, Feeds, Side } from "../methods/types.ts";
import type { Batch, Model } from "../models/types.ts";
import { Refusal } from "./event-terms.ts";
import { drawn } from "./feed.ts";
import { type FrozenSpecs, frozenBuffers, GROWN, nameOf, PHI, phiAt, SOURCE } from "./fit-names.ts";
import { FitSight, type FitWatch } from "./fit-sight.ts";
import { readMetrics } from "./metrics.ts";
import type { Progress } from "./network.ts";
import { once } from "./once.ts";
import type { Setup } from "./setup.ts";

const ADAM = { beta1: 0.9, beta2: 0.99, eps: 1e-8 } as const;
const CLIP = 1;
const WARM = 10;
/** The operator stops when its loss stays above this many times its start for so many steps. */
const WORSE = 3;
const PATIENCE = 20;

export interface Task {
  readonly model: Model;
  readonly operator: Operator;
  readonly from: Side;
  readonly to: Side;
  readonly c: unknown;
  /** Its id, for whoever watches. */
  readonly method?: string;
}

/** What was read of the source, and φ, as a trace sees them. */
export function operands(t: Trace, { operator, from, to, c }: Task, specs: FrozenSpecs) {
  const frozen = frozenBuffers(t, specs);
  const phi = t.arena(PHI, "params", arenaLayout(operator.specs(from, to, c)));
  return { frozen, phi };
}

/** Its vjp hands over gradients that are known already: Σ ⟨x_k, g_k⟩ with the g_k held fixed. Never computed. */
const towards: OpDef<object> = {
  name: "towards",
  infer: () => [{ shape: [1], dtype: "f32" }],
  lower() {
    throw new Error("towards: only its gradient is of use");
  },
  vjp: (_t, { inputs }) => {
    const half = inputs.length / 2;
    return inputs.map((_, k) => (k < half ? inputs[half + k]! : null));
  },
  reference: () => [{ shape: [1], dtype: "f32", data: new Float64Array(1) }],
  samples: [],
};

/** The target's loss on a batch with the weights that φ makes, and d loss / dφ. */
export function through(
  t: Trace,
  task: Task,
  specs: FrozenSpecs,
  batch: Batch & { readonly targets: Tensor },
) {
  const { model, operator, from, to, c } = task;
  const { frozen, phi } = operands(t, task, specs);
  const layout = arenaLayout(to.specs);
  const grown = t.arena(GROWN, "params", layout);
  const grads = t.arena("operator.grown.grads", "grads", layout);
  const made = t.segment("operator", null, () => operator.made(t, from, to, frozen, phi.at, c));
  const table = tables(t, to.specs, operator.places(from, to, c));
  t.call(assemble, [grown.all, ...table, ...made], {});
  const applied = model.apply(t, to.arch, to.data, grown.at, batch, { training: false, taps: false });
  const [loss, losses] = t.call(meanCrossEntropy, [applied.logits, batch.targets], {});
  const led = new Map([...grown.at].filter(([path]) => operator.places(from, to, c).has(path)));
  for (const [path, gradient] of t.grad(loss!, led)) t.store(gradient, grads.at.get(path)!);
  const shapes = made.map(({ shape }) => shape);
  const back = t.call(disassemble, [grads.all, ...table], { shapes });
  const [scalar] = t.call(towards, [...made, ...back], {});
  return { loss: loss!, losses: losses!, phi, gradients: t.grad(scalar!, phi.at) };
}

/** One update of φ. Output "metrics" as a training step's. */
export function fitProgram(setup: Setup, task: Task, specs: FrozenSpecs): Program {
  const t = createTrace();
  const batch = drawn(t, setup, "train", setup.config.batch);
  const { losses, phi, gradients } = through(t, task, specs, batch);
  const layout = arenaLayout(task.operator.specs(task.from, task.to, task.c));
  const grads = t.arena("operator.phi.grads", "grads", layout);
  for (const [path, gradient] of gradients) t.store(gradient, grads.at.get(path)!);
  const slots = adamw.slots.map((slot) => t.arena(nameOf(`phi.${slot}`), "slots", layout).all);
  const [norms] = t.call(norm, [grads.all, losses, batch.targets], { report: true });
  const blocks = t.constant(
    { shape: [layout.length / ALIGN], dtype: "u32" },
    new Uint32Array(layout.length / ALIGN),
  );
  const at = { param: phi.all, grad: grads.all, slots, blocks, norm: norms!, age: null };
  adamw.update(t, at, { ...ADAM, lr: 0, weightDecay: 0, clip: CLIP } as never);
  t.output("metrics", norms!);
  return plan(t.finish(), setup.backend.software ? { lanes: 1 } : {});
}

/** Reads the source into its buffers, starts φ, and puts what passes through into the grown arena. */
function startProgram(task: Task, key: EventKey): { readonly program: Program; readonly specs: FrozenSpecs } {
  const { operator, from, to, c } = task;
  const t = createTrace();
  const old = t.arena(SOURCE, "params", arenaLayout(from.specs)).at;
  const frozen = operator.frozen(t, from, to, old, c);
  const specs: FrozenSpecs = new Map([...frozen].map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
  const into = operands(t, task, specs);
  for (const [name, value] of frozen) t.store(value, into.frozen.get(name)!);
  for (const [path, value] of operator.start(t, from, to, c, key)) t.store(value, into.phi.at.get(path)!);
  const grown = t.arena(GROWN, "params", arenaLayout(to.specs));
  const places = operator.places(from, to, c);
  for (const { path } of to.specs) if (!places.has(path)) t.store(old.get(path)!, grown.at.get(path)!);
  return { program: plan(t.finish()), specs };
}

export interface Fitted {
  readonly specs: FrozenSpecs;
  /** What the program of the event binds, by name. The caller frees them. */
  readonly arenas: ReadonlyMap<string, Arena>;
  readonly steps: number;
  /** A person committed it before its steps were over. */
  readonly stopped: boolean;
  /** Training losses of the first and the last step; null: none was made. */
  readonly first: number | null;
  readonly last: number | null;
  readonly flops: number;
  readonly tokens: number;
  /** What feeds what, as the operator stands. */
  readonly feeds: Feeds;
  /** Why it ended before its steps, for the reader. */
  readonly note: string | null;
}

export interface FitOptions {
  readonly params: Arena;
  readonly key: EventKey;
  /** 0: the start as it is. The learning rate falls over so many. */
  readonly steps: number;
  /** Committed after so many. */
  readonly until: number;
  readonly onProgress: Progress;
  readonly watch?: FitWatch | null;
  /** Asked before each step: commit what there is. */
  stop(): boolean;
}

export async function trainOperator(setup: Setup, task: Task, options: FitOptions): Promise<Fitted> {
  const { backend, config, shape } = setup;
  const { operator, from, to, c } = task;
  const { program, specs } = startProgram(task, options.key);
  const made = new Map<string, Arena>();
  const arena = (name: string, elements: number): Arena => {
    const got = backend.arena(name, elements);
    made.set(name, got);
    return got;
  };
  const phiLength = arenaLayout(operator.specs(from, to, c)).length;
  const targetLength = arenaLayout(to.specs).length;
  const kept = new Set([PHI, ...[...specs.keys()].map(nameOf)]);
  let done = 0;
  let [first, last]: [number | null, number | null] = [null, null];
  let note: string | null = null;
  let stopped = false;
  let flops = 0;
  try {
    for (const [name, spec] of specs)
      arena(
        nameOf(name),
        spec.shape.reduce((n, d) => n * d, 1),
      );
    const phi = arena(PHI, phiLength);
    arena(GROWN, targetLength);
    const named = () => Object.fromEntries(made);
    await once(backend, program, { ...named(), [SOURCE]: options.params });
    if (options.until > 0) {
      arena("operator.grown.grads", targetLength);
      arena("operator.phi.grads", phiLength);
      for (const slot of adamw.slots) arena(nameOf(`phi.${slot}`), phiLength);
      const good = arena("operator.good", phiLength);
      const { onProgress } = options;
      const traced = fitProgram(setup, task, specs);
      const step = await backend.compile(traced, (n, all) => onProgress("operator's kernels", n, all));
      const { watch } = options;
      const seen = { watch: watch!, flops: traced.flops, phi, specs, arenas: made };
      const sight = watch ? new FitSight(setup, task, options, seen) : null;
      try {
        for (const { name } of step.program.buffers) {
          const bound = made.get(name) ?? setup.train.get(name);
          if (name !== "" && bound) step.bind(name, bound);
        }
        let worse = 0;
        while (done < options.until) {
          await watch?.hold?.(done, options.steps);
          stopped = options.stop();
          if (stopped) break;
          good.copyFrom(phi);
          const words = fitControl(done, options, operator.lr(c), config.seed);
          step.run(words);
          const answer = step.read("metrics");
          const seen = sight?.look(words, phi, done + 1 === options.until) ?? null;
          backend.submit();
          const { loss, skipped } = readMetrics(await answer);
          if (!Number.isFinite(loss) || skipped) {
            phi.copyFrom(good);
            note = `The operator's loss was not a number at step ${done + 1}: what stood before is taken.`;
            break;
          }
          done++;
          flops += traced.flops;
          first ??= loss;
          last = loss;
          sight?.step(done, loss, seen);
          worse = loss > WORSE * first ? worse + 1 : 0;
          onProgress("operator", done, options.steps);
          if (worse >= PATIENCE) {
            note = `The operator's loss stayed above three times its start: stopped after ${done} steps.`;
            break;
          }
        }
      } finally {
        sight?.dispose();
        step.dispose();
      }
    }
  } catch (error) {
    for (const one of made.values()) one.dispose();
    if (error instanceof NoRoom) throw new Refusal(`Not grown: ${error.message} Training goes on.`);
    throw error;
  }
  const values = new Float32Array(await made.get(PHI)!.read());
  const feeds = operator.feeds(from, to, c, phiAt(operator.specs(from, to, c), values));
  for (const [name, one] of made) if (!kept.has(name)) one.dispose();
  const arenas = new Map([...made].filter(([name]) => kept.has(name)));
  const tokens = done * config.batch * shape.context;
  return { specs, arenas, steps: done, stopped, feeds, first, last, flops, tokens, note };
}

/** Warm-up over 10 steps, then along a line to 0. Batches of a stream of this event's own. */
function fitControl(done: number, { key, steps }: FitOptions, lr: number, seed: number): Uint32Array {
  return control({
    step: done,
    updates: done + 1,
    seed0: seed,
    seed1: key[1] + 1,
    lr: lr * Math.min(1, (done + 1) / WARM) * (1 - done / steps),
    clip: CLIP,
    bias1: -Math.expm1((done + 1) * Math.log(ADAM.beta1)),
    bias2: -Math.expm1((done + 1) * Math.log(ADAM.beta2)),
  });
}
