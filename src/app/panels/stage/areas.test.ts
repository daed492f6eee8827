/** Rectangles on an image, by places of a map. */
import { expect, it } from "vitest";
import { between, countIn, EVERY_SLICE, placeAt, sharesOf } from "./areas.ts";

/** Two maps made from two read, of 2 × 3 places. The slice (0, 0) is off but for its last place. */
const maps = {
  ...{ part: "conv1.w", made: 2, reads: 2, rows: 2, columns: 3 },
  on: Uint8Array.from([0, 0, 0, 0, 0, 1, ...new Array(18).fill(1)]),
};
const places = { path: "conv1.area", rows: 2, columns: 3, origin: 4, pitch: 2 };

it("says of each place which share of the slices is used there", () => {
  expect([...sharesOf(maps, EVERY_SLICE)]).toEqual([0.75, 0.75, 0.75, 0.75, 0.75, 1]);
  expect([...sharesOf(maps, { map: 0, reads: null })]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 1]);
  expect([...sharesOf(maps, { map: 0, reads: 0 })]).toEqual([0, 0, 0, 0, 0, 1]);
  // Three maps made from one: slices lie by the map that is made, then by the one that is read.
  const tall = { ...maps, made: 3, reads: 1, rows: 1, columns: 2, on: Uint8Array.of(1, 0, 0, 1, 1, 1) };
  expect([0, 1, 2].map((map) => [...sharesOf(tall, { map, reads: 0 })])).toEqual([
    [1, 0],
    [0, 1],
    [1, 1],
  ]);
});

it("finds the place under a pixel, on the map in any case", () => {
  expect(placeAt(places, 4, 4)).toEqual([0, 0]);
  expect(placeAt(places, 8.5, 6)).toEqual([1, 2]);
  expect(placeAt(places, 0, 27)).toEqual([1, 0]);
});

it("spans a rectangle either way, and counts what is on in it", () => {
  expect(between([1, 2], [0, 1])).toEqual({ top: 0, left: 1, height: 2, width: 2 });
  const rectangle = between([0, 1], [1, 2]);
  expect(countIn(maps, places, { map: 0, reads: 0 }, rectangle)).toEqual({ share: 0.25, places: 4 });
  expect(countIn(null, places, EVERY_SLICE, rectangle)).toEqual({ share: 1, places: 4 });
});
