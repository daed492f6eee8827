/**
 * Every shader through naga, the compiler of Firefox, which is stricter in places than the one in Chrome; and each entry
 * within what every WebGPU device has. No device is needed.
 */
import { parseWgsl, validate } from "naga-wasm";
import { describe, expect, it } from "vitest";
import { readShaders } from "../testing/node-gpu.ts";
import { type EntryPoint, entryPoints } from "../testing/wgsl-entries.ts";
import { expandShader } from "./shader-source.ts";

const shaders = readShaders();
/** What `enable` lets in is for devices that have it, which this naga has not; the same kernels by quads are such. */
const optional = (name: string): boolean => /^enable /m.test(shaders[name]!);
const kernels = Object.keys(shaders).filter((name) => !name.startsWith("lib/"));
const text = (name: string): string => expandShader(shaders, name).text;

/** naga's complaint, or null. */
function complaint(source: string): string | null {
  try {
    using module = parseWgsl(source);
    using _ = validate(module);
    return null;
  } catch (error) {
    return (error as { formatted?: string }).formatted ?? String(error);
  }
}

const refusal = ({ storage, invocations, bytes }: EntryPoint): string | null => {
  if (storage.length > 8) return `binds ${storage.length} storage buffers (${storage.join(", ")})`;
  if (invocations > 256) return `has ${invocations} invocations`;
  if (bytes > 16384) return `takes ${bytes} bytes of workgroup memory`;
  return null;
};

it.each(kernels.filter((name) => !optional(name)))("%s passes naga", (name) => {
  expect(complaint(text(name))).toBeNull();
});

/**
 * Overrides declared after an array that is as long as an override says. WGSL allows it; naga 29 panics when it makes a
 * pipeline of it (not when it validates), which ends Deno and Firefox's GPU process.
 */
function lateOverrides(source: string): readonly string[] {
  const declared = [...source.matchAll(/^\s*override (\w+)/gm)].map(({ 1: name, index }) => ({
    name: name!,
    index,
  }));
  const sized = [...source.matchAll(/^\s*var<workgroup>.*array<.*$/gm)].find(({ 0: line }) =>
    declared.some(({ name }) => new RegExp(`\\b${name}\\b`).test(line)),
  );
  return declared.filter(({ index }) => sized !== undefined && index > sized.index).map(({ name }) => name);
}

it.each(kernels)("%s declares its overrides before arrays sized by one", (name) => {
  expect(lateOverrides(text(name))).toEqual([]);
});

it.each(kernels)("%s stays within what every device has", (name) => {
  const entries = entryPoints(text(name));
  expect(entries.length).toBeGreaterThan(0);
  for (const entry of entries) expect(refusal(entry), `${name}:${entry.name}`).toBeNull();
});

describe("the checks see", () => {
  it("a wrong type", () => {
    expect(complaint("fn f() -> f32 { return 1u; }")).toContain("error");
    expect(complaint("fn f() -> f32 { return 1.0; }")).toBeNull();
  });

  it("an override after an array sized by one", () => {
    const array = "override WG = 64u;\nvar<workgroup> lanes: array<f32, 2u * WG>;\n";
    expect(lateOverrides(`${array}override STATE = 0u;`)).toEqual(["STATE"]);
    expect(lateOverrides(`override STATE = 0u;\n${array}`)).toEqual([]);
  });

  it("what an entry uses, through the functions it calls", () => {
    const source = `
      const LANES = 64u;
      override WIDE = 8u;
      @group(0) @binding(0) var<uniform> sizes: vec4u;
      @group(0) @binding(1) var<storage, read> a: array<f32>;
      @group(0) @binding(2) var<storage, read> b: array<f32>;
      @group(0) @binding(3) var<storage, read_write> c: array<f32>; // not read
      var<workgroup> lanes: array<vec4<f32>, LANES>;
      var<workgroup> pairs: array<array<f32, 2>, 4 * LANES>;
      fn inner() -> f32 { return lanes[0].x + a[0]; }
      fn outer() -> f32 { return inner(); }
      @compute @workgroup_size(WIDE, 4) fn one() { let v = outer(); pairs[0][0] = v; }
      @compute @workgroup_size(LANES) fn two() { c[0] = b[sizes.x]; }`;
    expect(entryPoints(source)).toEqual([
      { name: "one", storage: ["a"], invocations: 32, bytes: 1024 + 2048 },
      { name: "two", storage: ["b", "c"], invocations: 64, bytes: 0 },
    ]);
    expect(entryPoints(source, { WIDE: 128 })[0]!.invocations).toBe(512);
    const at = { name: "x", storage: ["a"], invocations: 256, bytes: 16384 };
    expect(refusal(at)).toBeNull();
    expect(refusal({ ...at, storage: [..."abcdefghi"] })).toContain("9 storage buffers");
    expect(refusal({ ...at, invocations: 257 })).toContain("257");
    expect(refusal({ ...at, bytes: 16385 })).toContain("16385");
  });
});
