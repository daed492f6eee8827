import { describe, expect, it } from "vitest";
import { bondsSaid } from "./Bonds.tsx";
import { LIST, mapSide, mostOnWires } from "./map-size.ts";
import { trailing } from "./trailing.ts";

describe("trailing means", () => {
  it("are of the last ten steps, also where steps are missing", () => {
    const all = Array.from({ length: 25 }, (_, k) => ({ step: k + 1, loss: k }));
    const means = trailing(all);
    expect(means.map(({ step }) => step)).toEqual(all.map(({ step }) => step));
    expect(means[0]!.loss).toBe(0);
    expect(means[4]!.loss).toBe(2);
    // Steps 16 to 25: losses 15 to 24.
    expect(means[24]!.loss).toBeCloseTo(19.5, 12);
    const thin = [1, 4, 30].map((step) => ({ step, loss: step }));
    expect(trailing(thin).map(({ loss }) => loss)).toEqual([1, 2.5, 30]);
  });
});

describe("the side of a learned matrix on the page", () => {
  it("fills the room that there is, and small tables keep whole cells", () => {
    expect(mapSide([[32, 64]], 500, 168)).toBe(120);
    const ligo = Array.from({ length: 8 }, () => [32, 64] as const);
    const side = mapSide(ligo, 500, 168);
    expect(side).toBeGreaterThanOrEqual(48);
    // Two rows of them, with a name under each.
    expect(Math.ceil(8 / Math.floor(500 / (side + 10))) * (side + 22)).toBeLessThanOrEqual(168);
    expect(mapSide(ligo, 60, 20)).toBe(40);
    // With a list under each they are as wide as the list, and lower.
    const ring = Array.from({ length: 4 }, () => [32, 64] as const);
    expect(mapSide(ring, 388, 116)).toBe(88);
    expect(mapSide(ring, 388, 116, LIST)).toBe(80);
    expect(mapSide(ring, 300, 116, LIST)).toBe(40);
  });
});

describe("the matrices on the wires between two trees", () => {
  it("are so many as there is room for: none reaches over what stands below", () => {
    // A stage of 790 pixels beside an open record: one column of three; without the record two of three.
    expect(mostOnWires(126, 260)).toBe(3);
    expect(mostOnWires(137, 247)).toBe(6);
    expect(mostOnWires(96, 160)).toBe(1);
  });
});

describe("the bonds of a ring", () => {
  const bond = (name: string, values: number[]) => ({ name, between: ["S_L", "S_B"] as const, values });

  it("are said by the ranks that are in use", () => {
    expect(bondsSaid([bond("R1", [22]), bond("R2", [5])])).toBe("Every bond has rank 1: one value each.");
    expect(bondsSaid([bond("R1", [22, 3]), bond("R2", [5]), bond("R3", [8, 0.0799])])).toBe(
      "Ranks in use: 2 of 2 in R1 and 1 of 2 in R3; the others are under 1 % of the first.",
    );
    expect(bondsSaid([bond("R2", [8, 0.08, 0])])).toBe(
      "Ranks in use: 2 of 3 in R2; the others are under 1 % of the first.",
    );
    expect(bondsSaid([bond("R4", [8, 1])])).toBe("Ranks in use: 2 of 2 in R4.");
  });
});
