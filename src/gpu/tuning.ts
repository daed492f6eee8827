/**
 * Which way of each dispatch runs on this device (engine/tiles.ts). All ways give the same bits, so the choice is a matter of
 * speed alone and no part of a run.
 *
 * The table is short. On a processor whose subgroups are quads, quads: 1.5 to 2.4 times as fast as the plain way wherever
 * they fit (public/docs/experiments.md), so nothing is timed and the first step does not wait. A small product stays plain
 * there: its pipeline by quads takes the processor about a second more to compile, which it would not earn back. Elsewhere,
 * the plain way.
 */
import { type Dispatch, type Way, waysOf } from "../engine/tiles.ts";
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

export class Tuning {
  readonly #quads: boolean;
  #preferred: string | null = null;

  constructor(quads: boolean) {
    this.#quads = quads;
  }

  /** Can ways of this id run here? */
  has(id: string): boolean {
    return id === "plain" || (id === "quads" && this.#quads);
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

  #choose(dispatch: Dispatch): Dispatch {
    const ways: readonly Way[] = waysOf(dispatch).filter(({ id }) => this.has(id));
    const wanted = this.#preferred ?? (pays(dispatch.sizes) ? "quads" : "plain");
    return (ways.find(({ id }) => id === wanted) ?? ways[0]!).dispatch;
  }
}
