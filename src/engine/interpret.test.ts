/** The interpreter keeps the contract of a device: order, reads after a submit, bits, arenas, skipped segments. */
import { describe, expect, it } from "vitest";
import { control, floatBits } from "./control.ts";
import { interpreterBackend } from "./interpret.ts";
import { add, mul } from "./ops/binary.ts";
import { reshape } from "./ops/reshape.ts";
import { neg, scale, tanh } from "./ops/unary.ts";
import { plan } from "./plan.ts";
import { createTrace } from "./trace.ts";
import type { Program } from "./types.ts";

const f32 = (...shape: number[]) => ({ shape, dtype: "f32" as const });
const u32 = (...shape: number[]) => ({ shape, dtype: "u32" as const });
const CONTROL = control({});
const floats = async (bits: Promise<ArrayBuffer>) => [...new Float32Array(await bits)];

/** state ← state · 3 + x; output "negative" = −state. */
function program(): Program {
  const t = createTrace();
  const state = t.buffer("state", "params", f32(2));
  const x = t.buffer("x", "data", f32(2));
  const next = t.call(add, [t.call(scale, [state], { factor: 3 })[0]!, x], {})[0]!;
  t.store(next, state);
  t.output("negative", t.call(neg, [state], {})[0]!);
  return plan(t.finish());
}

async function ready(options = {}) {
  const backend = interpreterBackend(options);
  const executable = await backend.compile(program());
  const state = backend.arena("state", 2);
  const x = backend.arena("x", 2);
  executable.bind("state", state);
  executable.bind("x", x);
  return { backend, executable, state, x };
}

