import { describe, expect, it } from "vitest";
import { layerMap } from "../../run/layer-map.ts";
import { catalog, choiceOf } from "../store/catalog.ts";
import { BOX, connected, dropped, layerAt, PITCH, resized, sourceAfter, WIDTH } from "./layer-map.ts";

const entry = (id: string) => catalog.actions.find((action) => action.id === id)!;
const mapOf = (id: string, change: object, layers = 3, most = 12) => {
  const { schema } = entry(id);
  return layerMap(schema, { ...(choiceOf(entry(id)) as object), ...change } as never, layers, most);
};

describe("the layer map of an action", () => {
  it("is its rule's, until it is made by hand", () => {
    expect(mapOf("stack", {})).toMatchObject({ rule: "map", list: "sources", sources: [1, 2, 3, 1, 2, 3] });
    expect(mapOf("stack", { map: "interpolate", to: 6 })!.sources).toEqual([1, 1, 2, 2, 3, 3]);
    expect(mapOf("stack", { map: "bert2bert", to: 8 })!.sources).toEqual([1, 2, 3, 1, 2, 3, 2, 3]);
    expect(mapOf("stack", { map: "identity", to: 4 })!.sources).toEqual([1, 2, 3, null]);
    expect(mapOf("fpi", {})).toMatchObject({ rule: "depth", sources: [1, 2, 3], manual: false });
    expect(mapOf("mango", { depth: "manual", sources: [1, 3, 3, 2] })).toMatchObject({
      ...{ sources: [1, 3, 3, 2], manual: true, most: 12 },
    });
    expect(mapOf("ligo", { depth: "manual", sources: [] })!.sources).toEqual([1, 2, 3, 1, 2, 3]);
    expect(mapOf("stack", {}, 3, 4)).toMatchObject({ sources: [1, 2, 3, 1], most: 4 });
    expect(mapOf("magnitude", {})).toBeNull();
  });

  it("is changed by keys and by where a line is dropped", () => {
    const keys = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End", "2", "9", "0", "a"];
    expect(keys.map((key) => sourceAfter(key, 2, 3))).toEqual([3, 1, 1, 3, 1, 3, 2, 3, null, null]);
    expect(sourceAfter("ArrowUp", 3, 3)).toBe(3);
    expect(sourceAfter("ArrowDown", null, 3)).toBe(1);
    expect(connected([1, 2, 3, null], 1, 3, 3)).toEqual([1, 3, 3, 3]);
    expect(resized([1, 2], 1, 2)).toEqual([1, 2, 2]);
    expect(resized([1, null], 1, 2)).toEqual([1, 2, 2]);
    expect(resized([1, null, 2], -1, 2)).toEqual([1, 2]);
    // Of 6 rows the lowest is layer 0; above the sources' top one the top one is meant.
    expect([0, 2.5, 3.5, 5.5, 9, -1].map((row) => layerAt(row * PITCH, 6, 3))).toEqual([2, 2, 2, 0, 0, 2]);
  });

  it("takes a line where it is dropped, and nothing from a press", () => {
    const map = [1, 2, 3, null];
    const at = (x: number, row: number) => dropped(map, 3, { x, y: (row + 0.5) * PITCH }, 3);
    // Of four rows the lowest is the first layer; the fourth is the new one's.
    expect([0, 1, 2, 3].map((row) => at(0, row)!.at(-1))).toEqual([3, 3, 2, 1]);
    expect(at(WIDTH - BOX - 1, 3)).toEqual([1, 2, 3, 1]);
    expect(at(WIDTH - BOX, 3)).toBeNull();
    // A map by hand may have fewer layers than there are.
    expect(dropped([1, 2], 1, { x: 0, y: 0.5 * PITCH }, 3)).toEqual([1, 3]);
  });
});
