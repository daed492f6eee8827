/** What the lens says: chance levels are those of transformer-growth §5.3, and a claim is what the figures make of it. */
import { describe, expect, it } from "vitest";
import type { AttentionFigure, Lens, RunView } from "../../run/messages.ts";
import { byChance, claims, gridByChance, offsetsByChance, seen, spanOf } from "./lens-figures.ts";

const head = (uniformity: number, localMass: number, startMass: number) => ({
  figures: {
    self: 0.25,
    start: 0.25,
    neighbour: 0.25,
    rest: 0.25,
    entropy: 1,
    distance: 3,
    uniformity,
    localMass,
    startMass,
  } satisfies Record<AttentionFigure, number>,
  offsets: new Float32Array(64),
});

const lens = (layers: Lens["layers"], js: number[][]): Lens => ({
  step: 1,
  event: 0,
  causal: true,
  time: 64,
  layers,
  js: js.map((row) => Float32Array.from(row)),
  grid: 0,
  cosine: [],
  matched: null,
  carry: null,
  maps: null,
});

describe("chance", () => {
  it.each([
    [64, 0.059427, 0.132622],
    [128, 0.034907, 0.07708],
  ])("at T = %i is the published one", (T, start, local) => {
    expect(byChance(T, true).start).toBeCloseTo(start, 6);
    expect(byChance(T, true).local).toBeCloseTo(local, 6);
  });

  it.each([true, false])("by offset sums to 1 and agrees with the local mass, causal %s", (causal) => {
    const T = 9;
    const offsets = offsetsByChance(T, causal);
    expect(offsets.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    const near = causal ? offsets[0]! + offsets[1]! : offsets[T - 2]! + offsets[T - 1]! + offsets[T]!;
    expect(near).toBeCloseTo(byChance(T, causal).local, 12);
  });
});

describe("chance on a grid", () => {
  it("is that of rows that look at all patches alike, counted one by one", () => {
    const [g, T] = [4, 17];
    const at = (place: number) => [Math.floor((place - 1) / g), (place - 1) % g] as const;
    let near = 1;
    for (let q = 1; q < T; q++) {
      for (let k = 1; k < T; k++) {
        const far = Math.max(Math.abs(at(q)[0] - at(k)[0]), Math.abs(at(q)[1] - at(k)[1]));
        near += Number(far <= 1);
      }
    }
    expect(byChance(T, false, g).local).toBeCloseTo(near / T / T, 12);
    expect(byChance(T, false, g).start).toBeCloseTo(1 / T, 12);
    const offsets = gridByChance(g);
    expect(offsets).toHaveLength(49);
    expect(offsets[24]).toBeCloseTo(1 / T, 12);
    expect(offsets.reduce((a, b) => a + b, 0)).toBeCloseTo(16 / 17, 12);
  });
});

describe("the span of mass over chance", () => {
  it("is that of what stands out, and leaves a nearly uniform layer pale", () => {
    expect(spanOf([0, 0.4, 3.2, Number.NaN])).toBe(3.2);
    expect(spanOf([0.97, 1.02, 1.01])).toBe(1.5);
  });
});

it("a look takes the place of what was seen at its step and later, which was undone", () => {
  const at = (step: number) =>
    ({ lens: { ...lens([[head(0.9, 0.5, 0.5), head(0.7, 0.3, 0.3)]], [[0]]), step } }) as unknown as RunView;
  const looked = [50, 100, 150].reduce(
    (before, step) => ({ lensSeries: seen(before, at(step)).lensSeries! }),
    { lensSeries: [] } as Parameters<typeof seen>[0],
  );
  expect(looked.lensSeries[0]!.layers[0]!.uniformity).toBeCloseTo(0.8, 12);
  expect(seen(looked, at(100)).lensSeries!.map(({ step }) => step)).toEqual([50, 100]);
  expect(seen(looked, { lens: null } as unknown as RunView)).not.toHaveProperty("lensSeries");
});

describe("claims", () => {
  it("hold, do not hold or are mixed, by the figures of all heads", () => {
    const js = [
      [0, 0.4],
      [0.4, 0],
    ];
    const falls = claims(lens([[head(0.9, 0.5, 0.5), head(0.7, 0.3, 0.3)], [head(0.4, 0.1, 0.1)]], js));
    expect(falls[0]).toContain("uniform” holds in this run: .80 and .40");
    expect(falls[1]).toContain(
      "the start” holds in this run: .40 near (by chance .13), .40 on the start (.06)",
    );
    expect(falls[2]).toContain("differ by .40 of 1 bit");
    const rises = claims(lens([[head(0.4, 0.5, 0.01)], [head(0.9, 0.1, 0.1)]], js));
    expect(rises[0]).toContain("does not hold");
    expect(rises[1]).toContain("is mixed");
  });

  it("of likeness compare a deep layer with the shallow and the deep ones, from four layers on", () => {
    const layers = [0, 1, 2, 3].map(() => [head(0.5, 0.5, 0.5)]);
    const alike = [
      [0, 0.5, 0.1, 0.5],
      [0.5, 0, 0.5, 0.1],
      [0.1, 0.5, 0, 0.5],
      [0.5, 0.1, 0.5, 0],
    ];
    expect(claims(lens(layers, alike))[2]).toContain("resemble shallow ones” holds in this run: 2 of 2");
    const apart = alike.map((row, l) =>
      row.map((v, m) => (l === m ? 0 : Math.floor(l / 2) === Math.floor(m / 2) ? 0.1 : v + 0.3)),
    );
    expect(claims(lens(layers, apart))[2]).toContain("does not hold");
  });

  it("are not made of one layer, or of figures that are no numbers", () => {
    expect(claims(lens([[head(0.5, 0.5, 0.5)]], [[0]]))).toEqual([]);
    const broken = [[head(Number.NaN, 0, 0)], [head(0.5, 0, 0)]];
    expect(
      claims(
        lens(broken, [
          [0, 0],
          [0, 0],
        ]),
      ),
    ).toEqual([]);
  });
});
