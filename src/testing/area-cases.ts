/** Partial-area convolution on weights given by hand: G5 of grow-prune §6, for the references and a device. */
import { expect, it } from "vitest";
import { defaults } from "../config/schema.ts";
import type { Backend } from "../engine/types.ts";
import { areas } from "../methods/prune/areas.ts";
import { cnn } from "../models/cnn.ts";
import { sizesOf } from "../train/ages.ts";
import { arch, type Given, side } from "./models.ts";
import { type Carried, carryOut } from "./structure-rig.ts";

const data = { vocab: 2, context: 1, image: { channels: 1, height: 4, width: 4 } };
const whole = (kind: string) =>
  side(cnn, arch(cnn, { channels: [1], kernel: 2, widths: [], areas: kind }), data);
const batch: Given = {
  inputs: {
    ...{ shape: [1, 1, 4, 4], dtype: "f32" },
    data: Float64Array.from([0, 1, 2, 0, 1, 3, 1, 0, 0, 2, 0, 1, 1, 0, 0, 2]),
  },
  targets: [1],
};
const K = [1, -1, 0.5, 0];
const head = { "conv1.bias": [0], "fc1.weight": [1, -1], "fc1.bias": [0, 0] };
const nines = (values: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(Object.entries(values).map(([path, list]) => [path, list.map(() => 9)]));

const off = whole("off");
const start = { "conv1.weight": K, ...head };
const hand = { model: cnn, specs: off.specs, params: start, age: nines(start), side: off, batch };
const specsOf = (values: object) => cnn.params(values as never, data);

const flopsOf = ({ specs, age }: Carried) => {
  const counts = new Map(specs.map(({ path }) => [path, age[path]!.filter((a) => a !== 0).length]));
  // 2 · 4 · 9 of the convolution, 2 · 2 of the readout.
  return sizesOf(specs, counts, 72 + 4).flops;
};

export function areaCases(backend: () => Backend): void {
  const prune = (share: number, from: Parameters<typeof carryOut>[3] = hand, choice: object = {}) =>
    carryOut(backend(), areas, { ...defaults(areas.schema), share, ...choice }, from, specsOf);

  it("G5: the four places go at which |C| is least, then two more", async () => {
    const first = await prune(4 / 9);
    expect(first.params["conv1.area"]).toEqual([0, 0, 1, 1, 1, 0, 1, 1, 0]);
    expect(first.age["conv1.area"]!.map((a) => (a === 0 ? 0 : 1))).toEqual([0, 0, 1, 1, 1, 0, 1, 1, 0]);
    expect(first.plan).toMatchObject({ arch: { areas: "skip" }, figures: { places: 4, slices: 0 } });
    // 72 → 40, executed too since they are skipped.
    expect(flopsOf(first)).toEqual({ executed: 44, active: 44 });
    // Whatever the background of the image is, it says nothing.
    const grey = { ...batch.inputs, data: batch.inputs.data.map((x) => 3 * x - 5) };
    const shifted = await prune(4 / 9, { ...hand, batch: { ...batch, inputs: grey } });
    expect(shifted.params["conv1.area"]).toEqual(first.params["conv1.area"]);
    const of = { arch: first.plan.arch, data };
    const second = await prune(2 / 9, { ...hand, ...first, side: of });
    expect(second.params["conv1.area"]).toEqual([0, 0, 1, 0, 1, 0, 0, 1, 0]);
  });
}
