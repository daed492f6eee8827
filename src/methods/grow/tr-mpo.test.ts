/** The TR-MPO contraction: golden values, the explicit map in every order, finite differences, and the planner's costs. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../engine/evaluate.ts";
import { sizeOf } from "../../engine/layout.ts";
import { mul } from "../../engine/ops/binary.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { plan } from "../../engine/plan.ts";
import { normals } from "../../engine/samples.ts";
import { createTrace } from "../../engine/trace.ts";
import type { Tensor } from "../../engine/types.ts";
import { GOLDEN } from "../../testing/tr-mpo-golden.ts";
import {
  type Place,
  planTrMpo,
  type TrMpoPlan,
  type TrMpoSizes,
  trMpo,
  trMpoCost,
  trMpoSizes,
} from "./tr-mpo.ts";

type Order = TrMpoPlan["order"];
type Four<T> = readonly [T, T, T, T];
interface Values {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

const PLACES = [0, 1, 2, 3] as const;
const ORDERS = PLACES.flatMap((a) =>
  PLACES.flatMap((b) => PLACES.flatMap((c) => PLACES.map((d): Order => [a, b, c, d]))),
).filter((order) => new Set(order).size === 4);
const name = (order: Order): string => order.map((place) => "BIOL"[place]).join("");
const f32 = ({ shape }: { readonly shape: readonly number[] }) => ({ shape, dtype: "f32" as const });

/** M2 and the gradients of Σ weights · M2 (with weights = null: of ½ Σ M2²) by M1 and the four cores. */
function contract(m1: Values, cores: Four<Values>, order: Order, weights: ArrayLike<number> | null) {
  const t = createTrace();
  const all = [m1, ...cores];
  const at = all.map((values, i) => t.buffer(`${i}`, "data", f32(values)));
  const m2 = trMpo(t, at[0]!, at.slice(1) as unknown as Four<Tensor>, { order });
  const factor = weights ? t.constant(f32(m2), weights) : m2;
  const axes = [0, 1, 2, 3];
  const [sum] = t.call(reduce, t.call(mul, [m2, factor], {}), { axes, keepDims: false, how: "sum" });
  const half = t.constant({ shape: [], dtype: "f32" }, [weights ? 1 : 0.5]);
  const [loss] = t.call(mul, [sum!, half], {});
  t.output("m2", m2);
  for (const [key, d] of t.grad(loss!, new Map(at.map((x, i) => [`d${i}`, x])))) t.output(key, d);
  const program = plan(t.finish());
  const found = evaluate(program, new Map(all.map(({ data }, i) => [`${i}`, Float64Array.from(data)])));
  return {
    m2: found.get("m2")!,
    gradients: all.map((_, i) => found.get(`d${i}`)!.data),
    products: program.calls.filter(({ op }) => op === "matmul").length,
  };
}

const fixed = (shape: readonly number[], label: string): Values => ({
  shape,
  data: Float32Array.from(normals(label, sizeOf(shape))),
});

function problem({ source, target, ranks }: TrMpoSizes): { m1: Values; cores: Four<Values> } {
  const core = (k: Place) =>
    fixed([ranks[k], source[k], target[k], ranks[((k + 1) % 4) as Place]], `core ${k}`);
  return { m1: fixed(source, "m1"), cores: [core(0), core(1), core(2), core(3)] };
}

/** M2 by the definition: every entry of S is the trace of a product of four slices. */
function explicit(m1: Values, cores: Four<Values>): number[] {
  const target = cores.map(({ shape }) => shape[2]!);
  const index = (shape: readonly number[], at: readonly number[]): number =>
    at.reduce((sum, v, k) => sum * shape[k]! + v, 0);
  const each = (shape: readonly number[]): number[][] =>
    shape.reduce<number[][]>(
      (all, n) => all.flatMap((one) => Array.from({ length: n }, (_, k) => [...one, k])),
      [[]],
    );
  const ranks = each(cores.map(({ shape }) => shape[0]!));
  return each(target).map((to) =>
    each(m1.shape).reduce((sum, source) => {
      const s = ranks.reduce(
        (trace, bond) =>
          trace +
          cores.reduce((product, { shape, data }, k) => {
            return product * data[index(shape, [bond[k]!, source[k]!, to[k]!, bond[(k + 1) % 4]!])]!;
          }, 1),
        0,
      );
      return sum + s * m1.data[index(m1.shape, source)]!;
    }, 0),
  );
}

