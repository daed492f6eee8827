/**
 * Every way of every dispatch (engine/tiles.ts) gives the same bits: which one a device takes is no part of a run. Whether they
 * are right is the kernel test's matter, which runs the way that this device takes at the sample's size.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { control } from "../engine/control.ts";
import { allOps } from "../engine/ops/all.ts";
import { lstm } from "../engine/ops/lstm.ts";
import { lstmGrad } from "../engine/ops/lstm-grad.ts";
import { plan } from "../engine/plan.ts";
import { sampleInputs, sampleName } from "../engine/samples.ts";
import { spreadsOf } from "../engine/spread-products.ts";
import { type Dispatch, waysOf } from "../engine/tiles.ts";
import { createTrace } from "../engine/trace.ts";
import type { NdArray, OpDef, OpSample, Program } from "../engine/types.ts";
import { variantsOf } from "../engine/variants.ts";
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
    // Workgroups of 256, as wide LSTMs have them, take a processor seconds to compile.
    .filter(({ bench, inputs }) => process.env.ESPALIER_LONG || !(bench || inputs[0]?.shape.at(-1) === 260))
    .map((sample, i) => ({ name: sampleName(op.name, sample, i), sample, program: programOf(op, sample) }))
    .filter(({ program }) => ways(program).some(({ id }) => id !== "plain")),
);

const isProduct = ({ commands }: Program): boolean =>
  commands.some((command) => command.kind === "dispatch" && spreadsOf(command).length > 0);

/** Of what is spread, the samples that see most: an epilogue and tails; places of symbols; most parts of a sum. */
const QUICK = /^(matmul #10|lstm-tokens-grad #1|matmul-grad #12.*4096 lanes$) ?/;

/**
 * Sums that are shared out, as on a card with so many lanes; 8 of them: a sum in as few parts as a workgroup has groups.
 * By quads there are no such.
 */
const shared = allOps.flatMap((op) =>
  op.samples.flatMap((sample, i) =>
    [4096, ...(/^(2100|701),/.test(`${sample.inputs[0]?.shape}`) ? [8] : [])]
      .map((lanes) => ({ lanes, program: programOf(op, sample, lanes) }))
      .filter(
        ({ program }) =>
          !sample.bench &&
          ways(program).some(({ id, dispatch }) => id === "spread" && dispatch.constants.SHARED === 1),
      )
      .map(({ lanes, program }) => ({
        name: `${sampleName(op.name, sample, i)}, ${lanes} lanes`,
        sample,
        program,
      })),
  ),
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

  it("are there for every product, every LSTM, attention and sums of rows", () => {
    expect(new Set(open.map(({ name }) => name.split(" ")[0]))).toEqual(
      new Set([
        ...["matmul", "matmul-grad", "matmul-grad-weight", "h-lstm"], // the last by its products
        ...["lstm", "lstm-grad", "lstm-tokens", "lstm-tokens-grad"],
        ...["h-lstm", "attention", "attention-grad"],
        ...["layer-norm", "layer-norm-grad", "embedding-grad", "mean-cross-entropy"],
      ]),
    );
  });

  it.each(open)("agree to the bit: $name", async ({ name, program, sample }) => {
    const inputs = sampleInputs(sample);
    const plain = await bitsOf("plain", program, inputs);
    const ids = new Set(ways(program).map(({ id }) => id));
    for (const id of ids) {
      if (!gpu.tuning.has(id)) continue;
      // Seconds of compilation each; the gradients hold the loops of two of the three layouts.
      if (id === "long quads" && !process.env.ESPALIER_LONG && !name.startsWith("matmul-grad ")) continue;
      // Seconds of compilation each, on a processor; their barriers are for others.
      if (id === "spread" && !process.env.ESPALIER_LONG && isProduct(program) && !QUICK.test(name)) continue;
      const other = await bitsOf(id, program, inputs);
      other.forEach((bits, i) => {
        expect(bits.equals(plain[i]!), `${id}, output ${i}`).toBe(true);
      });
    }
  });

  it.each(shared.filter(({ name }) => process.env.ESPALIER_LONG || QUICK.test(name)))(
    "share out a sum alike: $name",
    async ({ program, sample }) => {
      const inputs = sampleInputs(sample);
      const plain = await bitsOf("plain", program, inputs);
      (await bitsOf("spread", program, inputs)).forEach((bits, i) => {
        expect(bits.equals(plain[i]!), `output ${i}`).toBe(true);
      });
    },
  );

  /** Timed against each other on a card (tile-timer.ts), so that any of them may run. */
  const geometries = [...open.map((each) => ({ ...each, lanes: 1 })), ...shared]
    .filter(({ name }) => process.env.ESPALIER_LONG || /^matmul #10 ?/.test(name))
    .map(({ name, sample, program }) => {
      const dispatches = program.commands.filter((command) => command.kind === "dispatch");
      const ids = new Set(dispatches.flatMap((dispatch) => variantsOf(dispatch).map(({ id }) => id)));
      return { name, sample, program, ids: [...ids].filter((id) => id.startsWith("spread ")) };
    })
    .filter(({ ids }) => ids.length > 1);

  it.each(geometries)("agree in every geometry: $name, $ids", async ({ sample, program, ids }) => {
    const inputs = sampleInputs(sample);
    const plain = await bitsOf("plain", program, inputs);
    for (const id of ids) {
      (await bitsOf(id, program, inputs)).forEach((bits, i) => {
        expect(bits.equals(plain[i]!), `${id}, output ${i}`).toBe(true);
      });
    }
  });

  it("change while a program runs, when the better one is worth it, and with the same bits", async () => {
    const { sample, program } = open.find(
      (each) =>
        each.name.startsWith("matmul-grad ") && ways(each.program).some(({ id }) => id === "long quads"),
    )!;
    if (!gpu.tuning.has("long quads")) return;
    const dispatches = new Map<number, Dispatch>();
    program.commands.forEach((command, i) => {
      const long = command.kind === "dispatch" && waysOf(command).find(({ id }) => id === "long quads");
      if (long) dispatches.set(i, long.dispatch);
    });
    const later = vi.spyOn(gpu.tuning, "later").mockReturnValue({ after: 2, dispatches });
    gpu.tuning.prefer("quads");
    const run = await gpu.compile(program);
    later.mockRestore();
    const arenas = sampleInputs(sample).map(({ data }, i) => {
      const arena = gpu.arena(`input ${i}`, data.length);
      arena.write(0, Float32Array.from(data));
      run.bind(`input ${i}`, arena);
      return arena;
    });
    const groups = vi.spyOn(gpu.device, "createBindGroup");
    const turn = async (): Promise<{ bits: Buffer; made: number }> => {
      const before = groups.mock.calls.length;
      run.run(control({}));
      const read = run.read("output 1");
      gpu.submit();
      return { bits: Buffer.from(await read), made: groups.mock.calls.length - before };
    };
    const turns = [await turn(), await turn()];
    gpu.tuning.prefer("long quads");
    const long = await gpu.compile(program); // waits for the same kernels
    gpu.tuning.prefer(null);
    turns.push(await turn(), await turn());
    expect(turns.map(({ made }) => made)).toEqual([1, 0, 1, 0]);
    for (const { bits } of turns) expect(bits.equals(turns[0]!.bits)).toBe(true);
    groups.mockRestore();
    for (const each of [run, long, ...arenas]) each.dispose();
  });

  it.runIf(process.env.ESPALIER_LONG).each([lstm, lstmGrad])(
    "a wide $name walked in one dispatch, and in one a step",
    async (op) => {
      const sample = op.samples.find(({ inputs }) => inputs[0]?.shape.at(-1) === 260)! as OpSample;
      const inputs = sampleInputs(sample);
      const [walk, steps] = [programOf(op, sample), programOf(op, sample, 4096)];
      const time = sample.inputs[0]!.shape[1]!;
      expect(steps.commands.length).toBe(walk.commands.length + time - (op === lstm ? 1 : 0));
      const one = await bitsOf("plain", walk, inputs);
      for (const id of ["plain", "spread"]) {
        (await bitsOf(id, steps, inputs)).forEach((bits, i) => {
          expect(bits.equals(one[i]!), `${id}, output ${i}`).toBe(true);
        });
      }
    },
  );
});
