import { describe, expect, it } from "vitest";
import { engineOf, jobOf, resultOf } from "./fixture.ts";
import { report, short } from "./report.ts";

const text = (...jobs: Parameters<typeof resultOf>[0]) => report(resultOf(jobs)).join("\n");

describe("the bench's report", () => {
  it("has three digits that count", () => {
    expect([0.012345, 1.2345, 12.345, 1234.5, 0].map(short)).toEqual([
      "0.0123",
      "1.23",
      "12.3",
      "1,235",
      "0",
    ]);
  });

  it("prints the ratio of medians, date, adapter, command and load", () => {
    const printed = text(jobOf([engineOf("ours", [1, 1, 1]), engineOf("jax-js", [7, 7, 7.2])]));
    expect(printed).toContain("GPU process 7×");
    expect(printed).toContain("2026-01-31");
    expect(printed).toContain("SwiftShader");
    expect(printed).toContain("`npm run bench`");
    expect(printed).toContain("load 1.0");
    expect(printed).not.toContain("noisy");
  });

  it("says noisy at the figure and at the ratio", () => {
    const printed = text(jobOf([engineOf("ours", [1, 1, 1]), engineOf("jax-js", [4, 7, 7])]));
    expect(printed).toContain("7,000 (noisy: 4,000–7,000)");
    expect(printed).toContain("GPU process 7× (noisy)");
  });

  it("prints no ratio where the losses differ, and says so", () => {
    const wrong = engineOf("tfjs", [20, 20, 20], { losses: [4.2, 4.3, 4] });
    const printed = text(jobOf([engineOf("ours", [1, 1, 1]), wrong]));
    expect(printed).toContain("No ratio to tfjs: losses differ at step 2");
    expect(printed).not.toContain("×");
  });

  it("prints no ratio where the GPU complained", () => {
    const broken = engineOf("jax-js", [7], { errors: ["bad binding"] });
    expect(text(jobOf([engineOf("ours", [1]), broken]))).toContain(
      "No ratio to jax-js: jax-js raised a GPU error",
    );
  });

  it("names whoever was left out", () => {
    const job = jobOf([engineOf("ours", [1])], { leftOut: [{ engine: "tfjs", reason: "too slow" }] });
    expect(text(job)).toContain("tfjs was left out: too slow");
  });

  it("holds a step against the peak of its own rounds", () => {
    // LSTM step: 3 · (8·128² + 2·128·64) · 2048 = 0.906 GFLOP in 1 s, of 5 GFLOP/s.
    expect(text(jobOf([engineOf("ours", [1, 1, 1])]))).toContain("| 18.1 % |");
  });
});
