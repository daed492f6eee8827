/** Which elementwise calls are worked into the call before them, which must not be, and that the numbers stay. */
import { describe, expect, it } from "vitest";
import { evaluate } from "./evaluate.ts";
import { activationGrad } from "./ops/activation-grad.ts";
import { add } from "./ops/binary.ts";
import { matmul } from "./ops/matmul.ts";
import { matmulGrad } from "./ops/matmul-grad.ts";
import { scale } from "./ops/unary.ts";
import { plan } from "./plan.ts";
import { createTrace } from "./trace.ts";
import type { OpDef, Tensor, Trace } from "./types.ts";

const PLAIN = { ta: false, tb: true, bias: false, residual: false, activation: "none" } as const;
const f32 = (...shape: number[]) => ({ shape, dtype: "f32" as const });

/** Doubles its input in place. */
const double: OpDef = {
  name: "double",
  infer: ([x]) => [x!],
  lower: ([x]) => [{ shader: "none", entry: "none", bind: { x: x! }, grid: [1, 1, 1] }],
  reference: ([x]) => [{ ...x!, data: x!.data.map((v) => 2 * v) }],
  samples: [],
  alias: [0],
};

const product = (t: Trace, x: Tensor, w: Tensor): Tensor => t.call(matmul, [x, w], PLAIN)[0]!;
const twice = (t: Trace, x: Tensor): Tensor => t.call(scale, [x], { factor: 2 })[0]!;

/** x [2, 4], W [4, 4], both host's; what `body` gives is the output. Ops of the program, and the values. */
function run(body: (t: Trace, x: Tensor, w: Tensor) => Tensor) {
  const t = createTrace();
  const [x, w] = [t.buffer("x", "data", f32(2, 4)), t.buffer("w", "data", f32(4, 4))];
  t.output("y", body(t, x, w));
  const program = plan(t.finish());
  const waves = (n: number, seed: number) => Float64Array.from({ length: n }, (_, i) => Math.sin(seed + i));
  const named = new Map([
    ["x", waves(8, 1)],
    ["w", waves(16, 3)],
  ]);
  const values = evaluate(program, named, [], [double]);
  const of = (name: string) => [...(values.get(name)?.data ?? [])];
  return { ops: program.calls.map(({ op }) => op), y: of("y"), made: of("made") };
}

