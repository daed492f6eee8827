/** What may stand for a dispatch, and which dispatches a choice among it holds for. */
import { describe, expect, it } from "vitest";
import type { Dispatch } from "./tiles.ts";
import { digest, shapeClass, variantsOf } from "./variants.ts";

const dispatch = (change: Partial<Dispatch>): Dispatch => ({
  ...{ kind: "dispatch", op: "matmul", shader: "matmul", entry: "forward", bind: {}, grid: [4, 4, 1] },
  ...{ constants: { TA: 0, TB: 1 }, sizes: { m: 512, n: 256, k: 64 } },
  ...change,
});

it("of a product every geometry may stand for it, of others each way once", () => {
  const ids = (change: Partial<Dispatch>) => variantsOf(dispatch(change)).map(({ id }) => id);
  const spread = ["spread 32×32×1", "spread 64×16×1"];
  expect(ids({})).toEqual(["plain", ...spread, "quads", "long quads"]);
  expect(ids({ shader: "layer-norm", sizes: { rows: 8, width: 8 } })).toEqual(["plain", "spread", "quads"]);
  expect(ids({ shader: "reduce", entry: "rows" })).toEqual(["plain"]);
});

describe("a class of shape", () => {
  const of = (change: Partial<Dispatch>): string => shapeClass(dispatch(change));
  const m = (size: number): string => of({ sizes: { m: size, n: 256, k: 64 } });

  it("holds what is within about a fifth of one size, and no more", () => {
    expect([m(540), m(600), m(440)]).toEqual([m(512), m(512), m(512)]);
    expect(new Set([m(512), m(620), m(420), m(1024)]).size).toBe(4);
    expect(new Set([m(1), m(-1), m(2)]).size).toBe(3);
    // Many sizes are switches (is there a bias?), by which no other variant is the fastest.
    expect(m(0)).toBe(m(1));
  });

  it("is of one kernel, one set of switches and one number of problems, in whatever order they are named", () => {
    const changes: Partial<Dispatch>[] = [
      {},
      { shader: "matmul-grad" },
      { entry: "backward" },
      { constants: { TA: 1, TB: 0 } },
      { sizes: { m: 512, n: 64, k: 256 } },
      { grid: [4, 4, 2] },
    ];
    expect(new Set(changes.map(of)).size).toBe(changes.length);
    expect(of({ constants: { TB: 1, TA: 0 }, sizes: { k: 64, n: 256, m: 512 } })).toBe(of({}));
    // A grid follows from sizes and tiles.
    expect(of({ grid: [8, 2, 1] })).toBe(of({}));
  });
});

it("a text stands for itself in 64 bits", () => {
  expect(digest("a")).toMatch(/^[0-9a-f]{16}$/);
  expect(digest("a").slice(0, 8)).not.toBe(digest("a").slice(8));
  expect(digest("a")).not.toBe(digest("b"));
});
