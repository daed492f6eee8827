/**
 * Random sequences of structural events, undo, branches, faults and reloads on one run, and what must hold after each of
 * them (grow-prune §1): for tests that hand in a backend. Actions and their values are drawn from the registry and its
 * schemas, so a method that is registered is tested.
 *
 * Long because deeds and the books that are kept of a run are of no use apart.
 */
import { expect } from "vitest";
import type { Schema } from "../config/schema.ts";
import type { Backend } from "../engine/types.ts";
import { isConnection } from "../methods/target.ts";
import type { Model } from "../models/types.ts";
import type { Choice, RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import { FIGURES } from "../run/figures.ts";
import { MAX_RECIPE } from "../run/limits.ts";
import { actions, models } from "../run/registries.ts";
import type { Stage } from "../train/event-terms.ts";
import { windowOf } from "../train/possible.ts";
import { report } from "../train/report.ts";
import { filled } from "../train/setup.ts";
import { Trainer, type TrainerDeps } from "../train/trainer.ts";
import type { Deed } from "./deeds.ts";
import { expectKept, expectSound, expectTrained, isPreserving, type Seen, seen } from "./invariants.ts";
import { eventsOf, tinyData, tinyImages } from "./runs.ts";

export interface Tally {
  /** Structural events that happened, undo and branches with them. */
  events: number;
  readonly kinds: Map<string, number>;
  refused: number;
  faults: number;
  steps: number;
}

export class Sequence {
  readonly tally: Tally = { events: 0, kinds: new Map(), refused: 0, faults: 0, steps: 0 };
  readonly #config: RunConfig;
  readonly #backend: Backend;
  readonly #events: RunEvent[] = [];
  /** What stood at each node when it was made. */
  readonly #nodes = new Map<string, Seen>();
  #fault: Stage | null = null;
  /** Bytes that a backend may hold beyond what the plans come to: a device has tables of sizes. */
  readonly #beyond: number;
  /** What the backend held before: others' on a device that is shared. */
  readonly #others: number;
  #trainer!: Trainer;

  private constructor(config: RunConfig, backend: Backend, beyond: number) {
    this.#beyond = beyond;
    this.#others = backend.bytes;
    this.#config = config;
    this.#backend = backend;
  }

  static async start(config: RunConfig, backend: Backend, beyond: number): Promise<Sequence> {
    const made = new Sequence(config, backend, beyond);
    made.#trainer = await Trainer.create({ ...made.#deps(), config });
    await made.#trainer.advance(4);
    return made;
  }

  #deps(): TrainerDeps {
    return {
      data: this.#config.data.id === "mnist" ? tinyImages() : tinyData(this.#config.context),
      backend: this.#backend,
      run: "test",
      clock: () => 0,
      emit: (event) => this.#events.push(event),
      onStage: (stage) => {
        if (stage !== this.#fault) return;
        this.#fault = null;
        this.tally.faults++;
        throw new Error(`a fault at "${stage}"`);
      },
    };
  }

  get trainer(): Trainer {
    return this.#trainer;
  }

  #see(): Promise<Seen> {
    return seen(this.trainer);
  }

  /** One deed, and everything that must hold after it. */
  async do(deed: Deed): Promise<void> {
    const { trainer } = this;
    const before = await this.#see();
    const from = this.#events.length;
    switch (deed.kind) {
      case "train": {
        await trainer.advance(deed.steps);
        // Back in a state that was left while a window was open, the window closes in its time.
        if (eventsOf(this.#events.slice(from), "structure/done").length === 0) {
          await this.#trained(before, deed.steps);
        }
        break;
      }
      case "undo": {
        const { history } = trainer.core;
        let place = history.get(history.now)!;
        do place = history.get(place.parent ?? "start")!;
        while (!history.restorable(place));
        await this.#goto(before, place.id);
        break;
      }
      case "branch": {
        const places = trainer.core.history.nodes.filter(({ restorable }) => restorable);
        await this.#goto(before, places[deed.at % places.length]!.id);
        break;
      }
      case "reload":
        await this.#reload(before);
        break;
      case "leave a window":
        await this.#leaveWindow();
        break;
      default:
        while (trainer.core.window !== null) await trainer.advance(1);
        await trainer.advance(0);
        if (trainer.recipe.length >= MAX_RECIPE - 2) await this.#goto(await this.#see(), "start");
        await this.#act(deed, await this.#see());
    }
    await this.#holds(from);
  }

  async #act({ action: drawn, at, fault }: Extract<Deed, { kind: "act" }>, before: Seen): Promise<void> {
    const { trainer } = this;
    const { core } = trainer;
    const method = actions.get(drawn.id)!;
    const { schema } = method;
    const matrices = core.network.specs.filter(isConnection).map(({ path }) => path);
    const paths = at % 3 === 0 ? [""] : at % 3 === 1 ? matrices : core.network.specs.map(({ path }) => path);
    const action = { ...drawn } as Record<string, unknown>;
    for (const [key, field] of Object.entries(schema as Schema)) {
      if (field.kind === "path" && action[key] === "") action[key] = paths[Math.floor(at / 3) % paths.length];
      // A window of twenty batches is a long time here.
      if (key === "window" && (action[key] as number) > 4) action[key] = 3;
    }
    const windowed = windowOf(method, filled(schema, action as Choice)) > 0;
    const [was, from, event, entries, held] = [
      core.network,
      this.#events.length,
      core.event,
      trainer.recipe.length,
      this.#backend.bytes,
    ];
    const nodes = core.history.nodes.length;
    this.#fault = fault;
    trainer.act(action as Choice);
    await trainer.advance(0);
    while (core.window !== null) await trainer.advance(1);
    await trainer.advance(0);
    const injected = fault !== null && this.#fault === null;
    this.#fault = null;
    const said = this.#events.slice(from);
    const done = eventsOf(said, "structure/done");
    const refused = eventsOf(said, "structure/refused");
    const about = JSON.stringify({ action, fault, arch: before.arch, step: before.step });
    expect(done.length + refused.length, about).toBe(1);
    const now = await this.#see();
    if (done.length === 0) {
      this.tally.refused++;
      const { message } = refused[0]!;
      // A sentence, and no accident that was not asked for.
      expect(message.includes("the event failed"), `${about}: ${message}`).toBe(injected);
      expect([core.event, core.history.nodes.length, core.window], about).toEqual([event, nodes, null]);
      expect(core.network.arrays.score).toBeNull();
      // Asked for by hand and refused, it is no part of the recipe, whenever that was said.
      expect(trainer.recipe.length, about).toBe(entries);
      if (!windowed) {
        expect(now, about).toEqual(before);
        expect(this.#backend.bytes, `${about}: bytes`).toBe(held);
      }
      return;
    }
    const [{ node, parent, ...figures }] = done as [(typeof done)[0]];
    this.tally.events++;
    this.tally.kinds.set(drawn.id, (this.tally.kinds.get(drawn.id) ?? 0) + 1);
    if (!windowed) this.#nodes.set(parent, before);
    this.#nodes.set(node, now);
    const { network } = core;
    expect(injected, about).toBe(false);
    expect([core.event, core.history.now, core.standing, core.window], about).toEqual([
      event + 1,
      node,
      node,
      null,
    ]);
    expect(core.history.get(node)!.parent).toBe(parent);
    expect(Number.isFinite(figures.lossAfter), about).toBe(true);
    // The record names each of them for the reader.
    expect(Object.keys(figures.extra).filter((key) => !(key in FIGURES))).toEqual([]);
    expect(figures.flopsBefore, about).toEqual(was.flops);
    expect([figures.paramsBefore, figures.paramsAfter], about).toEqual([was.params, network.params]);
    expect([figures.activeBefore, figures.activeAfter], about).toEqual([was.active, network.active]);
    const moved = Object.values(figures.counts).reduce((sum, [a, b]) => sum + b - a, 0);
    const states = network.specs.filter(({ state }) => state);
    if (states.length === 0) expect(moved, about).toBe(network.active - was.active);
    if (isPreserving(action)) {
      expect(figures.maxLogitDelta, about).toBeLessThanOrEqual(1e-5 * Math.max(1, figures.maxLogit));
    }
    if (!windowed) expectKept(before, now, drawn.id, about);
    if (figures.kind === "remove" || figures.kind === "compact") {
      expect(figures.paramsAfter, about).toBeLessThan(figures.paramsBefore);
    }
    if (figures.kind === "compact") await this.#nothingMore(drawn.id);
  }

  /** A second compaction is a no-op. */
  async #nothingMore(id: string): Promise<void> {
    const from = this.#events.length;
    this.trainer.act({ id });
    await this.trainer.advance(0);
    expect(eventsOf(this.#events.slice(from), "structure/refused").map(({ message }) => message)).toEqual([
      expect.stringMatching(/no unit is cut off|still needs all/),
    ]);
  }

  async #trained(before: Seen, steps: number): Promise<void> {
    const now = await this.#see();
    this.tally.steps += steps;
    expect([now.step, now.specs]).toEqual([before.step + steps, before.specs]);
    expectTrained(this.trainer.core.network, before, now, steps);
    const losses = eventsOf(this.#events, "step").slice(-steps);
    expect(losses.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  }

  async #goto(before: Seen, id: string): Promise<void> {
    const from = this.#events.length;
    await this.trainer.goto(id);
    const [moved] = eventsOf(this.#events.slice(from), "history/moved");
    if (!this.#nodes.has(moved!.from)) this.#nodes.set(moved!.from, before);
    const now = await this.#see();
    const then = this.#nodes.get(id);
    if (then !== undefined) expect(now, `back at ${id}`).toEqual(then);
    // What stood before an event that came by itself, when its window closed, was not seen.
    else this.#nodes.set(id, now);
    if (id === "start") expect(now.step).toBe(0);
    this.tally.events++;
    this.tally.kinds.set("goto", (this.tally.kinds.get("goto") ?? 0) + 1);
  }

  /** Saved, put away, loaded into a trainer of its own: the same run. */
  async #reload(before: Seen): Promise<void> {
    const bytes = await this.trainer.snapshot();
    const recipe = this.trainer.recipe;
    this.trainer.dispose();
    this.#trainer = await Trainer.restore(bytes, this.#deps());
    expect(await this.#see()).toEqual(before);
    expect(this.trainer.recipe).toEqual(recipe);
    this.#nodes.clear();
  }

  /** A scoring window is opened, and left by going back while it is open. */
  async #leaveWindow(): Promise<void> {
    const { trainer } = this;
    const { history } = trainer.core;
    if (!actions.has("connections") || trainer.recipe.length >= MAX_RECIPE - 2) return;
    const to = history.get(history.now)!.id;
    const place = history.get(to)!;
    if (!history.restorable(place) || place.position?.window || trainer.core.window !== null) return;
    trainer.act({ id: "connections", window: 3 });
    await trainer.advance(1);
    // Refused, it opened none and the step was an ordinary one.
    await this.#goto(await this.#see(), to);
    expect(trainer.core.window).toBeNull();
    expect(trainer.core.network.arrays.score).toBeNull();
  }

  /** What holds at any step boundary. */
  async #holds(from: number): Promise<void> {
    const { core } = this.trainer;
    expectSound(core, await this.#see());
    // Nothing is held that no plan asked for, however long it goes on.
    const { heldBytes, plannedBytes } = report(core, "r", "paused");
    expect(heldBytes).toBe(this.#backend.bytes);
    const here = heldBytes - this.#others;
    // Pages may have been there before, or not: what is held beyond whole ones.
    const beyond = (((here - plannedBytes) % PAGE_BYTES) + PAGE_BYTES) % PAGE_BYTES;
    expect(beyond, `${here} bytes held, ${plannedBytes} planned`).toBeLessThan(this.#beyond);
    for (const event of this.#events.slice(from)) {
      if (event.type === "run/ended") throw new Error(event.message);
    }
  }

  /** The run still learns: thawed, its loss on the probe falls. Then its own recipe gives the same run, to the bit. */
  async end(): Promise<void> {
    const { trainer } = this;
    if (trainer.recipe.length < MAX_RECIPE - 1) trainer.act({ id: "freeze", target: "", how: "thaw" });
    await trainer.advance(0);
    // Batches of two are rough: a small rate, and means over 45 steps, which of images are one epoch.
    if (trainer.recipe.length < MAX_RECIPE - 1) trainer.edit("optim.lr", 2e-3);
    await trainer.advance(0);
    const from = this.#events.length;
    await trainer.advance(90);
    await trainer.settled();
    const losses = eventsOf(this.#events.slice(from), "step").map(({ loss }) => loss);
    const mean = (part: readonly number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    expect(losses).toHaveLength(90);
    // What was cut down to a few weights has little left to learn: never worse than it was, or than guessing, but for the 2 %
    // by which updates of this rate move a loss that cannot fall.
    const guessing = Math.log(trainer.core.setup.shape.vocab);
    expect(mean(losses.slice(45))).toBeLessThan(1.02 * Math.max(guessing, mean(losses.slice(0, 45))));
    const here = await this.#see();
    const replay = await Trainer.create({
      ...this.#deps(),
      emit: () => {},
      config: { ...this.#config, recipe: trainer.recipe },
    });
    await replay.advance(here.step);
    await replay.advance(0);
    this.trainer.dispose();
    this.#trainer = replay;
    expect(await this.#see()).toEqual(here);
    replay.dispose();
  }
}

/** What is read back comes through pages of this size, which a device keeps for the next reads (gpu/readback.ts). */
export const PAGE_BYTES = 2 ** 16;

export interface Asked {
  /** Bytes that the backend may hold beyond what the plans come to. */
  readonly beyond?: number;
  /** No deed after so many events. */
  readonly events?: number;
}

/** A sequence from its beginning to its end; the tally says what happened in it. */
export async function runSequence(
  config: RunConfig,
  backend: Backend,
  deeds: readonly Deed[],
  { beyond = 1, events = Number.POSITIVE_INFINITY }: Asked = {},
): Promise<Tally> {
  const sequence = await Sequence.start(config, backend, beyond);
  for (const deed of deeds) {
    await sequence.do(deed);
    if (sequence.tally.events >= events) break;
  }
  await sequence.end();
  return sequence.tally;
}

export const modelOf = ({ model }: RunConfig): Model => models.get(model.id)!;
