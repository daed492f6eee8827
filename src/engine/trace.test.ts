/** Tracing and differentiation: what is recorded, what is refused, and gradients of small functions known by heart. */
import { describe, expect, it } from "vitest";
import { evaluate } from "./evaluate.ts";
import { arenaLayout } from "./layout.ts";
import { add, div, mul } from "./ops/binary.ts";
import { reduce } from "./ops/reduce.ts";
import { reshape } from "./ops/reshape.ts";
import { exp, neg, scale, square, tanh } from "./ops/unary.ts";
import { plan } from "./plan.ts";
import { createTrace } from "./trace.ts";
import type { OpDef, Params, Tensor, Trace } from "./types.ts";

const f32 = (...shape: number[]) => ({ shape, dtype: "f32" as const });
const sum = (t: Trace, x: Tensor): Tensor =>
  t.call(reduce, [x], { axes: x.shape.map((_, k) => k), keepDims: false, how: "sum" })[0]!;

/** Gradients of `f` at `values`, by name. */
function grads(
  values: Record<string, readonly number[]>,
  f: (t: Trace, at: Record<string, Tensor>) => Tensor,
): Record<string, number[]> {
  const t = createTrace();
  const at: Record<string, Tensor> = {};
  for (const [name, v] of Object.entries(values)) at[name] = t.buffer(name, "params", f32(v.length));
  for (const [name, d] of t.grad(f(t, at), new Map(Object.entries(at)))) t.output(name, d);
  const named = new Map(Object.entries(values).map(([name, v]) => [name, Float64Array.from(v)]));
  const results = evaluate(plan(t.finish()), named);
  return Object.fromEntries([...results].map(([name, { data }]) => [name, [...data]]));
}

describe("grad", () => {
  it("follows the chain rule and sums over every path", () => {
    // f = Σ x·y + x²: df/dx = y + 2x, df/dy = x
    const result = grads({ x: [1, -2], y: [5, 7] }, (t, { x, y }) =>
      sum(t, t.call(add, [t.call(mul, [x!, y!], {})[0]!, t.call(square, [x!], {})[0]!], {})[0]!),
    );
    expect(result).toEqual({ x: [7, 3], y: [1, -2] });
  });

  it("counts a tensor used twice by one op twice", () => {
    expect(grads({ x: [3, -1] }, (t, { x }) => sum(t, t.call(mul, [x!, x!], {})[0]!))).toEqual({
      x: [6, -2],
    });
  });

  it("gives zeros to a parameter that the loss does not see, and calls no vjp on its way", () => {
    const opaque: OpDef = { ...tanh, name: "opaque" };
    delete (opaque as { vjp?: unknown }).vjp;
    const result = grads({ x: [1, 2], unused: [4, 5, 6] }, (t, { x, unused }) => {
      t.call(opaque, [unused!], {});
      return sum(t, x!);
    });
    expect(result).toEqual({ x: [1, 1], unused: [0, 0, 0] });
  });

  it("needs no gradient of an op that only data pass through", () => {
    const opaque: OpDef = { ...exp, name: "opaque" };
    delete (opaque as { vjp?: unknown }).vjp;
    const t = createTrace();
    const x = t.buffer("x", "params", f32(2));
    const data = t.call(opaque, [t.buffer("data", "data", f32(2))], {})[0]!;
    t.output("dx", t.grad(sum(t, t.call(mul, [x, data], {})[0]!), new Map([["x", x]])).get("x")!);
    const values = { x: Float64Array.of(1, 1), data: Float64Array.of(0, 1) };
    const dx = evaluate(plan(t.finish()), new Map(Object.entries(values)), [], [opaque]).get("dx")!;
    expect([...dx.data]).toEqual([1, Math.E]);
  });

  it("passes through views and broadcasts", () => {
    const result = grads({ x: [1, 2, 3, 4], b: [10, 20] }, (t, { x, b }) => {
      const square2 = t.call(reshape, [x!], { shape: [2, 2] })[0]!;
      return sum(t, t.call(div, [square2, b!], {})[0]!);
    });
    expect(result.x).toEqual([0.1, 0.05, 0.1, 0.05]);
    // d/db Σ x/b = −Σ x/b²
    expect(result.b![0]).toBeCloseTo(-0.04, 15);
    expect(result.b![1]).toBeCloseTo(-0.015, 15);
  });

  it("differentiates with respect to a value made on the way", () => {
    const t = createTrace();
    const x = t.buffer("x", "params", f32(2));
    const y = t.call(scale, [x], { factor: 3 })[0]!;
    const wrt: Params = new Map([
      ["x", x],
      ["y", y],
    ]);
    for (const [name, d] of t.grad(sum(t, t.call(square, [y], {})[0]!), wrt)) t.output(name, d);
    const results = evaluate(plan(t.finish()), new Map([["x", Float64Array.of(1, 2)]]));
    expect([...results.get("y")!.data]).toEqual([6, 12]);
    expect([...results.get("x")!.data]).toEqual([18, 36]);
  });

  it("refuses losses of many elements, integers, ops without a gradient, and wrong shapes", () => {
    const t = createTrace();
    const x = t.buffer("x", "params", f32(2));
    const ids = t.buffer("ids", "data", { shape: [2], dtype: "u32" });
    expect(() => t.grad(x, new Map([["x", x]]))).toThrow("the loss must be one f32");
    expect(() => t.grad(sum(t, x), new Map([["ids", ids]]))).toThrow("ids is u32");
    const opaque: OpDef = { ...neg, name: "opaque" };
    delete (opaque as { vjp?: unknown }).vjp;
    expect(() => t.grad(sum(t, t.call(opaque, [x], {})[0]!), new Map([["x", x]]))).toThrow(
      "opaque has no gradient",
    );
    const skewed: OpDef = { ...neg, name: "skewed", vjp: (tr, _, [d]) => [sum(tr, d!)] };
    expect(() => t.grad(sum(t, t.call(skewed, [x], {})[0]!), new Map([["x", x]]))).toThrow(
      "skewed: the gradient of input 0 is [], the input [2]",
    );
    const short: OpDef = { ...neg, name: "short", vjp: (tr) => [tr.constant(f32(3), [1, 1, 1])] };
    expect(() => t.grad(sum(t, t.call(short, [x], {})[0]!), new Map([["x", x]]))).toThrow(
      "short: the gradient of input 0 is [3], the input [2]",
    );
    const twice: OpDef = { ...neg, name: "twice", vjp: (_, __, [d]) => [d!, d!] };
    expect(() => t.grad(sum(t, t.call(twice, [x], {})[0]!), new Map([["x", x]]))).toThrow(
      "twice: vjp gives 2 gradients for 1 inputs",
    );
  });

  it("puts the gradients of a segment into a segment of their own", () => {
    const t = createTrace();
    const x = t.buffer("x", "params", f32(2));
    const a = t.segment("a", null, () => t.call(tanh, [x], {})[0]!);
    const b = t.segment("b", null, () => t.call(tanh, [a], {})[0]!);
    t.output("b", b);
    t.output("dx", t.grad(sum(t, b), new Map([["x", x]])).get("x")!);
    const { segments, commands } = plan(t.finish());
    expect(segments.map(({ name }) => name)).toEqual(["a", "b", "b.grad", "a.grad"]);
    for (const { from, to } of segments) {
      const ops = commands.slice(from, to).map((c) => (c.kind === "dispatch" ? c.op : c.kind));
      expect(ops).toHaveLength(1);
    }
  });
});

