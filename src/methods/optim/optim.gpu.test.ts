/** The optimizers' kernels on a device: against the golden values, and each op's samples against its reference. */
import { beforeAll, describe, expect, it } from "vitest";
import { plan } from "../../engine/plan.ts";
import { createTrace } from "../../engine/trace.ts";
import type { NdArray } from "../../engine/types.ts";
import type { WebGpuBackend } from "../../gpu/device.ts";
import { openTestBackend } from "../../testing/node-gpu.ts";
import { optimizerCases } from "../../testing/optimizer-cases.ts";
import { backendRig } from "../../testing/optimizer-rig.ts";
import { adamw } from "./adamw.ts";
import { lion } from "./lion.ts";
import { sgd } from "./sgd.ts";

let backend: WebGpuBackend;
beforeAll(async () => {
  backend = await openTestBackend();
});

describe("kernels", () => {
  optimizerCases((...given) => backendRig(backend)(...given));

  const ops = [sgd, adamw, lion].flatMap((method) => method.ops ?? []);
  it.each(ops)("$name writes what its reference gives, over its inputs", async (op) => {
    for (const { inputs, attrs, values } of op.samples) {
      const data = inputs.map((spec, i) =>
        spec.dtype === "f32" ? Float32Array.from(values!(i, spec)) : Uint32Array.from(values!(i, spec)),
      );
      const t = createTrace();
      const tensors = inputs.map((spec, i) => t.buffer(`input${i}`, "slots", spec));
      t.call(op, tensors, attrs);
      const executable = await backend.compile(plan(t.finish()));
      const arenas = data.map((list, i) => {
        const arena = backend.arena(`input${i}`, list.length);
        arena.write(0, list);
        executable.bind(`input${i}`, arena);
        return arena;
      });
      executable.run(new Uint32Array(64));
      backend.submit();
      const given = inputs.map((spec, i): NdArray => ({ ...spec, data: Float64Array.from(data[i]!) }));
      for (const [k, wanted] of op.reference(given, attrs).entries()) {
        const bits = await arenas[op.alias![k]!]!.read();
        const got = wanted.dtype === "f32" ? new Float32Array(bits) : new Uint32Array(bits);
        // A few f32 roundings of numbers below 5; u32 to the bit.
        const worst = wanted.data.reduce((most, v, i) => Math.max(most, Math.abs(got[i]! - v)), 0);
        expect(worst).toBeLessThanOrEqual(wanted.dtype === "f32" ? 2e-6 : 0);
      }
      for (const arena of arenas) arena.dispose();
      executable.dispose();
    }
  });

  it("made the device complain of nothing", () => {
    expect(backend.errors()).toEqual([]);
  });
});
