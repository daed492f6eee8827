/**
 * The product itself: its worker, its trainer, its registered model, driven by the messages that the page sends. The page
 * draws nothing here, and so asks for no looks (`look` with every 0); all else is as it is for a visitor.
 */
import type { Job, TrainingJob } from "../../../src/cli/bench/jobs.ts";
import { control } from "../../../src/engine/control.ts";
import { matmul } from "../../../src/engine/ops/matmul.ts";
import { plan } from "../../../src/engine/plan.ts";
import { createTrace } from "../../../src/engine/trace.ts";
import type { Arena, Backend, Executable } from "../../../src/engine/types.ts";
import type { RunEvent } from "../../../src/run/events.ts";
import type { RunCommand, RunState, WorkerMessage } from "../../../src/run/messages.ts";
import { firstRow, matrices, prepare } from "../prepared.ts";
import type { Engine, Taken } from "./types.ts";

/** Where the trainer is hosted: a worker in the browser, the same host in this process elsewhere. */
export interface Place {
  send(command: RunCommand): void;
  onMessage(listener: (message: WorkerMessage) => void): void;
  taken(): Promise<Taken>;
  close(): void;
}

const RUN = "bench";
/** More than the bench's models run before their products are compiled anew (the GPT's 8). */
const SETTLED = 12;

export class Ours implements Engine {
  readonly version = "this repository";
  readonly #place: () => Place;
  readonly #shaders: Readonly<Record<string, string>>;
  #at: Place | null = null;
  #state: RunState | null = null;
  #device = "";
  #losses = new Map<number, number>();
  #events: RunEvent[] = [];
  #failure: Error | null = null;
  #woken: (() => void)[] = [];

  constructor(place: () => Place, shaders: Readonly<Record<string, string>>) {
    this.#place = place;
    this.#shaders = shaders;
  }

  async open(job: Job): Promise<void> {
    await this.openConfig(prepare(job as TrainingJob));
  }

  async openConfig({ config, text }: Pick<ReturnType<typeof prepare>, "config" | "text">): Promise<void> {
    this.#losses = new Map();
    this.#events = [];
    this.#failure = null;
    this.#device = "";
    this.#state = null;
    this.#at = this.#place();
    this.#at.onMessage((message) => this.#hear(message));
    this.#at.send({ type: "init", shaders: this.#shaders, dataUrl: "" });
    this.#at.send({ type: "look", run: RUN, every: 0, text: "", part: null });
    this.#at.send({ type: "start", run: RUN, config, text });
    await this.#until(() => this.#state?.phase === "paused");
  }

  /** So many steps, and then until no pipeline is being compiled: see src/gpu/tuning.ts. */
  async settle(): Promise<void> {
    await this.steps(SETTLED);
    while ((await this.taken()).compiling > 0) await new Promise((wake) => setTimeout(wake, 250));
  }

  /**
   * One step that is not measured: the product copies the whole run aside every half minute of training, which after a
   * pause would always fall on the first step. `pause` is answered when that copy is done.
   */
  async rest(): Promise<void> {
    await this.step();
    this.#state = null;
    this.send({ type: "pause", run: RUN });
    await this.#until(() => this.#state?.phase === "paused");
  }

  async step(): Promise<number> {
    return this.steps(1);
  }

  /** `count` steps in a row; the loss of the last. */
  async steps(count: number): Promise<number> {
    const last = (this.#state?.step ?? 0) + count;
    this.send({ type: "step", run: RUN, count });
    await this.#until(() => this.#state?.phase === "paused" && this.#state.step === last);
    return this.#losses.get(last) ?? Number.NaN;
  }

  send(command: RunCommand): void {
    this.#at!.send(command);
  }

  /** Loss of each step so far, from step 1. */
  get losses(): readonly number[] {
    return [...this.#losses].sort(([a], [b]) => a - b).map(([, loss]) => loss);
  }

  get events(): readonly RunEvent[] {
    return this.#events;
  }

  get state(): RunState | null {
    return this.#state;
  }

  get device(): string {
    return this.#device;
  }

  async until(done: () => boolean): Promise<void> {
    return this.#until(done);
  }

  async taken(): Promise<Taken> {
    return this.#at!.taken();
  }

  async close(): Promise<void> {
    this.#at?.close();
    this.#at = null;
  }

  #hear(message: WorkerMessage): void {
    switch (message.type) {
      case "ready":
        this.#device = message.device;
        break;
      case "no-device":
        this.#failure = new Error(message.reason);
        break;
      case "refused":
      case "device-lost":
        this.#failure = new Error(message.message);
        break;
      case "events":
        for (const event of message.events) {
          this.#events.push(event);
          if (event.type === "step") this.#losses.set(event.step, event.loss);
          if (event.type === "run/ended") this.#failure = new Error(event.message);
        }
        break;
      case "state":
        this.#state = message.state;
        break;
      default:
        break;
    }
    const woken = this.#woken;
    this.#woken = [];
    for (const wake of woken) wake();
  }

  async #until(done: () => boolean): Promise<void> {
    while (!done()) {
      if (this.#failure !== null) throw this.#failure;
      await new Promise<void>((resolve) => this.#woken.push(resolve));
    }
    if (this.#failure !== null) throw this.#failure;
  }
}

/** The registered `matmul` op, replayed as a program of one call: there is no model around it. */
export class OursMatmul implements Engine {
  readonly version = "this repository";
  readonly #backend: () => Promise<Backend>;
  readonly #taken: () => Taken;
  #open: { backend: Backend; program: Executable; arenas: Arena[]; size: number; repeat: number } | null =
    null;

  constructor(backend: () => Promise<Backend>, taken: () => Taken) {
    this.#backend = backend;
    this.#taken = taken;
  }

  async open(job: Job): Promise<void> {
    if (job.model !== "matmul") throw new Error("a matmul is expected");
    const { size, repeat } = job;
    const backend = await this.#backend();
    const t = createTrace();
    const spec = { shape: [size, size], dtype: "f32" } as const;
    const [a, b] = [t.buffer("a", "data", spec), t.buffer("b", "data", spec)];
    const plain = { ta: false, tb: false, bias: false, residual: false, activation: "none" } as const;
    const y = t.call(matmul, [a, b], plain)[0]!;
    t.output("y", y);
    const program = await backend.compile(plan(t.finish()));
    const arenas = matrices(job).map((data, i) => {
      const arena = backend.arena(`matrix ${i}`, size * size);
      arena.write(0, data);
      program.bind(i === 0 ? "a" : "b", arena);
      return arena;
    });
    backend.submit();
    this.#open = { backend, program, arenas, size, repeat };
  }

  async step(): Promise<number> {
    const { backend, program, size, repeat } = this.#open!;
    for (let i = 0; i < repeat; i++) program.run(control({}));
    const bytes = program.read("y");
    backend.submit();
    return firstRow(new Float32Array(await bytes, 0, size));
  }

  async taken(): Promise<Taken> {
    return this.#taken();
  }

  async close(): Promise<void> {
    this.#open?.program.dispose();
    for (const arena of this.#open?.arenas ?? []) arena.dispose();
    this.#open?.backend.dispose();
    this.#open = null;
  }
}
