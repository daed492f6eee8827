/** When kernels are timed, and what becomes of the figures, without a device: its part and the clock are made up. */
import { afterEach, expect, it, vi } from "vitest";
import { Choices } from "./choices.ts";
import type { WebGpuExecutable } from "./executor.ts";
import { TileTimer } from "./tile-timer.ts";
import { type Shared, Trial } from "./trial.ts";
import type { Tuning } from "./tuning.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** A program of one copy and these dispatches, which has run so often. */
function program(runs: number, ...ops: string[]) {
  const commands = [{ kind: "copy" }, ...ops.map((op) => ({ kind: "dispatch", op }))];
  return { runs, disposed: false, given: { commands }, refresh: vi.fn() };
}

interface MadeUp {
  readonly ids: readonly string[];
  readonly byTimestamps: boolean;
  readonly capture: (done: () => void) => void;
  readonly slice: (id: string, times: number) => Promise<number>;
  readonly dispose: () => void;
}

/** Of each dispatch there are "plain", which stands, and "wide", twice as fast: a run of it takes .4 ms. */
function bench(programs: readonly ReturnType<typeof program>[]) {
  const desk = {
    now: 50,
    byTimestamps: true,
    /** Called when a program has run again. */
    ran: [] as (() => void)[],
    slices: [] as string[],
    disposed: 0,
    waits: 0,
    looked: 0,
    /** Instead of a trial. */
    make: async (trial: MadeUp): Promise<MadeUp | null> => trial,
    sliced: async () => {},
  };
  let lose = (): void => {};
  const lost = new Promise<void>((resolve) => {
    lose = resolve;
  });
  const onSubmittedWorkDone = async () => {
    desk.waits++;
    desk.now += 1;
  };
  const shared = { memory: { device: { lost, queue: { onSubmittedWorkDone } } } };
  const variants = [{ id: "plain" }, { id: "wide" }];
  const tuning = {
    choices: new Choices("a card") as Choices | null,
    choosable({ op }: { op: string }) {
      desk.looked++;
      return op === "one way" ? null : { key: op, variants, standing: variants[0] };
    },
  };
  vi.spyOn(Trial, "create").mockImplementation(async () => {
    const made: MadeUp = {
      ids: ["plain", "wide"],
      byTimestamps: desk.byTimestamps,
      capture: (done) => void desk.ran.push(done),
      async slice(id, times) {
        desk.slices.push(`${id} ${times}`);
        const took = times * (id === "plain" ? 8e-4 : 4e-4);
        desk.now += took;
        await desk.sliced();
        return took;
      },
      dispose: () => void desk.disposed++,
    };
    return (await desk.make(made)) as unknown as Trial | null;
  });
  const running = new Set(programs as unknown as WebGpuExecutable[]);
  const timer = new TileTimer(shared as unknown as Shared, tuning as unknown as Tuning, running);
  /** A turn after kernels have been compiled; programs run on meanwhile, unless none does. */
  const turn = async (runs = true) => {
    if (timer.compiling) await tick();
    if (runs) for (const done of desk.ran.splice(0)) done();
    return timer.turn(() => desk.now);
  };
  const chosen = () => [...(tuning.choices?.all ?? [])].map(([key, { id }]) => `${key}: ${id}`);
  const toTheEnd = async () => {
    for (let i = 0; i < 200 && timer.busy; i++) await turn();
  };
  return { ...{ desk, timer, tuning, turn, chosen, toTheEnd, running }, lose: () => lose() };
}

it("what programs that run often have open is timed, one dispatch after the other, and the fastest is taken", async () => {
  const [seldom, often, other] = [program(31, "a"), program(32, "one way", "a", "b"), program(40, "a")];
  const { desk, timer, chosen, toTheEnd } = bench([seldom, often, other]);
  expect(timer.busy).toBe(true);
  await toTheEnd();
  expect(timer.busy).toBe(false);
  expect(chosen()).toEqual(["a: wide", "b: wide"]);
  expect(Trial.create).toHaveBeenCalledTimes(2);
  expect(vi.mocked(Trial.create).mock.calls.map(([, run, command]) => [run, command])).toEqual([
    [often, 2],
    [often, 3],
  ]);
  expect(desk.disposed).toBe(2);
  // With each choice all that run often are looked through anew.
  expect([seldom, often, other].map(({ refresh }) => refresh.mock.calls.length)).toEqual([0, 2, 2]);
  // Once all is timed it costs next to nothing, until a program has run for long enough.
  desk.looked = 0;
  await timer.turn(() => desk.now);
  expect([timer.busy, desk.looked]).toEqual([false, 0]);
  seldom.runs = 32;
  expect(timer.busy).toBe(false);
  expect(desk.looked).toBe(1);
});

