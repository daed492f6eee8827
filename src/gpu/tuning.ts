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
 */
import { type Dispatch, multiplyAdds, type Way, waysOf } from "../engine/tiles.ts";
import type { Program } from "../engine/types.ts";

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

export class Tuning {
  readonly #quads: boolean;
  readonly #card: boolean;
  #preferred: string | null = null;

  /** `quads`: as hasQuads says. `card`: a graphics card, and no processor that stands in for one. */
  constructor({ quads = false, card = false }: { readonly quads?: boolean; readonly card?: boolean }) {
    this.#quads = quads;
    this.#card = card;
  }

  /** Can ways of this id run here? */
  has(id: string): boolean {
    return id === "plain" || id === "spread" || this.#quads;
  }

  /** From now on this way, wherever a dispatch has it: for tests and comparisons. Null: as the table says. */
  prefer(id: string | null): void {
    this.#preferred = id;
  }

  /** The same program, each dispatch in the way that is fast here. */
  chosen(program: Program): Program {
    const commands = program.commands.map((command) =>
      command.kind === "dispatch" ? this.#choose(command) : command,
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

  #choose(dispatch: Dispatch): Dispatch {
    const ways: readonly Way[] = waysOf(dispatch).filter(({ id }) => this.has(id));
    const usual = this.#card ? "spread" : pays(dispatch.sizes) ? "quads" : "plain";
    const wanted = this.#preferred ?? usual;
    return (ways.find(({ id }) => id === wanted) ?? ways[0]!).dispatch;
  }
}
