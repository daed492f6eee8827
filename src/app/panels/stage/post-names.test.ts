import { describe, expect, it } from "vitest";
import { footOf, named } from "./post-names.ts";

const post = (label: string, x: number) => ({ id: label, label, x, top: 0, nameAt: x });
const labels = (posts: ReturnType<typeof named>) => posts.map(({ label }) => label);

describe("names under the columns", () => {
  it("stand in the middle where there is room", () => {
    const posts = [post("W_in", 0), post("gelu", 60), post("W_out", 140)];
    expect(named(posts)).toEqual(posts);
  });

  it("give way to each other by a few pixels rather than touch or go", () => {
    // As in a ViT at 1440 pixels, where W_in and gelu touched.
    const [win, gelu, out] = named([post("W_in", 0), post("gelu", 29), post("W_out", 80)]);
    expect([win!.label, gelu!.label, out!.label]).toEqual(["W_in", "gelu", "W_out"]);
    expect(win!.nameAt).toBeLessThan(0);
    expect(gelu!.nameAt).toBeGreaterThan(29);
    expect(gelu!.nameAt - win!.nameAt).toBeGreaterThan(30);
    expect([win!.x, gelu!.x]).toEqual([0, 29]);
    expect(Math.abs(gelu!.nameAt - 29)).toBeLessThanOrEqual(9);
  });

  it("lose their common word, and go where even that is too much", () => {
    const heads = [1, 2, 3, 4].map((n) => post(`head ${n}`, 20 * n));
    expect(labels(named(heads))).toEqual(["1", "2", "3", "4"]);
    const close = [1, 2, 3, 4].map((n) => post(`head ${n}`, 4 * n));
    expect(labels(named(close)).filter((label) => label !== "").length).toBeLessThan(4);
    expect(labels(named(close))[0]).toBe("1");
  });
});

describe("the foot of the trunk", () => {
  it("ends before the first name at its right", () => {
    const foot = (x: number) => footOf({ trunk: 100, posts: [post("O", 80), post("gelu", x)] });
    expect(foot(160)).toBe(24);
    // gelu takes 12.8 to either side, and 5 are left free.
    expect(foot(134)).toBeCloseTo(16.2, 12);
    expect(foot(104)).toBe(10);
    expect(footOf({ trunk: 100, posts: [] })).toBe(24);
  });
});
