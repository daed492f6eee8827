/**
 * What the recipe's next events will need, made ready while training goes on: the programs of the next size are traced, and
 * their pipelines compiled, so that the event itself neither traces nor compiles. It changes nothing of a run: what is not
 * ready in time is made when it is needed, and the result is the same. What a person asks for in a running run is prepared
 * likewise, and happens when it is ready: the run records that step.
 */
import type { Program } from "../engine/types.ts";
import type { StructurePlan } from "../methods/types.ts";
import type { Choice } from "../run/config.ts";
import { actions } from "../run/registries.ts";
import { isStructured } from "./ages.ts";
import { specsOf } from "./arrays.ts";
import type { Core } from "./core.ts";
import { gatesWith } from "./drop.ts";
import { censusProgram, changeProgram, finiteProgram } from "./event-programs.ts";
import { growthPlan } from "./growth-plan.ts";
import { type NetworkPrograms, networkPrograms } from "./network.ts";
import { type Kept, type Sized, sideOf, trainProgram } from "./programs.ts";
import { filled, type Setup } from "./setup.ts";

/** Sizes whose programs are kept: the next ones of a few entries. */
const SIZES = 4;

export class Ahead {
  /** The network has changed since it was last looked ahead. */
  due = true;
  /** Resolves when what was begun is ready, or was overtaken. Never rejects. */
  done: Promise<void> = Promise.resolve();
  readonly #programs = new Map<string, NetworkPrograms>();
  #turn = 0;

  /** The programs of a size, from memory where they were traced ahead. */
  programs(setup: Setup, sized: Sized, kept: Kept): NetworkPrograms {
    const key = JSON.stringify([sized.arch, kept.ages, kept.score, kept.gates ?? null]);
    const programs = this.#programs.get(key) ?? networkPrograms(setup, sized, kept);
    this.#programs.delete(key);
    this.#programs.set(key, programs);
    if (this.#programs.size > SIZES) this.#programs.delete(this.#programs.keys().next().value!);
    return programs;
  }

  /** Begins with the recipe's entries that still act, in their order. What was begun before is dropped. */
  look(core: Core): void {
    this.due = false;
    const turn = ++this.#turn;
    this.done = this.#prepare(core, () => turn === this.#turn).catch(() => {
      // An event that cannot be prepared says why when it is due.
    });
  }

  stop(): void {
    this.due = false;
    this.#turn++;
  }

  /**
   * For an action that a person has just asked for, who is waiting: all its parts are compiled side by side, and between one
   * trace and the next no more than what has arrived is heard. Resolves when all is ready, or when there is nothing to prepare.
   */
  async prepare(core: Core, action: Choice): Promise<void> {
    const { network } = core;
    const warming: Promise<void>[] = [];
    const take = async (program: Program): Promise<void> => {
      const warm = core.setup.backend.warm(program);
      warm.catch(() => {}); // waited for below
      warming.push(warm);
      await core.turn();
    };
    try {
      await this.#one(core, action, () => core.network === network, take);
      await Promise.all(warming);
    } catch {
      // What cannot be prepared says why when it is made.
    }
  }

  async #prepare(core: Core, current: () => boolean): Promise<void> {
    const seen = new Set<string>();
    for (const action of core.line.coming) {
      const known = JSON.stringify(action);
      if (seen.has(known)) continue;
      seen.add(known);
      // One part at a time, each when the device has nothing else to do.
      const take = async (program: Program): Promise<void> => {
        await core.setup.backend.warm(program);
        await core.setup.backend.idle();
      };
      await core.setup.backend.idle();
      if (!current()) return;
      await this.#one(core, action, current, take);
      if (!current()) return;
    }
  }

  /** Hands the programs of the event to `take`, one by one as they are traced: training goes on between them. */
  async #one(
    core: Core,
    action: Choice,
    current: () => boolean,
    take: (program: Program) => Promise<void>,
  ): Promise<void> {
    const { setup, network } = core;
    const { model, shape } = setup;
    const from = sideOf(network, shape);
    const aged = network.arrays.age !== null;
    const method = actions.get(action.id);
    if (method === undefined) return;
    const values = filled(method.schema, action);
    // A method that must look at the weights cannot say what it will do; that it changes masks is the likeliest.
    const planned: StructurePlan | string =
      method.kind === "grow"
        ? growthPlan(model, from, method, values, [setup.config.seed, core.event], aged)
        : method.does === "drop"
          ? { arch: network.arch, preserving: true }
          : { arch: network.arch, preserving: false, change: (_, old) => ({ age: old.age }) };
    if (typeof planned === "string" || model.check(planned.arch, shape) !== null) return;
    const specs = specsOf(setup, planned.arch);
    const to = sideOf({ arch: planned.arch, specs }, shape);
    const scored = method.kind === "structure" && (method.window?.(values as never) ?? 0) > 0;
    const changed = changeProgram(setup, from, to, planned, {
      aged: aged || isStructured(specs),
      scored,
    });
    const after: Kept = {
      ages: changed.ages,
      score: false,
      gates: gatesWith(network.gates, method, values),
    };
    const parts = [
      () => changed.program,
      () => finiteProgram(network.specs, scored),
      ...(changed.ages ? [() => censusProgram(specs)] : []),
      ...(["train", "evaluate", "probe"] as const).map((name) => () => this.programs(setup, to, after)[name]),
      ...(scored
        ? [() => trainProgram(setup, network, { ages: aged, score: true, gates: network.gates })]
        : []),
    ];
    for (const part of parts) {
      await take(part());
      if (!current()) return;
    }
  }
}
