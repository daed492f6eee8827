/**
 * What an operator has learned beside what bert2BERT FPI would have put there (transformer-growth §8): one of its matrices
 * beside the copies and shares of FPI, or one matrix of the larger network (a slice of Mango's M2) as the step has it beside the one
 * that FPI makes of the same source. The learned one is what the step used anyway; FPI's is made once.
 */

import { control } from "../engine/control.ts";
import { arenaLayout } from "../engine/layout.ts";
import { slice } from "../engine/ops/layout.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { Arena, Executable, ParamSpec, Program, Tensor } from "../engine/types.ts";
import { assembled } from "../methods/grow/operator.ts";
import type { OperatorPart } from "../methods/types.ts";
import type { Besides } from "../run/fit.ts";
import type { Task } from "./fit.ts";
import { type FrozenSpecs, frozenBuffers, GROWN, phiAt, SOURCE } from "./fit-names.ts";
import type { Setup } from "./setup.ts";
import { matrixOf, partTiles } from "./view.ts";

/** ‖a − b‖ and ‖b‖, over all entries. */
function apart(a: Float32Array, b: Float32Array): readonly [number, number] {
  let [off, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    off += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return [Math.sqrt(off), Math.sqrt(size)];
}

const tileIn = (spec: ParamSpec, values: Float32Array, part: OperatorPart) =>
  partTiles({ layout: arenaLayout([spec]), params: values, age: null, taps: new Map() }, [part])[part.id]!;

/** The matrix that is looked at, and FPI's in its place. */
interface Known {
  readonly part: OperatorPart;
  readonly spec: ParamSpec;
  readonly fpi: Float32Array;
  /** Pictures of the same tensor: by them slots of the ring are measured that FPI leaves empty. */
  readonly kin: readonly OperatorPart[];
  /** Of the larger network: copies it out of the step's weights; null when training is over. */
  copy: Executable | null;
}

/** Output "matrix": x, copied whole. */
function handedOut(t: ReturnType<typeof createTrace>, x: Tensor): Program {
  const all = { starts: x.shape.map(() => 0), sizes: x.shape };
  t.output("matrix", t.call(slice, [x], all)[0]!);
  return plan(t.finish());
}

export class Beside {
  readonly #setup: Setup;
  readonly #task: Task;
  readonly #arenas: Readonly<Record<string, Arena>>;
  readonly #specs: FrozenSpecs;
  #asked: string | null = null;
  #known: Known | null = null;
  #closed = false;

  /** `arenas`: what was read of the source, the grown weights of the step, and the source's own as "from.params". */
  constructor(setup: Setup, task: Task, specs: FrozenSpecs, arenas: Readonly<Record<string, Arena>>) {
    [this.#setup, this.#task, this.#specs, this.#arenas] = [setup, task, specs, arenas];
  }

  get #own(): readonly OperatorPart[] {
    const { operator, from, to, c } = this.#task;
    return operator.parts(from, to, c);
  }

  /** Those of the larger network, named by their layers. */
  get #made(): readonly OperatorPart[] {
    const { model, to } = this.#task;
    return model
      .anatomy(to.arch, this.#setup.shape)
      .tiers.flatMap((tier) =>
        [...tier.left, ...tier.right].flatMap((part) =>
          part.kind === "weight" ? [{ ...part, name: `${tier.name} ${part.name}` }] : [],
        ),
      );
  }

  /** There is a matrix of this id, of the operator or of the larger network. */
  has(id: string): boolean {
    return [...this.#own, ...this.#made].some((one) => one.id === id);
  }

  /** Encodes what a look at `id` needs behind the step that has just been encoded. Null: nothing of the device. */
  look(id: string, words: Uint32Array): Promise<ArrayBuffer> | null {
    if (this.#asked !== id) {
      this.#asked = id;
      this.#known?.copy?.dispose();
      this.#known = null;
      // A device that is lost meanwhile, or full, says so elsewhere.
      void this.#prepare(id).catch(() => undefined);
    }
    const copy = this.#known?.copy ?? null;
    copy?.run(words);
    return copy?.read("matrix") ?? null;
  }

  async #prepare(id: string): Promise<void> {
    const { operator, from, to, c } = this.#task;
    const t = createTrace();
    const phi = operator.fpi(t, from, to, c);
    const own = this.#own.find((one) => one.id === id);
    if (own !== undefined) {
      const fpi = await this.#once(handedOut(t, phi.get(own.path)!));
      if (fpi === null || this.#asked !== id) return;
      const spec = operator.specs(from, to, c).find(({ path }) => path === own.path)!;
      const kin = this.#own.filter(({ path }) => path === own.path);
      this.#known = { part: own, spec, fpi, kin, copy: null };
      return;
    }
    const part = this.#made.find((one) => one.id === id)!;
    const spec = to.specs.find(({ path }) => path === part.path)!;
    const old = t.arena(SOURCE, "params", arenaLayout(from.specs)).at;
    const frozen = frozenBuffers(t, this.#specs);
    const all = assembled(t, operator, { from, to, old, frozen, phi }, c);
    const fpi = await this.#once(handedOut(t, all.get(part.path)!));
    const seen = createTrace();
    const grown = seen.arena(GROWN, "params", arenaLayout(to.specs)).at.get(part.path)!;
    const copy = await this.#setup.backend.compile(handedOut(seen, grown));
    if (fpi === null || this.#closed || this.#asked !== id) return copy.dispose();
    copy.bind(GROWN, this.#arenas[GROWN]!);
    this.#known = { part, spec, fpi, kin: [], copy };
  }

  /** The matrix that it hands out; null when training ended meanwhile: what the program mentions may be gone then. */
  async #once(program: Program): Promise<Float32Array | null> {
    const { backend } = this.#setup;
    const made = await backend.compile(program);
    try {
      if (this.#closed) return null;
      for (const { name } of program.buffers) {
        const bound = this.#arenas[name];
        if (bound) made.bind(name, bound);
      }
      made.run(control({}));
      const bits = made.read("matrix");
      backend.submit();
      return new Float32Array(await bits);
    } finally {
      made.dispose();
    }
  }

  /** `values`: φ as it stands; `seen`: what `look` has read. Null while FPI's is not there yet. */
  besides(id: string, values: Float32Array, seen: ArrayBuffer | null): Besides | null {
    const known = this.#known;
    if (known === null || known.part.id !== id) return null;
    const { part, spec, fpi, kin } = known;
    const { operator, from, to, c } = this.#task;
    const own = kin.length > 0;
    if (!own && seen === null) return null;
    const learned = own ? phiAt(operator.specs(from, to, c), values)(part.path) : new Float32Array(seen!);
    const laid = (all: Float32Array, of = part) => matrixOf(all, spec.shape, of).data;
    const [off, size] = apart(laid(learned), laid(fpi));
    const whole =
      size > 0 ? size : Math.max(0, ...kin.map((one) => apart(laid(fpi, one), laid(fpi, one))[1]));
    return {
      ...{ id, part, distance: off / whole },
      ...{ learned: tileIn(spec, learned, part), fpi: tileIn(spec, fpi, part) },
    };
  }

  dispose(): void {
    this.#closed = true;
    this.#known?.copy?.dispose();
    if (this.#known !== null) this.#known.copy = null;
  }
}
