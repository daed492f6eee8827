import { describe, expect, it } from "vitest";
import { foundOf, offSentence, withFound } from "./blocks-off.ts";

const names = ["blocks.0", "blocks.1", "blocks.2"];
const at = (step: number, sets: readonly (readonly [string[], number])[]) => ({
  step,
  layers: 3,
  all: { loss: 2.31 },
  sets: sets.map(([off, loss]) => ({ off, loss })),
});

describe("layers off", () => {
  it("stand together while the weights are the same", () => {
    const one = withFound(null, at(8, [[["blocks.2"], 2.73]]));
    const both = withFound(one, at(8, [[["blocks.2", "blocks.0"], 3]]));
    expect(both.sets).toHaveLength(2);
    expect(foundOf(both, ["blocks.0", "blocks.2"])?.loss).toBe(3);
    expect(foundOf(both, ["blocks.0"])).toBeNull();
    const later = withFound(both, at(9, [[["blocks.1"], 2.5]]));
    expect(later.sets.map(({ off }) => off)).toEqual([["blocks.1"]]);
    // The same step of another branch.
    expect(withFound(both, { ...at(8, []), all: { loss: 2.4 } }).sets).toEqual([]);
  });

  it("are said by their places, with what the loss changes by", () => {
    const found = at(8, [[["blocks.2"], 2.7345]]);
    expect(offSentence(found, found.sets[0]!, names)).toBe(
      "Without layer 3: validation loss 2.735, +.42 nats.",
    );
    const scores = { ...found, all: { loss: 2.31, accuracy: 0.971 } };
    const right = { off: ["blocks.0", "blocks.1"], loss: 2.3, accuracy: 0.912 };
    expect(offSentence(scores, right, names)).toBe(
      "Without layers 1 and 2: validation loss 2.300, −.010 nats; 91.2 % right, with them 97.1 %.",
    );
  });
});
