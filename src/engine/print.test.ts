/** Programs as text, and their keys. */
import { describe, expect, it } from "vitest";
import { f32, one } from "../testing/graphs.ts";
import { add } from "./ops/binary.ts";
import { scale } from "./ops/unary.ts";
import { plan } from "./plan.ts";
import { fnv64, printProgram } from "./print.ts";
import { createTrace } from "./trace.ts";

describe("printing", () => {
  const program = (factor: number, constant = 1) => {
    const t = createTrace();
    const x = t.buffer("x", "params", f32(2, 3));
    const y = t.segment("layer", null, () => t.call(scale, [x], { factor })[0]!);
    t.output("y", one(t, add, y, t.constant(f32(3), [constant, 2, 3])));
    return plan(t.finish());
  };

  it("is one stable line a command", () => {
    expect(printProgram(program(2)).split("\n").slice(1)).toEqual([
      "2 commands, 0 flops",
      "b0 control 256 bytes",
      "b1 params x 24 bytes",
      `b2 constant 12 bytes #${fnv64("1065353216,1073741824,1077936128")}`,
      "b3 output 32 bytes",
      "b4 scratch 32 bytes",
      "segment layer 0..1",
      "0 scale unary:forward <1x1x1> x=f32[2,3]@b1 y=f32[2,3]@b4 | KIND=11 ; count=6 p=2",
      "1 add binary:floats <1x1x1> a=f32[2,3]@b4 b=f32[3]@b2 y=f32[2,3]@b3 | KIND=0 FLAT=2 ; count=6 rank=2" +
        " d0=1 d1=1 d2=1 d3=1 d4=2 d5=3 a0=0 a1=0 a2=0 a3=0 a4=3 a5=1 b0=0 b1=0 b2=0 b3=0 b4=0 b5=1",
      "output y f32[2,3]@b3",
      "",
    ]);
  });

  it("has one key for the same trace, another for other sizes, attributes or constants", () => {
    expect(program(2).key).toBe(program(2).key);
    expect(program(2)).toEqual(program(2));
    expect(new Set([program(2), program(3), program(2, 5)].map(({ key }) => key)).size).toBe(3);
  });

  it("hashes by FNV-1a", () => {
    // Published test vectors (Noll): "", "a", "foobar".
    expect([fnv64(""), fnv64("a"), fnv64("foobar")]).toEqual([
      "cbf29ce484222325",
      "af63dc4c8601ec8c",
      "85944171f73967e8",
    ]);
  });
});
