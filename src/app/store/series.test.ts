import { describe, expect, it } from "vitest";
import { append, column, emptySeries, firstAfter, nearest, type Row, SERIES_LIMIT } from "./series.ts";

const row = (step: number, loss = step): Row => ({ step, tokens: step * 2, flops: 0, seconds: 0, loss });

describe("series", () => {
  it("finds rows by step and by any axis", () => {
    const series = append(emptySeries(), [row(1), row(2), row(4), row(8)]);
    expect([0, 1, 2, 3, 8, 9].map((step) => firstAfter(series, step))).toEqual([0, 1, 2, 2, 4, 4]);
    expect(nearest(series, "tokens", 9)?.step).toBe(4);
    expect(nearest(series, "step", 0)?.step).toBe(1);
    expect(nearest(emptySeries(), "step", 1)).toBeNull();
  });

  it("goes on two ways from one snapshot, and neither way sees the other", () => {
    const start = append(emptySeries(), [row(1)]);
    const one = append(start, [row(2)]);
    const other = append(start, [row(3), row(4)]);
    expect([start, one, other].map((series) => [...column(series, "step")])).toEqual([
      [1],
      [1, 2],
      [1, 3, 4],
    ]);
  });

  it("thins at its limit and keeps both the lowest and the highest of every four", () => {
    const rows = Array.from({ length: SERIES_LIMIT }, (_, i) =>
      row(i + 1, i % 4 === 2 ? -1 : i % 4 === 1 ? 9 : 1),
    );
    const full = append(emptySeries(), rows);
    expect(full.length).toBe(SERIES_LIMIT);
    const more = append(full, [row(SERIES_LIMIT + 1, 5)]);
    expect(more.length).toBe(SERIES_LIMIT / 2 + 1);
    const losses = column(more, "loss");
    expect(losses[0]).toBe(9);
    expect(losses[1]).toBe(-1);
    const steps = column(more, "step");
    // One expectation for all: one each takes seconds.
    expect(steps.findIndex((step, i) => i > 0 && !(step > steps[i - 1]!))).toBe(-1);
    // The full snapshot is untouched.
    expect(full.length).toBe(SERIES_LIMIT);
    expect(column(full, "step")[1]).toBe(2);
  });
});