describe("golden values, in every order", () => {
  it.each(ORDERS.map((order) => [name(order), order] as const))("%s", (_, order) => {
    const { m2, gradients } = contract(GOLDEN.m1, GOLDEN.cores, order, null);
    // Whole numbers: exact.
    expect(m2.shape).toEqual([2, 3, 3, 4]);
    expect([...m2.data]).toEqual(GOLDEN.m2);
    expect(gradients.slice(1).map((d) => [...d])).toEqual(GOLDEN.ofSquares);
    const ones = contract(GOLDEN.m1, GOLDEN.cores, order, new Array<number>(72).fill(1));
    expect([...ones.gradients[1]!]).toEqual(GOLDEN.ofSum[0]);
    expect([...ones.gradients[3]!]).toEqual(GOLDEN.ofSum[2]);
  });

  it("are those of the page", () => {
    expect(GOLDEN.m2.reduce<number>((sum, v) => sum + v, 0)).toBe(-9);
    expect(GOLDEN.m2.reduce<number>((sum, v) => sum + v * v, 0)).toBe(1_834_635);
  });
});

describe("against the explicit map", () => {
  // All axes longer than 1, so that nothing lies together by chance; ranks 1, 2 and 3 all round; a ring with one wide bond.
  const sizes: readonly TrMpoSizes[] = [
    { source: [2, 3, 2, 2], target: [3, 2, 4, 3], ranks: [2, 3, 2, 3] },
    { source: [3, 2, 3, 2], target: [3, 4, 5, 3], ranks: [1, 1, 1, 1] },
    { source: [2, 2, 3, 2], target: [3, 2, 2, 3], ranks: [2, 2, 2, 2] },
    { source: [3, 2, 2, 2], target: [2, 3, 3, 2], ranks: [3, 3, 3, 3] },
    { source: [1, 3, 2, 1], target: [2, 3, 3, 1], ranks: [1, 4, 1, 2] },
  ];
  it.each(sizes)("$source → $target with ranks $ranks", (one) => {
    const { m1, cores } = problem(one);
    const wanted = explicit(m1, cores);
    for (const order of ORDERS) {
      const { m2 } = contract(m1, cores, order, null);
      expect(m2.shape).toEqual(one.target);
      // Sums of at most 864 products of size near 1, outliers 9, in float64.
      m2.data.forEach((v, k) => {
        expect(Math.abs(v - wanted[k]!), name(order)).toBeLessThanOrEqual(
          1e-10 * Math.max(1, Math.abs(wanted[k]!)),
        );
      });
    }
  });
});

it("gradients agree with finite differences, in every order", () => {
  const { m1, cores } = problem({ source: [2, 2, 3, 2], target: [2, 3, 2, 3], ranks: [2, 1, 2, 2] });
  const weights = Float32Array.from(normals("weights", 36));
  const all = [m1, ...cores];
  const loss = (input: number, k: number, h: number): number => {
    const moved = all.map((values, i) => {
      const data = Float64Array.from(values.data);
      if (i === input) data[k]! += h;
      return { ...values, data };
    });
    const [first, ...rest] = moved;
    return explicit(first!, rest as unknown as Four<Values>).reduce((sum, v, i) => sum + v * weights[i]!, 0);
  };
  // The loss is linear in each entry: differences with h = 1 err by rounding alone.
  const wanted = all.map(({ data }, i) =>
    Array.from({ length: data.length }, (_, k) => (loss(i, k, 1) - loss(i, k, -1)) / 2),
  );
  for (const order of ORDERS) {
    const { gradients } = contract(m1, cores, order, weights);
    gradients.forEach((d, i) => {
      expect(d.length).toBe(wanted[i]!.length);
      d.forEach((v, k) => {
        const allowed = 1e-9 * Math.max(1, Math.abs(wanted[i]![k]!));
        expect(Math.abs(v - wanted[i]![k]!), `${name(order)} ${i} [${k}]`).toBeLessThanOrEqual(allowed);
      });
    });
  }
});

