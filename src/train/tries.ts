/**
 * "Try them all": every arm is a trainer of its own that begins with the source as it stands (beginning.ts), and all take
 * turns, the one that is furthest behind next, so that their curves grow together. What an arm does depends on nothing but
 * its own config: turns, pauses and the order of arms change no bit of it. The run that the source is of is only read.
 *
 * An arm that the device has no room for beside the others waits until one of them is done.
 */
import type { LoadedData } from "../data/types.ts";
import { arenaLayout } from "../engine/layout.ts";
import { NoRoom } from "../engine/no-room.ts";
import type { Backend } from "../engine/types.ts";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import {
  type ArmPlan,
  type ArmState,
  armConfig,
  armRun,
  armsOf,
  SOURCE,
  stepFlops,
  type TriesState,
  type TryAsked,
  targetArch,
  targetFault,
  triesApply,
} from "../run/tries.ts";
import { initialWeights, specsOf } from "./arrays.ts";
import { type Beginning, beginning } from "./beginning.ts";
import { type Core, whole } from "./core.ts";
import { evaluateNow } from "./evaluate.ts";
import type { Setup } from "./setup.ts";
import { type FlatArrays, readArrays } from "./snapshot.ts";
import { Trainer } from "./trainer.ts";

export interface TryDeps {
  readonly run: string;
  readonly data: LoadedData;
  readonly backend: Backend;
  clock(): number;
  emit(event: RunEvent): void;
  /** Something that the state tells has changed. */
  changed(): void;
}

interface Arm {
  readonly plan: ArmPlan;
  state: Omit<ArmState, "id" | "label" | "action" | "kept">;
  trainer: Trainer | null;
  /** There was no room for it beside the others. */
  crowded: boolean;
  /** As it was at its end. */
  saved: ArrayBuffer | null;
  /** Steps a turn. */
  stretch: number;
}

/** Seconds that a turn should take: how late a Pause may be heard. */
const TURN = 0.05;

const OPEN: ReadonlySet<ArmState["phase"]> = new Set(["waiting", "growing", "training"]);

export class Tries {
  readonly #deps: TryDeps;
  readonly #source: Omit<Beginning, "config">;
  readonly #config: RunConfig;
  readonly #asked: TryAsked;
  readonly #sizes: { readonly from: string; readonly to: string };
  readonly #arms: Arm[];
  readonly #setup: Setup;

