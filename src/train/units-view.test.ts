import { describe, expect, it } from "vitest";
import { arenaLayout } from "../engine/layout.ts";
import { FROZEN } from "../engine/ops/mask-tiles.ts";
import type { ParamSpec } from "../engine/types.ts";
import { cnn } from "../models/cnn.ts";
import { mlp } from "../models/mlp.ts";
import type { Anatomy, DataShape, Model, Part } from "../models/types.ts";
import { LIFE } from "../run/messages.ts";
import { arch as archOf } from "../testing/models.ts";
import { areasOf, graphOf, imageMask } from "./units-view.ts";
import { openedOf, type Seen } from "./view.ts";

const DATA: DataShape = { vocab: 3, context: 1, image: { channels: 1, height: 6, width: 5 } };

/** Weights count up from 1, ages are what `age` says of the entry of a parameter. */
function seenOf(specs: readonly ParamSpec[], age: (path: string, i: number) => number): Seen {
  const layout = arenaLayout(specs);
  const params = new Float32Array(layout.length);
  const ages = new Uint32Array(layout.length);
  for (const [path, { offset, count }] of layout.entries) {
    for (let i = 0; i < count; i++) {
      params[offset + i] = i + 1;
      ages[offset + i] = age(path, i);
    }
  }
  return { layout, params, age: ages, taps: new Map() };
}

function partsOf(model: Model, arch: never): readonly Part[] {
  return model.anatomy(arch, DATA).tiers.flatMap(({ left }) => left);
}

describe("the first layer as a picture", () => {
  it("counts each pixel's weights in use, over an MLP's units", () => {
    const arch = archOf(mlp, { widths: [4] }) as never;
    // Unit 0 reads nothing, pixel 7 is read by unit 3 alone, and just born.
    const seen = seenOf(mlp.params(arch, DATA), (path, i) => {
      if (path !== "fc1.weight") return 100;
      const [unit, pixel] = [Math.floor(i / 30), i % 30];
      if (pixel === 7) return unit === 3 ? 2 : 0;
      return unit === 0 ? 0 : 100;
    });
    const mask = imageMask(seen, partsOf(mlp, arch)[0]!)!;
    expect([mask.height, mask.width, mask.most]).toEqual([6, 5, 4]);
    expect([...mask.used].map((n, i) => (i === 7 ? n === 1 : n === 3)).every(Boolean)).toBe(true);
    expect(mask.life![7]).toBe(2);
    expect(mask.life![8]).toBe(LIFE.settled);
    expect(mask.units!.count).toBe(4);
    expect(mask.units!.weights[3 * 30 + 7]).toBe(3 * 30 + 8);
    expect([...mask.units!.life!.subarray(0, 30)]).toEqual(Array(30).fill(LIFE.dormant));
    expect(imageMask(seen, partsOf(mlp, arch)[1]!)).toBeNull();
  });

  it("slides a CNN's kernels over the image", () => {
    const arch = archOf(cnn, { channels: [2], kernel: 3, padding: "valid", widths: [] }) as never;
    // Of 2 × 9 kernel weights only the middle ones of both maps and the corner of the first are in use.
    const alive = new Set([4, 13, 0]);
    const seen = seenOf(cnn.params(arch, DATA), (path, i) =>
      path === "conv1.weight" && !alive.has(i) ? 0 : 60,
    );
    const { used, most, units } = imageMask(seen, partsOf(cnn, arch)[0]!)!;
    expect([most, units]).toEqual([18, null]);
    // The middle comes over the 4 × 3 pixels inside the border, the corner over the upper left 4 × 3.
    const expected = Array.from({ length: 30 }, (_, i) => {
      const [y, x] = [Math.floor(i / 5), i % 5];
      const inside = y >= 1 && y <= 4 && x >= 1 && x <= 3 ? 2 : 0;
      return inside + (y <= 3 && x <= 2 ? 1 : 0);
    });
    expect([...used]).toEqual(expected);
  });
});

