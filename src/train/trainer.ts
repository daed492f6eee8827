/**
 * One run: replays the training step, hears the losses as they come back, and does what the recipe and the person ask at
 * step boundaries. No clock, no GPU, no random numbers of its own: it is handed a Backend and a clock, so the whole loop
 * runs in tests without either. What it says and does depends on config, actions and device alone; how many steps share
 * a submit, and when a read-back arrives, change nothing.
 *
 * Long because the loop and the boundary are one argument about what may happen in which order.
 */
import type { LoadedData } from "../data/types.ts";
import type { Backend } from "../engine/types.ts";
import type { Choice, LivePath, RecipeEntry, RunConfig } from "../run/config.ts";
import type { RunEvent, RunEventBody, StructurePreview } from "../run/events.ts";
import { MAX_AMOUNT, MAX_RECIPE } from "../run/limits.ts";
import { type Arrays, arraysOf, disposeArrays, freshArrays, specsOf } from "./arrays.ts";
import { CHECKPOINT_EVERY } from "./checkpoints.ts";
import { Core, FULL, startPosition, type TrainerPhase, whole } from "./core.ts";
import { gatesOf } from "./drop.ts";
import { close, endOfBudget, hear, type Outcome } from "./ending.ts";
import { evaluateNow } from "./evaluate.ts";
import type { Stage } from "./event-terms.ts";
import type { FitWatch } from "./fit-sight.ts";
import { History, type Position } from "./history.ts";
import { Journal } from "./journal.ts";
import { LAG } from "./line.ts";
import { readMetrics } from "./metrics.ts";
import { createNetwork, type Network, type Progress } from "./network.ts";
import { Pace } from "./pace.ts";
import { checkedAction, previewNow } from "./possible.ts";
import { checkEdit, createSetup, disposeSetup, type Setup } from "./setup.ts";
import { nodeSnapshot, readFlat, readHeader, snapshotOf } from "./snapshot.ts";
import { encodeStep } from "./step.ts";
import { actNow } from "./structure.ts";
import { backNow, editNow, givenStart, gotoNode, refillNode, takeBackNow, takenBack } from "./ways-back.ts";

export interface TrainerDeps {
  readonly data: LoadedData;
  readonly backend: Backend;
  emit(event: RunEvent): void;
  /** Seconds, from any origin. */
  clock(): number;
  readonly run: string;
  /** Lets the event loop take in what has arrived. */
  readonly turn?: () => Promise<void>;
  readonly onProgress?: Progress;
  readonly fitWatch?: FitWatch;
  /** Told of each stage of a structural event as it begins: a test injects its faults here. */
  readonly onStage?: (name: Stage) => void;
  /** Events are numbered from here at least: a run put back after a lost device never says a number twice. */
  readonly firstSeq?: number;
}

interface Start {
  readonly arrays: Arrays;
  readonly position: Position;
  readonly history: History;
  readonly journal: { readonly seq: number; readonly wall: number; readonly past: readonly RunEvent[] };
}

export class Trainer {
  readonly #core: Core;
  readonly #pace: Pace;

  private constructor(core: Core) {
    this.#core = core;
    this.#pace = new Pace(core.clock);
  }

