/** The H-LSTM on a device: the golden values of its page, L = 0 to the bit, a layer inserted, and dropout at 0. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { WebGpuBackend } from "../../gpu/device.ts";
import { array, g11, goldenNumbers, inserted, runCell } from "../../testing/h-lstm-golden.ts";
import { openTestBackend } from "../../testing/node-gpu.ts";
import { control } from "../control.ts";
import { plan } from "../plan.ts";
import { createTrace } from "../trace.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { hLstm } from "./h-lstm.ts";
import { lstm } from "./lstm.ts";
import { reduce } from "./reduce.ts";

let gpu: WebGpuBackend;
beforeAll(async () => {
  gpu = await openTestBackend();
});
afterAll(async () => {
  await gpu.idle();
  expect(gpu.errors()).toEqual([]);
});

it("gives G10 and G11", async () => {
  for (const [what, found, printed] of await goldenNumbers(gpu)) {
    found.forEach((v, i) => {
      expect(Math.abs(v - printed[i]!), `${what} [${i}]: ${v}`).toBeLessThanOrEqual(1e-5);
    });
  }
});

it("an inserted layer changes h by rounding only, over 64 steps", async () => {
  const wave = Array.from({ length: 256 }, (_, i) => Math.sin(i * i));
  const x = array([2, 64, 2], wave);
  const plain = (await runCell(g11(x), 0.01, gpu)).get("h")!.data;
  for (const slope of [0, 0.01, 0.2]) {
    const grown = (await runCell(inserted(g11(x), slope), slope, gpu)).get("h")!.data;
    const most = plain.reduce((worst, v, i) => Math.max(worst, Math.abs(v - grown[i]!)), 0);
    expect(most).toBeLessThanOrEqual(1e-5);
  }
});

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

/** All outputs and the gradients of Σ h, as bits; `words` for the op's last input where there is one. */
async function bits(op: OpDef, specs: readonly TensorSpec[], attrs: object, words?: Uint32Array) {
  const t = createTrace();
  const given = specs.map((spec, i) => t.buffer(`${i}`, "data", spec));
  const outputs = t.call(op, words ? [...given, t.control] : given, attrs);
  const axes = [0, 1, 2];
  const [loss] = t.call(reduce, [outputs[0]!], { axes, keepDims: false, how: "sum" });
  outputs.forEach((output, i) => {
    t.output(`${i}`, output);
  });
  for (const [name, d] of t.grad(loss!, new Map(given.map((x, i) => [`d ${i}`, x])))) t.output(name, d);
  const program = plan(t.finish());
  const executable = await gpu.compile(program);
  const arenas = specs.map(({ shape }, input) => {
    const count = shape.reduce((n, d) => n * d, 1);
    const arena = gpu.arena(`${input}`, count);
    arena.write(
      0,
      Float32Array.from({ length: count }, (_, i) => 0.5 * Math.sin(i * i + 7 * input + 1)),
    );
    executable.bind(`${input}`, arena);
    return arena;
  });
  executable.run(words ?? control({}));
  const reads = Object.keys(program.outputs).map((name) => executable.read(name));
  gpu.submit();
  const found = await Promise.all(reads);
  executable.dispose();
  for (const arena of arenas) arena.dispose();
  return found.map((one) => [...new Uint32Array(one)]);
}

it("L = 0 is the plain LSTM, to the bit", async () => {
  const specs = [f32(5, 7, 4, 9), f32(4, 9, 9), f32(5, 9), f32(5, 9)];
  const attrs = { layers: 0, slope: 0.01, site: 3 };
  const found = await bits(hLstm, specs, attrs, control({ dropout: 0.5 }));
  expect(found).toEqual(await bits(lstm, specs, {}));
  expect(found).toHaveLength(4 + 4);
});

it("dropout at 0 passes through to the bit, and the kernels with and without agree", async () => {
  const specs = [f32(3, 4, 4, 6), f32(4, 6, 5), f32(4, 5, 6), f32(4, 5), f32(1, 4, 6, 6), f32(1, 4, 6)];
  const attrs = { layers: 2, slope: 0.01, site: null };
  const without = await bits(hLstm, specs, attrs);
  const words = control({ step: 3, seed0: 9 });
  expect(await bits(hLstm, specs, { ...attrs, site: 1 }, words)).toEqual(without);
  const dropped = await bits(hLstm, specs, { ...attrs, site: 1 }, control({ step: 3, dropout: 0.5 }));
  expect(dropped).not.toEqual(without);
});
