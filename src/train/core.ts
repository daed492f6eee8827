/**
 * The state of one run, and how it is saved as a position and put back: what the loop (trainer.ts) and the structural
 * events (structure.ts) both work on.
 */

import { expectedDepth } from "../methods/drop/rule.ts";
import type { Answer } from "../methods/types.ts";
import type { Choice, LivePath } from "../run/config.ts";
import { stepCost } from "../run/cost.ts";
import { MAX_RECIPE } from "../run/limits.ts";
import { scheduleFactor } from "../run/schedules.ts";
import { Ahead } from "./ahead.ts";
import { Checkpoints } from "./checkpoints.ts";
import { type Drawn, type DropState, type DropWatch, drawLayers, layerFlops, UNWATCHED } from "./drop.ts";
import type { Outcome } from "./ending.ts";
import type { Stage } from "./event-terms.ts";
import type { FitWatch } from "./fit-sight.ts";
import { hasAnswer, openQuestion } from "./goals.ts";
import { type History, type Position, type ScoreWindow, START } from "./history.ts";
import type { Journal } from "./journal.ts";
import { Line } from "./line.ts";
import { ReadRing } from "./losses.ts";
import type { Network, Progress } from "./network.ts";
import { Ledger, NOTHING_SPENT } from "./schedule-budget.ts";
import { type Live, liveOf, type Setup } from "./setup.ts";

export type TrainerPhase = "ready" | "growing" | "ended" | "diverged";

/** What a person asked for, waiting for the next step boundary; an action that `waits` is being prepared meanwhile. */
export type Wish =
  | { readonly kind: "act"; readonly action: Choice; waits: boolean }
  | { readonly kind: "edit"; readonly path: LivePath; readonly value: number };

export class Core {
  readonly setup: Setup;
  readonly history: History;
  readonly journal: Journal;
  readonly ring = new ReadRing();
  readonly checkpoints = new Checkpoints();
  readonly ahead = new Ahead();
  readonly ledger: Ledger;
  readonly clock: () => number;
  readonly progress: Progress;
  /** Told of each stage of an event as it begins. */
  readonly stage: (name: Stage) => void;
  /** Lets what has arrived be heard; where the place has no such thing, waits for the device's next answer. */
  readonly turn: () => Promise<void>;
  phase: TrainerPhase = "ready";
  /** Why it ended, last time it did. */
  outcome: Outcome = "stopped";
  network: Network;
  line: Line;
  live: Live;
  /** Optimizer updates since the slots were last reset. */
  updates = 0;
  /** Updates over which the learning rate rises again since that reset. */
  rewarm = 0;
  /** Number of the next structural event on this line. */
  event = 0;
  /** Step of the last evaluation. */
  evaluated = -1;
  /** Updates skipped in a row. */
  skipped = 0;
  /** Layer dropping; null: every layer runs and always has. */
  drop: DropState | null = null;
  /** The loss since layers began to be dropped, as far as it is heard. */
  watch: DropWatch = UNWATCHED;
  /** Which layers the next step runs; null: all. */
  layers: Drawn | null = null;
  /** Steps whose losses are known. */
  heard = 0;
  /** Step of the last checkpoint. */
  checkpointed = 0;
  /** The node whose state is exactly the present one, if there is such. */
  standing: string | null = null;
  wishes: Wish[] = [];
  /** A person asked that the operator in training be committed as it is. */
  commit = false;

  /** Who sees an operator while it is trained. */
  readonly fitWatch: FitWatch | null;

  /** Something was asked of the person at this boundary, and no entry of the recipe answers it. */
  asking = false;

  /** Once an evaluation has shown that pruning waits for a goal that nothing works towards. */
  ask(): void {
    const asks = this.line.ask(this.step);
    if (asks === null) return;
    const { index: of, text, otherwise } = asks;
    this.journal.say(this.step, { type: "asks", of, text, otherwise });
    this.standing = null;
    this.asking = !hasAnswer(this.line.entries, of);
  }

  /** What the person says to it. Throws one sentence where nothing was asked. */
  answer(of: number, said: Answer): void {
    if (openQuestion(this.line.entries)?.of !== of) throw new Error("Nothing of that kind was asked.");
    if (this.line.recipe.length >= MAX_RECIPE) throw new Error(FULL);
    this.line.answer(this.step, of, said);
    this.standing = null;
  }

  commitOperator(): void {
    this.commit = true;
  }

  /** The scoring window that is open: structural events wait for it, one at a time. */
  window: ScoreWindow | null = null;

  constructor(
    setup: Setup,
    network: Network,
    position: Position,
    history: History,
    journal: Journal,
    outside: {
      readonly clock: () => number;
      readonly progress: Progress;
      readonly stage?: (name: Stage) => void;
      readonly fitWatch?: FitWatch | undefined;
      readonly turn?: (() => Promise<void>) | undefined;
    },
  ) {
    this.setup = setup;
    this.network = network;
    this.history = history;
    this.journal = journal;
    this.clock = outside.clock;
    this.progress = outside.progress;
    this.fitWatch = outside.fitWatch ?? null;
    this.stage = (name) => outside.stage?.(name);
    this.turn = outside.turn ?? (() => this.ring.next);
    this.ledger = new Ledger(setup.config.budget);
    this.line = new Line(position.line);
    this.live = position.live;
    this.adopt(position);
    if (this.step === 0 && history.now === START) this.standing = START;
  }

