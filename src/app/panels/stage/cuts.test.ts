/** What cuts leave on the stage. */
import { describe, expect, it } from "vitest";
import { LIFE, type RunView, type Tile } from "../../../run/messages.ts";
import { grew } from "../../store/recorded.ts";
import type { Mark } from "../../store/session.ts";
import { diedBetween, diedIn, scarsOf } from "./cuts.ts";

const tile = (life: readonly number[] | null): Tile => ({
  ...{ rows: 1, cols: 4, ofRows: 1, ofCols: 4, mean: 1, kept: 1, age: null },
  data: new Float32Array(4),
  life: life && Uint8Array.from(life),
});

const view = (step: number, tiles: Record<string, Tile>, run = "a"): RunView => ({
  ...{ run, step, tiles, weightScale: 1, text: [], next: [], picture: null, opened: null },
  lens: null,
  areas: null,
  bridge: null,
  graph: null,
});

describe("a flash", () => {
  const { dormant, settled } = LIFE;

  it("is where a weight lived and is dormant now", () => {
    const before = tile([settled, 12, dormant, settled]);
    expect(diedBetween(before, tile([settled, dormant, dormant, dormant]))).toEqual(
      Uint8Array.of(0, 1, 0, 1),
    );
    expect(diedBetween(before, before)).toBeNull();
    // The first cut of a run that kept no ages.
    expect(diedBetween(tile(null), tile([settled, dormant, 1, 1]))).toEqual(Uint8Array.of(0, 1, 0, 0));
  });

  it("is not seen between two shapes, two runs, or back in time", () => {
    const dead = tile([dormant, dormant, dormant, dormant]);
    expect(diedBetween({ ...tile([9, 9, 9, 9]), cols: 2, rows: 2 }, dead)).toBeNull();
    expect(diedBetween(undefined, dead)).toBeNull();
    const before = view(5, { p: tile([9, 9, 9, 9]) });
    expect([...diedIn(before, view(6, { p: dead })).keys()]).toEqual(["p"]);
    expect(diedIn(before, view(4, { p: dead })).size).toBe(0);
    expect(diedIn(before, view(6, { p: dead }, "b")).size).toBe(0);
  });
});

describe("scars", () => {
  const cut = (counts: Record<string, readonly [number, number]>, kind = "prune"): Mark => {
    const done = grew("n", "m", { kind, counts });
    return { kind: "cut", done } as unknown as Mark;
  };

  it("stand where each cut left a part, as a share of what it had at first", () => {
    const marks = [
      cut({ w: [200, 150], v: [10, 9] }),
      cut({ w: [150, 180] }, "grow"),
      // Units taken out are gone from the drawing: no scar.
      cut({ w: [180, 180], u: [8, 6] }, "compact"),
      cut({ w: [180, 100] }),
    ];
    expect([...scarsOf(marks)]).toEqual([
      ["w", [0.75, 0.5]],
      ["v", [0.9]],
    ]);
  });
});
