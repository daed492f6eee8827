/** Masks and selection on a device: golden values, random arenas against the reference, and what a large one costs. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WebGpuBackend } from "../../gpu/device.ts";
import { maskCases } from "../../testing/mask-cases.ts";
import { f32, runTrace, u32 } from "../../testing/mask-rig.ts";
import { openTestBackend } from "../../testing/node-gpu.ts";
import { interpreterBackend } from "../interpret.ts";
import { plan } from "../plan.ts";
import { createTrace } from "../trace.ts";
import type { Program } from "../types.ts";
import { forgetDormant } from "./ages.ts";
import { maskSelect } from "./mask-select.ts";
import { type MaskRange, maskTiles } from "./mask-tiles.ts";

let backend: WebGpuBackend;
beforeAll(async () => {
  backend = await openTestBackend();
});
afterAll(() => {
  expect(backend.errors()).toEqual([]);
});

describe("golden values", () => maskCases(() => backend));

/** Numbers 0 … 2³² − 1, the same every time (a step of a linear congruential generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
}

it("agrees with the reference on drawn arenas of several groups", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const next = numbers(seed);
    const ranges: MaskRange[] = [];
    let length = 0;
    for (let k = 0; k < 4; k++) {
      const count = 1 + ((next() >>> 8) % (k === 2 ? 5000 : 700));
      ranges.push({ offset: length, count, group: k === 3 ? 0 : k });
      length += 64 * Math.ceil(count / 64);
    }
    // Magnitudes over 40 powers of two; from seed 7 on only nine of them, so that most are equal.
    const scores = Array.from({ length }, () => {
      const sign = next() > 2 ** 31 ? 1 : -1;
      return seed < 7 ? sign * 2 ** ((next() % 4000) / 100 - 20) : sign * ((next() >>> 9) % 9);
    });
    const ages = Array.from({ length }, () => [0, 60, 700, 2, 0x80000040, 0x80000000][(next() >>> 9) % 6]!);
    const wanted = [0, 1, 2].map((g) => (next() >>> 9) % (1 + Math.ceil(ranges[g]!.count / 3)));
    const { attrs, spec, table } = maskTiles(ranges);
    for (const what of ["drop", "wake"] as const) {
      const on = (device: typeof backend | ReturnType<typeof interpreterBackend>) =>
        runTrace(device, [f32([length], scores), u32([length], ages), u32([3], wanted)], (t, [s, a, k]) =>
          t.call(maskSelect, [s!, a!, t.constant(spec, table), k!], { ...attrs, what, grace: 50 }),
        );
      const [found, reference] = [await on(backend), await on(interpreterBackend())];
      expect(found.outputs[0], `seed ${seed}, ${what}`).toEqual(reference.outputs[0]);
    }
  }
});

/**
 * Grow-prune asks for selection and application within 3 step times on 2²⁰ weights. Clocks lie on a shared machine, so
 * work is counted: dispatches, and 4-byte words moved. A step of one linear layer of 1024 × 1024 at batch 64 does
 * 3 · 2 · 2²⁰ · 64 = 403 MFLOP and its AdamW alone moves 8 words a weight (W, g, m, v, age read; W, m, v, age written).
 */
it("an event on 2²⁰ weights is less work than 3 steps", () => {
  const length = 1 << 20;
  const { attrs, spec, table } = maskTiles([{ offset: 0, count: length, group: 0 }]);
  const t = createTrace();
  const at = (name: string, dtype: "f32" | "u32" = "f32") =>
    t.buffer(name, "slots", { shape: [length], dtype });
  const wanted = t.buffer("wanted", "data", { shape: [1], dtype: "u32" });
  const [weights, m, v, age] = [at("params"), at("m"), at("v"), at("age", "u32")];
  const after = t.call(maskSelect, [weights, age, t.constant(spec, table), wanted], {
    ...attrs,
    what: "drop",
    grace: 50,
  })[0]!;
  for (const values of [weights, m, v]) t.call(forgetDormant, [values, after], {});
  t.output("age", after);
  const program = plan(t.finish());
  expect(program.commands.length).toBe(13 + 3);
  expect(program.flops).toBeLessThan((3 * 403e6) / 20);
  // Six looks at score and age, ages copied, marks and settled values written: bound arrays as long as the arena.
  expect(wordsMoved(program, length)).toBeLessThanOrEqual(3 * 8 * length);
});

/** Reads and writes of arrays as long as the arena: one for each binding of a dispatch that walks over entries. */
function wordsMoved({ commands, tensors }: Program, length: number): number {
  let words = 0;
  for (const command of commands) {
    if (command.kind !== "dispatch" || command.grid[0] === 1) continue;
    for (const index of Object.values(command.bind)) {
      if (tensors[index]!.spec.shape[0] === length) words += length;
    }
  }
  return words;
}