  static async create(deps: TrainerDeps & { readonly config: RunConfig }): Promise<Trainer> {
    return Trainer.#open(deps.config, deps, false, async (setup) => ({
      arrays: await freshArrays(setup, specsOf(setup, setup.arch)),
      position: startPosition(setup),
      history: new History(),
      journal: { seq: 0, wall: 0, past: [] },
    }));
  }

  /** Goes on with a saved run exactly where it was. */
  static async restore(bytes: ArrayBuffer, deps: TrainerDeps): Promise<Trainer> {
    const header = readHeader(bytes);
    const trainer = await Trainer.#open(header.config, deps, true, async (setup) => {
      const specs = specsOf(setup, header.position.arch);
      const flat = readFlat(bytes, specs, setup.optim.slots);
      const history = new History(header.history);
      const { position, seq, wall, events: past } = header;
      try {
        await givenStart(setup, bytes, header.start, history);
        return {
          arrays: await arraysOf(setup, specs, flat),
          position,
          history,
          journal: { seq, wall, past },
        };
      } catch (error) {
        history.dispose();
        throw error;
      }
    });
    if (header.ended) trainer.#core.phase = "ended";
    return trainer;
  }

  /** What cannot be opened leaves nothing on the device. */
  static async #open(
    config: RunConfig,
    deps: TrainerDeps,
    resumed: boolean,
    from: (setup: Setup) => Promise<Start>,
  ): Promise<Trainer> {
    const setup = createSetup(config, deps.data, deps.backend);
    const progress: Progress = (label, done, total) => deps.onProgress?.(label, done, total);
    let start: Start | null = null;
    let network: Network;
    try {
      await setup.backend.room();
      start = await from(setup);
      const { arch } = start.position;
      network = await createNetwork(setup, arch, specsOf(setup, arch), start.arrays, {
        onProgress: progress,
        gates: gatesOf(start.position.drop ?? null),
      });
    } catch (error) {
      if (start !== null) disposeArrays(start.arrays);
      start?.history.dispose();
      disposeSetup(setup);
      throw error;
    }
    const seq = Math.max(start.journal.seq, deps.firstSeq ?? 0);
    const journal = new Journal(deps.run, (event) => deps.emit(event), { ...start.journal, seq });
    const clock = () => deps.clock();
    const stage = deps.onStage ?? (() => {});
    const outside = { clock, progress, stage, fitWatch: deps.fitWatch, turn: deps.turn };
    const core = new Core(setup, network, start.position, start.history, journal, outside);
    journal.say(core.step, {
      type: "run/started",
      config: setup.config,
      device: setup.backend.name,
      software: setup.backend.software,
      ...(setup.backend.tiling ? { tiling: setup.backend.tiling } : {}),
      vocab: setup.shape.vocab,
      params: network.params,
      active: network.active,
      budgetSteps: core.ledger.steps,
      resumed,
    });
    return new Trainer(core);
  }

  /** The state, for those who report it (report.ts) or look at the network (look.ts). */
  get core(): Readonly<Core> {
    return this.#core;
  }

  get phase(): TrainerPhase {
    return this.#core.phase;
  }

  /** Steps completed. */
  get step(): number {
    return this.#core.step;
  }

  /** Config plus everything done by hand on the present line: what a link carries. */
  get recipe(): readonly RecipeEntry[] {
    return this.#core.line.recipe;
  }

  /** Events of the past that a page needs to draw it: of a run that was loaded, too. */
  get past(): readonly RunEvent[] {
    return this.#core.journal.past;
  }

  // ------------------------------------------------------------------------------------------------------ the loop

  /**
   * Up to `most` steps, while `going`; 0 does only what is due or wished for at this boundary. Returns the steps done.
   */
  async advance(most: number, going: () => boolean = () => true): Promise<number> {
    const core = this.#core;
    const began = core.clock();
    const wall = core.journal.wall;
    if (most === 0) core.hurry();
    core.asking = false;
    let done = 0;
    for (;;) {
      await this.#boundary();
      if (core.phase !== "ready" || core.asking || !going()) break;
      if (!core.ledger.canStart) {
        await endOfBudget(core);
        this.#pace.rest();
        break;
      }
      if (done >= most) break;
      done += await this.#burst(most - done);
      core.journal.wall = wall + core.clock() - began;
    }
    core.journal.wall = wall + core.clock() - began;
    return done;
  }

  /** Everything sent has been heard. */
  async settled(): Promise<void> {
    await this.#core.ring.drain();
    this.#pace.rest();
  }

  /** One submit: several steps when they are short, up to whatever must happen at a boundary. Returns the steps. */
  async #burst(most: number): Promise<number> {
    const core = this.#core;
    while (this.#pace.full) await this.#hearOldest();
    if (core.phase !== "ready") return 0;
    const wanted = Math.min(most, this.#pace.stride);
    let steps = 0;
    let heard: Promise<void>;
    do {
      heard = this.#encodeStep();
      steps++;
    } while (steps < wanted && this.#clear);
    core.setup.backend.submit();
    this.#pace.sent(steps, heard);
    if (core.ahead.due) core.ahead.look(core);
    return steps;
  }

  async #hearOldest(): Promise<void> {
    await this.#pace.hearOldest();
    this.#core.ring.check();
  }

  /** Nothing has to happen before the next step. */
  get #clear(): boolean {
    const { ledger, line, step, wish, window, heard } = this.#core;
    return (
      ledger.canStart &&
      !this.#evaluationDue &&
      !line.hasDue(step, window !== null) &&
      wish === undefined &&
      (window === null || step < window.closes) &&
      step % CHECKPOINT_EVERY !== 0 &&
      (!line.needsLosses || heard > step - LAG)
    );
  }

  #encodeStep(): Promise<void> {
    const { answer, sent } = encodeStep(this.#core);
    return this.#core.ring.push(answer, (bytes) => hear(this.#core, sent, readMetrics(bytes)));
  }

  // -------------------------------------------------------------------------------------------------- at a boundary

  async #boundary(): Promise<void> {
    const core = this.#core;
    core.ring.check();
    while (core.phase === "ready") {
      if (this.#evaluationDue) evaluateNow(core);
      // A loss judged at t acts at t + LAG: it must be known before step t + LAG + 1 is sent.
      // One step more, so that an evaluation at t, which is heard just after step t, is known as well.
      while (core.line.needsLosses && core.heard <= core.step - LAG && !this.#pace.empty) {
        await this.#hearOldest();
      }
      if (core.phase !== "ready") return;
      core.ask();
      const { window } = core;
      if (window !== null && core.step >= window.closes) {
        await this.#perform(core.line.entry(window.index), window.index);
        continue;
      }
      const due = core.line.next(core.step, window !== null);
      if (due !== null) {
        if (due.back) await this.#back(due.index);
        else await this.#perform(due.entry, due.index);
        continue;
      }
      const { wish } = core;
      if (wish === undefined) break;
      core.wishes.splice(core.wishes.indexOf(wish), 1);
      const action = wish.kind === "act" ? wish.action : { id: "edit", path: wish.path, value: wish.value };
      await this.#perform({ trigger: { id: "hand" }, action }, null);
    }
    if (core.phase === "ready" && core.step % CHECKPOINT_EVERY === 0) await core.checkpoint();
  }

  /** `index`: the recipe's entry; null for a person's wish, which becomes one. */
  async #perform({ action }: RecipeEntry, index: number | null): Promise<void> {
    const core = this.#core;
    if (action.id === "edit") {
      await editNow(core, action.path as LivePath, action.value as number);
      if (index === null) core.line.record(core.step, action);
      else core.line.done(index);
      return;
    }
    if (action.id === "extend") {
      core.ledger.extend(action.steps as number);
      core.line.done(index!);
      return;
    }
    await this.settled();
    if (core.phase !== "ready") return;
    await actNow(core, action, core.line.by(index), index);
  }

  /** The entry's trigger says that its last event was one too many. */
  async #back(index: number): Promise<void> {
    await this.settled();
    if (this.#core.phase === "ready") await backNow(this.#core, index);
  }

  get #evaluationDue(): boolean {
    const { step, evaluated, setup } = this.#core;
    return step % setup.config.eval.every === 0 && evaluated !== step;
  }

  // ----------------------------------------------------------------------------------------------- what a person asks

  /** A structural action, at the next boundary, or at the first at which it is `prepared`. Throws one sentence if it is none. */
  act(action: Choice, prepared = false): void {
    const checked = checkedAction(action);
    this.#room();
    this.#core.wishFor(checked, prepared);
  }

  /** What such an action would do now: see previewNow. */
  async preview(action: Choice): Promise<StructurePreview> {
    const checked = checkedAction(action);
    await this.settled();
    this.#notDiverged();
    return previewNow(this.#core, checked);
  }

  /** A live setting, at the next step boundary. Throws one sentence when it cannot be. */
  edit(path: string, value: number): void {
    const wrong = checkEdit(this.#core.setup, path, value);
    if (wrong !== null) throw new Error(wrong);
    this.#room();
    this.#core.wishes.push({ kind: "edit", path: path as LivePath, value });
  }

  #room(): void {
    if (this.phase === "ended") throw new Error("This run has ended. Continue it first.");
    this.#notDiverged();
    this.#roomInRecipe();
  }

  #roomInRecipe(): void {
    if (this.recipe.length + this.#core.wishes.length >= MAX_RECIPE) {
      throw new Error(FULL);
    }
  }

  /** Undo, redo, branch: the whole run as it was at a node. Throws one sentence when that is gone. */
  async goto(node: string, bytes?: ArrayBuffer): Promise<void> {
    await this.settled();
    if (bytes !== undefined) await refillNode(this.#core, node, bytes);
    await gotoNode(this.#core, node);
  }

  /** What was asked for last, whether it waits, gathers its gradients, or has happened since the run stood at `node`. */
  async takeBack(node: string | null): Promise<void> {
    const core = this.#core;
    const wish = core.wishes.findLast(({ kind }) => kind === "act");
    if (wish?.kind === "act") {
      core.wishes = core.wishes.filter((other) => other !== wish);
      this.say({ type: "notice", text: takenBack(wish.action) });
      return;
    }
    await this.settled();
    await takeBackNow(core, node);
  }

  /** More budget, from this step on: an entry of the recipe, so that a link goes on as long as the run did. */
  extend(steps: number): void {
    const core = this.#core;
    if (!Number.isInteger(steps) || steps < 1 || steps > MAX_AMOUNT.steps) {
      throw new Error(`A run goes on for 1 to ${whole(MAX_AMOUNT.steps)} steps more, not for ${steps}.`);
    }
    this.#roomInRecipe();
    core.ledger.extend(steps);
    core.line.record(core.step, { id: "extend", steps });
    core.standing = null;
    if (this.phase === "ended") core.phase = "ready";
  }

  /** Ends the run by hand. */
  async stop(): Promise<void> {
    await this.settled();
    if (this.phase !== "ready") return;
    close(this.#core, "stopped", `Stopped at step ${whole(this.step)}.`);
  }

  /** The whole run as bytes: see snapshot.ts. `again`: bytes of an earlier one, to be written over. */
  async snapshot(again?: ArrayBuffer | null): Promise<ArrayBuffer> {
    await this.settled();
    this.#notDiverged();
    return snapshotOf(this.#core, again);
  }

  /** A node of the history as bytes; none at all when its state is no longer kept. */
  async saveNode(node: string): Promise<ArrayBuffer> {
    await this.settled();
    return (await nodeSnapshot(this.#core, node)) ?? new ArrayBuffer(0);
  }

  #notDiverged(): void {
    if (this.phase === "diverged") throw new Error("This run has diverged. Go back to a good state first.");
  }

  /** Says something that is no part of training: a written text, a notice. */
  say(body: Extract<RunEventBody, { readonly type: "sample" | "notice" }>): void {
    this.#core.journal.say(this.step, body);
  }

  /** Something outside the mathematics went wrong. */
  fail(message: string): void {
    close(this.#core, "failed", message);
  }

  /** Why the run ended, last time it did. */
  get outcome(): Outcome {
    return this.#core.outcome;
  }

  /** New programs around the same arrays: a shader has changed. Throws, with the old ones in place, when it is broken. */
  async reload(): Promise<void> {
    await this.settled();
    const core = this.#core;
    const { arch, specs, arrays, counts, gates } = core.network;
    const options = { onProgress: core.progress, counts, gates };
    core.replace(await createNetwork(core.setup, arch, specs, arrays, options), false);
  }

  dispose(): void {
    const core = this.#core;
    core.ring.close();
    core.ahead.stop();
    core.checkpoints.clear();
    core.history.dispose();
    core.network.dispose();
    disposeSetup(core.setup);
  }
}
