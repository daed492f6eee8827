/**
 * How long one run of a program takes on a device: the same run is put many times into one submit, so that what a submit
 * costs, and how coarsely a browser rounds its clocks (100 µs), is divided by their number; then the middle of several.
 * By the GPU's own timestamps where it gives them, else by the caller's clock from submit to done.
 */
import { control } from "../engine/control.ts";
import type { Arena, Backend, Executable, Program } from "../engine/types.ts";

export interface Timing {
  /** Of one run: the middle of several rounds, and the least, which other programs on the machine disturbed least. */
  readonly seconds: number;
  readonly least: number;
  readonly by: "timestamps" | "clock";
}

export interface TimingOptions {
  /** Seconds, from any zero. */
  clock(): number;
  /** What a round should last, in seconds: far above a clock's grain, well under what a driver's watchdog allows. */
  readonly round?: number;
  readonly rounds?: number;
}

const ROUND = 0.04;
const ROUNDS = 5;
/** Two rounds are enough where they take so long, in seconds: noise is small beside them, and someone waits. */
const LONG = 1;
/** A submit of more commands than this costs more to encode than it tells. */
const MOST_COMMANDS = 4096;
const SEGMENT = "timed";

/** `program` with everything it does done `times` over, as one segment. */
function repeated(program: Program, times: number): Program {
  const { commands } = program;
  return {
    ...program,
    key: `${program.key} x ${times}`,
    commands: Array.from({ length: times }, () => commands).flat(),
    calls: [],
    segments: [{ name: SEGMENT, from: 0, to: times * commands.length }],
  };
}

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Compiles and runs `program` for a while. `arenas`: what its named buffers are bound to. */
export async function timeProgram(
  backend: Backend,
  program: Program,
  arenas: ReadonlyMap<string, Arena>,
  options: TimingOptions,
): Promise<Timing> {
  const { clock, round = ROUND, rounds = ROUNDS } = options;
  const words = control({ updates: 1, bias1: 1, bias2: 1 });
  const most = Math.max(1, Math.floor(MOST_COMMANDS / Math.max(1, program.commands.length)));

  const made = async (times: number): Promise<Executable> => {
    const run = await backend.compile(repeated(program, times));
    for (const [name, arena] of arenas) run.bind(name, arena);
    return run;
  };
  const once = async (run: Executable): Promise<Pick<Timing, "seconds" | "by">> => {
    // Asked for before, so that this replay is timed; asked again after, for what it took.
    await run.seconds();
    const began = clock();
    run.run(words);
    backend.submit();
    await backend.idle();
    const took = clock() - began;
    const gpu = (await run.seconds()).get(SEGMENT);
    return gpu === undefined || gpu <= 0
      ? { seconds: took, by: "clock" }
      : { seconds: gpu, by: "timestamps" };
  };

  // The first round of each size is warm-up, and tells how many runs make a round.
  let times = 1;
  let run = await made(times);
  try {
    for (;;) {
      const { seconds } = await once(run);
      if (seconds >= round / 2 || times >= most) break;
      const wanted = Math.ceil((times * round) / Math.max(seconds, round / 64));
      times = Math.min(most, Math.max(2 * times, wanted));
      run.dispose();
      run = await made(times);
    }
    const taken: Awaited<ReturnType<typeof once>>[] = [];
    const began = clock();
    while (taken.length < rounds && (taken.length < 2 || clock() - began < LONG)) taken.push(await once(run));
    const by = taken.every((t) => t.by === "timestamps") ? "timestamps" : "clock";
    const used = taken.filter((t) => t.by === by).map(({ seconds }) => seconds / times);
    return { seconds: middle(used), least: Math.min(...used), by };
  } finally {
    run.dispose();
  }
}
