import { describe, expect, it } from "vitest";
import { packSizes, reflect } from "./reflect.ts";
import { expandShader } from "./shader-source.ts";

describe("includes", () => {
  const files = {
    kernel: '// a kernel\n//!include "lib/b.wgsl"\n  //!include "lib/a.wgsl"\nfn main() {}',
    "lib/a": "fn a() {}",
    "lib/b": '//!include "lib/a.wgsl"\nfn b() {}',
    lonely: '//!include "lib/c.wgsl"',
  };

  it("are pasted once, where first asked for", () => {
    const { text } = expandShader(files, "kernel");
    expect(text.split("\n")).toEqual(["// a kernel", "fn a() {}", "fn b() {}", "fn main() {}"]);
  });

  it("keep the place of every line", () => {
    const { at } = expandShader(files, "kernel");
    expect([1, 2, 3, 4].map(at)).toEqual(["kernel.wgsl:1", "lib/a.wgsl:1", "lib/b.wgsl:2", "kernel.wgsl:4"]);
  });

  it("that are missing are named, with who asked", () => {
    expect(() => expandShader(files, "lonely")).toThrow("no shader lib/c.wgsl (asked for by lonely.wgsl:1)");
    expect(() => expandShader(files, "toString")).toThrow("no shader toString.wgsl");
  });
});

describe("reflection", () => {
  const text = `
struct Sizes {
  rows: u32, cols: u32, // two on a line
  scale: f32 /* the last one without a comma */
}
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(7) var<storage,read_write> y: array<vec4<f32>>;
// @group(0) @binding(8) var<storage, read> gone: array<f32>;
@group(0)
@binding(2) var<storage> z: array<u32>;
var<workgroup> partial: array<f32, 64>;
`;

  it("finds variables and fields", () => {
    const { bindings, sizes } = reflect(text);
    expect(Object.fromEntries(bindings)).toEqual({
      sizes: { binding: 0, access: "uniform" },
      x: { binding: 1, access: "read" },
      y: { binding: 7, access: "read_write" },
      z: { binding: 2, access: "read" },
    });
    expect(sizes).toEqual([
      { name: "rows", type: "u32" },
      { name: "cols", type: "u32" },
      { name: "scale", type: "f32" },
    ]);
  });

  it("refuses what it would misread", () => {
    expect(() => reflect("struct Sizes { a: vec2u }")).toThrow('"a: vec2u"');
    expect(() => reflect("@group(1) @binding(0) var<storage> x: array<f32>;")).toThrow("group 1");
    const twice =
      "@group(0) @binding(1) var<storage> x: array<f32>; @group(0) @binding(1) var<storage> y: array<f32>;";
    expect(() => reflect(twice)).toThrow("x and y share binding 1");
  });

  it("packs sizes by their type, and only what fits", () => {
    const { sizes } = reflect(text);
    const words = packSizes("k", sizes, { rows: 3, cols: 0xffffffff, scale: -0.5 });
    expect([...words]).toEqual([3, 0xffffffff, 0xbf000000]);
    expect(() => packSizes("k", sizes, { rows: 3, cols: 1 })).toThrow("no value for Sizes.scale");
    expect(() => packSizes("k", sizes, { rows: -1, cols: 1, scale: 1 })).toThrow("Sizes.rows = -1");
    expect(() => packSizes("k", sizes, { rows: 1, cols: 1, scale: 1, depth: 2 })).toThrow("no field depth");
  });
});
