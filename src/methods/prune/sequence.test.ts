/** Random sequences of cuts, training, compaction and undo, on the interpreter: what must hold after each of them. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { arenaLayout } from "../../engine/layout.ts";
import { type Driven, drive, eventsOf, interpreter, tinyConfig, tinyGpt } from "../../testing/runs.ts";

type Deed =
  | { readonly kind: "prune"; readonly action: Readonly<Record<string, unknown>> }
  | { readonly kind: "train"; readonly steps: number }
  | { readonly kind: "compact" | "undo" };

const share = fc.constantFrom(0.05, 0.2, 0.5, 0.9);
const grace = fc.constantFrom(0, 3, 1000);
const deeds: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("prune" as const), action: prunings() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("train" as const), steps: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: "compact" } as Deed, { kind: "undo" } as Deed) },
);

function prunings(): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return fc.oneof(
    fc.record({ mode: fc.constantFrom("fraction", "global"), share, grace }),
    fc.record({ mode: fc.constant("std"), q: fc.constantFrom(0.1, 0.7, 5), grace }),
    fc.record({ mode: fc.constant("count"), count: fc.constantFrom(1, 40, 100_000), grace }),
  );
}

interface Seen {
  readonly params: Float32Array;
  readonly age: Uint32Array | null;
  readonly shape: string;
}

async function look({ trainer }: Driven): Promise<Seen> {
  await trainer.settled();
  const { arrays, specs, counts, active } = trainer.core.network;
  const params = new Float32Array(await arrays.params.read());
  const age = arrays.age && new Uint32Array(await arrays.age.read());
  const { entries } = arenaLayout(specs);
  let total = 0;
  for (const { path } of specs) {
    const { offset, count } = entries.get(path)!;
    const ages = age?.subarray(offset, offset + count);
    const alive = ages ? ages.reduce((n, a) => n + (a === 0 ? 0 : 1), 0) : count;
    expect(counts.get(path), path).toBe(alive);
    // Every matrix keeps at least one weight.
    expect(alive).toBeGreaterThan(0);
    total += alive;
    ages?.forEach((a, i) => {
      if (a === 0) expect(Object.is(params[offset + i], 0)).toBe(true);
    });
  }
  expect(active).toBe(total);
  return { params, age, shape: specs.map((spec) => spec.shape.join()).join(" ") };
}

it.each([
  { name: "lstm", change: {} },
  { name: "gpt", change: tinyGpt },
])(
  "$name: counts are true, zeros are zeros, cuts never heal, and it learns on",
  async ({ change }) => {
    const budget = { unit: "steps", amount: 1000 };
    await fc.assert(
      fc.asyncProperty(fc.array(deeds, { minLength: 4, maxLength: 9 }), async (list) => {
        const run = await drive(tinyConfig({ ...change, budget }), interpreter());
        const { trainer } = run;
        await trainer.advance(4);
        let seen = await look(run);
        for (const deed of list) {
          const { kind } = deed;
          const before = eventsOf(run.events, "structure/done").length;
          if (kind === "train") await trainer.advance(deed.steps);
          else if (kind === "undo") {
            const place = trainer.core.history.get(trainer.core.history.now);
            if (place?.parent == null) continue;
            await trainer.goto(place.parent);
            seen = await look(run);
            continue;
          } else {
            trainer.act(
              kind === "prune" ? { id: "magnitude", ...(deed.action as object) } : { id: "compact" },
            );
            await trainer.advance(0);
          }
          const now = await look(run);
          const done = eventsOf(run.events, "structure/done").slice(before).at(-1);
          if (now.shape === seen.shape && seen.age !== null) {
            seen.age.forEach((a, i) => {
              if (a === 0) expect(now.age![i]).toBe(0);
            });
          }
          if (kind === "prune" && done === undefined) expect(now.params).toEqual(seen.params);
          if (kind === "prune" && done !== undefined) {
            expect(done.activeBefore - done.activeAfter).toBe(done.extra.dropped);
            // Survivors keep every bit.
            expect(now.params.every((v, i) => now.age![i] === 0 || Object.is(v, seen.params[i]))).toBe(true);
          }
          if (kind === "compact" && done !== undefined) {
            expect(done.paramsAfter).toBeLessThan(done.paramsBefore);
            expect(done.maxLogitDelta).toBeLessThanOrEqual(1e-5 * Math.max(1, done.maxLogit));
          }
          seen = now;
        }
        await trainer.advance(2);
        await trainer.settled();
        expect(eventsOf(run.events, "step").every(({ loss }) => Number.isFinite(loss))).toBe(true);
        trainer.dispose();
      }),
      { numRuns: 8 },
    );
  },
  240_000,
);
