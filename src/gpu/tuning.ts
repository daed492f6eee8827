/**
 * Which way of each dispatch runs on this device (engine/tiles.ts). All ways give the same bits, so the choice is a matter of
 * speed alone and no part of a run.
 *
 * The table is short. On a processor whose subgroups are quads, quads: 1.5 to 2.4 times as fast as the plain way wherever
 * they fit (public/docs/experiments.md), so nothing is timed and the first step does not wait. A small product stays plain
 * there: its pipeline by quads takes the processor about a second more to compile, which it would not earn back. A graphics
 * card takes what is spread out, another processor the plain way.
 *
 * Where a kernel has a form that is faster still and takes long to compile, a program begins without it. Only when it has run so
 * often that the time to be saved by as many runs again would pay for the compilation (a ski rental: at most twice the best
 * that could have been done), that form is compiled while training goes on, and takes its place.
 *
 * The table was measured on few adapters. What a card is really fastest with is timed on it, once (tile-timer.ts), and stands
 * above the table (choices.ts).
 */
import { type Dispatch, multiplyAdds, type Way, waysOf } from "../engine/tiles.ts";
import type { Program } from "../engine/types.ts";
import { digest, shapeClass, type Variant, variantsOf } from "../engine/variants.ts";
import type { Choices } from "./choices.ts";

/** Subgroups of exactly four, always: a processor with lanes of four floats, as SwiftShader is. */
export function hasQuads({ info }: GPUAdapter, { features }: GPUDevice): boolean {
  return features.has("subgroups") && info.subgroupMinSize === 4 && info.subgroupMaxSize === 4;
}

/** Multiply-adds from which quads pay: at this size they save about 2 ms a step, a compilation in some 500 steps. */
const WORTH_QUADS = 2 ** 21;

/**
 * All of the products that have quads say their sizes by these names. An LSTM is none of them: by quads it compiles sooner
 * than plainly, as there is no workgroup memory to clear, and any size of it pays.
 */
function pays({ m, rows, n = 0, k, batch = 0, heads, time = 0, d = 0 }: Dispatch["sizes"]): boolean {
  if (heads !== undefined) return batch * heads * time ** 2 * d >= WORTH_QUADS;
  return k === undefined || (m ?? rows ?? 0) * n * k >= WORTH_QUADS;
}

/** Multiply-adds from which long quads have earned back their compilation: 1.3 s at some 1.3 G a second, an eighth saved. */
const WORTH_LONG = 2 ** 34;

/** Kernels that take the place of others in a program, by the number of the command. */
export interface Later {
  /** Runs of the program after which they are worth their compilation. */
  readonly after: number;
  readonly dispatches: ReadonlyMap<number, Dispatch>;
}

/** What a dispatch may be here, what it is, and what it would be without a timing. */
export interface Choosable {
  /** What the choice is remembered by: kernel, class of shape, names and texts of what there is to choose from. */
  readonly key: string;
  readonly variants: readonly Variant[];
  readonly standing: Variant;
}

export interface TuningOptions {
  /** As hasQuads says. */
  readonly quads?: boolean;
  /** A graphics card, and no processor that stands in for one. */
  readonly card?: boolean;
  /** Stands for the whole text of a shader, with which a choice is remembered: a kernel that was changed is timed anew. */
  readonly digestOf?: (shader: string) => string;
  /** All there is to choose from; a test gives fewer. */
  readonly variantsOf?: typeof variantsOf;
}

export class Tuning {
  readonly #quads: boolean;
  readonly #card: boolean;
  readonly #digestOf: (shader: string) => string;
  readonly #variantsOf: typeof variantsOf;
  #preferred: string | null = null;
  #choices: Choices | null = null;

  constructor({ quads = false, card = false, digestOf = () => "", ...given }: TuningOptions) {
    this.#quads = quads;
    this.#card = card;
    this.#digestOf = digestOf;
    this.#variantsOf = given.variantsOf ?? variantsOf;
  }

  /** What the table of this class of adapters takes where a dispatch has it. */
  get usual(): Way["id"] {
    return this.#card ? "spread" : this.#quads ? "quads" : "plain";
  }

  /** What was timed on this adapter; null: nothing is, and the table stands. */
  get choices(): Choices | null {
    return this.#choices;
  }

  set choices(choices: Choices | null) {
    this.#choices = choices;
  }

  /** Can ways of this id run here? */
  has(id: string): boolean {
    return id === "plain" || id.startsWith("spread") || this.#quads;
  }

  /** From now on this way or variant, wherever a dispatch has it: for tests and comparisons. Null: as the table says. */
  prefer(id: string | null): void {
    this.#preferred = id;
  }

  /** The same program, each dispatch in the way that is fast here. */
  chosen(program: Program): Program {
    const commands = program.commands.map((command) =>
      command.kind === "dispatch" ? this.choose(command) : command,
    );
    return { ...program, commands };
  }

  /** What is worth compiling once the program has run for a while; null: nothing. */
  later(program: Program): Later | null {
    if (!this.#quads || this.#preferred !== null) return null;
    let work = 0;
    const dispatches = new Map<number, Dispatch>();
    program.commands.forEach((command, i) => {
      if (command.kind !== "dispatch" || !pays(command.sizes)) return;
      const long = waysOf(command).find(({ id }) => id === "long quads");
      if (!long) return;
      dispatches.set(i, long.dispatch);
      work += multiplyAdds(command.sizes);
    });
    return work === 0 ? null : { after: Math.ceil(WORTH_LONG / work), dispatches };
  }

  /** Null where there is nothing to choose. */
  choosable(dispatch: Dispatch): Choosable | null {
    const variants = this.#variantsOf(dispatch).filter(({ id }) => this.has(id));
    if (variants.length < 2) return null;
    const names = variants.map(({ id }) => id).join("|");
    const texts = new Set(variants.map((variant) => variant.dispatch.shader));
    const text = digest([...texts].map((shader) => this.#digestOf(shader)).join(" "));
    const key = `${shapeClass(dispatch)} ${names} ${text}`;
    const usual = this.#usualOf(dispatch);
    const standing = variants.find(({ id }) => id.startsWith(usual)) ?? variants[0]!;
    return { key, variants, standing };
  }

  /** In the way that was timed to be fast here, or else that the table takes. */
  choose(dispatch: Dispatch): Dispatch {
    const timed = this.#preferred === null ? this.timed(dispatch) : null;
    if (timed !== null) return timed;
    const all = this.#preferred === null ? waysOf(dispatch) : [...waysOf(dispatch), ...variantsOf(dispatch)];
    const ways: readonly Variant[] = all.filter(({ id }) => this.has(id));
    const wanted = this.#preferred ?? this.#usualOf(dispatch);
    return (ways.find(({ id }) => id === wanted) ?? ways[0]!).dispatch;
  }

  /** What a timing on this adapter has decided for it; null: nothing. */
  timed(dispatch: Dispatch): Dispatch | null {
    if (this.#choices === null) return null;
    const choosable = this.choosable(dispatch);
    const id = choosable && this.#choices.get(choosable.key)?.id;
    return choosable?.variants.find((variant) => variant.id === id)?.dispatch ?? null;
  }

  #usualOf({ sizes }: Dispatch): Way["id"] {
    return this.#card ? "spread" : pays(sizes) ? "quads" : "plain";
  }
}
