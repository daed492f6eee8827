/** The drawing rules, held against made-up networks of every size and width. */
import { describe, expect, it } from "vitest";
import type { Anatomy, Part, Tier } from "../../../run/messages.ts";
import { freshness, isNewborn, trackBirths } from "./births.ts";
import { colourOf } from "./colour.ts";
import { layoutHeaded } from "./headed.ts";
import { layoutStage } from "./layout.ts";
import { nameOnWire } from "./TierName.tsx";

const weight = (id: string, post: string, rows: number, cols: number, strips: string[] = []): Part => ({
  id,
  name: id,
  post,
  strips,
  kind: "weight",
  path: "w",
  slice: [
    [0, rows],
    [0, cols],
  ],
  rows: [0],
  cols: [1],
});

const gates = (id: string): Part => ({
  id,
  name: id,
  post: "gates",
  strips: ["i", "f", "g", "o"],
  kind: "activation",
  tap: "gates",
  slice: [
    [0, 4],
    [0, 64],
  ],
  rows: [0],
  cols: [1],
  scale: "sequential",
});

/** A net of `blocks` cells a block; Cascade: a block reads older ones and itself only. */
function net(blocks: readonly number[], cascade: boolean): Anatomy {
  const tiers = blocks.map((n, j): Tier => {
    const reads = blocks.map((m, i) => ({ m, i })).filter(({ i }) => !cascade || i <= j);
    return {
      id: `block.${j}`,
      name: `Block ${j + 1}`,
      note: `${n} cells`,
      group: "",
      left: [
        weight(`${j}.x`, "x", 4 * n, 32, ["i", "f", "g", "o"]),
        ...reads.map(({ m, i }) => weight(`${j}.h${i}`, `h${i}`, 4 * n, m, ["i", "f", "g", "o"])),
      ],
      right: [gates(`${j}.gates`), weight(`${j}.y`, "y", 80, n)],
    };
  });
  const posts = ["x", ...blocks.map((_, i) => `h${i}`), "gates", "y"].map((id) => ({ id, label: id }));
  return { tiers, root: "text", room: [{ label: "room for one more" }, { label: "and another" }], posts };
}

describe("layout", () => {
  it.each([
    [[64], 1440],
    [[64, 64, 64], 820],
    [[128, 64, 64, 32, 32, 16, 16, 8], 820],
    [[64, 64, 64], 390],
    [[256, 256, 256, 256], 360],
  ])("keeps %j at %i px inside the frame, and no tile on another", (blocks, width) => {
    for (const cascade of [true, false]) {
      const layout = layoutStage(net(blocks, cascade), width, 540);
      const parts = layout.tiers.flatMap((t) => t.parts);
      for (const p of parts) {
        expect(p.x).toBeGreaterThanOrEqual(layout.left - 0.5);
        expect(p.x + p.w).toBeLessThanOrEqual(layout.right + 0.5);
        expect(p.side === "left" ? p.x + p.w < layout.trunk : p.x > layout.trunk).toBe(true);
        expect(p.y).toBeGreaterThan(0);
        expect(p.y + p.h).toBeLessThan(540);
      }
      for (const a of parts) {
        for (const b of parts) {
          if (a === b) continue;
          const apart =
            a.x + a.w <= b.x + 0.5 ||
            b.x + b.w <= a.x + 0.5 ||
            a.y + a.h <= b.y + 0.5 ||
            b.y + b.h <= a.y + 0.5;
          expect(apart, `${a.part.id} over ${b.part.id}`).toBe(true);
        }
      }
    }
  });

  it("draws Cascade as a triangle and Fully Connected as a rectangle", () => {
    const reach = (cascade: boolean) =>
      layoutStage(net([64, 64, 64], cascade), 900, 560).tiers.map((t) =>
        Math.min(...t.parts.map((p) => p.x)),
      );
    const [a, b, c] = reach(true) as [number, number, number];
    expect(a).toBeGreaterThan(b);
    expect(b).toBeGreaterThan(c);
    expect(new Set(reach(false)).size).toBe(1);
  });

  it("puts columns that read the same thing over each other", () => {
    const layout = layoutStage(net([64, 64, 64], true), 900, 560);
    const xs = layout.tiers.map((t) => t.parts.find((p) => p.part.post === "h0")?.x);
    expect(new Set(xs).size).toBe(1);
  });

  it("stacks tiers upwards, room above them", () => {
    const layout = layoutStage(net([64, 64], true), 900, 560);
    expect(layout.tiers[0]!.wire).toBeGreaterThan(layout.tiers[1]!.wire);
    expect(layout.tiers[1]!.wire).toBeGreaterThan(layout.room[0]!.y);
    expect(layout.room[0]!.y).toBeGreaterThan(layout.crown - 1);
  });
});