describe("trace", () => {
  it("makes one buffer of one name, and refuses it with another meaning", () => {
    const t = createTrace();
    const a = t.buffer("tokens", "data", { shape: [4], dtype: "u32" });
    const b = t.buffer("tokens", "data", { shape: [2, 2], dtype: "u32" });
    expect(t.finish().homes[a.id]).toEqual(t.finish().homes[b.id]);
    expect(() => t.buffer("tokens", "data", f32(4))).toThrow("tokens");
    expect(() => t.buffer("tokens", "data", { shape: [5], dtype: "u32" })).toThrow("tokens");
    expect(() => t.buffer("", "data", f32(4))).toThrow("needs a name");
  });

  it("shares equal constants, but never f32 with u32", () => {
    const t = createTrace();
    t.constant(f32(2), [0, 0]);
    t.constant(f32(1, 2), [0, 0]);
    t.constant({ shape: [2], dtype: "u32" }, [0, 0]);
    expect(t.finish().buffers.filter(({ role }) => role === "constant")).toHaveLength(2);
    expect(() => t.constant(f32(2), [1])).toThrow("needs 2 values, not 1");
  });

  it("refuses tensors of another trace, misfit stores, and writing to what is fixed", () => {
    const t = createTrace();
    const other = createTrace().buffer("x", "params", f32(64));
    expect(() => t.call(neg, [other], {})).toThrow("another trace");
    const spec = { path: "w", shape: [3], axes: [], init: { law: "zeros" as const }, decay: false };
    const arena = t.arena("grads", "grads", arenaLayout([spec]));
    const x = t.buffer("x", "data", f32(2));
    expect(() => t.store(x, arena.at.get("w")!)).toThrow("does not fit");
    expect(() => t.store(x, t.call(neg, [x], {})[0]!)).toThrow("not a part of a buffer");
    expect(() => t.store(x, t.constant(f32(2), [1, 2]))).toThrow("constant buffer cannot be written");
    const inPlace: OpDef = { ...neg, name: "in-place", alias: [0] };
    expect(() => t.call(inPlace, [t.constant(f32(2), [1, 2])], {})).toThrow("cannot be written");
    t.output("y", x);
    expect(() => t.output("y", x)).toThrow("two outputs");
  });
});