  private constructor(
    deps: TryDeps,
    core: Readonly<Core>,
    config: RunConfig,
    asked: TryAsked,
    flat: FlatArrays,
  ) {
    const { setup, network, step, updates, event } = core;
    this.#deps = deps;
    this.#setup = setup;
    this.#config = config;
    this.#asked = asked;
    const { arch, specs } = network;
    this.#source = { arch, specs, slots: setup.optim.slots, flat, step, evaluated: step, updates, event };
    const to = targetArch(arch, asked);
    this.#sizes = { from: setup.model.describe(arch), to: setup.model.describe(to) };
    const fresh = { why: "", share: 0, params: 0, operatorSteps: 0, operatorFlops: 0, grown: null };
    this.#arms = armsOf(config, arch, asked).map((plan) => ({
      plan,
      state: { ...fresh, phase: plan.why === null ? "waiting" : "none", why: plan.why ?? "" },
      trainer: null,
      crowded: false,
      saved: null,
      stretch: 1,
    }));
  }

  /** Reads the source. Throws one sentence when these cannot be compared. */
  static async of(core: Readonly<Core>, asked: TryAsked, deps: TryDeps): Promise<Tries> {
    const { setup, network, live } = core;
    const able = triesApply(setup.model.id);
    if (able !== true) throw new Error(able);
    if (core.phase === "diverged") {
      throw new Error("The network's loss is not a number. Go back to a good state first.");
    }
    const optim = { ...setup.config.optim, lr: live["optim.lr"] ?? Number(setup.config.optim.lr) };
    const config = { ...setup.config, optim };
    const fault = targetFault(config, network.arch, asked);
    if (fault !== null) throw new Error(fault);
    const { params, slots, age } = await readArrays(network.arrays);
    if (!params.every(Number.isFinite)) throw new Error("A weight of the source is not a finite number.");
    return new Tries(deps, core, config, asked, { params, slots, age, score: null });
  }

  get over(): boolean {
    return this.#arms.every(({ state }) => !OPEN.has(state.phase));
  }

  state(phase: TriesState["phase"], message = ""): TriesState {
    const { step } = this.#source;
    const arms = this.#arms.map(({ plan: { id, label, action }, state, saved }) => ({
      ...{ id, label, action },
      ...state,
      kept: saved !== null,
    }));
    return { phase, step, asked: this.#asked, ...this.#sizes, arms, message };
  }

  /** The network of an arm that is done, as a saved run; null: there is none. */
  saved(id: string): ArrayBuffer | null {
    return this.#arms.find(({ plan }) => plan.id === id)?.saved?.slice(0) ?? null;
  }

  /** The arm that is furthest behind takes some steps. */
  async turn(): Promise<void> {
    const arm = this.#next();
    if (arm === undefined) return;
    try {
      if (arm.trainer === null) await this.#open(arm);
      else await this.#train(arm, arm.trainer);
    } catch (error) {
      this.#close(arm);
      const alone = this.#arms.every(({ trainer }) => trainer === null);
      if (error instanceof NoRoom && !alone) arm.crowded = true;
      else this.#set(arm, { phase: "refused", why: error instanceof Error ? error.message : String(error) });
    }
  }

  #next(): Arm | undefined {
    const open = this.#arms.filter(({ state, crowded }) => OPEN.has(state.phase) && !crowded);
    return open.sort((a, b) => a.state.share - b.state.share)[0];
  }

  #set(arm: Arm, change: Partial<Arm["state"]>): void {
    arm.state = { ...arm.state, ...change };
    this.#deps.changed();
  }

  /** Its beginning, its growth if it has one, and its first evaluation. */
  async #open(arm: Arm): Promise<void> {
    const { run, data, backend } = this.#deps;
    const { plan } = arm;
    this.#set(arm, { phase: "growing", share: 0 });
    const trainer = await Trainer.restore(beginning(this.#beginning(plan)), {
      data,
      backend,
      run: armRun(run, plan.id),
      clock: () => this.#deps.clock(),
      emit: (event) => this.#hear(arm, event),
      onProgress: (label, done, total) => {
        if (label === "operator") this.#set(arm, { share: done / total });
      },
    });
    arm.trainer = trainer;
    const { core } = trainer;
    await trainer.advance(0);
    if (plan.action !== null && arm.state.grown === null) {
      this.#close(arm);
      this.#set(arm, { phase: "refused" });
      return;
    }
    // The curve begins when what it is grown by is paid: what the source scores is no part of it.
    evaluateNow(core);
    await trainer.settled();
    this.#set(arm, { phase: "training", share: core.ledger.fraction, params: core.network.params });
    if (trainer.phase !== "ready") await this.#finish(arm, trainer);
  }

  /** Single steps are many, and no curve here is drawn of them. */
  #hear(arm: Arm, event: RunEvent): void {
    if (event.type === "step") return;
    if (event.type === "structure/done") {
      const { lossBefore: before, lossAfter: after, extra } = event;
      const { operatorSteps = 0, operatorFlops = 0 } = extra;
      arm.state = { ...arm.state, grown: { before, after }, operatorSteps, operatorFlops };
    }
    if (event.type === "structure/refused" || (event.type === "run/ended" && event.reason === "diverged")) {
      arm.state = { ...arm.state, why: event.message.replace(/ (Training goes on|Go back to .*)\.$/, "") };
    }
    this.#deps.emit(event);
  }

  async #train(arm: Arm, trainer: Trainer): Promise<void> {
    const began = this.#deps.clock();
    const done = await trainer.advance(arm.stretch);
    // The next turn is another arm's: nothing of this one may be under way.
    await trainer.settled();
    const took = this.#deps.clock() - began;
    const fits = took > 0 ? Math.floor((done * TURN) / took) : 2 * done;
    arm.stretch = Math.max(1, Math.min(2 * arm.stretch, fits, 256));
    this.#set(arm, { share: trainer.core.ledger.fraction });
    if (trainer.phase !== "ready") await this.#finish(arm, trainer);
  }

  async #finish(arm: Arm, trainer: Trainer): Promise<void> {
    const diverged = trainer.phase === "diverged";
    if (!diverged) arm.saved = await trainer.snapshot();
    this.#close(arm);
    for (const other of this.#arms) other.crowded = false;
    this.#set(arm, { phase: diverged ? "diverged" : "done", share: 1 });
  }

  #close(arm: Arm): void {
    arm.trainer?.dispose();
    arm.trainer = null;
  }

  #beginning({ action, from, id }: ArmPlan): Beginning {
    const { arch, step, flat, slots } = this.#source;
    const plain = armConfig(this.#config, arch, this.#asked, { action, from }, step);
    // One's own text has as many symbols as it has; a config does not know.
    const flops = stepFlops(this.#config, targetArch(arch, this.#asked), this.#deps.data.symbols.length);
    const config = { ...plain, budget: { unit: "flops" as const, amount: this.#asked.steps * flops } };
    const { from: size } = this.#sizes;
    const given = `the source at step ${whole(step)}, ${size}`;
    if (id === SOURCE) return { ...this.#source, config, given };
    const empty = (length: number) => slots.map(() => new Float32Array(length));
    if (from === "source") {
      return {
        ...this.#source,
        config,
        flat: { ...flat, slots: empty(flat.params.length) },
        updates: 0,
        given,
      };
    }
    const { id: _, ...values } = config.model;
    const specs = specsOf(this.#setup, values);
    const fresh = { params: initialWeights(config.seed, specs), slots: empty(arenaLayout(specs).length) };
    return {
      ...this.#source,
      config,
      arch: values,
      specs,
      flat: { ...fresh, age: null, score: null },
      updates: 0,
    };
  }

  /** Frees what the arms have on the device; those that were not done are stopped. */
  dispose(): void {
    for (const arm of this.#arms) {
      this.#close(arm);
      if (OPEN.has(arm.state.phase)) arm.state = { ...arm.state, phase: "stopped" };
    }
  }
}
