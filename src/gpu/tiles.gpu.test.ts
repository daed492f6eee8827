/**
 * Every way of every dispatch (engine/tiles.ts) gives the same bits: which one a device takes is no part of a run. Whether they
 * are right is the kernel test's matter, which runs the way that this device takes at the sample's size.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { control } from "../engine/control.ts";
import { allOps } from "../engine/ops/all.ts";
import { lstm } from "../engine/ops/lstm.ts";
import { lstmGrad } from "../engine/ops/lstm-grad.ts";
import { plan } from "../engine/plan.ts";
import { sampleInputs, sampleName } from "../engine/samples.ts";
import { waysOf } from "../engine/tiles.ts";
import { createTrace } from "../engine/trace.ts";
import type { NdArray, OpDef, OpSample, Program } from "../engine/types.ts";
import { openTestBackend } from "../testing/node-gpu.ts";
import type { WebGpuBackend } from "./device.ts";

/** As a processor gets it: then no sum is shared out, and all ways are open. */
function programOf(op: OpDef, sample: OpSample, lanes = 1): Program {
  const t = createTrace();
  const tensors = sample.inputs.map((input, i) => t.buffer(`input ${i}`, "data", input));
  t.call(op, tensors, sample.attrs).forEach((output, i) => {
    t.output(`output ${i}`, output);
  });
  return plan(t.finish(), { lanes });
}

const ways = (program: Program) =>
  program.commands.flatMap((command) => (command.kind === "dispatch" ? waysOf(command) : []));

const open = allOps.flatMap((op) =>
  op.samples
    .filter(({ bench }) => !bench || process.env.ESPALIER_LONG)
    .map((sample, i) => ({ name: sampleName(op.name, sample, i), sample, program: programOf(op, sample) }))
    .filter(({ program }) => ways(program).some(({ id }) => id !== "plain")),
);

describe("ways of a dispatch", () => {
  let gpu: WebGpuBackend;
  beforeAll(async () => {
    gpu = await openTestBackend();
  });
  afterAll(() => {
    expect(gpu.errors()).toEqual([]);
  });

  async function bitsOf(way: string, program: Program, inputs: readonly NdArray[]): Promise<Buffer[]> {
    gpu.tuning.prefer(way);
    const run = await gpu.compile(program);
    gpu.tuning.prefer(null);
    const arenas = inputs.map(({ data, dtype }, i) => {
      const arena = gpu.arena(`input ${i}`, data.length);
      arena.write(0, dtype === "f32" ? Float32Array.from(data) : Uint32Array.from(data));
      if (program.buffers.some(({ name }) => name === `input ${i}`)) run.bind(`input ${i}`, arena);
      return arena;
    });
    run.run(control({}));
    const reads = Object.keys(program.outputs).map((name) => run.read(name));
    gpu.submit();
    const bits = (await Promise.all(reads)).map((bytes) => Buffer.from(bytes));
    run.dispose();
    for (const arena of arenas) arena.dispose();
    return bits;
  }

  it("are there for every product, every LSTM and attention", () => {
    expect(new Set(open.map(({ name }) => name.split(" ")[0]))).toEqual(
      new Set([
        ...["matmul", "matmul-grad", "matmul-grad-weight"],
        ...["lstm", "lstm-grad", "lstm-tokens", "lstm-tokens-grad"],
        ...["attention", "attention-grad"],
      ]),
    );
  });

  it.each(open)("agree to the bit: $name", async ({ program, sample }) => {
    const inputs = sampleInputs(sample);
    const plain = await bitsOf("plain", program, inputs);
    const ids = new Set(ways(program).map(({ id }) => id));
    for (const id of ids) {
      if (!gpu.tuning.has(id)) continue;
      const other = await bitsOf(id, program, inputs);
      other.forEach((bits, i) => {
        expect(bits.equals(plain[i]!), `${id}, output ${i}`).toBe(true);
      });
    }
  });

  // Their workgroups of 256 take a processor seconds to compile.
  it.runIf(process.env.ESPALIER_LONG).each([lstm, lstmGrad])("a wide $name walked in one dispatch, and in one a step", async (op) => {
    const sample = op.samples.find(({ inputs }) => inputs[0]!.shape.at(-1) === 260)! as OpSample;
    const inputs = sampleInputs(sample);
    const [walk, steps] = [programOf(op, sample), programOf(op, sample, 4096)];
    const time = sample.inputs[0]!.shape[1]!;
    expect(steps.commands.length).toBe(walk.commands.length + time - (op === lstm ? 1 : 0));
    const [one, other] = [await bitsOf("plain", walk, inputs), await bitsOf("plain", steps, inputs)];
    other.forEach((bits, i) => {
      expect(bits.equals(one[i]!), `output ${i}`).toBe(true);
    });
  });
});
