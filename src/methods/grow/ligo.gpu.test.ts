/** LiGO on a device: the golden values of its product, exactly, and all weights of a grown GPT against the interpreter. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { control } from "../../engine/control.ts";
import { sizeOf } from "../../engine/layout.ts";
import { mul } from "../../engine/ops/binary.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { plan } from "../../engine/plan.ts";
import { createTrace } from "../../engine/trace.ts";
import type { Params, Tensor, Trace } from "../../engine/types.ts";
import type { WebGpuBackend } from "../../gpu/device.ts";
import { gpt } from "../../models/gpt.ts";
import { arch, grow, largest, side, weights } from "../../testing/models.ts";
import { openTestBackend } from "../../testing/node-gpu.ts";
import { grown, ligo } from "./ligo.ts";

let gpu: WebGpuBackend;
beforeAll(async () => {
  gpu = await openTestBackend();
});
afterAll(async () => {
  await gpu.idle();
  expect(gpu.errors()).toEqual([]);
});

type Given = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>
>;

/** What `build` makes of these values, on the device. */
async function run(given: Given, build: (t: Trace, at: Params) => ReadonlyMap<string, Tensor>) {
  const t = createTrace();
  const names = Object.keys(given);
  const at = new Map(
    names.map((name) => [name, t.buffer(name, "data", { shape: given[name]!.shape, dtype: "f32" })]),
  );
  const made = build(t, at);
  for (const [name, value] of made) t.output(name, value);
  const executable = await gpu.compile(plan(t.finish()));
  const arenas = names.map((name) => {
    const { shape, data } = given[name]!;
    const arena = gpu.arena(name, sizeOf(shape));
    arena.write(0, Float32Array.from(data));
    executable.bind(name, arena);
    return arena;
  });
  executable.run(control({}));
  const reads = [...made.keys()].map(async (name) => [name, await executable.read(name)] as const);
  gpu.submit();
  const found = new Map((await Promise.all(reads)).map(([name, bits]) => [name, new Float32Array(bits)]));
  executable.dispose();
  for (const arena of arenas) arena.dispose();
  return found;
}

it("has the golden values and gradients of transformer-growth §10.5", async () => {
  const found = await run(
    {
      x: { shape: [1, 2, 2, 2], data: [1, 2, 0, -1, 3, 4, 2, 1] },
      b: { shape: [1, 2, 3], data: [1, 0, -1, 0, 1, 2] },
      a: { shape: [1, 2, 3], data: [1, 0, 0.5, 0, 1, 0.5] },
      w: { shape: [1, 3, 2], data: [1, 0, 0, 1, 0.75, 0.25] },
    },
    (t, at) => {
      const omega = grown(t, at.get("x")!, at.get("b")!, at.get("a")!, at.get("w")!);
      const half = t.constant({ shape: [1], dtype: "f32" }, [0.5]);
      const [squares] = t.call(mul, t.call(mul, [omega, omega], {}).concat(half), {});
      const [loss] = t.call(reduce, [squares!], { axes: [0, 1, 2, 3], keepDims: false, how: "sum" });
      return new Map([["loss", loss!], ...t.grad(loss!, new Map([...at].slice(1)))]);
    },
  );
  // Multiples of 1/64 below 2¹⁸: f32 has them exactly.
  expect([...found.get("loss")!]).toEqual([79.03125]);
  expect([...found.get("w")!]).toEqual([93, 0, 0, 12, 69.75, 3]);
  expect([...found.get("a")!]).toEqual([24.1875, 37.6875, 30.9375, 37.6875, 87.1875, 62.4375]);
  expect([...found.get("b")!]).toEqual([30.1875, 35.8125, 41.4375, 35.8125, 48.1875, 60.5625]);
});

// test:long: a dozen pipelines, each of which a test of its op checks already.
it.skipIf(!process.env.ESPALIER_LONG)("makes every weight of a larger GPT as the references do", async () => {
  const from = side(gpt, arch(gpt, { layers: 2, width: 8, heads: 2, ffn: 2 }), { vocab: 6, context: 5 });
  const old = weights(from);
  const { to, weights: wanted } = grow(gpt, ligo, from, old, {});
  const given = Object.fromEntries(
    from.specs.map(({ path, shape }) => [path, { shape, data: old.get(path)! }]),
  );
  const found = await run(given, (t, at) => ligo.map(t, from, to, at, defaults(ligo.schema), [17, 1]));
  for (const { path } of to.specs) {
    // Sums of at most 16 products of numbers below 2: rounding of 6e-8 each, twice in a row.
    expect(largest(Float64Array.from(found.get(path)!), wanted.get(path)!), path).toBeLessThan(5e-6);
  }
});
