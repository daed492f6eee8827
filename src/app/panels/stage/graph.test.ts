import { describe, expect, it } from "vitest";
import { type GraphLayer, LIFE } from "../../../run/messages.ts";
import {
  changeOf,
  comparable,
  type Edge,
  edgesOf,
  keyOf,
  MOST_EDGES,
  newbornUnits,
  shownOf,
} from "./graph.ts";

/** Rows of units over pixels or units; `life` where it is told. */
const layer = (
  tier: string,
  weights: readonly number[][],
  life?: readonly number[],
  across = false,
): GraphLayer => ({
  ...{ tier, units: weights.length, sources: weights[0]!.length },
  weights: Float32Array.from(weights.flat()),
  life: life === undefined ? null : Uint8Array.from(life),
  pixelsAcross: across ? 2 : null,
});
const newborn = ({ life }: Edge): boolean => life === LIFE.newest;

describe("a small network as a graph", () => {
  const { settled, newest } = LIFE;
  const before = [layer("fc1", [[0.5, -0.2]]), layer("fc2", [[0.3], [0.9]])];
  // A unit is born last in its row; it reads one of the two and is read by one.
  const born = [
    layer(
      "fc1",
      [
        [0.5, -0.2],
        [0.1, 0],
      ],
      [settled, settled, newest, LIFE.dormant],
    ),
    layer(
      "fc2",
      [
        [0.3, 0.05],
        [0.9, 0],
      ],
      [settled, newest, settled, LIFE.dormant],
    ),
  ];

  it("tells the edges of a unit that was born, the strongest first", () => {
    expect(comparable(before, born)).toBe(true);
    const { born: lit, died } = changeOf(edgesOf(before), edgesOf(born), false);
    expect([...lit]).toEqual([
      ["0 1 0", 0],
      ["1 0 1", 20],
    ]);
    expect(died).toEqual([]);
    expect([...newbornUnits(edgesOf(born), newborn)]).toEqual(["0 1"]);
  });

  it("tells nothing where units have other numbers than before", () => {
    expect(comparable(born, before)).toBe(false);
    const gates = ["i", "f"];
    const gated = (n: number): GraphLayer => ({
      ...layer(
        "b0",
        Array.from({ length: n }, () => [1]),
      ),
      gates,
    });
    expect(comparable([gated(4)], [gated(4)])).toBe(true);
    expect(comparable([gated(4)], [gated(6)])).toBe(false);
    expect(comparable(before, [{ ...born[0]!, tier: "other" }, born[1]!])).toBe(false);
  });

  it("draws every newborn edge, however weak", () => {
    const weights = Array.from({ length: 64 }, (_, u) => Array.from({ length: 100 }, (_, s) => 1 + u + s));
    weights[63]![99] = 1e-6;
    const life = Array.from({ length: 6400 }, (_, at) => (at === 6399 ? newest : settled));
    const edges = edgesOf([layer("fc1", weights, life)]);
    const shown = shownOf(edges, newborn);
    expect(shown).toHaveLength(MOST_EDGES);
    expect(shown.map(keyOf)).toContain("0 63 99");
    expect(shownOf(edges.slice(0, 5), newborn)).toHaveLength(5);
  });
});
