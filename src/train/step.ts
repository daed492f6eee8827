/** One training step as it is sent: its control block, the layers it leaves out, what it pays. */
import { control, SLOT } from "../engine/control.ts";
import type { Core } from "./core.ts";
import { type Drawn, gateStep } from "./drop.ts";
import type { Spent } from "./schedule-budget.ts";

/** What is known of a step when it is sent, and needed when it is heard. */
export interface Sent {
  readonly spent: Spent;
  readonly lr: number;
  readonly fraction: number;
  /** Where layers are dropped, which ran. */
  readonly layers: Drawn | null;
}

/** Encodes the next step and pays for it. `answer`: what it says of itself, when it is back. */
export function encodeStep(core: Core): { readonly answer: Promise<ArrayBuffer>; readonly sent: Sent } {
  const { layers, live, ledger, line, network, step } = core;
  const { config, optim, optimValues } = core.setup;
  core.updates++;
  const lr = core.rate(core.updates);
  const betas = optim.betas?.(optimValues as never) ?? [0, 0];
  // 1 − βᵗ without cancellation.
  const bias = (beta: number, t: number) => (beta > 0 ? -Math.expm1(t * Math.log(beta)) : 1);
  const biases = (t: number) => [bias(betas[0], t), bias(betas[1], t)] as const;
  const [bias1, bias2] = biases(core.updates);
  const words = control({
    step,
    updates: core.updates,
    seed0: config.seed,
    lr,
    weightDecay: live["optim.weightDecay"] ?? 0,
    clip: live["optim.clip"] ?? 0,
    bias1,
    bias2,
    dropout: live["model.dropout"] ?? 0,
  });
  const { left, skip } = gateStep(core, words, biases);
  words[SLOT.left] = left;
  network.train.run(words, skip);
  const answer = network.train.read("metrics");
  ledger.pay();
  core.standing = null;
  const sent: Sent = { spent: ledger.spent, lr, fraction: ledger.fraction, layers };
  if (layers !== null) core.price();
  line.arrive(core.step, sent.fraction);
  return { answer, sent };
}
