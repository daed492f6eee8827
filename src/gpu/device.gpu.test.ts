/** Arenas in order with all else, and what goes wrong: in a shader, on the device, with the device. */
import { afterEach, describe, expect, it } from "vitest";
import { control } from "../engine/control.ts";
import type { GpuCommand } from "../engine/types.ts";
import { abandon, backend, chain, closeBackends, dispatch, floats, N, X } from "../testing/hand-made.ts";

afterEach(closeBackends);

describe("arenas", () => {
  it("keep the order of writes, copies, replays and reads", async () => {
    const gpu = await backend();
    const [a, b] = [gpu.arena("a", N), gpu.arena("b", N)];
    a.write(0, X);
    b.copyFrom(a);
    a.write(0, new Float32Array(N).fill(7)); // must not overtake the copy
    const first = b.read();
    b.copyFrom(a);
    const second = b.read();
    b.dispose(); // must not overtake the copy either
    expect(floats(await first)).toEqual([...X]);
    expect(floats(await second)).toEqual([7, 7, 7, 7, 7]);
    expect(() => b.write(0, X)).toThrow("b was disposed of");
    expect(() => a.write(1, X)).toThrow("do not fit");
  });

  it("of any size come back together, in the order of calls", async () => {
    const gpu = await backend();
    const lengths = [3, 100_000, 1, 20_000, 64, 16_384, 0, 5];
    const order: number[] = [];
    const reads = lengths.map((length, i) => {
      const arena = gpu.arena(`arena ${i}`, length);
      arena.write(
        0,
        Uint32Array.from({ length }, (_, k) => (i << 20) + k),
      );
      return arena.read().then((bits) => {
        order.push(i);
        return new Uint32Array(bits);
      });
    });
    const back = await Promise.all(reads);
    expect(order).toEqual([...lengths.keys()]);
    back.forEach((values, i) => {
      expect(values.length).toBe(lengths[i]);
      expect(values.findIndex((value, k) => value !== (i << 20) + k)).toBe(-1);
    });
  });

  it("can be exchanged under a program", async () => {
    const gpu = await backend();
    const run = await gpu.compile(chain);
    expect(() => run.run(control({}))).toThrow("params is not bound");
    const answers: Promise<ArrayBuffer>[] = [];
    for (const scale of [1, 2]) {
      const x = gpu.arena("x", N);
      x.write(
        0,
        X.map((v) => scale * v),
      );
      run.bind("params", x);
      run.run(control({}));
      answers.push(run.read("out"));
      x.dispose();
    }
    gpu.submit();
    expect(floats(await answers[0]!)).toEqual([...X].map((v) => 4 * v - 1));
    expect(floats(await answers[1]!)).toEqual([...X].map((v) => 8 * v - 1));
  });

  it("are counted to the byte", async () => {
    const gpu = await backend();
    const before = gpu.bytes;
    const arena = gpu.arena("a", 1000);
    expect(gpu.bytes - before).toBe(4000);
    const run = await gpu.compile(chain);
    expect(gpu.bytes - before).toBe(4000 + 2 * 256 + 2 * 256); // scratch, sizes
    run.dispose();
    arena.dispose();
    expect(gpu.bytes).toBe(before);
    expect(() => gpu.arena("all of it", gpu.maxBufferBytes)).toThrow(
      /needs a buffer of .* this device allows/,
    );
  });
});

describe("what goes wrong", () => {
  it("in a shader is said with file and line", async () => {
    const gpu = await backend();
    const broken = { ...dispatch("forward", {}, {}), shader: "wrong" } as GpuCommand;
    await expect(gpu.compile({ ...chain, commands: [broken] })).rejects.toThrow(
      /shader wrong \(wrong\.wgsl:3\)/,
    );
    const missing = { ...dispatch("forward", {}, {}), shader: "absent" } as GpuCommand;
    await expect(gpu.compile({ ...chain, commands: [missing] })).rejects.toThrow("no shader absent.wgsl");
    const entry = dispatch("backward", {}, {});
    await expect(gpu.compile({ ...chain, commands: [entry] })).rejects.toThrow(/kernel affine:backward/);
    const sizes = dispatch("forward", { x: 0, y: 1 }, { n: N });
    await expect(gpu.compile({ ...chain, commands: [sizes] })).rejects.toThrow("no value for Sizes.shift");
  });

  it("on the device is kept, and reads reject with it", async () => {
    const gpu = await backend();
    const x = gpu.arena("x", N);
    const run = await gpu.compile({
      ...chain,
      commands: [dispatch("forward", { x: 1, y: 1 }, { n: N, shift: 1 })], // reads and writes one buffer
    });
    run.bind("params", x);
    run.run(control({}));
    const out = run.read("out");
    gpu.submit();
    await expect(out).rejects.toThrow(/nothing came back/);
    await gpu.idle();
    expect(gpu.errors().length).toBeGreaterThan(0);
    abandon(gpu);
  });

  it("apart from all else is thrown there, and nothing else is the worse for it", async () => {
    const gpu = await backend();
    const x = gpu.arena("x", N);
    x.write(0, X);
    const bad = {
      ...chain,
      commands: [dispatch("forward", { x: 1, y: 1 }, { n: N, shift: 1 })], // reads and writes one buffer
    };
    const work = async () => {
      const run = await gpu.compile(bad);
      run.bind("params", x);
      run.run(control({}));
      const out = run.read("out");
      gpu.submit();
      await out;
      run.dispose();
    };
    await expect(gpu.apart(work)).rejects.toThrow();
    await expect(gpu.apart(() => Promise.reject(new Error("of one's own")))).rejects.toThrow("of one's own");
    expect(await gpu.apart(async () => 7)).toBe(7);
    expect(gpu.errors()).toEqual([]);
    expect(floats(await x.read())).toEqual([...X]);
  });

  it("with the device resolves `lost`, and open reads reject", async () => {
    const gpu = await backend();
    const x = gpu.arena("x", N);
    const read = x.read();
    abandon(gpu);
    await expect(read).rejects.toThrow();
    expect(await gpu.lost).toMatch(/destroyed/i);
  });
});