describe("names where tiers stand too close for captions", () => {
  const layout = layoutStage(net([16, 16, 16], true), 390, 282);
  it("stand on the bare wires, whole where there is room, else the number", () => {
    expect(layout.captions).toBe(false);
    expect(layout.tiers.map((tier) => nameOnWire(tier, layout))).toEqual(["Block 1", "Block 2", "3"]);
    // Nothing that would not fit before the farthest tile.
    const far = { ...layout, left: layout.tiers[2]!.parts[0]!.x };
    expect(nameOnWire(layout.tiers[2]!, far)).toBe("");
    // "3" would say nothing beside tiers of another kind.
    const [first, ...others] = layout.tiers;
    const mixed = [{ ...first!, tier: { ...first!.tier, name: "Readout" } }, ...others];
    expect(mixed.map((tier) => nameOnWire(tier, { ...layout, tiers: mixed }))).toEqual([
      "Readout",
      "Block 2",
      "",
    ]);
  });
});

describe("births", () => {
  it("dates what was not there, forgets what an undo took away", () => {
    const one = net([64], false);
    const two = net([64, 64], false);
    const known = new Set(one.tiers.flatMap((t) => [...t.left, ...t.right].map((p) => p.id)));
    const grown = trackBirths(known, {}, two, 100);
    expect(grown).toEqual({ "0.h1": 100, "1.x": 100, "1.h0": 100, "1.h1": 100, "1.gates": 100, "1.y": 100 });
    expect(trackBirths(new Set([...known, ...Object.keys(grown)]), grown, one, 100)).toEqual({});
    expect(trackBirths(new Set(), {}, two, 0)).toEqual({});
  });
  it("lets the halo sink over 50 updates and the ring stay longer", () => {
    expect([freshness(100, 100), freshness(100, 125), freshness(100, 150), freshness(undefined, 5)]).toEqual([
      1, 0.5, 0, 0,
    ]);
    expect([isNewborn(100, 500, 1000), isNewborn(100, 501, 1000), isNewborn(100, 600, 10_000)]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe("colour", () => {
  it("is symmetric about zero, and never hides what is not a number", () => {
    const at = (v: number) => colourOf(v, 2, "diverging", "light", 0);
    expect(at(0)).toBe(colourOf(0, 9, "diverging", "light", 1));
    expect(at(-2)).not.toBe(at(2));
    expect(at(2)).toBe(at(50));
    const nan = [0, 1].map((parity) => colourOf(Number.NaN, 2, "diverging", "light", parity));
    expect(new Set([...nan, at(0)]).size).toBe(3);
  });
});

describe("an image at the root", () => {
  const part = (id: string, post: string, rows: number, cols: number, form?: "row" | "board"): Part => ({
    id,
    name: id,
    post,
    strips: [],
    ...(form ? { form } : {}),
    kind: "activation",
    tap: id,
    slice: [
      [0, rows],
      [0, cols],
    ],
    rows: [0],
    cols: [1],
    scale: "sequential",
  });
  const drawn: Anatomy = {
    tiers: [
      {
        id: "a",
        name: "A",
        note: "",
        group: "",
        left: [part("w", "w", 5, 5)],
        right: [part("m", "u", 48, 96, "board")],
      },
      {
        id: "b",
        name: "B",
        note: "",
        group: "",
        left: [part("v", "w", 5, 5)],
        right: [part("u", "u", 1, 32, "row")],
      },
    ],
    root: "image",
    room: [],
    posts: [
      { id: "w", label: "weights" },
      { id: "u", label: "units" },
    ],
  };

  it.each([
    [900, 560],
    [390, 316],
  ])("stands under the trunk inside of %i × %i, and no name stands behind it", (width, height) => {
    const layout = layoutStage(drawn, width, height);
    const image = layout.image!;
    expect(image.x + image.w / 2).toBe(layout.trunk);
    expect(image.y).toBeGreaterThan(layout.root);
    expect(image.y + image.h).toBeLessThanOrEqual(height);
    expect(image.w % 28).toBe(0);
    for (const { label, nameAt } of layout.posts) {
      expect(Math.abs(nameAt - layout.trunk)).toBeGreaterThan(image.w / 2 + 3 * label.length);
    }
    const at = (id: string) => layout.tiers.flatMap(({ parts }) => parts).find((p) => p.part.id === id)!;
    // A board keeps its proportions, a row of units is a low line.
    expect(at("m").h / at("m").w).toBeCloseTo(0.5, 1);
    expect(at("u").h).toBeLessThanOrEqual(18);
  });

  it("is not there for a text", () => {
    expect(layoutStage({ ...drawn, root: "text" }, 900, 560).image).toBeNull();
  });
});

describe("the words over the drawing", () => {
  const anatomy = net([32, 32, 32, 32], true);
  const lowest = 14 + 26 + 3 * 17;
  it("stand over every tier, and over the crown where the trunk is under them", () => {
    const beside = layoutHeaded(anatomy, 1000, 560, { right: 200, bottom: lowest });
    expect(Math.min(...beside.tiers.flatMap(({ parts }) => parts.map(({ y }) => y)))).toBeGreaterThan(lowest);
    const over = layoutHeaded(anatomy, 1000, 560, { right: 900, bottom: lowest });
    expect(over.crown).toBeGreaterThan(lowest + 40);
    expect(layoutHeaded(anatomy, 1000, 300, { right: 900, bottom: lowest })).toEqual(
      layoutStage(anatomy, 1000, 300),
    );
  });
});
