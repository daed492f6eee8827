/**
 * What an operator has learned beside what bert2BERT FPI would have put there (transformer-growth §8): one of its matrices
 * beside the copies and shares of FPI, or one matrix of the larger network (a slice of Mango's M2) as the step has it beside the one
 * that FPI makes of the same source. The learned one is what the step used anyway; FPI's is made once.
 */

import { control } from "../engine/control.ts";
import { arenaLayout, sizeOf } from "../engine/layout.ts";
import { slice } from "../engine/ops/layout.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { Arena, Executable, ParamSpec, Program } from "../engine/types.ts";
import { assembled } from "../methods/grow/operator.ts";
import type { OperatorPart } from "../methods/types.ts";
import type { Besides } from "../run/fit.ts";
import type { Task } from "./fit.ts";
import { type FrozenSpecs, frozenBuffers, GROWN, SOURCE } from "./fit-names.ts";
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

const FPI_PHI = "operator.fpi";

/** One matrix of the larger network: the program that copies it out of the step's weights, and FPI's. */
interface Made {
  readonly part: OperatorPart;
  readonly spec: ParamSpec;
  /** Null: the operator's training is over. */
  copy: Executable | null;
  readonly fpi: Float32Array;
}

export class Beside {
  readonly #setup: Setup;
  readonly #task: Task;
  readonly #arenas: Readonly<Record<string, Arena>>;
  readonly #specs: FrozenSpecs;
  #phi: Float32Array | null = null;
  #asked: string | null = null;
  #made: Made | null = null;
  #closed = false;

  /** `arenas`: what was read of the source, the grown weights of the step, and the source's own as "from.params". */
  constructor(setup: Setup, task: Task, specs: FrozenSpecs, arenas: Readonly<Record<string, Arena>>) {
    [this.#setup, this.#task, this.#specs, this.#arenas] = [setup, task, specs, arenas];
  }

  #matrices(): readonly (OperatorPart & { readonly of: string })[] {
    const { model, to } = this.#task;
    return model
      .anatomy(to.arch, this.#setup.shape)
      .tiers.flatMap((tier) =>
        [...tier.left, ...tier.right].flatMap((part) =>
          part.kind === "weight" ? [{ ...part, of: tier.name }] : [],
        ),
      );
  }

  /** There is a matrix of this id, of the operator or of the larger network. */
  has(id: string): boolean {
    const { operator, from, to, c } = this.#task;
    return [...operator.parts(from, to, c), ...this.#matrices()].some((one) => one.id === id);
  }

  /** Encodes what a look at `id` needs behind the step that has just been encoded. Null: nothing of the device. */
  look(id: string | null, words: Uint32Array): Promise<ArrayBuffer> | null {
    if (this.#asked !== id) {
      this.#asked = id;
      this.#made?.copy?.dispose();
      this.#made = null;
      // A device that is lost meanwhile says so elsewhere.
      void this.#prepare(id).catch(() => undefined);
    }
    const copy = this.#made?.copy ?? null;
    copy?.run(words);
    return copy?.read("made") ?? null;
  }

  async #prepare(id: string | null): Promise<void> {
    const { operator, from, to, c } = this.#task;
    const { backend } = this.#setup;
    if (this.#phi === null) {
      const t = createTrace();
      const layout = arenaLayout(operator.specs(from, to, c));
      const phi = t.arena(FPI_PHI, "params", layout).at;
      for (const [path, value] of operator.fpi(t, from, to, c)) t.store(value, phi.get(path)!);
      const into = backend.arena(FPI_PHI, layout.length);
      try {
        await backend.room();
        const read = await this.#once(plan(t.finish()), { [FPI_PHI]: into }, () => into.read());
        if (read === null) return;
        this.#phi = new Float32Array(read);
      } finally {
        into.dispose();
      }
    }
    const part = this.#matrices().find((one) => one.id === id);
    if (part === undefined) return;
    const spec = to.specs.find(({ path }) => path === part.path)!;
    const t = createTrace();
    const old = t.arena(SOURCE, "params", arenaLayout(from.specs)).at;
    const frozen = frozenBuffers(t, this.#specs);
    const phi = operator.fpi(t, from, to, c);
    t.output("made", assembled(t, operator, { from, to, old, frozen, phi }, c).get(part.path)!);
    const made = await this.#once(plan(t.finish()), this.#arenas, (program) => program.read("made"));
    const copying = createTrace();
    const grown = copying.arena(GROWN, "params", arenaLayout(to.specs)).at.get(part.path)!;
    const all = { starts: spec.shape.map(() => 0), sizes: spec.shape };
    copying.output("made", copying.call(slice, [grown], all)[0]!);
    const copy = await backend.compile(plan(copying.finish()));
    if (made === null || this.#closed || this.#asked !== id) return copy.dispose();
    copy.bind(GROWN, this.#arenas[GROWN]!);
    this.#made = {
      part: { ...part, name: `${part.of} ${part.name}` },
      spec,
      copy,
      fpi: new Float32Array(made),
    };
  }

  /** Null when training ended meanwhile: what the program mentions may be gone then. */
  async #once(
    program: Program,
    arenas: Readonly<Record<string, Arena>>,
    read: (made: Executable) => Promise<ArrayBuffer>,
  ): Promise<ArrayBuffer | null> {
    const { backend } = this.#setup;
    const made = await backend.compile(program);
    try {
      if (this.#closed) return null;
      for (const { name } of program.buffers) {
        const bound = arenas[name];
        if (bound) made.bind(name, bound);
      }
      made.run(control({}));
      const bits = read(made);
      backend.submit();
      return await bits;
    } finally {
      made.dispose();
    }
  }

  /** `values`: φ as it stands; `seen`: what `look` has read. Null while FPI's is not there yet. */
  besides(id: string, values: Float32Array, seen: ArrayBuffer | null): Besides | null {
    const { operator, from, to, c } = this.#task;
    if (seen !== null) {
      const made = this.#made;
      if (made === null || made.part.id !== id) return null;
      return this.#pair(made.part, made.spec, new Float32Array(seen), made.fpi, []);
    }
    const parts = operator.parts(from, to, c);
    const part = parts.find((one) => one.id === id);
    if (part === undefined || this.#phi === null) return null;
    const specs = operator.specs(from, to, c);
    const { entries } = arenaLayout(specs);
    const of = (all: Float32Array, path: string) => {
      const { offset } = entries.get(path)!;
      return all.subarray(offset, offset + sizeOf(specs.find((spec) => spec.path === path)!.shape));
    };
    const spec = specs.find(({ path }) => path === part.path)!;
    // Slots of the ring that FPI leaves empty are measured by the core as a whole.
    const kin = parts.filter(({ post, path }) => post === part.post && path === part.path);
    return this.#pair(part, spec, of(values, part.path), of(this.#phi, part.path), kin);
  }

  #pair(
    part: OperatorPart,
    spec: ParamSpec,
    learned: Float32Array,
    fpi: Float32Array,
    kin: readonly OperatorPart[],
  ): Besides {
    const laid = (values: Float32Array, of = part) => matrixOf(values, spec.shape, of).data;
    const [off, own] = apart(laid(learned), laid(fpi));
    const size = own > 0 ? own : Math.max(0, ...kin.map((one) => apart(laid(fpi, one), laid(fpi, one))[1]));
    return {
      ...{ id: part.id, distance: off / size },
      ...{ learned: tileIn(spec, learned, part), fpi: tileIn(spec, fpi, part), part },
    };
  }

  dispose(): void {
    this.#closed = true;
    this.#made?.copy?.dispose();
    if (this.#made !== null) this.#made.copy = null;
  }
}