describe("an elementwise call", () => {
  const [x, w] = [(i: number) => Math.sin(1 + i), (i: number) => Math.sin(3 + i)];
  const xw = Array.from({ length: 8 }, (_, i) => {
    const [row, col] = [Math.floor(i / 4), i % 4];
    return [0, 1, 2, 3].reduce((sum, k) => sum + x(row * 4 + k) * w(col * 4 + k), 0);
  });
  const near = (got: readonly number[], wanted: readonly number[]) =>
    got.forEach((v, i) => {
      expect(v).toBeCloseTo(wanted[i]!, 12);
    });

  it.each([0, 1])("of a product and of what was there before it costs nothing, as operand %i", (operand) => {
    const { ops, y } = run((t, a, b) => {
      const before = twice(t, a);
      const made = product(t, a, b);
      return t.call(add, operand === 0 ? [made, before] : [before, made], {})[0]!;
    });
    expect(ops).toEqual(["scale", "matmul"]);
    near(
      y,
      xw.map((v, i) => v + 2 * x(i)),
    );
  });

  it("stays where its operand is asked for elsewhere", () => {
    const { ops, y } = run((t, a, b) => {
      const before = twice(t, a);
      const made = product(t, a, b);
      const sum = t.call(add, [made, before], {})[0]!;
      return t.call(add, [twice(t, made), sum], {})[0]!;
    });
    expect(ops).toEqual(["scale", "matmul", "add", "scale", "add"]);
    near(
      y,
      xw.map((v, i) => 3 * v + 2 * x(i)),
    );
  });

  it("stays where its operand is an output", () => {
    const { ops, y, made } = run((t, a, b) => {
      const before = twice(t, a);
      const product1 = product(t, a, b);
      t.output("made", product1);
      return t.call(add, [product1, before], {})[0]!;
    });
    expect(ops).toEqual(["scale", "matmul", "add"]);
    near(made, xw);
    near(
      y,
      xw.map((v, i) => v + 2 * x(i)),
    );
  });

  it("stays where its operand is what a block that may be left out hands on", () => {
    const { ops } = run((t, a, b) => {
      const before = twice(t, a);
      const handed = t.skippable("block", before, () => product(t, before, b));
      return t.call(add, [handed, before], {})[0]!;
    });
    expect(ops).toEqual(["scale", "matmul", "add"]);
  });

  it("goes into the gradient that it walks over, and into no other of the same dispatch", () => {
    const attrs = { bias: false, extra: "none", activation: "none" } as const;
    const { ops, y } = run((t, a, b) => {
      const square = t.call(scale, [b], { factor: 1 })[0]!;
      const [, dw] = t.call(matmulGrad, [a, a, square], attrs);
      return t.call(add, [dw!, square], {})[0]!;
    });
    expect(ops).toEqual(["scale", "matmul-grad", "add"]);
    // dW [4, 4] = aᵀ a, of two rows.
    near(
      y,
      Array.from({ length: 16 }, (_, i) => {
        const [n, k] = [Math.floor(i / 4), i % 4];
        return x(n) * x(k) + x(4 + n) * x(4 + k) + w(i);
      }),
    );
  });

  it("stays where the other operand is made later, or written over in between", () => {
    const later = run((t, a, b) => {
      const made = product(t, a, b);
      return t.call(add, [made, twice(t, a)], {})[0]!;
    });
    expect(later.ops).toEqual(["matmul", "scale", "add"]);
    near(
      later.y,
      xw.map((v, i) => v + 2 * x(i)),
    );
    const over = run((t, a, b) => {
      const before = twice(t, a);
      const made = product(t, a, b);
      const changed = t.call(double, [before], {})[0]!;
      return t.call(add, [made, changed], {})[0]!;
    });
    expect(over.ops).toEqual(["scale", "matmul", "double", "add"]);
    near(
      over.y,
      xw.map((v, i) => v + 4 * x(i)),
    );
  });

  it("stays where an operand is repeated, or belongs to the host", () => {
    const repeated = run((t, a, b) => {
      const row = t.call(scale, [t.constant(f32(1, 4), [1, 2, 3, 4])], { factor: 1 })[0]!;
      return t.call(add, [product(t, a, b), row], {})[0]!;
    });
    expect(repeated.ops).toContain("add");
    near(
      repeated.y,
      xw.map((v, i) => v + 1 + (i % 4)),
    );
    const host = run((t, a, b) => t.call(add, [product(t, a, b), a], {})[0]!);
    expect(host.ops).toEqual(["matmul", "add"]);
    near(
      host.y,
      xw.map((v, i) => v + x(i)),
    );
  });

  it("that is an activation's slope goes into the gradient below it, once", () => {
    const attrs = { bias: false, extra: "none", activation: "none" } as const;
    const { ops, y } = run((t, a, b) => {
      const pre = twice(t, a);
      const carry = twice(t, pre);
      const [da] = t.call(matmulGrad, [pre, a, b], attrs);
      const slope = t.call(activationGrad, [pre, da!], { activation: "relu" })[0]!;
      return t.call(add, [slope, carry], {})[0]!;
    });
    expect(ops).toEqual(["scale", "scale", "matmul-grad", "add"]);
    const da = Array.from({ length: 8 }, (_, i) =>
      [0, 1, 2, 3].reduce((sum, n) => sum + 2 * x(Math.floor(i / 4) * 4 + n) * w(n * 4 + (i % 4)), 0),
    );
    near(
      y,
      da.map((v, i) => (x(i) > 0 ? v : 0) + 4 * x(i)),
    );
  });
});