describe("interpreter", () => {
  it("runs commands and writes in the order in which they were given", async () => {
    const { backend, executable, state, x } = await ready();
    x.write(0, Float32Array.of(1, 2));
    executable.run(CONTROL);
    x.write(1, Float32Array.of(10));
    executable.run(CONTROL);
    const read = executable.read("negative");
    backend.submit();
    expect(await floats(state.read())).toEqual([4, 16]);
    expect(await floats(read)).toEqual([-4, -16]);
  });

  it("resolves a read only after the next submit", async () => {
    const { backend, executable } = await ready();
    executable.run(CONTROL);
    let resolved = false;
    const read = executable.read("negative").then(() => {
      resolved = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(resolved).toBe(false);
    backend.submit();
    await read;
    expect(resolved).toBe(true);
  });

  it("submits by itself for the read of an arena, which would wait for the reads before it", async () => {
    const { executable, state, x } = await ready();
    x.write(0, Float32Array.of(1, 2));
    executable.run(CONTROL);
    const earlier = executable.read("negative");
    expect(await floats(state.read())).toEqual([1, 2]);
    expect(await floats(earlier)).toEqual([-1, -2]);
  });

  it("keeps the order of reads whatever their delays, and what they saw", async () => {
    let left = 5;
    const delay = () => new Promise<void>((resolve) => setTimeout(resolve, 3 * left--));
    const { backend, executable, x } = await ready({ delay });
    x.write(0, Float32Array.of(1, 0));
    const order: number[] = [];
    const reads = [1, 2, 3, 4].map(async (n) => {
      executable.run(CONTROL);
      const read = executable.read("negative");
      backend.submit();
      const values = await floats(read);
      order.push(n);
      return values[0];
    });
    expect(await Promise.all(reads)).toEqual([-1, -4, -13, -40]);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it("keeps f32 in arenas, float64 on request", async () => {
    const third = Math.fround(1 / 3);
    for (const keep of ["f32", "float64"] as const) {
      const { backend, executable, state } = await ready({ keep });
      state.write(0, Float32Array.of(third, 0));
      for (let i = 0; i < 3; i++) executable.run(CONTROL);
      const read = executable.read("negative");
      backend.submit();
      const expected = [3, 3, 3].reduce((v, k) => (keep === "f32" ? Math.fround(v * k) : v * k), third);
      expect((await floats(read))[0]).toBe(Math.fround(-expected));
    }
  });

  it("reads bits as they would lie on a device, whoever wrote them", async () => {
    const backend = interpreterBackend();
    const t = createTrace();
    const ids = t.buffer("ids", "data", u32(2));
    const x = t.buffer("x", "params", f32(1));
    t.output("ids", t.call(reshape, [ids], { shape: [2, 1] })[0]!);
    t.output("y", t.call(tanh, [x], {})[0]!);
    const executable = await backend.compile(plan(t.finish()));
    const arena = backend.arena("ids", 2);
    arena.write(0, Uint32Array.of(0xffffffff, 7));
    executable.bind("ids", arena);
    const weights = backend.arena("x", 1);
    weights.write(0, Uint32Array.of(floatBits(0.5)));
    executable.bind("x", weights);
    executable.run(CONTROL);
    const [y, read] = [executable.read("y"), executable.read("ids")];
    backend.submit();
    expect([...new Uint32Array(await read)]).toEqual([0xffffffff, 7]);
    expect(await floats(y)).toEqual([Math.fround(Math.tanh(0.5))]);
    expect(await floats(weights.read())).toEqual([0.5]);
    const copy = backend.arena("copy", 2);
    copy.copyFrom(arena);
    expect([...new Uint32Array(await copy.read())]).toEqual([0xffffffff, 7]);
  });

  it("hands the control block to the program", async () => {
    const backend = interpreterBackend();
    const t = createTrace();
    t.output("control", t.call(reshape, [t.control], { shape: [64] })[0]!);
    const executable = await backend.compile(plan(t.finish()));
    executable.run(control({ step: 9, lr: 0.25 }));
    executable.run(Uint32Array.of(3));
    const read = executable.read("control");
    backend.submit();
    expect([...new Uint32Array(await read)].slice(0, 5)).toEqual([3, 0, 0, 0, 0]);
  });

  it("replaces a skipped segment by its pass-through copy", async () => {
    const backend = interpreterBackend();
    const t = createTrace();
    const x = t.call(scale, [t.buffer("x", "data", f32(2))], { factor: 2 })[0]!;
    const y = t.call(mul, [x, x], {})[0]!;
    t.segment("timed", null, () => t.output("doubled", t.call(scale, [x], { factor: 2 })[0]!));
    const graph = t.finish();
    const inner = { name: "block", pass: [x, y] as const, from: 1, to: 2 };
    t.output("y", t.call(neg, [y], {})[0]!);
    const executable = await backend.compile(plan({ ...graph, segments: [...graph.segments, inner] }));
    const arena = backend.arena("x", 2);
    arena.write(0, Float32Array.of(1, 3));
    executable.bind("x", arena);
    const results: number[][] = [];
    for (const skip of [new Set<string>(), new Set(["block"])]) {
      executable.run(CONTROL, skip);
      const read = executable.read("y");
      backend.submit();
      results.push(await floats(read));
    }
    expect(results).toEqual([
      [-4, -36],
      [-2, -6],
    ]);
    expect(() => executable.run(CONTROL, new Set(["timed"]))).toThrow("timed cannot be skipped");
    expect(() => executable.run(CONTROL, new Set(["none"]))).toThrow("no segment none");
  });

  it("counts its memory and refuses what a device refuses", async () => {
    const { backend, executable, state, x } = await ready();
    const own = executable.program.buffers.reduce((sum, { name, bytes }) => sum + (name ? 0 : bytes), 0);
    expect(backend.bytes).toBe(16 + own);
    expect(() => executable.bind("weights", state)).toThrow("no buffer weights");
    expect(() => executable.bind("x", backend.arena("small", 1))).toThrow("x needs 2 elements; small has 1");
    expect(() => x.write(1, Float32Array.of(1, 2))).toThrow("do not fit");
    expect(() => state.copyFrom(backend.arena("long", 3))).toThrow("has 3 elements");
    const loose = await backend.compile(program());
    expect(() => loose.run(CONTROL)).toThrow("state is not bound");
    x.dispose();
    expect(() => executable.run(CONTROL)).toThrow("x was disposed of");
    executable.dispose();
    expect(() => executable.read("negative")).toThrow("disposed of");
    const unknown = { ...program(), calls: [{ ...program().calls[0]!, op: "mystery" }] };
    await expect(backend.compile(unknown)).rejects.toThrow("mystery");
  });
});