describe("the plan", () => {
  /** Packed weights of a transformer with k = 4: 12 slots of width × width. */
  const growth = (width: Four<number>, rank: number): TrMpoSizes => ({
    source: [12, width[0], width[0], width[2]],
    target: [12, width[1], width[1], width[3]],
    ranks: [rank, rank, rank, rank],
  });
  const BIOL: Order = [0, 1, 2, 3];
  const IBLO: Order = [1, 0, 3, 2];
  const IBOL: Order = [1, 0, 2, 3];
  const MIB = 2 ** 18;

  // The table of §3.7: MFLOP and MiB of the page's two plans.
  it.each([
    [
      [64, 128, 2, 4],
      [81, 3],
      [554, 6],
      [2416, 24],
    ],
    [
      [64, 128, 6, 12],
      [262, 9],
      [1736, 18],
      [7852, 72],
    ],
    [
      [128, 256, 6, 12],
      [1953, 36],
      [12986, 72],
      [55566, 288],
    ],
    [
      [64, 96, 2, 4],
      [51, 1.7],
      [340, 4.5],
      [1510, 18],
    ],
  ] as const)("%j costs what the page says, and is never beaten by it", (width, ...printed) => {
    [1, 2, 4].forEach((rank, k) => {
      const sizes = growth(width, rank);
      const { flops, peak } = trMpoCost(sizes, rank === 1 ? BIOL : IBLO);
      expect(Math.round(flops / 1e6)).toBe(printed[k]![0]);
      expect(peak / MIB).toBeCloseTo(printed[k]![1], printed[k]![1] % 1 ? 1 : 9);
      const best = planTrMpo(sizes, Number.POSITIVE_INFINITY);
      expect(best.flops).toBeLessThanOrEqual(flops);
      expect(best.flops).toBe(Math.min(...ORDERS.map((order) => trMpoCost(sizes, order).flops)));
    });
  });

  it("takes I, B, O, L where the target's width is no multiple: 337 MFLOP in 3.4 MiB", () => {
    const sizes = growth([64, 96, 2, 4], 2);
    const { flops, peak } = trMpoCost(sizes, IBOL);
    expect([Math.round(flops / 1e6), +(peak / MIB).toFixed(1)]).toEqual([337, 3.4]);
    expect(planTrMpo(sizes).order).toEqual(IBOL);
  });

  it("of equal costs takes the smaller peak, and leaves out what does not fit", () => {
    const same: TrMpoSizes = { source: [2, 2, 2, 2], target: [2, 2, 2, 2], ranks: [1, 1, 1, 1] };
    expect(planTrMpo(same).order).toEqual(BIOL);
    const sizes = growth([64, 96, 2, 4], 4);
    expect(planTrMpo(sizes).order).toEqual(IBLO);
    expect(planTrMpo(sizes).peak).toBe(18 * MIB);
    const tight = planTrMpo(sizes, 15 * MIB);
    expect(tight.order).toEqual(IBOL);
    expect(tight.peak).toBe(13.5 * MIB);
    expect(() => planTrMpo(sizes, 13 * MIB)).toThrow("tr-mpo: a tensor of 13.5 MiB is needed, 13.0 MiB fit");
    // The one line of the page's table that no WebGPU device is sure to bind.
    expect(() => planTrMpo(growth([128, 256, 6, 12], 4))).toThrow("288.0 MiB is needed, 128.0 MiB fit");
  });

  it("counts what the program does", () => {
    const sizes: TrMpoSizes = { source: [3, 4, 5, 2], target: [2, 6, 3, 5], ranks: [2, 3, 1, 2] };
    const { m1, cores } = problem(sizes);
    for (const order of ORDERS) {
      const t = createTrace();
      const at = [m1, ...cores].map((values, i) => t.buffer(`${i}`, "data", f32(values)));
      t.output("m2", trMpo(t, at[0]!, at.slice(1) as unknown as Four<Tensor>, { order }));
      const program = plan(t.finish());
      const cost = trMpoCost(trMpoSizes(at[0]!, at.slice(1) as unknown as Four<Tensor>), order);
      expect(program.flops, name(order)).toBe(cost.flops);
      const largest = Math.max(
        ...program.tensors
          .filter(({ buffer }) => program.buffers[buffer]!.name === "")
          .map(({ spec }) => sizeOf(spec.shape)),
      );
      expect(largest, name(order)).toBeLessThanOrEqual(cost.peak);
    }
  });

  it("moves nothing when all ranks are 1 and the order is B, I, O, L", () => {
    const { m1, cores } = problem({ source: [3, 4, 5, 2], target: [2, 6, 3, 5], ranks: [1, 1, 1, 1] });
    const t = createTrace();
    const at = [m1, ...cores].map((values, i) => t.buffer(`${i}`, "data", f32(values)));
    t.output("m2", trMpo(t, at[0]!, at.slice(1) as unknown as Four<Tensor>, { order: BIOL }));
    expect(plan(t.finish()).calls.map(({ op }) => op)).toEqual(["matmul", "matmul", "matmul", "matmul"]);
  });
});

it("cores that do not close the ring, or do not fit M1, are refused", () => {
  const spec = (...shape: number[]) => f32({ shape });
  const cores = [spec(2, 3, 4, 1), spec(1, 5, 6, 1), spec(1, 5, 6, 3), spec(3, 2, 2, 2)] as const;
  expect(trMpoSizes(spec(3, 5, 5, 2), cores).ranks).toEqual([2, 1, 1, 3]);
  expect(() => trMpoSizes(spec(3, 5, 5), cores)).toThrow("tr-mpo: M1 [b, i, o, l] expected, got [3,5,5]");
  expect(() => trMpoSizes(spec(3, 5, 4, 2), cores)).toThrow("S_O of [1,5,6,3] does not fit M1 [3,5,4,2]");
  const open = [cores[0], cores[1], cores[2], spec(3, 2, 2, 1)] as const;
  expect(() => trMpoSizes(spec(3, 5, 5, 2), open)).toThrow("S_L of [3,2,2,1]");
});
