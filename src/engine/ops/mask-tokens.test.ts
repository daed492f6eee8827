/** What masking hides, in the shares that BERT has, and that it is drawn from counters alone. */
import { expect, it } from "vitest";
import { CONTROL_WORDS, control } from "../control.ts";
import { IGNORED } from "./cross-entropy.ts";
import { maskTokens } from "./mask-tokens.ts";

const VOCAB = 40;
const ids = Float64Array.from({ length: 64 * 256 }, (_, i) => (i % 256 === 0 ? VOCAB : (i * 7) % VOCAB));

function masked(words: Parameters<typeof control>[0]) {
  const [inputs, targets] = maskTokens.reference(
    [
      { shape: [64, 256], dtype: "u32", data: ids },
      { shape: [CONTROL_WORDS], dtype: "u32", data: Float64Array.from(control(words)) },
    ],
    { vocab: VOCAB },
  );
  return { inputs: inputs!.data, targets: targets!.data };
}

it("chooses 15 %, of these hides 80 %, changes 10 %, keeps 10 %; targets are what stood there, [CLS] is never one", () => {
  const { inputs, targets } = masked({ seed0: 3, step: 5 });
  const chosen = [...ids.keys()].filter((i) => targets[i] !== IGNORED);
  for (const i of ids.keys()) {
    if (targets[i] === IGNORED) expect(inputs[i]).toBe(ids[i]);
    else expect(targets[i]).toBe(ids[i]);
  }
  expect(chosen.some((i) => i % 256 === 0)).toBe(false);
  // Four standard deviations of a count of n places with probability p.
  const near = (count: number, n: number, p: number) =>
    expect(Math.abs(count - n * p)).toBeLessThan(4 * Math.sqrt(n * p * (1 - p)));
  near(chosen.length, 64 * 255, 0.15);
  near(chosen.filter((i) => inputs[i] === VOCAB + 1).length, chosen.length, 0.8);
  // One drawn symbol in V is the one that stood there.
  const changed = chosen.filter((i) => inputs[i] !== ids[i] && inputs[i] !== VOCAB + 1);
  near(changed.length, chosen.length, 0.1 * (1 - 1 / VOCAB));
  expect(changed.every((i) => inputs[i]! < VOCAB)).toBe(true);
  expect(new Set(changed.map((i) => inputs[i])).size).toBeGreaterThan(VOCAB / 2);
});

it("draws anew each step, the same in each validation", () => {
  const places = (words: Parameters<typeof control>[0]) => [...masked(words).targets].join();
  expect(places({ seed0: 3, step: 5 })).toBe(places({ seed0: 3, step: 5 }));
  expect(places({ seed0: 3, step: 6 })).not.toBe(places({ seed0: 3, step: 5 }));
  expect(places({ seed0: 4, step: 5 })).not.toBe(places({ seed0: 3, step: 5 }));
  const even = { drawMode: 1, drawIndex: 2, drawCount: 4 };
  expect(places({ ...even, step: 9 })).toBe(places(even));
  expect(places({ ...even, drawIndex: 1 })).not.toBe(places(even));
});
