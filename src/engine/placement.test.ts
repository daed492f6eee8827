/** Direct stores where nobody can tell, copies where one could; and what a program with stores ends with. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectNoAliasing, f32, layout, one, ops, scratch, step } from "../testing/graphs.ts";
import { evaluate } from "./evaluate.ts";
import { add } from "./ops/binary.ts";
import { reduce } from "./ops/reduce.ts";
import { reshape } from "./ops/reshape.ts";
import { neg, scale, square } from "./ops/unary.ts";
import { placement } from "./placement.ts";
import { plan } from "./plan.ts";
import { stepsOf } from "./steps.ts";
import { createTrace } from "./trace.ts";
import type { OpDef, Program, Tensor } from "./types.ts";

describe("stores", () => {
  /** Values of an arena after one run; "w" starts as 1, 2, 3 …, "g" as −7. */
  function run(program: Program, arena: "w" | "g" = "g", extra: readonly OpDef[] = []): number[] {
    const named = new Map(
      program.buffers
        .filter(({ name }) => name !== "")
        .map(({ name, bytes }) => [
          name,
          Float64Array.from({ length: bytes / 4 }, (_, i) => (name === "w" ? i + 1 : -7)),
        ]),
    );
    const outputs = evaluate(program, named, [], extra);
    return [...(outputs.get("y")?.data ?? named.get(arena)!)];
  }
  const setUp = (...sizes: number[]) => {
    const t = createTrace();
    const w = t.arena("w", "params", layout(...sizes));
    const g = t.arena("g", "grads", layout(...sizes));
    const into = (i: number) => g.at.get(`p${i}`)!;
    const from = (i: number) => w.at.get(`p${i}`)!;
    return { t, w, g, into, from };
  };

  it("are made where they end, also through a view, and read from there", () => {
    const { t, g, into, from } = setUp(4, 2);
    const doubled = t.call(scale, [from(0)], { factor: 2 })[0]!;
    t.store(t.call(reshape, [doubled], { shape: [4] })[0]!, into(0));
    t.store(t.call(scale, [from(1)], { factor: 10 })[0]!, into(1));
    t.output("twice", one(t, neg, doubled));
    t.output("sum", t.call(reduce, [g.all], { axes: [0], keepDims: false, how: "sum" })[0]!);
    const program = plan(t.finish());
    expect(ops(program)).toBe("scale scale neg reduce");
    expectNoAliasing(program);
    expect(scratch(program)).toHaveLength(0);
    const g0 = run(program);
    expect(g0.slice(0, 5)).toEqual([2, 4, 6, 8, -7]);
    expect(g0.slice(64, 67)).toEqual([650, 660, -7]);
  });

  it("of what nothing reached are cleared", () => {
    const { t, w, into } = setUp(3, 2);
    const loss = t.call(reduce, [w.at.get("p0")!], { axes: [0], keepDims: false, how: "sum" })[0]!;
    for (const [path, d] of t.grad(loss, w.at)) t.store(d, into(Number(path.slice(1))));
    const program = plan(t.finish());
    expect(ops(program)).toBe("expand clear");
    expect(run(program).slice(60, 68)).toEqual([-7, -7, -7, -7, 0, 0, -7, -7]);
  });

  it("copy inputs and slices, and what is stored a second time", () => {
    const { t, into, from } = setUp(2, 2);
    const x = one(t, neg, from(0));
    t.store(x, into(0));
    t.store(x, into(1));
    expect(ops(plan(t.finish()))).toBe("neg copy");
    const { t: s, into: to, from: of } = setUp(2);
    s.store(of(0), to(0));
    const program = plan(s.finish());
    expect(ops(program)).toBe("copy");
    expect(run(program).slice(0, 3)).toEqual([1, 2, -7]);
  });

  it("do nothing where the value already is", () => {
    const { t, from } = setUp(2);
    t.store(from(0), from(0));
    expect(plan(t.finish()).commands).toEqual([]);
  });

  it("copy when the op that makes a value, or one that reads it, would also read or write that arena", () => {
    const { t, from } = setUp(2, 2);
    t.store(one(t, neg, from(0)), from(1));
    const made = plan(t.finish());
    expect(ops(made)).toBe("neg copy");
    expectNoAliasing(made);
    expect(run(made, "w").slice(64, 66)).toEqual([-1, -2]);

    const { t: s, into, from: of } = setUp(2, 2);
    const first = one(s, neg, of(0));
    s.store(first, into(0));
    s.store(one(s, square, first), into(1));
    const read = plan(s.finish());
    // The first is written in place; the second reads it there, so it must go round by scratch.
    expect(ops(read)).toBe("neg square copy");
    expectNoAliasing(read);
    const g = run(read);
    expect([g.slice(0, 2), g.slice(64, 66)]).toEqual([
      [-1, -2],
      [1, 4],
    ]);
  });

  it("copy when somebody reads the target before the store, or overwrites it before the last reader", () => {
    const { t, into, from } = setUp(2);
    const x = one(t, neg, from(0));
    t.output("y", one(t, square, into(0)));
    t.store(x, into(0));
    const early = plan(t.finish());
    expect(ops(early)).toBe("neg square copy");
    expect(run(early)).toEqual([49, 49]);

    const { t: s, w, g, into: to, from: of } = setUp(2);
    const y = one(s, neg, of(0));
    s.store(y, to(0));
    one(s, step, g.all, w.all);
    s.output("y", one(s, square, y));
    const late = plan(s.finish());
    expect(ops(late)).toBe("neg copy step square");
    expect(run(late, "g", [step])).toEqual([1, 4]);
  });

  it("of two outputs of one op share an arena only if no kernel may read the first while writing the second", () => {
    const pair = (kernels: "one" | "two"): OpDef => ({
      name: `pair-${kernels}`,
      infer: ([x]) => [f32(...x!.shape), f32(...x!.shape)],
      lower: ([x], [y, z]) =>
        kernels === "one"
          ? [{ shader: "s", entry: "both", bind: { x: x!, y: y!, z: z! }, grid: [1, 1, 1] }]
          : [
              { shader: "s", entry: "a", bind: { x: x!, y: y! }, grid: [1, 1, 1] },
              { shader: "s", entry: "b", bind: { y: y!, z: z! }, grid: [1, 1, 1] },
            ],
      reference: ([x]) => [x!, x!],
      samples: [],
    });
    for (const [kernels, expected] of [
      ["one", "pair-one"],
      ["two", "pair-two pair-two copy"],
    ] as const) {
      const { t, into, from } = setUp(2, 2);
      const [y, z] = t.call(pair(kernels), [from(0)], {});
      t.store(y!, into(0));
      t.store(z!, into(1));
      expect(ops(plan(t.finish()))).toBe(expected);
    }
  });
});

