/**
 * Seeing a growth operator while it is trained: now and then its matrices are read and the frozen source is asked for its
 * loss on the step's own batch. Both ride on the step's submit and nobody waits for them; while nobody looks, neither is done.
 */
import { arenaLayout } from "../engine/layout.ts";
import { meanCrossEntropy } from "../engine/ops/mean-cross-entropy.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { Arena, Executable, Program } from "../engine/types.ts";
import type { FitPoint, FitView } from "../run/fit.ts";
import { drawn } from "./feed.ts";
import type { FitOptions, Task } from "./fit.ts";
import { Beside } from "./fit-beside.ts";
import { type FrozenSpecs, phiAt, SOURCE } from "./fit-names.ts";
import type { Setup } from "./setup.ts";
import { partTiles } from "./view.ts";

/** Whoever looks, with a clock of its own. */
export interface FitWatch {
  /** Somebody looks at all. */
  wanted(): boolean;
  /** Which matrix is to be seen beside FPI's; null or absent: the map that widens the trunk. */
  beside?(): string | null;
  /** The last look is long enough ago. */
  due(): boolean;
  /** Makes and takes a look: what that costs decides when the next one is due. */
  tell(look: () => Omit<FitView, "run">): void;
  /** Before each step, of which `done` are made: comes back when training may go on. Throws GivenUp. */
  hold?(done: number, steps: number): Promise<void>;
}

/** Output "loss": of the source on the batch that the control block draws. */
function sourceProgram(setup: Setup, { model, from }: Task): Program {
  const t = createTrace();
  const batch = drawn(t, setup, "train", setup.config.batch);
  const params = t.arena("params", "params", arenaLayout(from.specs)).at;
  const options = { training: false, taps: false };
  const { logits } = model.apply(t, from.arch, from.data, params, batch, options);
  t.output("loss", t.call(meanCrossEntropy, [logits, batch.targets], {})[0]!);
  return plan(t.finish(), setup.backend.software ? { lanes: 1 } : {});
}

interface Seen {
  readonly beside: string;
  readonly made: Promise<ArrayBuffer> | null;
  readonly phi: Promise<ArrayBuffer>;
  readonly source: Promise<ArrayBuffer> | null;
}

interface Watched {
  readonly watch: FitWatch;
  /** Of a step. */
  readonly flops: number;
  readonly phi: Arena;
  /** Of what was read of the source; all arrays of the training by name. */
  readonly specs: FrozenSpecs;
  readonly arenas: ReadonlyMap<string, Arena>;
}

export class FitSight {
  readonly #setup: Setup;
  readonly #task: Task;
  readonly #options: FitOptions;
  readonly #watch: FitWatch;
  readonly #flops: number;
  readonly #beside: Beside;
  #source: Executable | null = null;
  #prepared: Promise<void> | null = null;
  #closed = false;
  #points: FitPoint[] = [];
  #start: Float32Array | null = null;

  /** `phi` before the first step. */
  constructor(setup: Setup, task: Task, options: FitOptions, { watch, flops, phi, specs, arenas }: Watched) {
    this.#setup = setup;
    this.#task = task;
    this.#options = options;
    this.#watch = watch;
    this.#flops = flops;
    this.#beside = new Beside(setup, task, specs, {
      ...Object.fromEntries(arenas),
      [SOURCE]: options.params,
    });
    if (!watch.wanted()) return;
    phi.read().then(
      (bits) => {
        this.#start = new Float32Array(bits);
      },
      () => undefined,
    );
  }

  /** Steps go on without the source's line until its kernels are there. */
  async #prepare(): Promise<void> {
    const { backend, train } = this.#setup;
    const made = await backend.compile(sourceProgram(this.#setup, this.#task)).catch(() => null);
    if (made === null || this.#closed) {
      made?.dispose();
      return;
    }
    made.bind("params", this.#options.params);
    for (const { name } of made.program.buffers) {
      const bound = train.get(name);
      if (name !== "" && bound) made.bind(name, bound);
    }
    this.#source = made;
  }

  /** Encodes a look behind the step that has just been encoded; null where none is due. `last`: the steps end here. */
  look(words: Uint32Array, phi: Arena, last: boolean): Seen | null {
    if (!this.#watch.wanted() || !(last || this.#watch.due())) return null;
    this.#prepared ??= this.#prepare();
    this.#source?.run(words);
    const asked = this.#watch.beside?.() ?? null;
    const beside = asked !== null && this.#beside.has(asked) ? asked : this.#trunk;
    const made = this.#beside.look(beside, words);
    return { beside, made, phi: phi.read(), source: this.#source?.read("loss") ?? null };
  }

  /** Step `step` had this loss; `seen`: what was encoded with it. */
  step(step: number, loss: number, seen: Seen | null): void {
    const points = this.#points;
    if (seen === null) {
      points.push({ step, loss, source: null });
      return;
    }
    this.#points = [];
    // A device that is lost meanwhile says so elsewhere.
    void Promise.all([seen.phi, seen.source, seen.made]).then(
      ([phi, source, made]) => {
        const at = source === null ? null : new Float32Array(source)[0]!;
        const all = [...points, { step, loss, source: at }];
        const values = new Float32Array(phi);
        this.#watch.tell(() => ({
          ...this.#view(all, values),
          beside: this.#beside.besides(seen.beside, values, made),
        }));
      },
      () => undefined,
    );
  }

  get #trunk(): string {
    const { operator, from, to, c } = this.#task;
    return operator.trunk(from, to, c);
  }

  #view(points: readonly FitPoint[], values: Float32Array): Omit<FitView, "run" | "beside"> {
    const { model, config, shape } = this.#setup;
    const { operator, from, to, c, method = "" } = this.#task;
    const specs = operator.specs(from, to, c);
    const parts = operator.parts(from, to, c);
    const layout = arenaLayout(specs);
    const step = points.at(-1)!.step;
    const start = this.#start;
    const tiles = (params: Float32Array) => partTiles({ layout, params, age: null, taps: new Map() }, parts);
    return {
      method,
      steps: this.#options.steps,
      points,
      sizes: [model.describe(from.arch), model.describe(to.arch)],
      anatomies: [model.anatomy(from.arch, shape), model.anatomy(to.arch, shape)],
      parts,
      tiles: tiles(values),
      drift: start === null ? null : tiles(values.map((x, i) => x - start[i]!)),
      feeds: operator.feeds(from, to, c, phiAt(specs, values)),
      bonds: operator.bonds?.(from, to, c, phiAt(specs, values)) ?? null,
      flops: step * this.#flops,
      tokens: step * config.batch * shape.context,
    };
  }

  dispose(): void {
    this.#closed = true;
    this.#beside.dispose();
    this.#source?.dispose();
    this.#source = null;
  }
}
