/**
 * The programs a run replays, traced from a model's size: training step, evaluation, probe, the window that is looked at,
 * text generation. Pure: the same size gives the same program, to the key. Those of events: event-programs.ts.
 */
import type { Values } from "../config/schema.ts";
import { ALIGN, arenaLayout } from "../engine/layout.ts";
import { accuracy } from "../engine/ops/accuracy.ts";
import { accumulate } from "../engine/ops/ages.ts";
import { maskedMean } from "../engine/ops/masked-mean.ts";
import { meanCrossEntropy } from "../engine/ops/mean-cross-entropy.ts";
import { norm } from "../engine/ops/norm.ts";
import { reshape } from "../engine/ops/reshape.ts";
import { sampleToken } from "../engine/ops/sample-token.ts";
import { softmax } from "../engine/ops/softmax.ts";
import { take } from "../engine/ops/take.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { ParamSpec, Program, Tensor, Trace } from "../engine/types.ts";
import type { Side } from "../methods/types.ts";
import type { DataShape, Gates } from "../models/types.ts";
import { drawn, windowed } from "./feed.ts";
import type { Setup } from "./setup.ts";

/** The probe: the fixed batch on which a network is compared with what it becomes (grow-prune §1.3). */
export const PROBE_WINDOWS = 8;
export const PROBE_IMAGES = 256;
/** Tokens that one generated text may have. */
export const WRITTEN_LIMIT = 1024;

/** What a size of the model is, to the builders below. */
export interface Sized {
  readonly arch: Values;
  readonly specs: readonly ParamSpec[];
}

/** What a network keeps beside its weights and slots. */
export interface Kept {
  /** A mask and update counter for each weight. */
  readonly ages: boolean;
  /** The sum of gradients of an open scoring window. */
  readonly score: boolean;
  /** Layers can be left out of a training step, each with a count of updates of its own. Absent: no. */
  readonly gates?: Gates | null;
}

export const NOTHING_KEPT: Kept = { ages: false, score: false, gates: null };

/** Windows, or images, of the probe batch. */
export const probeSize = ({ model }: Setup): number =>
  model.task === "classify" ? PROBE_IMAGES : PROBE_WINDOWS;

function meanLoss(t: Trace, losses: Tensor, targets: Tensor): Tensor {
  const flat = t.call(reshape, [targets], { shape: losses.shape })[0]!;
  return t.call(maskedMean, [losses, flat], {})[0]!;
}

/**
 * One update. Output "metrics": see metrics.ts; "losses" [B·T]: each place's own, 0 where it has no target, for whoever
 * chooses examples by it; read back only when asked for.
 */
export function trainProgram(setup: Setup, { arch, specs }: Sized, kept: Kept): Program {
  const { model, optim, shape, config } = setup;
  const t = createTrace();
  const layout = arenaLayout(specs);
  const params = t.arena("params", "params", layout);
  const grads = t.arena("grads", "grads", layout);
  const slots = optim.slots.map((slot) => t.arena(`slots.${slot}`, "slots", layout).all);
  const age = kept.ages ? t.arena("age", "masks", layout, "u32").all : null;
  const batch = drawn(t, setup, "train", config.batch);
  const gates = kept.gates ?? null;
  const options = { training: true, taps: false, ...(gates === null ? {} : { gates }) };
  const applied = model.apply(t, arch, shape, params.at, batch, options);
  // The logits once more, and not the model's losses: this op brings the gradient along. The other one is then not run.
  const [loss, losses] = t.call(meanCrossEntropy, [applied.logits, batch.targets], {});
  const gradients = t.grad(loss!, params.at);
  for (const [path, gradient] of gradients) t.store(gradient, grads.at.get(path)!);
  const inputs = [grads.all, ...(age === null ? [] : [age]), losses!, batch.targets];
  const [norms] = t.call(norm, inputs, { report: true });
  const blocks = t.constant(
    { shape: [layout.length / ALIGN], dtype: "u32" },
    updateBlocks(specs, gates !== null),
  );
  optim.update(
    t,
    { param: params.all, grad: grads.all, slots, blocks, norm: norms!, age },
    setup.optimValues as never,
  );
  if (kept.score) {
    // After the update, which writes into the norm's head whether the step was skipped.
    t.call(accumulate, [t.arena("score", "grads", layout).all, grads.all, norms!], {});
  }
  t.output("metrics", norms!);
  t.output("losses", losses!);
  // A processor is busy with one workgroup a core: long sums shared out among its invocations only cost it barriers
  // (measured: 240 against 175 ms of processor time a step of gpt-tiny). `run/started` says which class it was.
  return plan(t.finish(), setup.backend.software ? { lanes: 1 } : {});
}

