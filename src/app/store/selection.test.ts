import { describe, expect, it } from "vitest";
import type { Anatomy, Part } from "../../run/messages.ts";
import { catalog, choiceOf, find } from "./catalog.ts";
import { NETWORK, objectOf, selectionOf, weightsIn } from "./selection.ts";
import { actionOf, deedsOn } from "./surgery.ts";

const weight = (id: string, name: string): Part => ({
  id,
  name,
  post: "w",
  strips: [],
  kind: "weight",
  path: `${id}.weight`,
  slice: [
    [0, 4],
    [0, 8],
  ],
  rows: [0],
  cols: [1],
});

const made: Part = {
  id: "b1.gates",
  name: "gates over the window",
  post: "gates",
  strips: [],
  kind: "activation",
  tap: "gates",
  slice: [[0, 4]],
  rows: [],
  cols: [0],
  scale: "sequential",
};

const ANATOMY: Anatomy = {
  root: "text",
  room: [],
  posts: [],
  tiers: [
    {
      id: "b0",
      name: "Block 1",
      note: "",
      group: "Layer 1",
      left: [weight("b0.x", "reads the text")],
      right: [],
    },
    {
      id: "b1",
      name: "Block 2",
      note: "",
      group: "",
      left: [weight("b1.x", "reads the text")],
      right: [made],
    },
  ],
};

describe("what is selected", () => {
  it("is a part, a tier or the whole network, with a name and a target", () => {
    expect(selectionOf(ANATOMY, "b1.x")).toMatchObject({
      name: "Layer 1 Block 2 reads the text",
      target: "b1.x",
    });
    expect(selectionOf(ANATOMY, "b0")).toMatchObject({ name: "Layer 1 Block 1", target: "b0", part: null });
    expect(selectionOf(ANATOMY, NETWORK)).toMatchObject({ target: "", tier: null });
    expect(selectionOf(ANATOMY, NETWORK)!.weights).toHaveLength(2);
    // What is made has no weights: its tier's are meant.
    const gates = selectionOf(ANATOMY, "b1.gates")!;
    expect([gates.target, objectOf(gates)]).toEqual(["b1", "Block 2"]);
    expect(selectionOf(ANATOMY, "b1#3")).toMatchObject({
      name: "Layer 1 Block 2 unit 4",
      target: "b1#3",
      unit: 3,
    });
    expect(selectionOf(ANATOMY, "b1#4")).toBeNull();
    expect(selectionOf(ANATOMY, "gone")).toBeNull();
    expect(selectionOf(ANATOMY, null)).toBeNull();
  });

  it("counts its weights and those in use, once all of them have been seen", () => {
    const tile = { ofRows: 4, ofCols: 8, kept: 0.75 };
    const view = { tiles: { "b0.x": tile, "b1.x": { ...tile, kept: 1 } } } as never;
    expect(weightsIn(selectionOf(ANATOMY, "b0")!, view)).toEqual({ all: 32, active: 24 });
    expect(weightsIn(selectionOf(ANATOMY, NETWORK)!, view)).toEqual({ all: 64, active: 56 });
    expect(weightsIn(selectionOf(ANATOMY, "b0")!, { tiles: {} } as never)).toBeNull();
  });
});

describe("the surgeon's table", () => {
  const lstm = choiceOf(find(catalog.models, "lstm")!);

  it("has every action of the model once, with its target filled in", () => {
    const deeds = deedsOn(selectionOf(ANATOMY, "b1.x")!, lstm);
    const able = catalog.actions.filter(({ applies }) => applies.lstm === true).map(({ id }) => id);
    expect(deeds.map(({ entry }) => entry.id).sort()).toEqual([...able].sort());
    for (const deed of deeds) {
      for (const [name, field] of Object.entries(deed.entry.schema)) {
        if (field.kind === "path") expect(actionOf(deed)[name], deed.entry.id).toBe("b1.x");
      }
    }
    // What is pointed at is copied, and what acts here stands before what acts on everything.
    expect(actionOf(deeds.find(({ entry }) => entry.id === "cascade")!)).toMatchObject({ donor: "2" });
    const places = deeds.map(({ here }) => here);
    expect(places.lastIndexOf(true)).toBeLessThan(places.indexOf(false));
  });

  it("of the whole network aims at nothing", () => {
    const deeds = deedsOn(selectionOf(ANATOMY, NETWORK)!, lstm);
    expect(deeds.every(({ here }) => !here)).toBe(true);
    expect(actionOf(deeds.find(({ entry }) => entry.id === "magnitude")!).target).toBe("");
  });
});