describe("any order of reads, stores and updates", () => {
  /** What a value holds, as if each node ran the moment it is traced. */
  interface Cell {
    readonly tensor: Tensor;
    readonly data: number[];
    /** The arena it is a slice of. */
    readonly arena?: string;
  }
  const SLICES = 3;
  const kinds = ["add", "neg", "store", "step", "view"] as const;
  const recipe = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.nat(999), fc.nat(999)), {
    minLength: 8,
    maxLength: 30,
  });
  const start = (name: string): Float64Array =>
    Float64Array.from({ length: 64 * SLICES }, (_, i) => (name === "a" ? 1 + i / 7 : Math.cos(i)));

  it("ends with the numbers of running node by node", () => {
    let direct = 0;
    let copied = 0;
    fc.assert(
      fc.property(recipe, (choices) => {
        const t = createTrace();
        const slices = ["a", "b"].flatMap((arena) =>
          [...t.arena(arena, "params", layout(2, 2, 2)).at.values()].map((tensor, k): Cell => {
            const data = [...start(arena).subarray(64 * k, 64 * k + 2)];
            return { tensor, data, arena };
          }),
        );
        const cells = [...slices];
        for (const [kind, i, j] of choices) {
          const [x, y] = [cells[i % cells.length]!, cells[j % cells.length]!];
          const into = slices[j % slices.length]!;
          if (kind === "add") {
            const data = x.data.map((v, k) => v + y.data[k]!);
            cells.push({ tensor: one(t, add, x.tensor, y.tensor), data });
          } else if (kind === "neg") {
            cells.push({ tensor: one(t, neg, x.tensor), data: x.data.map((v) => -v) });
          } else if (kind === "view") {
            // The same list: what happens to one happens to the other.
            cells.push({ ...x, tensor: t.call(reshape, [x.tensor], { shape: [1, 2] })[0]! });
          } else if (kind === "store") {
            t.store(x.tensor, into.tensor);
            into.data.splice(0, 2, ...x.data);
          } else if (x.data !== y.data && (x.arena === undefined || x.arena !== y.arena)) {
            const tensor = t.call(step, [x.tensor, y.tensor], {})[0]!;
            y.data.forEach((v, k) => {
              x.data[k]! += v;
            });
            cells.push({ ...x, tensor });
          }
        }
        const shown = cells.filter(({ arena }, n) => arena === undefined && n % 2 === 0);
        shown.forEach(({ tensor }, n) => {
          t.output(`${n}`, tensor);
        });
        const graph = t.finish();
        const program = plan(graph);
        const copies = program.calls.filter(({ op }) => op === "copy").length;
        copied += copies;
        direct += placement(graph, stepsOf(graph)).done.size;
        expectNoAliasing(program, ["step"]);
        const named = new Map(["a", "b"].map((name) => [name, start(name)]));
        const results = evaluate(program, named, [], [step]);
        for (const [k, { data, arena }] of slices.entries()) {
          const at = 64 * (k % SLICES);
          expect([...named.get(arena!)!.subarray(at, at + 2)]).toEqual(data);
        }
        shown.forEach(({ data }, n) => {
          expect([...results.get(`${n}`)!.data]).toEqual(data);
        });
      }),
      { numRuns: 1500, seed: 2 },
    );
    // Both ways were taken often enough for the comparison to mean something.
    expect(Math.min(direct, copied)).toBeGreaterThan(100);
  });
});
