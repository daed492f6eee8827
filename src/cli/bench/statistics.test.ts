import { describe, expect, it } from "vitest";
import {
  isNoisy,
  largestDifference,
  median,
  NOISY,
  ratio,
  refusal,
  rotation,
  summarize,
} from "./statistics.ts";

describe("medians and spreads", () => {
  it("are those of the sorted values", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
    expect(summarize([2, 8, 4])).toEqual({ median: 4, min: 2, max: 8, spread: 4 });
    expect(summarize([0, 0]).spread).toBe(1);
  });

  it("are noisy over 1.5×, and when they are no number", () => {
    expect(NOISY).toBe(1.5);
    expect(isNoisy(summarize([2, 3]))).toBe(false);
    expect(isNoisy(summarize([2, 3.01]))).toBe(true);
    expect(isNoisy(summarize([0, 1]))).toBe(true);
    expect(isNoisy(summarize([Number.NaN]))).toBe(true);
  });
});

describe("turns", () => {
  it("begin with another engine each round, each once", () => {
    const rounds = [0, 1, 2, 3].map((round) => rotation(["a", "b", "c"], round).join(""));
    expect(rounds).toEqual(["abc", "bca", "cab", "abc"]);
    expect(rotation([], 3)).toEqual([]);
  });
});

describe("a ratio", () => {
  const of = (engine: string, losses: number[], errors: string[] = []) => ({ engine, losses, errors });

  it("is of medians, and noisy when either side is", () => {
    expect(ratio(summarize([6, 6]), summarize([2, 2]))).toEqual({ value: 3, noisy: false });
    expect(ratio(summarize([6, 6]), summarize([1, 3])).noisy).toBe(true);
    expect(ratio(summarize([1, 3]), summarize([2, 2])).noisy).toBe(true);
  });

  it("is given when all common losses agree to 1e-4", () => {
    expect(refusal(of("ours", [4, 3.9, 3.8]), of("peer", [4.00005, 3.9]))).toBeNull();
    expect(largestDifference([4, 3.9, 3.8], [4.5, 3.9])).toBeCloseTo(0.5);
  });

  it("is refused when one loss differs by more, wherever it stands", () => {
    expect(refusal(of("ours", [4, 3.9]), of("peer", [4, 3.9002]))).toMatch(
      /differ at step 2: ours 3.9, peer 3.9002/,
    );
  });

  it("is refused for a loss that is no number", () => {
    expect(refusal(of("ours", [4]), of("peer", [Number.NaN]))).toMatch(/differ at step 1/);
  });

  it("is refused when the GPU complained of either", () => {
    expect(refusal(of("ours", [4], ["out of bounds"]), of("peer", [4]))).toMatch(
      /ours raised a GPU error: out/,
    );
    expect(refusal(of("ours", [4]), of("peer", [4], ["lost"]))).toMatch(/peer raised a GPU error: lost/);
  });

  it("is refused when no step was taken by both", () => {
    expect(refusal(of("ours", []), of("peer", [4]))).toMatch(/no step/);
  });
});
