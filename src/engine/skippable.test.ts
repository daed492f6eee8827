/** A block that a replay may leave out: what passes by it forwards and backwards, what is cleared, and what is refused. */
import { describe, expect, it } from "vitest";
import { layout, one } from "../testing/graphs.ts";
import { control } from "./control.ts";
import { interpreterBackend } from "./interpret.ts";
import { add, mul } from "./ops/binary.ts";
import { reduce } from "./ops/reduce.ts";
import { square, tanh } from "./ops/unary.ts";
import { plan } from "./plan.ts";
import { createTrace } from "./trace.ts";
import type { OpDef, Program, Tensor, Trace } from "./types.ts";

const sum = (t: Trace, x: Tensor): Tensor =>
  t.call(reduce, [x], { axes: [0], keepDims: false, how: "sum" })[0]!;
const counted: OpDef = { ...mul, flops: () => 5 };

/** x = tanh p0; y = x + (x p1) p2, the block; Σ y² by all three, whose gradients are stored. `meddle` gets x, y, x p1. */
function block(meddle: (t: Trace, x: Tensor, y: Tensor, inner: Tensor) => Tensor = (_, __, y) => y): Program {
  const t = createTrace();
  const [w, g] = [t.arena("w", "params", layout(2, 2, 2)), t.arena("g", "grads", layout(2, 2, 2))];
  const [p0, p1, p2] = ["p0", "p1", "p2"].map((path) => w.at.get(path)!);
  const x = one(t, tanh, p0!);
  let inner = x;
  const y = t.skippable("block", x, () => {
    inner = one(t, counted, x, p1!);
    return one(t, add, x, one(t, counted, inner, p2!));
  });
  const loss = sum(t, one(t, square, meddle(t, x, y, inner)));
  t.output("loss", loss);
  // The last one first: what is cleared is put together in the order of places.
  for (const [path, d] of [...t.grad(loss, w.at)].reverse()) t.store(d, g.at.get(path)!);
  return plan(t.finish());
}

const [P0, P1, P2] = [
  [0.5, -1],
  [2, 3],
  [0.25, -0.5],
] as const;

/** Loss and gradients; before each run stands a 7 wherever gradients lie. */
async function results(program: Program, skip?: ReadonlySet<string>) {
  const backend = interpreterBackend({ keep: "float64" });
  const run = await backend.compile(program);
  const [w, g] = [backend.arena("w", 192), backend.arena("g", 192)];
  for (const [i, values] of [P0, P1, P2].entries()) w.write(64 * i, Float32Array.from(values));
  g.write(0, new Float32Array(192).fill(7));
  run.bind("w", w);
  run.bind("g", g);
  run.run(control({}), skip);
  const loss = run.read("loss");
  backend.submit();
  const all = [...new Float32Array(await g.read())];
  const grads = [0, 64, 128].map((at) => all.slice(at, at + 2));
  return { loss: new Float32Array(await loss)[0]!, grads };
}

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));

describe("a block that may be left out", () => {
  it("passes its gradient by, and clears in one stretch what it stores", () => {
    const { segments, tensors } = block();
    const [forwards, backwards] = segments;
    expect(segments.map(({ name, flops }) => [name, flops])).toEqual([
      ["block", 10],
      ["block.grad", expect.any(Number)],
    ]);
    expect(forwards!.clears).toEqual([]);
    const [cleared, ...more] = backwards!.clears!.map((tensor) => tensors[tensor]!);
    expect(more).toEqual([]);
    expect([cleared!.offset, cleared!.spec.shape]).toEqual([64, [66]]);
    for (const { pass } of segments) {
      const [from, to] = pass!.map((tensor) => tensors[tensor]!.buffer);
      expect(from).not.toBe(to);
    }
  });

  it("is run, or is as if it were not there", async () => {
    const x = P0.map(Math.tanh);
    const slope = x.map((v) => 1 - v * v);
    const y = x.map((v, i) => v * (1 + P1[i]! * P2[i]!));
    const whole = await results(block());
    expect(whole.loss).toBeCloseTo(y[0]! ** 2 + y[1]! ** 2, 5);
    expect(whole.grads).toEqual([
      near(y.map((v, i) => 2 * v * (1 + P1[i]! * P2[i]!) * slope[i]!)),
      near(y.map((v, i) => 2 * v * x[i]! * P2[i]!)),
      near(y.map((v, i) => 2 * v * x[i]! * P1[i]!)),
    ]);
    const without = await results(block(), new Set(["block", "block.grad"]));
    expect(without.loss).toBeCloseTo(x[0]! ** 2 + x[1]! ** 2, 5);
    expect(without.grads).toEqual([near(x.map((v, i) => 2 * v * slope[i]!)), [0, 0], [0, 0]]);
  });

  it("must hand on all that is asked for behind it, and be asked for all that it reads", () => {
    expect(() => block((t, _x, y, inner) => one(t, add, y, inner))).toThrow(
      "block cannot be skipped: add behind it asks for what it makes",
    );
    expect(() =>
      block((t, _x, y, inner) => {
        t.output("inner", inner);
        return y;
      }),
    ).toThrow("block cannot be skipped: an output lies in it");
    expect(() => block((t, x, y) => one(t, add, y, x))).toThrow(
      "block cannot be left out: what it reads is read behind it, too",
    );
  });

  it("holds no other segment, and gives what it got in the same shape", () => {
    const t = createTrace();
    const p = t.buffer("p", "params", { shape: [2], dtype: "f32" });
    const x = one(t, tanh, p);
    const y = t.skippable("block", x, () => {
      const a = one(t, tanh, x);
      return one(
        t,
        tanh,
        t.segment("inside", null, () => one(t, tanh, a)),
      );
    });
    expect(() => t.grad(sum(t, y), new Map([["p", p]]))).toThrow(
      "block cannot be left out: other segments lie inside it",
    );
    expect(() => t.skippable("narrow", x, () => sum(t, x))).toThrow("narrow: [] cannot be left out for [2]");
  });
});
