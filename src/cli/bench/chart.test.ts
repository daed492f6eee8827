import { describe, expect, it } from "vitest";
import { curveSvg, panelsOf } from "./chart.ts";
import { resultOf } from "./fixture.ts";
import { flopsOf, GPT, LSTM, sweeps } from "./jobs.ts";

const result = resultOf([], true);

describe("the curve", () => {
  it("has a panel for each model along width and depth", () => {
    const panels = panelsOf(result);
    expect(panels.map(({ model, along }) => `${model} ${along}`)).toEqual([
      "lstm width",
      "gpt width",
      "lstm depth",
      "gpt depth",
    ]);
  });

  it("shows tokens and the share of the peak, by CPU time on a processor", () => {
    const [lstm] = panelsOf(result);
    const [ours] = lstm!.tokens;
    // 4 · 64 tokens in 0.1 s of the GPU process and 2 ms of JavaScript.
    expect(ours!.points[0]!.y).toBeCloseTo(256 / 0.102, 6);
    const { job } = result.curve[0]!;
    expect(lstm!.share[0]!.points[0]!.y).toBeCloseTo(flopsOf(job) / 0.102 / 5e9, 9);
  });

  it("by the wall on a graphics card", () => {
    const card = { ...result, about: { ...result.about, software: false } };
    expect(panelsOf(card)[0]!.tokens[0]!.points[0]!.y).toBeCloseTo(2560, 6);
  });

  it("leaves out what was not measured and marks where a line was cut", () => {
    for (const { tokens, xs } of panelsOf(result)) {
      expect(tokens.map(({ points }) => points.length)).toEqual([xs.length, xs.length - 1, 1]);
      expect(tokens.map(({ cut }) => cut)).toEqual([false, true, true]);
    }
  });

  it("is drawn with every point inside, a ring for each cut line, and names beside the lines", () => {
    const svg = curveSvg(result);
    expect(svg.match(/class="ring/g)).toHaveLength(16);
    expect(svg.match(/>Espalier</g)).toHaveLength(8);
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    for (const [, x, y] of svg.matchAll(/cx="([\d.-]+)" cy="([\d.-]+)"/g)) {
      expect(Number(x)).toBeGreaterThan(0);
      expect(Number(x)).toBeLessThan(1080);
      expect(Number(y)).toBeGreaterThan(40);
      expect(Number(y)).toBeLessThan(540);
    }
  });
});

describe("the jobs", () => {
  it("count the products that the mathematics needs", () => {
    // 3 (forward, twice backward) · 2048 tokens · 2 · (4·128·128 recurrent + 128·64 head).
    expect(flopsOf(LSTM)).toBe(3 * 2048 * 2 * (4 * 128 ** 2 + 128 * 64));
    const block = 12 * 128 ** 2 + 65 * 128;
    expect(flopsOf(GPT)).toBe(3 * 1024 * 2 * (4 * block + 128 * 64));
    expect(flopsOf({ model: "matmul", size: 10, repeat: 3 })).toBe(6000);
  });

  it("sweep as far as the models' schemas go", () => {
    const all = sweeps({ lstmDepth: 4, gptWidth: 256 });
    expect(all.map(({ points }) => points.map(({ x }) => x))).toEqual([
      [32, 64, 128, 256, 512],
      [32, 64, 128, 256],
      [1, 2, 4],
      [1, 2, 4, 8, 12],
    ]);
  });
});