it("nothing is timed before values of a real step have come, and a turn ends after a frame", async () => {
  const { desk, timer, turn } = bench([program(32, "a")]);
  let deliver = (): void => {};
  desk.make = (trial) =>
    new Promise((resolve) => {
      deliver = () => resolve(trial);
    });
  expect(timer.compiling).toBe(false);
  expect(await timer.turn(() => desk.now)).toEqual({ chosen: false, seconds: 0 });
  expect(timer.compiling).toBe(true);
  deliver();
  for (let i = 0; i < 3; i++) expect(await turn(false)).toEqual({ chosen: false, seconds: 0 });
  expect([timer.compiling, desk.slices.length]).toEqual([false, 0]);
  // What the device was told before is waited for, and no part of the turn.
  const { chosen, seconds } = await turn();
  expect(chosen).toBe(false);
  expect(seconds).toBeGreaterThan(0.012);
  expect(seconds).toBeLessThan(0.02);
  const turns = [seconds];
  while (timer.busy) turns.push((await turn()).seconds);
  expect(Math.max(...turns)).toBeLessThan(0.02);
  expect(desk.waits).toBe(turns.length);
  // The last one has its seconds, too: all slices are paid for.
  expect(turns.reduce((sum, each) => sum + each, 0)).toBeCloseTo(
    desk.slices.reduce((sum, slice) => {
      const [id, times] = slice.split(" ");
      return sum + Number(times) * (id === "plain" ? 8e-4 : 4e-4);
    }, 0),
  );
});

it("slices are longer where the device has no clock of its own", async () => {
  const most = async (byTimestamps: boolean): Promise<number> => {
    const { desk, toTheEnd } = bench([program(32, "a")]);
    desk.byTimestamps = byTimestamps;
    await toTheEnd();
    return Math.max(...desk.slices.map((slice) => Number(slice.split(" ")[1])));
  };
  // Of .4 ms each: 3 ms, and 16 ms.
  expect(await most(true)).toBeLessThanOrEqual(8);
  expect(await most(false)).toBeGreaterThan(20);
});

it("a program that does not run again is given up, and others have their turn", async () => {
  const { timer, turn, chosen, toTheEnd, desk } = bench([program(32, "a", "c"), program(32, "b")]);
  for (let i = 0; i < 260 && desk.disposed === 0; i++) await turn(false);
  expect(desk.disposed).toBe(1);
  desk.ran.length = 0;
  await toTheEnd();
  expect(timer.busy).toBe(false);
  expect(chosen()).toEqual(["c: wide", "b: wide"]);
});

it("what is disposed of is timed no more", async () => {
  const gone = program(32, "a");
  const { turn, running, desk, timer, chosen } = bench([gone]);
  await turn();
  await turn();
  gone.disposed = true;
  running.clear();
  await turn();
  expect([desk.disposed, desk.slices.length, timer.busy]).toEqual([1, 0, false]);
  expect(chosen()).toEqual([]);
});

it("what stood stays where there is nothing to time, and what fails is not tried again", async () => {
  const { timer, toTheEnd, chosen, desk } = bench([program(32, "a", "b", "c")]);
  let made = 0;
  desk.make = async (trial) => {
    made++;
    if (made === 1) return null;
    if (made === 2) throw new Error("out of memory");
    return trial;
  };
  desk.sliced = () => Promise.reject(new Error("the device does not answer"));
  await toTheEnd();
  expect(timer.busy).toBe(false);
  expect(chosen()).toEqual(["a: plain", "b: plain"]);
  expect([made, desk.disposed]).toEqual([3, 1]);
});

it("all is timed anew when that is asked for, also in the midst of a slice", async () => {
  const { timer, toTheEnd, chosen, desk, turn } = bench([program(32, "a")]);
  desk.sliced = async () => timer.forget();
  for (let i = 0; i < 4; i++) await turn();
  expect([desk.slices.length, desk.disposed]).toEqual([1, 1]);
  desk.sliced = async () => {};
  await toTheEnd();
  expect(chosen()).toEqual(["a: wide"]);
  timer.forget();
  expect([timer.busy, chosen()]).toEqual([true, []]);
  await toTheEnd();
  expect(chosen()).toEqual(["a: wide"]);

  // Kernels that come when nobody waits for them any more are given back.
  let deliver = (): void => {};
  desk.make = (trial) =>
    new Promise((resolve) => {
      deliver = () => resolve(trial);
    });
  timer.forget();
  await turn();
  await tick();
  timer.forget();
  const before = desk.disposed;
  deliver();
  await tick();
  expect([timer.compiling, desk.disposed]).toEqual([false, before + 1]);
});

it("nothing is timed where nothing is kept, nor once the device is gone", async () => {
  const { timer, tuning, lose, turn } = bench([program(32, "a")]);
  const { choices } = tuning;
  tuning.choices = null;
  expect(timer.busy).toBe(false);
  tuning.choices = choices;
  await turn();
  lose();
  await tick();
  expect([timer.busy, timer.compiling]).toEqual([false, false]);
});
