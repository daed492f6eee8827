/** Partial areas: golden values by hand, the two ways to compute them, and whole runs on the interpreter. */
import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { sizeOf } from "../../engine/layout.ts";
import { cnn } from "../../models/cnn.ts";
import { areaCases } from "../../testing/area-cases.ts";
import { arch, largest, lookAt, side, someImages, weights } from "../../testing/models.ts";
import { drive, eventsOf, interpreter, tinyConfig, tinyImageConfig } from "../../testing/runs.ts";
import { carryOut } from "../../testing/structure-rig.ts";
import { areas } from "./areas.ts";

describe("by hand", () => areaCases(() => interpreter()));

const data = { vocab: 3, context: 1, image: { channels: 2, height: 9, width: 8 } };
const of = (kind: string, more: object = {}) =>
  side(cnn, arch(cnn, { channels: [3, 2], kernel: 2, widths: [4], areas: kind, ...more }), data);

describe("as a model", () => {
  const grads = ["conv1.weight", "conv2.weight", "conv2.bias", "fc1.weight"];
  const run = (kind: string, areas: (path: string, i: number) => number) => {
    const at = of(kind);
    const values = new Map(weights(at));
    for (const { path, shape } of at.specs) {
      if (!path.endsWith("area")) continue;
      const count = shape.reduce((n, d) => n * d, 1);
      values.set(
        path,
        Float64Array.from({ length: count }, (_, i) => areas(path, i)),
      );
    }
    return lookAt(cnn, at, values, someImages(at, 4), { grads });
  };

  it("with every place on is the dense convolution, gradients too", () => {
    const dense = run("off", () => 1);
    for (const kind of ["mask", "skip"]) {
      const found = run(kind, () => 1);
      // The same sums in another order, in float64.
      expect(largest(found.logits, dense.logits)).toBeLessThan(1e-12);
      for (const path of grads)
        expect(largest(found.grads.get(path)!, dense.grads.get(path)!)).toBeLessThan(1e-12);
    }
  });

  it("computes the same masked and skipped; a slice that is off gets no gradient", () => {
    // Slice 0 of the second convolution is off altogether, of the others every third place.
    const some = (path: string, i: number) => (path === "conv2.area" && i < 6 ? 0 : i % 3 === 0 ? 0 : 1);
    const [mask, skip] = [run("mask", some), run("skip", some)];
    expect(largest(mask.logits, skip.logits)).toBeLessThan(1e-12);
    for (const path of grads)
      expect(largest(mask.grads.get(path)!, skip.grads.get(path)!)).toBeLessThan(1e-12);
    expect([...mask.grads.get("conv2.weight")!.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    expect(
      mask.grads
        .get("conv2.weight")!
        .subarray(4, 8)
        .some((g) => g !== 0),
    ).toBe(true);
    expect(largest(mask.logits, run("mask", () => 1).logits)).toBeGreaterThan(1e-3);
  });
});

async function trained(model: object = {}) {
  const base = { id: "cnn", channels: [3, 2], kernel: 2, widths: [5] };
  const run = await drive(tinyImageConfig({ model: { ...base, ...model } }), interpreter());
  await run.trainer.advance(5);
  const { trainer, events } = run;
  const act = async (action: object) => {
    trainer.act({ id: "areas", ...action });
    await trainer.advance(0);
  };
  const area = async (path: string) => {
    const { arrays, layout } = trainer.core.network;
    const { offset, count } = layout.entries.get(path)!;
    return [...new Float32Array(await arrays.params.read()).subarray(offset, offset + count)];
  };
  const last = () => eventsOf(events, "structure/done").at(-1)!;
  const refusal = () => eventsOf(events, "structure/refused").at(-1)!.message;
  return { trainer, events, act, area, last, refusal };
}

describe.each([
  { name: "plain", model: {} },
  { name: "with batch norm, masked", model: { batchNorm: true, areas: "mask" } },
])("a CNN $name", ({ model }) => {
  it("loses just so many places of each slice, for good, learns on, and can be undone", async () => {
    const { trainer, events, act, area, last } = await trained(model);
    // 7 × 7 places of 3 slices.
    await act({ share: 0.25, target: "conv1" });
    const first = await area("conv1.area");
    const ons = (list: readonly number[]) =>
      [0, 1, 2].map((s) => list.slice(49 * s, 49 * s + 49).reduce((n, v) => n + v, 0));
    expect(ons(first)).toEqual([37, 37, 37]);
    const done = last();
    expect(done).toMatchObject({ kind: "prune", extra: { places: 36, slices: 0 } });
    expect(done.counts["conv1.area"]![1]).toBe(111);
    await trainer.advance(3);
    expect(await area("conv1.area")).toEqual(first);
    await act({ share: 0.25, target: "conv1" });
    const second = await area("conv1.area");
    expect(ons(second)).toEqual([25, 25, 25]);
    second.forEach((v, i) => {
      expect(v).toBeLessThanOrEqual(first[i]!);
    });
    const { executed, active } = trainer.core.network.flops;
    expect(active).toBeLessThan(executed + 1);
    await trainer.advance(2);
    await trainer.settled();
    expect(eventsOf(events, "step").every(({ loss }) => Number.isFinite(loss))).toBe(true);
    await trainer.goto(done.parent);
    expect(trainer.core.network.arch.areas).toBe("areas" in model ? "mask" : "off");
    trainer.dispose();
  });
});

it("scores every place of maps that are padded", async () => {
  const { trainer, act, area, last } = await trained({ kernel: 3, padding: "same" });
  await act({ share: 0.25, target: "conv1" });
  expect(last().extra).toEqual({ places: 48, slices: 0 });
  expect((await area("conv1.area")).filter((v) => v === 1)).toHaveLength(3 * 48);
  trainer.dispose();
});

it("of a map that would lose every slice the one with most places stays", async () => {
  const { trainer, act, area, last } = await trained();
  // 2 × 2 places: of the slices of map 0, the first keeps one, the second three, the third two.
  await act({ mode: "erase", target: "conv2", map: 0, reads: 0, height: 1, width: 2 });
  await act({ mode: "erase", target: "conv2", map: 0, reads: 0, top: 1, height: 1, width: 1 });
  await act({ mode: "erase", target: "conv2", map: 0, reads: 1, height: 1, width: 1 });
  await act({ mode: "erase", target: "conv2", map: 0, reads: 2, height: 2, width: 1 });
  await act({ share: 0.9, target: "conv2" });
  expect(last().extra).toEqual({ places: 1 + 2 + 2 + 9, slices: 2 });
  const on = await area("conv2.area");
  expect([0, 1, 2].map((s) => on.slice(4 * s, 4 * s + 4).filter((v) => v === 1).length)).toEqual([0, 1, 0]);
  trainer.dispose();
});

it("a slice without places goes with its kernel, but each map keeps one place", async () => {
  const { trainer, act, area, last } = await trained();
  // 2 × 2 places: three of each go, then the last one of all slices but one a map.
  await act({ share: 0.9, target: "conv2" });
  expect(last().extra).toEqual({ places: 18, slices: 0 });
  await act({ share: 0.9, target: "conv2" });
  expect(last().extra).toEqual({ places: 4, slices: 4 });
  const on = await area("conv2.area");
  expect([on.slice(0, 12), on.slice(12)].map((map) => map.reduce((n, v) => n + v, 0))).toEqual([1, 1]);
  const { arrays, layout } = trainer.core.network;
  const ages = new Uint32Array(await arrays.age!.read());
  const { offset } = layout.entries.get("conv2.weight")!;
  for (let slice = 0; slice < 6; slice++) {
    const used = on.slice(4 * slice, 4 * slice + 4).includes(1);
    const kernel = ages.subarray(offset + 4 * slice, offset + 4 * slice + 4);
    expect(kernel.every((a) => a !== 0) === used && kernel.some((a) => a !== 0) === used).toBe(true);
  }
  trainer.dispose();
});

it("is erased and painted by hand, by the same rules", async () => {
  const { trainer, act, area, last, refusal } = await trained();
  await act({ mode: "erase", map: 1, top: 4, left: 3, height: 9, width: 9 });
  const on = await area("conv1.area");
  expect(last().extra).toEqual({ places: 12, slices: 0 });
  on.forEach((v, i) => {
    const [map, y, x] = [Math.floor(i / 49), Math.floor(i / 7) % 7, i % 7];
    expect(v).toBe(map === 1 && y >= 4 && x >= 3 ? 0 : 1);
  });
  await act({ mode: "erase", map: 2, top: 5, left: 2, height: 1, width: 2 });
  expect((await area("conv1.area")).flatMap((v, i) => (v === 0 && i >= 98 ? [i - 98] : []))).toEqual([
    37, 38,
  ]);
  await act({ mode: "paint", map: 2, top: 5, left: 2, height: 1, width: 2 });
  await act({ mode: "erase", map: 1, height: 7, width: 7 });
  expect(refusal()).toBe("Not pruned: it would empty the last slice of map 1.");
  await act({ mode: "paint", map: 1, top: 4, left: 3, height: 7, width: 7 });
  expect(await area("conv1.area")).toEqual(new Array(147).fill(1));
  await act({ mode: "paint", map: 1, top: 4, left: 3, height: 7, width: 7 });
  expect(refusal()).toBe("Not pruned: everything there is on already.");
  // On every map at once: 3 slices, of each a row; each map keeps what is below.
  await act({ mode: "erase", map: -1, reads: -1, height: 1, width: 7 });
  expect(last().extra).toEqual({ places: 21, slices: 0 });
  (await area("conv1.area")).forEach((v, i) => {
    expect(v).toBe(i % 49 < 7 ? 0 : 1);
  });
  await act({ mode: "erase", map: -1, reads: -1, height: 7, width: 7 });
  expect(refusal()).toBe("Not pruned: it would empty the last slice of map 0.");
  await act({ mode: "erase", map: 7 });
  expect(refusal()).toMatch(/there is no slice from map 0 to map 7: 1 are read, 3 made/);
  trainer.dispose();
});

it("a rectangle lies on maps that are no squares, too", async () => {
  const flat = { vocab: 3, context: 1, image: { channels: 1, height: 3, width: 5 } };
  const at = side(cnn, arch(cnn, { channels: [1], kernel: 2, widths: [] }), flat);
  const none = Object.fromEntries(
    at.specs.map(({ path, shape }) => [path, new Array(sizeOf(shape)).fill(1)]),
  );
  const hand = { model: cnn, specs: at.specs, params: none, age: none, side: at };
  const choice = { mode: "erase", map: 0, reads: 0, top: 1, left: 1, height: 1, width: 2 };
  const all = { ...defaults(areas.schema), ...choice };
  const made = await carryOut(interpreter(), areas, all, hand, (values) => cnn.params(values as never, flat));
  expect(made.params["conv1.area"]).toEqual([1, 1, 1, 1, 1, 0, 0, 1]);
});

it("says why not", async () => {
  const { trainer, act, refusal } = await trained();
  await act({ target: "fc1" });
  expect(refusal()).toBe('Not pruned: "fc1" is no convolution.');
  await act({ share: 0 });
  expect(refusal()).toBe("Not pruned: no place is left that could go.");
  trainer.dispose();
  const lstm = await drive(tinyConfig(), interpreter());
  lstm.trainer.act({ id: "areas" });
  await lstm.trainer.advance(0);
  expect(eventsOf(lstm.events, "structure/refused")[0]!.message).toMatch(/is not for LSTM/);
});
