/** shaders/lib/random.wgsl against threefry.ts on a device: integers to the bit, normals to rounding. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createWebGpuBackend, type WebGpuBackend } from "../gpu/device.ts";
import { openTestGpu, readShaders } from "../testing/node-gpu.ts";
import { normalPair, STREAM, streamKey, threefry2x32, uniform, uniformInt } from "./threefry.ts";

/** Ten words an input (k0, k1, c0, c1): the block, its stream key, two floats and two integers made of it. */
const SHADER = `
//!include "lib/random.wgsl"
@group(0) @binding(0) var<storage, read> given: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> made: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let words = given[id.x];
  let bits = threefry2x32(words.xy, words.zw);
  let key = stream_key(words.xy, STREAM_ORDER);
  let normal = normal_pair(bits);
  let all = array<u32, 10>(bits.x, bits.y, key.x, key.y, bitcast<u32>(uniform_unit(bits.x)),
    bitcast<u32>(uniform_unit(bits.y)), bitcast<u32>(normal.x), bitcast<u32>(normal.y),
    uniform_int(bits.x, words.z), uniform_int(bits.y, words.w));
  for (var i = 0u; i < 10u; i++) { made[id.x * 10u + i] = all[i]; }
}`;

const COUNT = 4096;

let backend: WebGpuBackend;
beforeAll(async () => {
  const gpu = await openTestGpu();
  if (!gpu) throw new Error("these tests need a WebGPU device in Node");
  backend = await createWebGpuBackend({ gpu, shaders: { ...readShaders(), "random-test": SHADER } });
});
afterAll(() => backend.dispose());

it("gives the same bits", async () => {
  const given = new Uint32Array(4 * COUNT);
  given.set([0, 0, 0, 0, ...new Array(4).fill(0xffffffff), 0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3]);
  for (let i = 3; i < COUNT; i++) {
    // Counters of all magnitudes, since they serve as the n of `uniform_int` too.
    const [a, b] = threefry2x32(i, 1, 0, 0);
    const [c, d] = threefry2x32(i, 2, 0, 0);
    given.set([a, b, c >>> (i % 32), d >>> (i % 29)], 4 * i);
  }
  const spec = (length: number) => ({ shape: [length], dtype: "u32" as const });
  const executable = await backend.compile({
    key: "random-test",
    flops: 0,
    buffers: [
      { role: "data", name: "given", bytes: given.byteLength },
      { role: "output", name: "", bytes: 40 * COUNT },
    ],
    tensors: [
      { buffer: 0, offset: 0, spec: spec(4 * COUNT) },
      { buffer: 1, offset: 0, spec: spec(10 * COUNT) },
    ],
    commands: [
      {
        kind: "dispatch",
        op: "random-test",
        shader: "random-test",
        entry: "main",
        constants: {},
        sizes: {},
        bind: { given: 0, made: 1 },
        grid: [COUNT / 64, 1, 1],
      },
    ],
    calls: [],
    segments: [],
    outputs: { made: 1 },
  });
  const arena = backend.arena("given", given.length);
  arena.write(0, given);
  executable.bind("given", arena);
  executable.run(new Uint32Array(64));
  const reading = executable.read("made");
  backend.submit();
  const bytes = await reading;
  expect(backend.errors()).toEqual([]);
  const words = new Uint32Array(bytes);
  const floats = new Float32Array(bytes);
  expect([...words.slice(0, 2)]).toEqual([0x6b200159, 0x99ba4efe]);
  let worst = 0;
  for (let i = 0; i < COUNT; i++) {
    const [k0, k1, c0, c1] = given.slice(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    const bits = threefry2x32(k0, k1, c0, c1);
    const at = 10 * i;
    expect([...words.slice(at, at + 4)]).toEqual([...bits, ...streamKey(k0, k1, STREAM.order)]);
    expect([...floats.slice(at + 4, at + 6)]).toEqual(bits.map(uniform));
    expect([...words.slice(at + 8, at + 10)]).toEqual([uniformInt(bits[0], c0), uniformInt(bits[1], c1)]);
    normalPair(...bits).forEach((z, k) => {
      worst = Math.max(worst, Math.abs(floats[at + 6 + k]! - z));
    });
  }
  // WGSL's log and sqrt are allowed 3 units in the last place of a radius below 5.8, the polynomials add as much.
  expect(worst).toBeLessThan(3e-6);
});
