/** What a line on the histogram would take. */
import { expect, it } from "vitest";
import { LIFE, type OpenedPart } from "../../run/messages.ts";
import { takenBy } from "./prune-line.ts";

const part = (over: Partial<OpenedPart["tile"]>): OpenedPart => ({
  part: "p",
  image: null,
  tile: {
    ...{ rows: 2, cols: 3, ofRows: 2, ofCols: 3, mean: 1, kept: 1, age: null, life: null },
    data: Float32Array.of(0.1, -0.2, 0.3, 0, -0.05, 0.4),
    ...over,
  },
  histogram: { max: 0.4, counts: [2, 2, 1, 1] },
});

it("counts weight by weight, of what may be cut", () => {
  expect(takenBy(part({}), 0.2)).toEqual({ count: 3, share: 0.5, exact: true });
  const { settled, dormant, frozen, newest } = LIFE;
  const life = Uint8Array.of(settled, settled, newest, dormant, frozen, settled);
  expect(takenBy(part({ life }), 0.39)).toEqual({ count: 2, share: 0.4, exact: true });
  // 50 updates are enough.
  expect(takenBy(part({ life: life.with(2, LIFE.young) }), 0.39).count).toBe(3);
  expect(takenBy(part({}), 0).count).toBe(0);
});

it("reads a pooled part off its histogram, and says so", () => {
  expect(takenBy(part({ ofRows: 20 }), 0.2)).toEqual({ count: 4, share: 4 / 6, exact: false });
  expect(takenBy(part({ ofRows: 20 }), 0.25).count).toBe(5);
  expect(takenBy(part({ ofRows: 20 }), 0.4).count).toBe(6);
});
