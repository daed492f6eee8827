/**
 * The values that a dispatch finds in a real run, copied aside just before it runs: what it is timed on (trial.ts). They are taken
 * there and not later, because a buffer of the pool holds something else once its tensor is no longer needed, and a kernel that
 * walks a list of places must not be given anything but one.
 */
import type { Place } from "./bindings.ts";
import type { Step } from "./steps.ts";
import type { CommandStream } from "./stream.ts";

interface Asked {
  readonly command: number;
  readonly copies: readonly (readonly [tensor: number, to: GPUBuffer])[];
  done(): void;
}

export class Capture {
  readonly #stream: CommandStream;
  #asked: Asked | null = null;

  constructor(stream: CommandStream) {
    this.#stream = stream;
  }

  /**
   * Of the next run that does this command. `done` is called when that run is on its way to the device; never where there is no
   * such run.
   */
  ask(asked: Asked | null): void {
    this.#asked = asked;
  }

  /** The list of this run, with the copies that were asked for. */
  into(
    list: readonly Step[],
    run: { place(tensor: number): Place },
    groups: readonly (GPUBindGroup | null)[],
  ): readonly Step[] {
    if (this.#asked === null) return list;
    const { command, copies, done } = this.#asked;
    const at = list.findIndex((step) => step.kind === "dispatch" && step.group === groups[command]);
    // In a segment that this run leaves out.
    if (at < 0) return list;
    this.#asked = null;
    const before = copies.map(([tensor, to]): Step => {
      const { buffer, offset, bytes } = run.place(tensor);
      return { kind: "copy", from: buffer, fromOffset: offset, to, toOffset: 0, bytes };
    });
    this.#stream.afterNextSubmit(done);
    return [...list.slice(0, at), ...before, ...list.slice(at)];
  }
}
