/** The TR-MPO contraction and its gradients on a device: the golden values, exactly. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { control } from "../../engine/control.ts";
import { mul } from "../../engine/ops/binary.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { plan } from "../../engine/plan.ts";
import { createTrace } from "../../engine/trace.ts";
import type { Tensor } from "../../engine/types.ts";
import type { WebGpuBackend } from "../../gpu/device.ts";
import { openTestBackend } from "../../testing/node-gpu.ts";
import { GOLDEN } from "../../testing/tr-mpo-golden.ts";
import { planTrMpo, type TrMpoPlan, trMpo, trMpoSizes } from "./tr-mpo.ts";

let gpu: WebGpuBackend;
beforeAll(async () => {
  gpu = await openTestBackend();
});
afterAll(async () => {
  await gpu.idle();
  expect(gpu.errors()).toEqual([]);
});

const all = [GOLDEN.m1, ...GOLDEN.cores];
const f32 = ({ shape }: { readonly shape: readonly number[] }) => ({ shape, dtype: "f32" as const });
const cheapest = planTrMpo(
  trMpoSizes(f32(GOLDEN.m1), GOLDEN.cores.map(f32) as unknown as Parameters<typeof trMpoSizes>[1]),
).order;

// The planner's order, the page's, and one that opens all four bonds.
it.each([[cheapest], [[1, 0, 3, 2]], [[0, 2, 1, 3]]] as const)("in the order %j", async (order) => {
  const t = createTrace();
  const at = all.map((values, i) => t.buffer(`${i}`, "data", f32(values)));
  const cores = at.slice(1) as unknown as Parameters<typeof trMpo>[2];
  const m2: Tensor = trMpo(t, at[0]!, cores, { order: order as TrMpoPlan["order"] });
  const half = t.constant({ shape: [1], dtype: "f32" }, [0.5]);
  const [squares] = t.call(mul, t.call(mul, [m2, m2], {}).concat(half), {});
  const [loss] = t.call(reduce, [squares!], { axes: [0, 1, 2, 3], keepDims: false, how: "sum" });
  t.output("m2", m2);
  for (const [name, d] of t.grad(loss!, new Map(cores.map((core, i) => [`${i}`, core])))) t.output(name, d);
  const executable = await gpu.compile(plan(t.finish()));
  const arenas = all.map(({ data }, i) => {
    const arena = gpu.arena(`${i}`, data.length);
    arena.write(0, Float32Array.from(data));
    executable.bind(`${i}`, arena);
    return arena;
  });
  executable.run(control({}));
  const reads = ["m2", "0", "1", "2", "3"].map((name) => executable.read(name));
  gpu.submit();
  const [found, ...gradients] = (await Promise.all(reads)).map((bits) => [...new Float32Array(bits)]);
  // Whole numbers whose partial sums stay below 2²⁴: f32 has them exactly.
  expect(found).toEqual(GOLDEN.m2);
  expect(gradients).toEqual(GOLDEN.ofSquares);
  executable.dispose();
  for (const arena of arenas) arena.dispose();
});
