/** The triggers: golden values of the plateau rule, and the laws every trigger keeps on any sequence of losses. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaults, type Values } from "../../config/schema.ts";
import type { TriggerMethod, TriggerState } from "../types.ts";
import { at } from "./at.ts";
import { every } from "./every.ts";
import { manual } from "./manual.ts";
import { plateau } from "./plateau.ts";
import { step } from "./step.ts";

const all: readonly TriggerMethod[] = [manual, every, plateau, at, step];

/** Feeds losses from step 1 on; the run's budget is as long as the list. */
function fires(trigger: TriggerMethod, c: Values, losses: readonly number[], eventAt?: number): number[] {
  let state = trigger.start(c);
  const steps: number[] = [];
  losses.forEach((loss, index) => {
    const seen = trigger.observe(state, { step: index + 1, loss, fraction: (index + 1) / losses.length }, c);
    state = seen.state;
    if (seen.fire) steps.push(index + 1);
    if (index + 1 === eventAt) state = trigger.reset(state, index + 1);
  });
  return steps;
}

/** Every field anywhere in its range, ends included. */
const anyValues = (trigger: TriggerMethod): fc.Arbitrary<Values> =>
  fc.record(
    Object.fromEntries(
      Object.entries(trigger.schema as typeof plateau.schema).map(([key, field]) => [
        key,
        field.kind === "int"
          ? fc.integer({ min: field.min, max: Math.min(field.max, 60) })
          : fc.double({ min: field.min, max: field.max, noNaN: true }),
      ]),
    ),
  ) as fc.Arbitrary<Values>;

const anyLosses = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.double({ min: 0, max: 8, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY) },
  ),
  { maxLength: 150 },
);

describe("plateau", () => {
  const c = { beta: 0.5, window: 4, every: 2, cooldown: 4, patience: 2, threshold: 0.02 };
  const losses = [4, 3.5, 3.1, 2.8, 2.6, 2.5, 2.45, 2.42, 2.41, ...Array<number>(7).fill(2.4)];

  it("has the golden averages, gains and firing step (G9)", () => {
    let state = plateau.start(c);
    const rows: number[][] = [];
    const fired: number[] = [];
    losses.forEach((loss, index) => {
      const before = state.gain;
      const seen = plateau.observe(state, { step: index + 1, loss, fraction: 0 }, c);
      state = seen.state;
      if (state.gain !== before)
        rows.push([index + 1, (state.ring as number[]).at(-1)!, (state.gain as number[])[0]!]);
      if (seen.fire) fired.push(index + 1);
    });
    const golden = [
      [6, 2.657143, 0.275325],
      [8, 2.486118, 0.185769],
      [10, 2.423969, 0.087754],
      [12, 2.405988, 0.032231],
      [14, 2.401497, 0.009271],
      [16, 2.400374, 0.002333],
    ];
    expect(rows.map(([t]) => t)).toEqual(golden.map(([t]) => t));
    // The golden values are printed with six decimals.
    rows.flat().forEach((value, i) => {
      expect(Math.abs(value - golden.flat()[i]!)).toBeLessThanOrEqual(5.1e-7);
    });
    expect(fired).toEqual([16]);
    expect(plateau.gauge?.(state, c)).toMatchObject({ label: "gain over 4 steps", limit: 0.02 });
  });

  it("keeps the average through an event and rests afterwards", () => {
    // A flat loss: the first judgement is at the first even step that is 5 or more after the last event.
    const flat = Array<number>(40).fill(2);
    expect(fires(plateau, { ...c, patience: 1 }, flat)).toEqual([6, 12, 18, 24, 30, 36]);
    expect(fires(plateau, { ...c, patience: 1, cooldown: 11 }, flat)).toEqual([12, 24, 36]);
    // An event from outside at step 9 puts the next judgement at 14.
    expect(fires(plateau, { ...c, patience: 1 }, flat.slice(0, 15), 9)).toEqual([6, 14]);
    let state = plateau.start(c);
    for (let t = 1; t <= 7; t++)
      state = plateau.observe(state, { step: t, loss: 2 + 1 / t, fraction: 0 }, c).state;
    const after = plateau.reset(state, 7);
    expect([after.n, after.s, after.ring]).toEqual([state.n, state.s, state.ring]);
    expect([after.count, after.last]).toEqual([0, 7]);
  });

  it("has all its patience again after it fired, whether an event followed or not", () => {
    const flat = Array<number>(30).fill(2);
    // Judged at 6 and 8; then at 14, the first even step 5 after, and 16.
    expect(fires(plateau, c, flat)).toEqual([8, 16, 24]);
  });

  it("has nothing to show before the first judgement", () => {
    expect(plateau.gauge?.(plateau.start(c), c)).toBeNull();
  });

  it("never fires on a loss that is no number, nor on nothing but such losses", () => {
    fc.assert(
      fc.property(anyValues(plateau), anyLosses, (values, some) => {
        for (const t of fires(plateau, values, some)) expect(some[t - 1]).toSatisfy(Number.isFinite);
        expect(fires(plateau, values, Array<number>(200).fill(Number.NaN))).toEqual([]);
      }),
    );
    // The property above must be able to see a firing at all.
    expect(fires(plateau, { ...c, patience: 1 }, [...losses, ...losses]).length).toBeGreaterThan(0);
  });

  it("does not fire while the loss falls by more than τ a window, and does on any flat loss", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 9, noNaN: true }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (l, beta) => {
          const falling = Array.from({ length: 60 }, (_, t) => l * 0.97 ** t);
          expect(fires(plateau, { ...c, beta, patience: 1 }, falling)).toEqual([]);
          expect(fires(plateau, { ...c, beta, patience: 1 }, Array<number>(6).fill(l))).toEqual([6]);
        },
      ),
    );
  });
});

