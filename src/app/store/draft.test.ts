import { describe, expect, it } from "vitest";
import { checkConfig } from "../../run/check.ts";
import type { RunConfig } from "../../run/config.ts";
import { presets } from "../../share/presets.ts";
import { catalog } from "./catalog.ts";
import {
  actsNow,
  changes,
  chosenAnew,
  growths,
  handGrowth,
  newGrowth,
  pending,
  planned,
  surgeries,
  valueAt,
  withChoice,
  withValue,
} from "./draft.ts";

const preset = (id: string): RunConfig => {
  const found = presets.find((each) => each.id === id);
  if (!found) throw new Error(id);
  return found.config;
};
const base = preset("char-lstm");
const cascade = preset("cascade");
const stacking = preset("stacking");

describe("draft", () => {
  it("values are read and written by the check's paths, without touching the old config", () => {
    const next = withValue(cascade, "recipe.0.trigger.window", 77);
    expect(valueAt(next, "recipe.0.trigger.window")).toBe(77);
    expect(valueAt(cascade, "recipe.0.trigger.window")).toBe(200);
    expect(valueAt(cascade, "recipe.9.trigger.window")).toBeUndefined();
    expect(valueAt(cascade, "model.__proto__.x")).toBeUndefined();
    expect(valueAt(withValue(base, "budget.amount", 5), "budget.amount")).toBe(5);
  });

  it("counts a changed field once, a changed choice once with all that belongs to it", () => {
    expect(changes(base, base)).toEqual([]);
    expect(changes(base, withValue(base, "batch", 8))).toEqual(["batch"]);
    expect(changes(base, withValue(base, "model.blocks", [64, 64]))).toEqual(["model.blocks"]);
    expect(changes(base, withChoice(base, "model", "gpt"))).toEqual(["model.id"]);
    expect(changes(stacking, { ...stacking, recipe: stacking.recipe.slice(0, 1) })).toEqual(["recipe.1"]);
  });

  it("another model takes the growths along that cannot act on it, and stays a config that passes", () => {
    const gpt = withChoice(cascade, "model", "gpt");
    expect(gpt.recipe).toEqual([]);
    expect(checkConfig(gpt).ok).toBe(true);
    expect(withChoice(stacking, "optim", "lion").recipe).toEqual(stacking.recipe);
  });

  it("fields of another model than the run has are told from changed ones", () => {
    const gpt = withChoice(base, "model", "gpt");
    expect(chosenAnew("model.layers", gpt, base)).toBe(true);
    expect(chosenAnew("model.layers", withValue(base, "model.layers", 2), base)).toBe(false);
    expect(chosenAnew("batch", gpt, base)).toBe(false);
    const other = withValue(cascade, "recipe.0.action", { id: "fully-connected", cells: 8 });
    expect(chosenAnew("recipe.0.action.cells", other, cascade)).toBe(true);
    expect(chosenAnew("recipe.0.trigger.window", other, cascade)).toBe(false);
  });

  it("live settings act now while the optimizer is the same; a growth by hand never waits", () => {
    const lr = withValue(base, "optim.lr", 0.001);
    expect(actsNow("optim.lr", lr, base)).toBe(true);
    expect(actsNow("batch", lr, base)).toBe(false);
    expect(actsNow("optim.lr", lr, null)).toBe(false);
    expect(actsNow("optim.lr", withChoice(base, "optim", "lion"), base)).toBe(false);
    expect(pending(lr, base)).toEqual([]);
    expect(pending(withValue(lr, "batch", 8), base)).toEqual(["batch"]);
    const entry = newGrowth(base);
    expect(entry?.trigger.id).toBe("manual");
    expect(pending({ ...base, recipe: entry ? [entry] : [] }, base)).toEqual([]);
  });

  it("Grow does what the recipe says, else the first method that can act", () => {
    expect(handGrowth(cascade)).toEqual(cascade.recipe[0]?.action);
    const action = handGrowth(base);
    expect(catalog.actions.find((each) => each.id === action?.id)?.applies.lstm).toBe(true);
    expect(handGrowth({ ...cascade, model: stacking.model })?.id).not.toBe("cascade");
  });

  it("a block grown by hand is of the usual size, or like the newest where that is smaller", () => {
    const cells = (blocks: readonly number[]): unknown =>
      handGrowth(withValue(base, "model.blocks", blocks))?.cells;
    expect([cells([128]), cells([64]), cells([128, 32]), cells([32])]).toEqual([64, 64, 32, 32]);
    expect(handGrowth(withValue(cascade, "model.blocks", [32]))?.cells).toBe(64);
  });

  it("dated growths are planned in steps, edits are no growths", () => {
    expect(planned(stacking, 4000)).toEqual([500, 1200]);
    expect(planned(cascade, 4000)).toEqual([]);
    const edited: RunConfig = {
      ...base,
      recipe: [{ trigger: { id: "step", step: 5 }, action: { id: "edit", path: "optim.lr", value: 1e-3 } }],
    };
    expect(growths(edited)).toEqual([]);
  });

  it("a cut that a link brings is planned and listed, and is no growth", () => {
    const entry = {
      trigger: { id: "step", step: 30 },
      action: { id: "magnitude", mode: "fraction", share: 0.4 },
    };
    const cut: RunConfig = { ...base, recipe: [entry] };
    expect(growths(cut)).toEqual([]);
    expect(surgeries(cut)).toEqual([{ index: 0, entry }]);
    expect(surgeries(stacking)).toEqual([]);
    expect(planned(cut, 4000)).toEqual([30]);
  });
});
