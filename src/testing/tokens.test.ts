/** The palette keeps its promises: text 4.5 : 1, marks 3 : 1, runs told apart by every kind of sight. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ciede2000, contrast, difference, type Sight } from "./colour-difference.ts";

const tokens = JSON.parse(readFileSync("src/app/tokens.json", "utf8"));

describe("the measure itself", () => {
  it("gives the published values of CIEDE2000", () => {
    // Pairs 1, 7, 17 and 25 of Sharma, Wu and Dalal's test data.
    expect(ciede2000([50, 2.6772, -79.7751], [50, 0, -82.7485])).toBeCloseTo(2.0425, 4);
    expect(ciede2000([50, 0, 0], [50, -1, 2])).toBeCloseTo(2.3669, 4);
    expect(ciede2000([50, 2.5, 0], [73, 25, -18])).toBeCloseTo(27.1492, 4);
    expect(ciede2000([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387])).toBeCloseTo(1.2644, 4);
  });
  it("gives 21 for black on white", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 10);
  });
});

describe.each(["light", "dark"] as const)("%s", (scheme) => {
  const colours = tokens[scheme] as Record<string, string> & { run: Record<string, string> };
  const grounds = [colours.ground!, colours.surface!];
  const least = (colour: string) => Math.min(...grounds.map((ground) => contrast(colour, ground)));

  it.each(["ink", "soft", "leaf", "cut", "warn"])("%s can be read as text", (name) => {
    expect(least(colours[name]!)).toBeGreaterThanOrEqual(4.5);
  });
  it("text on the filled button and on chosen rows can be read", () => {
    expect(contrast(colours.onLeaf!, colours.leaf!)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours.ink!, colours.leafSoft!)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours.ink!, colours.cutSoft!)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(["bud", "edge", "wire", "focus"])("%s can be seen as a mark", (name) => {
    expect(least(colours[name]!)).toBeGreaterThanOrEqual(3);
  });
  it.each(Object.keys(tokens.light.run))("run colour %s can be seen", (name) => {
    expect(least(colours.run[name]!)).toBeGreaterThanOrEqual(3);
  });
  it.each(["normal", "protan", "deutan", "tritan"] as Sight[])(
    "runs differ by at least 13 in %s sight",
    (sight) => {
      const run = Object.values(colours.run);
      for (const [i, a] of run.entries()) {
        for (const b of run.slice(i + 1))
          expect(difference(a, b, sight), `${a} ${b}`).toBeGreaterThanOrEqual(13);
      }
    },
  );
  it.each(["normal", "protan", "deutan", "tritan"] as Sight[])(
    "plus and minus differ in %s sight",
    (sight) => {
      const ends = colours.diverging as unknown as string[];
      expect(difference(ends[0]!, ends.at(-1)!, sight)).toBeGreaterThanOrEqual(20);
    },
  );
});
