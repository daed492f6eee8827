import { describe, expect, it } from "vitest";
import { costLine, happened, predicted, recordLines, sayFlops } from "./foretold.ts";

const outcome = {
  ...{ lossBefore: 0.5, lossAfter: 0.532, maxLogitDelta: 0.1, paramsBefore: 19_270, paramsAfter: 19_270 },
  ...{ activeBefore: 19_270, activeAfter: 7_981, counts: {}, extra: {}, notes: [] },
  ...{ flopsBefore: { executed: 38_448, active: 38_448 }, executedFlops: 38_448, activeFlops: 15_870 },
};

describe("what an action would do and did, in words", () => {
  it("says executed and active FLOPs apart, each before and after", () => {
    expect(sayFlops(outcome, "image")).toBe("FLOPs per image, executed: 38 k, stays. Active: 38 k → 16 k.");
    // Too near to be told apart in short: in full.
    const near = { ...outcome, activeFlops: 38_440 };
    expect(sayFlops(near, "image")).toContain("Active: 38,448 → 38,440.");
    // A run saved before FLOPs were said apart.
    expect(sayFlops({ activeFlops: 276 }, "character")).toBe("Active FLOPs per character: 276.");
  });

  it("predicts loss, weights and FLOPs of a part and of the network", () => {
    const flops = "FLOPs per image, executed: 38 k, stays. Active: 38 k → 16 k.";
    expect(predicted(outcome, 18_816, "image")).toBe(
      `Predicted loss change on the probe batch +.032. 11,289 of 18,816 weights here go, 60 %. ${flops}`,
    );
    // Areas of a convolution take no weight, and cost less all the same.
    const areas = { ...outcome, activeAfter: 19_270 };
    const nothing = "Predicted loss change on the probe batch +.032. No weight comes or goes.";
    expect(predicted(areas, null, "image")).toBe(`${nothing} ${flops}`);
    expect(predicted({ ...areas, activeFlops: 38_448 }, null, "image")).toBe(nothing);
    expect(happened(outcome, outcome, "image")).toBe(
      `Done: loss change on the probe batch +.0320, +.0320 was predicted; 19,270 weights in use, now 7,981. ${flops}`,
    );
  });

  it("tells the record of an event in a few lines", () => {
    expect(recordLines({ ...outcome, notes: ["Threshold .02."] }, "image")).toEqual([
      "Loss on the probe batch .500 → .532",
      "Weights in use 19,270 → 7,981",
      "FLOPs per image, executed: 38 k, stays. Active: 38 k → 16 k.",
      "Threshold .02.",
    ]);
    const grown = { ...outcome, lossAfter: 0.5, activeAfter: 19_270, paramsAfter: 20_067 };
    expect(recordLines(grown, "image").slice(0, 3)).toEqual([
      "Loss on the probe batch .500",
      "Weights in use 19,270",
      "Weights 19,270 → 20,067",
    ]);
  });

  it("has FLOPs in its cost line", () => {
    const network = { params: 19_270, flops: { executed: 38_448, active: 15_870 } };
    expect(costLine({ all: 18_816, active: 7_527 }, network, { part: true, unit: "image" })).toBe(
      "18,816 weights, 98 % of the network, 7,527 in use. FLOPs per image of the network: 38 k executed, 16 k active.",
    );
    expect(costLine({ all: 19_270, active: 19_270 }, network, { part: false, unit: "image" })).toBe(
      "19,270 weights. FLOPs per image: 38 k executed, 16 k active.",
    );
  });
});