describe("areas over the image", () => {
  const arch = (areas: string) => archOf(cnn, { channels: [2, 3], kernel: 2, widths: [], areas }) as never;
  const anatomy = cnn.anatomy(arch("skip"), DATA);

  it("are those of the convolution that is opened, else of the first", () => {
    const seen = seenOf(cnn.params(arch("skip"), DATA), () => 9);
    // Of the second convolution slice (2, 1) is off.
    const { offset, count } = seen.layout.entries.get("conv2.area")!;
    seen.params.fill(1, offset, offset + count - 1).fill(0, offset + count - 1, offset + count);
    const second = areasOf(seen, anatomy, "conv2.maps")!;
    expect(second).toMatchObject({ part: "conv2.w", made: 3, reads: 2, rows: 1, columns: 1 });
    expect([...second.on]).toEqual([1, 1, 1, 1, 1, 0]);
    expect(areasOf(seen, anatomy, "conv2")?.part).toBe("conv2.w");
    for (const other of [null, "fc1", "gone"]) expect(areasOf(seen, anatomy, other)?.part).toBe("conv1.w");
  });

  it("are none where every kernel is used everywhere", () => {
    const off = seenOf(cnn.params(arch("off"), DATA), () => 9);
    expect(areasOf(off, cnn.anatomy(arch("off"), DATA), "conv1.w")).toBeNull();
  });

  it("lie where the middle of what a place has read lies", () => {
    const places = (model: object) =>
      cnn
        .anatomy(archOf(cnn, { channels: [2, 3], widths: [], ...model }) as never, {
          ...DATA,
          image: { channels: 1, height: 28, width: 28 },
        })
        .tiers.flatMap(({ left }) => left[0]?.area ?? []);
    // 5 × 5: the first place has read pixels 0 to 4. The second convolution reads pairs of those.
    expect(places({ kernel: 5 })).toMatchObject([
      { path: "conv1.area", rows: 24, columns: 24, origin: 2, pitch: 1 },
      { path: "conv2.area", rows: 8, columns: 8, origin: 6, pitch: 2 },
    ]);
    expect(places({ kernel: 3, halve: true, padding: "same" })).toMatchObject([
      { rows: 14, origin: 0, pitch: 2 },
      { rows: 7, origin: 0, pitch: 4 },
    ]);
  });
});

describe("a small network as a graph", () => {
  it("has every connection by unit and source, and nothing where none is in use", () => {
    const arch = archOf(mlp, { widths: [4] }) as never;
    const seen = seenOf(mlp.params(arch, DATA), (_, i) => (i === 1 ? 0 : i === 2 ? (FROZEN | 9) >>> 0 : 9));
    const layers = graphOf(seen, mlp.anatomy(arch, DATA))!;
    expect(
      layers.map(({ tier, units, sources, pixelsAcross }) => [tier, units, sources, pixelsAcross]),
    ).toEqual([
      ["fc1", 4, 30, 5],
      ["fc2", 3, 4, null],
    ]);
    expect([...layers[1]!.weights.subarray(0, 4)]).toEqual([1, 0, 3, 4]);
    expect([...layers[1]!.life!.subarray(0, 3)]).toEqual([9, LIFE.dormant, LIFE.frozen]);
  });

  it("lets the strongest weight stand for a kernel and for the places of a map", () => {
    const arch = archOf(cnn, { channels: [2], kernel: 3, padding: "valid", widths: [] }) as never;
    const seen = seenOf(cnn.params(arch, DATA), () => 60);
    const layers = graphOf(seen, cnn.anatomy(arch, DATA))!;
    expect([...layers[0]!.weights]).toEqual([9, 18]);
    // 2 maps of 2 × 1 places: class c reads 4c + 1 … 4c + 4.
    expect([...layers[1]!.weights]).toEqual([2, 4, 6, 8, 10, 12]);
  });

  it("is none where a row has more units than can be told apart", () => {
    const arch = archOf(mlp, { widths: [65] }) as never;
    expect(
      graphOf(
        seenOf(mlp.params(arch, DATA), () => 9),
        mlp.anatomy(arch, DATA),
      ),
    ).toBeNull();
  });
});

it("counts the hidden units that are 0 over the whole window", () => {
  // The second and the third of three, over two places.
  const hidden = { shape: [3, 2], data: Float32Array.of(0, 0.5, 0, 0, -0, 0) };
  const seen = {
    layout: arenaLayout([]),
    params: new Float32Array(0),
    age: null,
    taps: new Map([["h", hidden]]),
  };
  const of = (more: object) => {
    const part = {
      id: "a",
      name: "hidden",
      post: "a",
      strips: [],
      kind: "activation",
      tap: "h",
      rows: [0],
      cols: [1],
    };
    const slice = [
      [0, 3],
      [0, 2],
    ];
    const tiers = [{ left: [], right: [{ ...part, slice, scale: "sequential", ...more }] }];
    return openedOf(seen, { tiers } as unknown as Anatomy, "a")!.tile.silent;
  };
  expect([of({ silent: true }), of({})]).toEqual([2, undefined]);
});
