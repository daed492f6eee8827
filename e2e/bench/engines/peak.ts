/**
 * The adapter's own peaks, taken in turn with the engines: multiply-adds out of registers, and a copy through memory. The
 * same shaders as `src/gpu/peaks.ts` has for the kernel page; here the driver sees what processor time they cost.
 */
import { control } from "../../../src/engine/control.ts";
import type { Backend, Executable, Program } from "../../../src/engine/types.ts";
import { probe } from "../../../src/gpu/peaks.ts";

export interface PeakKind {
  readonly entry: "arithmetic" | "stream";
  readonly constants: Readonly<Record<string, number>>;
}

/** Four ways to spell the arithmetic, and the copy. */
export const PEAKS: readonly PeakKind[] = [
  ...[0, 1].flatMap((FUSED) =>
    [0, 1].map((WIDE): PeakKind => ({ entry: "arithmetic", constants: { FUSED, WIDE } })),
  ),
  { entry: "stream", constants: {} },
];

const LANES = 256;
/** Of a turn: some tenths of a second on a processor, some milliseconds on a graphics card. */
const TURN = {
  software: { groups: 32, times: 16, copied: 16 * 2 ** 20, copies: 8 },
  card: { groups: 2048, times: 64, copied: 64 * 2 ** 20, copies: 64 },
} as const;

export class Peak {
  readonly #backend: Backend;
  readonly #run: Executable;
  readonly #times: number;
  /** Of a turn. */
  readonly flops: number;
  readonly bytes: number;

  static async create(backend: Backend, { entry, constants }: PeakKind): Promise<Peak> {
    const { groups, times, copied, copies } = backend.software ? TURN.software : TURN.card;
    const vectors = entry === "stream" ? copied / 16 : groups * LANES;
    const program = probe(entry, vectors, vectors / LANES, constants);
    const run = await backend.compile(program);
    return new Peak(
      backend,
      run,
      program,
      entry === "stream" ? copies : times,
      entry === "stream" ? 2 * copied : 0,
    );
  }

  private constructor(backend: Backend, run: Executable, program: Program, times: number, moved: number) {
    this.#backend = backend;
    this.#run = run;
    this.#times = times;
    this.flops = times * program.flops;
    this.bytes = times * moved;
  }

  async turn(): Promise<void> {
    for (let i = 0; i < this.#times; i++) this.#run.run(control({}));
    this.#backend.submit();
    await this.#backend.idle();
  }

  close(): void {
    this.#run.dispose();
  }
}
