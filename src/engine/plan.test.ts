/** The memory plan: nothing dead, no two values in one buffer that meet, refusals with the op's name. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectNoAliasing, f32, layout, one, ops, scratch, step } from "../testing/graphs.ts";
import { evaluate } from "./evaluate.ts";
import { add, mul } from "./ops/binary.ts";
import { neg, square, tanh } from "./ops/unary.ts";
import { plan } from "./plan.ts";
import { colour } from "./pool.ts";
import { createTrace } from "./trace.ts";
import type { OpDef, Tensor, Trace } from "./types.ts";

describe("dead code", () => {
  it("drops what reaches no store, output or in-place op, and its constants", () => {
    const t = createTrace();
    const x = t.buffer("x", "params", f32(4));
    one(t, mul, one(t, tanh, x), t.constant(f32(4), [1, 2, 3, 4]));
    t.output("y", one(t, neg, x));
    const program = plan(t.finish());
    expect(ops(program)).toBe("neg");
    expect(program.buffers.map(({ role }) => role)).toEqual(["control", "params", "output"]);
  });

  it("keeps in-place ops that nobody reads", () => {
    const t = createTrace();
    const x = t.buffer("x", "params", f32(4));
    one(t, step, x, one(t, neg, x));
    expect(ops(plan(t.finish()))).toBe("neg step");
  });

  it("counts the flops of what is left", () => {
    const counted: OpDef = { ...neg, flops: ([x]) => 2 * x!.shape[0]! };
    const t = createTrace();
    const x = t.buffer("x", "params", f32(5));
    one(t, counted, x);
    t.output("y", one(t, tanh, one(t, counted, x)));
    expect(plan(t.finish()).flops).toBe(10);
  });
});

describe("scratch", () => {
  it("serves a long chain with two buffers", () => {
    const t = createTrace();
    let x = t.buffer("x", "params", f32(100));
    for (let i = 0; i < 10; i++) x = one(t, tanh, x);
    t.output("y", x);
    const program = plan(t.finish());
    expectNoAliasing(program);
    expect(scratch(program).map(({ bytes }) => bytes)).toEqual([400, 400]);
  });

  it("keeps outputs apart from everything, and is never smaller than 16 bytes", () => {
    const t = createTrace();
    const x = one(t, tanh, t.buffer("x", "params", f32(1)));
    t.output("a", x);
    t.output("b", one(t, neg, one(t, square, x)));
    const program = plan(t.finish());
    const { tensors, outputs, buffers } = program;
    const at = Object.values(outputs).map((i) => tensors[i]!.buffer);
    expect(at.map((b) => buffers[b]!.role)).toEqual(["output", "output"]);
    expect(new Set(at).size).toBe(2);
    expect(scratch(program).map(({ bytes }) => bytes)).toEqual([16]);
  });

  it("gives temps their own buffer for one call, and frees it afterwards", () => {
    const roomy: OpDef = {
      ...neg,
      name: "roomy",
      lower: ([x], [y], _, temp) => {
        const partial = temp(f32(64));
        return [
          { shader: "s", entry: "a", bind: { x: x!, partial }, grid: [1, 1, 1] },
          { shader: "s", entry: "b", bind: { p: partial, p4: partial, y: y! }, grid: [1, 1, 1] },
        ];
      },
    };
    const t = createTrace();
    let x = t.buffer("x", "params", f32(64));
    for (let i = 0; i < 4; i++) x = one(t, roomy, x);
    t.output("y", x);
    const program = plan(t.finish());
    for (const command of program.commands) {
      if (command.kind !== "dispatch") continue;
      const used = new Set(Object.values(command.bind).map((i) => program.tensors[i]!.buffer));
      expect(used.size).toBe(2);
    }
    expect(scratch(program)).toHaveLength(3);
  });

  it("never lets lifetimes that meet share a buffer, and wastes nothing on equal sizes", () => {
    const life = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(30), fc.nat(8))
      .map(([n, from, length]) => ({ bytes: 16 * n, from, to: from + length }));
    fc.assert(
      fc.property(fc.array(life, { maxLength: 40 }), (lives) => {
        const { buffers, of } = colour(lives);
        lives.forEach((a, i) => {
          expect(buffers[of[i]!]!).toBeGreaterThanOrEqual(a.bytes);
          lives.slice(0, i).forEach((b, j) => {
            if (of[i] === of[j]) expect(a.to < b.from || b.to < a.from).toBe(true);
          });
        });
        const largest = Math.max(0, ...lives.map(({ bytes }) => bytes));
        expect(Math.max(0, ...buffers)).toBe(largest);
      }),
    );
    const chain = Array.from({ length: 20 }, (_, i) => ({ bytes: 64, from: i, to: i + 1 }));
    expect(colour(chain).buffers).toEqual([64, 64]);
  });

  it("computes the same as without sharing, for any graph", () => {
    // Every op's output is also an output of the second program, so there nothing is ever overwritten.
    const recipe = fc.array(fc.tuple(fc.nat(99), fc.nat(99), fc.nat(2)), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(recipe, (choices) => {
        const build = (all: boolean) => {
          const t = createTrace();
          const values = [t.buffer("x", "params", f32(3)), t.buffer("y", "params", f32(3))];
          for (const [i, j, k] of choices) {
            const [a, b] = [values[i % values.length]!, values[j % values.length]!];
            values.push(k === 0 ? one(t, add, a, b) : k === 1 ? one(t, tanh, a) : one(t, mul, a, b));
          }
          values.slice(all ? 2 : -1).forEach((value) => {
            t.output(`v${value.id}`, value);
          });
          const program = plan(t.finish());
          expectNoAliasing(program);
          const named = new Map([
            ["x", Float64Array.of(0.3, -1, 0.9)],
            ["y", Float64Array.of(-0.2, 0.5, 1)],
          ]);
          return [...evaluate(program, named).values()].at(-1)!.data;
        };
        expect(build(false)).toEqual(build(true));
      }),
      { numRuns: 60 },
    );
  });
});

describe("in place", () => {
  it("writes over its input, in trace order with what reads it before and after", () => {
    const t = createTrace();
    const x = t.buffer("x", "params", f32(2));
    const before = one(t, square, x);
    const updated = one(t, step, x, before);
    t.output("after", one(t, neg, x));
    t.output("same", updated);
    const program = plan(t.finish());
    expect(ops(program)).toBe("square step neg");
    const x0 = Float64Array.of(3, -1);
    const results = evaluate(program, new Map([["x", x0]]), [], [step]);
    expect([...x0]).toEqual([12, 0]);
    expect([...results.get("after")!.data]).toEqual([-12, -0]);
    expect([...results.get("same")!.data]).toEqual([12, 0]);
  });

  it("over scratch keeps the scratch alive", () => {
    const t = createTrace();
    const x = t.buffer("x", "params", f32(2));
    const a = one(t, neg, x);
    const b = one(t, step, a, x);
    const c = one(t, square, one(t, tanh, x));
    t.output("y", one(t, add, b, c));
    const program = plan(t.finish());
    expectNoAliasing(program, ["step"]);
    const results = evaluate(program, new Map([["x", Float64Array.of(0.5, 2)]]), [], [step]);
    expect([...results.get("y")!.data]).toEqual([Math.tanh(0.5) ** 2, Math.tanh(2) ** 2]);
  });
});

describe("refusals, with the op's name", () => {
  const refuse = (lower: OpDef["lower"], build?: (t: Trace, op: OpDef) => void) => {
    const t = createTrace();
    const op: OpDef = { ...step, name: "odd", lower };
    if (build) build(t, op);
    else one(t, op, t.buffer("x", "params", f32(2)), t.buffer("g", "grads", f32(2)));
    return () => plan(t.finish());
  };

  it("a buffer bound for reading and for writing", () => {
    const twoSlices = refuse(step.lower, (t, op) => {
      const { at } = t.arena("params", "params", layout(2, 2));
      one(t, op, at.get("p0")!, at.get("p1")!);
    });
    expect(twoSlices).toThrow('odd (step:go) binds the params buffer "params" for reading and for writing');
  });

  it("a place bound twice for writing", () => {
    const twice = refuse(([x], [y]) => [
      { shader: "step", entry: "go", bind: { x: x!, y: y! }, grid: [1, 1, 1] },
    ]);
    expect(twice).toThrow('odd (step:go) binds the params buffer "x" twice for writing');
  });

  it("strange tensors, too many bindings, too large grids", () => {
    const stranger: Tensor = { id: 0, ...f32(2) };
    expect(refuse(() => [{ shader: "s", entry: "e", bind: { stranger }, grid: [1, 1, 1] }])).toThrow(
      "odd (s:e): stranger is neither input, output nor scratch",
    );
    const many = refuse(([, g], [y]) => {
      const bind = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`g${i}`, i === 0 ? y! : g!]));
      return [{ shader: "s", entry: "e", bind, grid: [1, 1, 1] }];
    });
    expect(many).toThrow("9 bindings; 8 is the limit");
    const wide = refuse(([, g], [y]) => [
      { shader: "s", entry: "e", bind: { g: g!, y: y! }, grid: [65536, 1, 1] },
    ]);
    expect(wide).toThrow("a grid of [65536,1,1] workgroups");
  });
});

describe("segments", () => {
  it("span the commands traced in them and keep what a skip copies apart", () => {
    const t = createTrace();
    const x = one(t, tanh, t.buffer("x", "params", f32(64)));
    // y is made from z alone: without the skip, x would be dead when y is made, and y could take its buffer.
    const z = one(t, neg, x);
    const start = t.finish().nodes.length;
    const y = one(t, square, one(t, tanh, z));
    const end = t.finish().nodes.length;
    t.output("loss", one(t, neg, y));
    const graph = {
      ...t.finish(),
      segments: [{ name: "block", pass: [x, y] as const, from: start, to: end }],
    };
    const { segments, tensors } = plan(graph);
    expect(segments).toMatchObject([{ name: "block", from: 2, to: 4 }]);
    const [from, to] = segments[0]!.pass!;
    expect(tensors[from]!.buffer).not.toBe(tensors[to]!.buffer);
  });

  it("may be left with nothing to do", () => {
    const t = createTrace();
    const x = t.buffer("x", "params", f32(2));
    t.segment("dead", null, () => one(t, tanh, x));
    t.output("y", one(t, neg, x));
    expect(plan(t.finish()).segments).toEqual([{ name: "dead", from: 0, to: 0 }]);
  });
});