  /** Steps completed. */
  get step(): number {
    return this.ledger.spent.steps;
  }

  position(): Position {
    return {
      spent: this.ledger.spent,
      extra: this.ledger.extra,
      updates: this.updates,
      rewarm: this.rewarm,
      event: this.event,
      arch: this.network.arch,
      live: this.live,
      line: this.line.save(),
      window: this.window,
      evaluated: this.evaluated,
      skipped: this.skipped,
      drop: this.drop,
      watch: this.watch,
    };
  }

  /** Everything but the network is as it was at `position`. */
  adopt(position: Position): void {
    this.ledger.spent = position.spent;
    this.ledger.extra = position.extra;
    this.live = position.live;
    this.line = new Line(position.line);
    this.updates = position.updates;
    this.rewarm = position.rewarm;
    this.event = position.event;
    this.evaluated = position.evaluated;
    this.skipped = position.skipped;
    this.heard = this.step;
    this.checkpointed = this.step;
    this.wishes = [];
    // Absent in runs saved before there were windows.
    this.window = position.window ?? null;
    this.drop = position.drop ?? null;
    this.watch = position.watch ?? UNWATCHED;
    this.price();
  }

  /** What the next update costs at the present size; where layers are dropped, which of them it runs. */
  price(): void {
    const { config, shape } = this.setup;
    const { ledger } = this;
    const cost = (saved: number) =>
      stepCost(config.batch, shape.context, this.network.flops.executed - saved);
    ledger.full = cost(0);
    this.layers = drawLayers(this);
    const left = this.layers;
    const saved = left === null ? 0 : layerFlops(this);
    ledger.cost = left === null ? ledger.full : cost(saved * left.ran.filter((ran) => !ran).length);
    ledger.usual = left === null ? ledger.full : cost(saved * (left.ran.length - expectedDepth(left.keep)));
  }

  /**
   * `network` takes the place of the present one, whose arrays go too unless someone keeps them. A device goes on with
   * what was sent to it, whatever is disposed of meanwhile: nothing is waited for.
   */
  replace(network: Network, arraysToo: boolean): void {
    const old = this.network;
    this.network = network;
    this.ahead.due = true;
    this.price();
    if (arraysToo) old.dispose();
    else old.release();
  }

  /** The next wish that may be carried out now: structural ones wait while a window is open, and for one another. */
  get wish(): Wish | undefined {
    const act = this.wishes.find(({ kind }) => kind === "act");
    const held = this.window !== null || (act?.kind === "act" && act.waits && this.ledger.canStart);
    return this.wishes.find(({ kind }) => kind !== "act" || !held);
  }

  /**
   * An action, for the next boundary; `prepared`: only when its pipelines are there, and training goes on until then. The
   * step at which it happens is recorded when it does, so that a link does the same.
   */
  wishFor(action: Choice, prepared: boolean): void {
    const wish = { kind: "act" as const, action, waits: prepared };
    this.wishes.push(wish);
    if (!prepared) return;
    void this.ahead.prepare(this, action).then(() => {
      wish.waits = false;
    });
  }

  /** Nothing waits any longer: there is no training in which to prepare. */
  hurry(): void {
    for (const wish of this.wishes) if (wish.kind === "act") wish.waits = false;
  }

  /** The learning rate of update number `updates` (1-based, since the slots were last reset). */
  rate(updates: number): number {
    const { schedule } = this.setup.config;
    const rising = this.rewarm > 0 ? Math.min(1, updates / this.rewarm) : 1;
    const scheduled = scheduleFactor(schedule.id, schedule, this.ledger.x);
    return (this.live["optim.lr"] ?? 0) * scheduled * rising;
  }

  /** A copy of the state as it is at this point of the queue, in case the run diverges. */
  async checkpoint(): Promise<void> {
    if (this.checkpointed === this.step) return;
    this.checkpointed = this.step;
    const position = this.position();
    const complete = await this.checkpoints.take(this.setup, this.network, this.step);
    this.ring.push(Promise.resolve(), () =>
      complete({
        ...position,
        skipped: this.skipped,
        watch: this.watch,
        line: this.line.completed(position.line),
      }),
    );
  }

  stand(node: string): void {
    this.history.visit(node);
    this.standing = node;
  }
}

/** Where a run begins: what is due at step 0 is already known. */
export function startPosition(setup: Setup): Position {
  const line = Line.start(setup.config.recipe);
  line.arrive(0, 0);
  return {
    spent: NOTHING_SPENT,
    extra: 0,
    updates: 0,
    rewarm: 0,
    event: 0,
    arch: setup.arch,
    live: liveOf(setup.config),
    line: line.save(),
    window: null,
    evaluated: -1,
    skipped: 0,
  };
}

/** What a run says that can take no further change. */
export const FULL = `This run has ${MAX_RECIPE} changes already, the most that a link can carry.`;

/** 4182 → "4,182" */
export const whole = new Intl.NumberFormat("en").format;
