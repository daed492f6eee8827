/**
 * The colours do what design says of them: text and marks stand out on both grounds, and any two run colours are told
 * apart with every kind of sight. Contrast by WCAG 2; difference by CIEDE2000; sight by Machado et al. 2009, severity 1.
 */
import { describe, expect, it } from "vitest";
import { ciede2000, contrast, difference, type Sight } from "../testing/colour-difference.ts";
import { tokenSheet, tokens } from "./tokens.ts";

/** Least difference of any two run colours, as design.md §7 states it. */
const STATED = {
  light: { normal: 16.3, protan: 13.7, deutan: 13.7, tritan: 14.6 },
  dark: { normal: 15.9, protan: 14.4, deutan: 14.2, tritan: 14.4 },
} as const;

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

describe.each(["light", "dark"] as const)("%s colours", (scheme) => {
  const colours = tokens[scheme];
  const grounds = [colours.ground, colours.surface];

  it.each(["ink", "soft", "leaf", "cut", "warn"] as const)("%s is text: 4.5 on both grounds", (name) => {
    for (const ground of grounds) expect(contrast(colours[name], ground)).toBeGreaterThanOrEqual(4.5);
  });
  it("text on the filled button and on the soft rows: 4.5", () => {
    expect(contrast(colours.onLeaf, colours.leaf)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours.ink, colours.leafSoft)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours.ink, colours.cutSoft)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours.soft, colours.sunk)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(["bud", "edge", "wire", "focus"] as const)("%s is a mark: 3 on both grounds", (name) => {
    for (const ground of grounds) expect(contrast(colours[name], ground)).toBeGreaterThanOrEqual(3);
  });
  it.each(Object.entries(colours.run))("run colour %s: 3 on both grounds", (_, colour) => {
    for (const ground of grounds) expect(contrast(colour, ground)).toBeGreaterThanOrEqual(3);
  });
  it.each(Object.keys(STATED.light) as Sight[])("any two runs differ by 13 in %s sight", (sight) => {
    const run = Object.values(colours.run);
    const least = Math.min(...run.flatMap((a, i) => run.slice(i + 1).map((b) => difference(a, b, sight))));
    expect(least).toBeGreaterThanOrEqual(13);
    // Rounded to a tenth on the page, and clipped colours may be handled a little differently there.
    expect(Math.abs(least - STATED[scheme][sight])).toBeLessThan(0.3);
  });
  it.each(Object.keys(STATED.light) as Sight[])("plus and minus are told apart in %s sight", (sight) => {
    const ends = colours.diverging;
    expect(difference(ends[0]!, ends.at(-1)!, sight)).toBeGreaterThanOrEqual(20);
  });
});

it("every colour is a variable in both schemes", () => {
  const [light = "", dark = ""] = tokenSheet().split(":root[data-mantine-color-scheme");
  for (const name of ["ground", "surface", "on-leaf", "leaf-soft", "run-lake", "run-plum"]) {
    expect(light).toContain(`--${name}: #`);
    expect(dark).toContain(`--${name}: #`);
  }
});
