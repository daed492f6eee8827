/**
 * Where the time of a training step goes, measured without taking one: the step is replayed some times on the run's own
 * arrays, which are copied before and put back after, to the bit. So a run that waits can be measured too.
 */
import { control } from "../engine/control.ts";
import type { ProgramSegment } from "../engine/types.ts";
import type { StepTimes } from "../run/kernels.ts";
import { cloneArrays, copyArrays, disposeArrays } from "./arrays.ts";
import type { Core } from "./core.ts";
import { openGates } from "./drop.ts";

/** Steps that are measured, after one to warm up: their middle is told. */
const STEPS = 5;

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Not inside another one: the time of those adds up to the whole. */
const outermost = (segments: readonly ProgramSegment[]): readonly ProgramSegment[] =>
  segments.filter(
    (inner, i) =>
      !segments.some(
        (outer, k) =>
          k !== i &&
          outer.from <= inner.from &&
          inner.to <= outer.to &&
          (outer.to - outer.from > inner.to - inner.from || k < i),
      ),
  );

/** Everything sent must have been heard (`Trainer.settled`). */
export async function stepTimes(core: Readonly<Core>, run: string): Promise<StepTimes> {
  const { network, setup, live } = core;
  const { backend, config } = setup;
  const { train, specs, arrays } = network;
  const words = control({
    step: core.step,
    updates: core.updates + 1,
    seed0: config.seed,
    clip: live["optim.clip"] ?? 0,
    bias1: 1,
    bias2: 1,
    dropout: live["model.dropout"] ?? 0,
  });
  openGates(words);
  const wall: number[] = [];
  const figures = new Map<string, number[]>();
  const kept = await cloneArrays(setup, specs, arrays);
  try {
    for (let i = 0; i <= STEPS; i++) {
      await backend.idle();
      await train.seconds();
      const began = core.clock();
      train.run(words);
      backend.submit();
      await backend.idle();
      const took = core.clock() - began;
      const seconds = await train.seconds();
      if (i === 0) continue;
      wall.push(took);
      for (const [name, value] of seconds) {
        const list = figures.get(name) ?? [];
        list.push(value);
        figures.set(name, list);
      }
    }
  } finally {
    copyArrays(kept, arrays);
    backend.submit();
    disposeArrays(kept);
  }
  const names = [...outermost(train.program.segments).map(({ name }) => name), ""];
  const segments = names.flatMap((name) => {
    const values = figures.get(name);
    return values === undefined ? [] : [{ name, seconds: middle(values) }];
  });
  return { run, wall: middle(wall), segments };
}
