/** Masks and selection on the references: golden values, and properties against a plain reading of the definition. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskCases } from "../../testing/mask-cases.ts";
import { changed, selected } from "../../testing/mask-rig.ts";
import { interpreterBackend } from "../interpret.ts";
import { FORBIDDEN, FROZEN, maskTiles } from "./mask-tiles.ts";

const backend = interpreterBackend();

describe("golden values", () => maskCases(() => backend));

/** Few magnitudes, so that many are equal, and every kind of age. */
const entry = fc.tuple(
  fc.constantFrom(0, -0, 0.5, -0.5, 1, -1, 2, 1e-20, -3e7),
  fc.constantFrom(0, 1, 3, 50, 51, 52, 4000, FROZEN, FROZEN + 60, FORBIDDEN),
);

/** By definition: `k` times, of what is left, the entry of least (or largest) magnitude and then of lowest index. */
function byHand(
  scores: readonly number[],
  able: readonly boolean[],
  k: number,
  better: (a: number, b: number) => boolean,
): number[] {
  const taken = new Set<number>();
  for (let n = 0; n < k; n++) {
    let best = -1;
    scores.forEach((score, i) => {
      if (!able[i] || taken.has(i)) return;
      if (best < 0 || better(Math.abs(score), Math.abs(scores[best]!))) best = i;
    });
    if (best >= 0) taken.add(best);
  }
  return [...taken].sort((a, b) => a - b);
}

describe("selection", () => {
  it("drops just the least that may be dropped, and wakes just the largest that sleep", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { minLength: 1, maxLength: 40 }),
        fc.nat({ max: 45 }),
        async (entries, k) => {
          const scores = entries.map(([score]) => score);
          const ages = entries.map(([, age]) => age);
          const old = ages.map((age) => age >= 51 && age < FROZEN);
          const dropped = await selected(backend, scores, ages, k, { what: "drop", grace: 50 });
          expect(changed(ages, dropped)).toEqual(byHand(scores, old, k, (a, b) => a < b));
          expect(changed(ages, dropped).every((i) => dropped[i] === 0)).toBe(true);
          const asleep = ages.map((age) => age === 0);
          const woken = await selected(backend, scores, ages, k, { what: "wake" });
          expect(changed(ages, woken)).toEqual(byHand(scores, asleep, k, (a, b) => a > b));
          expect(changed(ages, woken).every((i) => woken[i] === 1)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("tiles", () => {
  it("cover each range once, in order, and stay few", () => {
    const ranges = fc.array(fc.tuple(fc.nat({ max: 5000 }), fc.nat({ max: 200 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(ranges, (drawn) => {
        let at = 0;
        const given = drawn.map(([count, gap], group) => {
          const range = { offset: at, count: count + 1, group };
          at += count + 1 + gap;
          return range;
        });
        const { table, attrs } = maskTiles([...given].reverse());
        const seen: number[] = [];
        for (let t = 0; t < table.length; t += 3) {
          expect(table[t + 1]).toBeLessThanOrEqual(attrs.stretch);
          for (let i = 0; i < table[t + 1]!; i++) seen.push(table[t]! + i);
        }
        expect(seen).toEqual(
          given.flatMap(({ offset, count }) => Array.from({ length: count }, (_, i) => offset + i)),
        );
        expect(attrs.groups).toBe(given.length);
      }),
      { numRuns: 30 },
    );
    const { table } = maskTiles([{ offset: 0, count: 200_000_000, group: 0 }]);
    expect(table.length / 3).toBeLessThanOrEqual(1024);
  });

  it("refuse what overlaps, and nothing at all", () => {
    const range = { offset: 0, count: 10, group: 0 };
    expect(() => maskTiles([range, { ...range, offset: 9 }])).toThrow("overlap");
    expect(() => maskTiles([])).toThrow("no entry");
  });
});
