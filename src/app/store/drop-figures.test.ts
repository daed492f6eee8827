import { describe, expect, it } from "vitest";
import {
  type DropStep,
  dropFigures,
  dropSentence,
  realised,
  spikes,
  timeSaved,
  withDrops,
} from "./drop-figures.ts";

const step = (n: number, ran: string, more: Partial<DropStep> = {}): DropStep => ({
  step: n,
  ran,
  keep: [0.75, 0.5],
  loss: 2,
  gradNorm: 1,
  tokens: 10 * n,
  flops: 0,
  ...more,
});

describe("the steps that are kept", () => {
  it("are the newest 200; repeated ones replace what was said of them", () => {
    const all = Array.from({ length: 250 }, (_, i) => step(i + 1, "11"));
    const kept = withDrops([], 1, all);
    expect([kept.length, kept[0]!.step]).toEqual([200, 51]);
    const again = withDrops(kept, 241, [step(241, "00")]);
    expect(again.slice(-2).map(({ step: n, ran }) => [n, ran])).toEqual([
      [240, "11"],
      [241, "00"],
    ]);
    // Steps with every layer leave them alone, unless they repeat some.
    expect(withDrops(kept, 251, [])).toBe(kept);
    expect(withDrops(kept, 201, [])).toHaveLength(150);
  });
});

describe("figures", () => {
  it("tell depth, shares and what was saved, of the steps at the present depth", () => {
    // 3 × 40 FLOPs a token with both layers, 10 tokens a step; the last two steps cost 600 and 1,200.
    const all = [
      step(1, "1"),
      step(2, "11", { flops: 100 }),
      step(3, "10", { flops: 700 }),
      step(4, "11", { flops: 1900 }),
    ];
    const figures = dropFigures(all, 40)!;
    expect(figures.steps.map(({ step: n }) => n)).toEqual([2, 3, 4]);
    expect(figures.ran).toBeCloseTo(5 / 3, 12);
    expect(figures.expected).toBe(1.25);
    expect(figures.byLayer.map(({ share }) => share)).toEqual([1, 2 / 3]);
    expect(figures.saved).toBeCloseTo(0.25, 12);
    expect(dropFigures([], 40)).toBeNull();
  });

  it("find spikes: four deviations over the 25 steps before, or no number", () => {
    const calm = Array.from({ length: 30 }, (_, i) => step(i + 1, "11", { loss: 2 + 0.01 * (i % 2) }));
    expect(spikes(calm, "loss")).toEqual([]);
    const wild = calm.map((one) =>
      one.step === 28 ? { ...one, loss: 2.03 } : one.step === 5 ? { ...one, loss: 9 } : one,
    );
    // Step 5 has too few before it; it also widens what comes after it.
    expect(spikes(wild, "loss")).toEqual([]);
    expect(
      spikes(
        calm.map((one) => (one.step === 28 ? { ...one, loss: 2.03 } : one)),
        "loss",
      ),
    ).toEqual([28]);
    expect(spikes([step(1, "11", { gradNorm: Number.NaN })], "gradNorm")).toEqual([1]);
  });

  it("tell how many layers ran over the last steps, at the start over those there are", () => {
    const all = ["11", "10", "00", "11"].map((ran, i) => step(i + 1, ran));
    expect(realised(all, 2)).toEqual([2, 1.5, 0.5, 1]);
  });

  it("say a step in words", () => {
    expect(dropSentence(step(1812, "10"))).toBe(
      "Step 1,812: layer 1 of 2 ran, 1.25 expected. Loss 2.00, gradient norm 1.00.",
    );
    expect(dropSentence(step(3, "00"))).toContain("none of 2 layers ran");
    expect(dropSentence(step(3, "11"))).toContain("all 2 layers ran");
    expect(dropSentence(step(3, "1011"))).toContain("layers 1, 3 and 4 of 4 ran");
  });

  it("tell the time that a step saved by what its layers take", () => {
    const figures = dropFigures([step(1, "10"), step(2, "11")], null)!;
    const segments = [
      { name: "blocks.0", seconds: 1 },
      { name: "blocks.1", seconds: 2 },
      { name: "blocks.1.grad", seconds: 4 },
      { name: "", seconds: 1 },
    ];
    expect(timeSaved(figures, segments)).toEqual({ saved: 3, whole: 8 });
    expect(timeSaved(figures, [])).toBeNull();
  });
});
