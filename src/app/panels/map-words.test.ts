import { describe, expect, it } from "vitest";
import { mapSentence, placeName } from "./map-words.ts";

const text = { attends: "causal", time: 4, text: ["", "a", " ", "b"] } as const;

describe("an attention map in words", () => {
  it("names characters, the start, patches by row and column, and the class token", () => {
    expect([0, 1, 2].map((place) => placeName(text, place))).toEqual(["the start", "“a” at 2", "“␣” at 3"]);
    const grid = { attends: "grid", time: 17, text: [] } as const;
    expect([0, 1, 7, 16].map((place) => placeName(grid, place))).toEqual([
      "the class token",
      "the patch in row 1, column 1",
      "the patch in row 2, column 3",
      "the patch in row 4, column 4",
    ]);
    expect(placeName({ ...text, text: [] }, 2)).toBe("place 3");
    // A text shorter than the window stands at its end.
    const late = { ...text, time: 6, text: ["a", "b"] };
    expect([3, 4, 5].map((place) => placeName(late, place))).toEqual(["the start", "“a” at 5", "“b” at 6"]);
  });

  it("says that nothing later can be read, but only where that is so", () => {
    expect(mapSentence(text, [1, 3], 0, "this head")).toBe("At “a” at 2: nothing later can be read.");
    expect(mapSentence({ ...text, attends: "all" }, [1, 3], 0.25, "this head")).toBe(
      "At “a” at 2 this head puts .25 on “b” at 4.",
    );
    expect(mapSentence(text, [3, 3], 0.25, "this head")).toBe("At “b” at 4 this head puts .25 on “b” at 4.");
    expect(mapSentence(text, [3, 1], 0.25, "this head")).toBe("At “b” at 4 this head puts .25 on “a” at 2.");
  });
});