describe("every, at, step and manual", () => {
  const flat = Array<number>(40).fill(2);
  it("act at their steps, with or without an event in between", () => {
    for (const eventAt of [undefined, 13]) {
      expect(fires(every, { steps: 8, times: 3 }, flat, eventAt)).toEqual([8, 16, 24]);
      expect(fires(at, { fraction: 0.3 }, flat, eventAt)).toEqual([12]);
      expect(fires(at, { fraction: 0.31 }, flat, eventAt)).toEqual([13]);
      expect(fires(step, { step: 17 }, flat, eventAt)).toEqual([17]);
      expect(fires(manual, {}, flat, eventAt)).toEqual([]);
    }
  });

  it("know the place before the first step", () => {
    const fire = (trigger: TriggerMethod, c: Values) =>
      trigger.observe(trigger.start(c), { step: 0, loss: Number.NaN, fraction: 0 }, c).fire;
    expect(fire(step, { step: 0 })).toBe(true);
    expect(fire(step, { step: 1 })).toBe(false);
    expect(fire(every, { steps: 1, times: 1 })).toBe(false);
    expect(fire(at, { fraction: 0.001 })).toBe(false);
  });
});

describe.each(all.map((trigger) => [trigger.id, trigger] as const))("%s", (_, trigger) => {
  it("is a pure function of what it is given", () => {
    fc.assert(
      fc.property(anyValues(trigger), anyLosses, (values, losses) => {
        let state = trigger.start(values);
        const first: (boolean | "back")[] = [];
        const inputs = losses.map((loss, i) => ({ step: i + 1, loss, fraction: (i + 1) / losses.length }));
        for (const input of inputs) {
          // Frozen: writing into a state would throw.
          const seen = trigger.observe(deepFreeze(state), input, values);
          first.push(seen.fire);
          state = seen.state;
        }
        // A state goes through a snapshot's JSON and decides as before.
        state = trigger.start(values);
        inputs.forEach((input, i) => {
          const seen = trigger.observe(JSON.parse(JSON.stringify(state)), input, values);
          expect(seen.fire).toBe(first[i]);
          state = seen.state;
        });
      }),
    );
  });

  it("has defaults inside their ranges", () => {
    const values = defaults(trigger.schema) as Record<string, number>;
    for (const [key, field] of Object.entries(trigger.schema as typeof plateau.schema)) {
      expect(values[key]).toBeGreaterThanOrEqual(field.min);
      expect(values[key]).toBeLessThanOrEqual(field.max);
    }
  });
});

function deepFreeze<T extends TriggerState>(state: T): T {
  Object.values(state).forEach((value) => {
    Object.freeze(value);
  });
  return Object.freeze(state);
}
