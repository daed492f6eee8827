import { describe, expect, it } from "vitest";
import { engineOf, jobOf, resultOf } from "./fixture.ts";
import { MATMULS } from "./jobs.ts";
import { readmeTable } from "./readme-table.ts";

const rows = (...jobs: Parameters<typeof resultOf>[0]) => readmeTable(resultOf(jobs)).slice(5);
const steady = { steps: 8, seconds: 1, cpu: { gpu: 1, js: 0.001 } };

describe("the README's table", () => {
  it("has a row a figure, ours beside the peers, whoever did not run included", () => {
    const job = jobOf([engineOf("ours", [1, 1, 1], { steady }), engineOf("jax-js", [7, 7, 7.2])]);
    expect(rows(job)).toEqual([
      "| char-LSTM (batch 32, seq 64, hidden 128, one-hot of 64): CPU ms a step | 1,002 | 7,002 (6.99×) | not in this run |",
      "| dispatches / submits, LSTM | 10 / 1 | 10 / 1 | not in this run |",
      "| JavaScript of it, LSTM: CPU ms | 2 | 2 (1×) | not in this run |",
      "| the same, ours as one of several steps in a row, LSTM | 1 | 2 (2×) | not in this run |",
      "| from nothing to the first step, LSTM: CPU s | 3 | 21 (ours 0.143×) | not in this run |",
    ]);
  });

  it("has shares of the peak for products, and says what is noisy", () => {
    const job = jobOf([engineOf("ours", [1, 1, 1]), engineOf("tfjs", [4, 7, 7])], {
      task: "matmul",
      job: MATMULS[1]!,
    });
    // 4 · 2 · 512³ = 1.07 GFLOP in 1 s, of 5 GFLOP/s.
    expect(rows(job)).toEqual([
      "| matmul 512, 4 in a row: CPU ms; share of the FMA peak | 1,002; 21.5 % of the peak | not in this run | " +
        "7,002 (6.99×, noisy); 3.07 % of the peak |",
    ]);
  });

  it("gives no ratio where losses differ", () => {
    const wrong = engineOf("tfjs", [20, 20, 20], { losses: [4.2, 4.3, 4] });
    expect(rows(jobOf([engineOf("ours", [1, 1, 1]), wrong]))[0]).toContain("20,002 (other losses)");
  });
});