/** Of elements 64 i … 64 i + 63: bit 0, weight decay applies; above, the gate of their layer (engine/control.ts). */
function updateBlocks(specs: readonly ParamSpec[], gated: boolean): Uint32Array {
  const layout = arenaLayout(specs);
  const blocks = new Uint32Array(layout.length / ALIGN);
  for (const { path, decay, layer } of specs) {
    const { offset, count } = layout.entries.get(path)!;
    const gate = gated && layer !== undefined ? layer + 1 : 0;
    blocks.fill(Number(decay) | (gate << 1), offset / ALIGN, Math.ceil((offset + count) / ALIGN));
  }
  return blocks;
}

/**
 * Output "loss" [1]: mean over the evenly spaced validation batch number `drawIndex` of `drawCount`. Where classes are
 * asked for, "accuracy" [1] as well: the share of them that the network gets right. `gates`: layers can be left out of it.
 */
export function evalProgram(setup: Setup, { arch, specs }: Sized, gates?: "skip"): Program {
  const t = createTrace();
  const params = t.arena("params", "params", arenaLayout(specs));
  const batch = drawn(t, setup, "validation", setup.config.batch);
  const options = { training: false, taps: false, ...(gates === undefined ? {} : { gates }) };
  const applied = setup.model.apply(t, arch, setup.shape, params.at, batch, options);
  t.output("loss", meanLoss(t, applied.losses!, batch.targets));
  if (setup.model.task === "classify") {
    t.output("accuracy", t.call(accuracy, [applied.logits, batch.targets], {})[0]!);
  }
  return plan(t.finish());
}

/**
 * Outputs "logits" [8·T or 256, V] and "loss" [1] of the fixed probe batch. `scores`: "accuracy" [1] too, where classes are
 * asked for; events compare logits and do without.
 */
export function probeProgram(setup: Setup, { arch, specs }: Sized, scores = false): Program {
  const t = createTrace();
  const params = t.arena("params", "params", arenaLayout(specs));
  const batch = drawn(t, setup, "validation", probeSize(setup));
  const applied = setup.model.apply(t, arch, setup.shape, params.at, batch, { training: false, taps: false });
  t.output("logits", applied.logits);
  t.output("loss", meanLoss(t, applied.losses!, batch.targets));
  if (scores && setup.model.task === "classify") {
    t.output("accuracy", t.call(accuracy, [applied.logits, batch.targets], {})[0]!);
  }
  return plan(t.finish());
}

/** The draws of training step by step, for a recording: outputs "inputs" and "targets", as a model is given them. */
export function batchProgram(setup: Setup): Program {
  const t = createTrace();
  const batch = drawn(t, setup, "train", setup.config.batch);
  t.output("inputs", batch.inputs);
  t.output("targets", batch.targets);
  return plan(t.finish());
}

/** One text or image in the buffer "window": outputs "probabilities" [T, V] and every tap that is drawn, "tap.<name>". */
export function viewProgram(setup: Setup, { arch, specs }: Sized): Program {
  const t = createTrace();
  const params = t.arena("params", "params", arenaLayout(specs));
  const inputs = windowed(t, setup);
  const applied = setup.model.apply(
    t,
    arch,
    setup.shape,
    params.at,
    { inputs, targets: null },
    { training: false, taps: true },
  );
  t.output("probabilities", t.call(softmax, [applied.logits], {})[0]!);
  const { tiers } = setup.model.anatomy(arch, setup.shape);
  const parts = tiers.flatMap(({ left, right }) => [...left, ...right]);
  const drawn = new Set(parts.flatMap((part) => (part.kind === "weight" ? [] : [part.tap])));
  for (const [name, tap] of applied.taps) if (drawn.has(name)) t.output(`tap.${name}`, tap);
  return plan(t.finish());
}

/** One more token: appended in place to the buffers "window" and "written". */
export function sampleProgram(setup: Setup, { arch, specs }: Sized): Program {
  const t = createTrace();
  const { context } = setup.shape;
  const params = t.arena("params", "params", arenaLayout(specs));
  const window = t.buffer("window", "data", { shape: [context], dtype: "u32" });
  const written = t.buffer("written", "data", { shape: [WRITTEN_LIMIT], dtype: "u32" });
  const inputs = t.call(reshape, [window], { shape: [1, context] })[0]!;
  const { logits } = setup.model.apply(
    t,
    arch,
    setup.shape,
    params.at,
    { inputs, targets: null },
    { training: false, taps: false },
  );
  t.call(sampleToken, [setup.model.masked ? oneOn(t, logits) : logits, window, written, t.control], {
    bos: setup.model.bos,
  });
  return plan(t.finish());
}

/** A masked model is asked at the place itself, the next one, which holds [MASK]: row p is what was row p + 1. */
function oneOn(t: Trace, logits: Tensor): Tensor {
  const last = logits.shape[0]! - 1;
  const next = Array.from({ length: last + 1 }, (_, i) => Math.min(i + 1, last));
  return t.call(take, [logits, t.constant({ shape: [last + 1], dtype: "u32" }, next)], { axis: 0 })[0]!;
}

export function sideOf({ arch, specs }: Sized, data: DataShape): Side {
  return { arch, specs, data };
}
