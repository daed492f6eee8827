/** The LSTM of as many parameters: counted exactly, nearest, and the same run in all but its network. */
import { describe, expect, it } from "vitest";
import { activeCount } from "../models/layers/blocks.ts";
import { lstm } from "../models/lstm.ts";
import { checkConfig } from "./check.ts";
import type { RunConfig } from "./config.ts";
import { dataShape } from "./data-shape.ts";
import { equalApplies, equalLstm, equalName, equalResult, type Measured } from "./equal-lstm.ts";
import { models } from "./registries.ts";

function config(given: object): RunConfig {
  const checked = checkConfig(given);
  if (!checked.ok) throw new Error(checked.message);
  return checked.config;
}

/** As it begins: every weight that its model has. */
function begun(given: object): Measured {
  const made = config(given);
  const { id, ...arch } = made.model;
  const data = dataShape(made);
  const active = activeCount(models.get(id)!.params(arch as never, data));
  return { config: made, recipe: made.recipe, arch: made.model, active, vocab: data.vocab };
}

function found(run: Measured, layers = 1) {
  const made = equalLstm(run, layers);
  if (typeof made === "string") throw new Error(made);
  return made;
}

/** 4(D + H + 1)H a layer, readout (H + 1)V, table VD: grow-prune §4.4, §5.7. */
const formula = (embed: number, cells: number, layers: number, vocab: number): number =>
  4 * (embed + cells + 1) * cells +
  (layers - 1) * 4 * (2 * cells + 1) * cells +
  (cells + 1) * vocab +
  vocab * embed;

describe("the LSTM of as many parameters", () => {
  const hlstm = begun({
    data: { id: "moby-dick" },
    model: { id: "hlstm", blocks: [32], embed: 32, gateLayers: 1, gateWidth: 32 },
    recipe: [
      { trigger: { id: "step", step: 5 }, action: { id: "edit", path: "model.dropout", value: 0.1 } },
      { trigger: { id: "step", step: 9 }, action: { id: "edit", path: "optim.lr", value: 0.001 } },
      { trigger: { id: "step", step: 10 }, action: { id: "swap-activation" } },
    ],
    seed: 7,
  });

  it.each([1, 2])("has the count that is nearest, by the formula (%i layers)", (layers) => {
    const { cells, params } = found(hlstm, layers);
    const vocab = dataShape(hlstm.config).vocab;
    expect(params).toBe(formula(32, cells, layers, vocab));
    const off = Math.abs(params - hlstm.active);
    expect(off).toBeLessThan(Math.abs(formula(32, cells - 1, layers, vocab) - hlstm.active));
    expect(off).toBeLessThan(Math.abs(formula(32, cells + 1, layers, vocab) - hlstm.active));
  });

  it("is the same run but for its network, and what was done to that", () => {
    const { config: made, cells } = found(hlstm);
    const { model, recipe, ...rest } = made;
    const { model: _, recipe: __, ...own } = hlstm.config;
    expect(rest).toEqual(own);
    expect(model).toMatchObject({ id: "lstm", blocks: [cells], layers: 1, embed: 32, dropout: 0 });
    expect(recipe.map(({ action }) => action.path ?? action.id)).toEqual(["optim.lr"]);
    const { id, ...arch } = model;
    expect(lstm.check?.(arch as never, dataShape(made)) ?? null).toBeNull();
  });

  it("counts what is in use: Cascade's upper blocks are not, and a pruned network gets fewer cells", () => {
    const grown = begun({ model: { id: "lstm", blocks: [32, 32, 32], connectivity: "cascade" } });
    const made = found(grown);
    expect(made.cells).toBeLessThan(96);
    expect(Math.abs(made.params / grown.active - 1)).toBeLessThan(0.01);
    expect(found({ ...hlstm, active: hlstm.active / 2 }).cells).toBeLessThan(found(hlstm).cells);
  });

  it("parts more cells than a block may have in two", () => {
    const wide = begun({ model: { id: "hlstm", blocks: [256], gateWidth: 256 } });
    const { config: made, cells } = found(wide);
    expect(cells).toBeGreaterThan(256);
    expect(made.model.blocks).toEqual([256, cells - 256]);
  });

  it("says why there is none", () => {
    const plain = begun({ model: { id: "lstm", blocks: [64] } });
    expect(equalLstm(plain, 1)).toMatch(/^This is an LSTM of [\d,]+ parameters itself/);
    expect(found(plain, 2).cells).toBeLessThan(64);
    expect(equalLstm({ ...hlstm, active: 500 }, 1)).toMatch(/^No LSTM has as many: 4 cells are [\d,]+ /);
    expect([equalApplies("gpt"), equalApplies("lstm"), equalApplies("hlstm")]).toEqual([false, true, true]);
  });

  it("is named by its cells", () => {
    expect(equalName({ cells: 57, layers: 1 })).toBe("LSTM of 57 cells");
    expect(equalName({ cells: 38, layers: 2 })).toBe("LSTM of 2 layers of 38 cells");
  });
});

describe("which of two is lower", () => {
  const side = (...losses: number[]) => ({
    name: "",
    points: losses.map((loss, i) => ({ step: 50 * i, flops: i, loss })),
  });
  it("is judged at the last step that both have, and says since when", () => {
    const ahead = side(4, 3, 2.5, 2.2);
    expect(equalResult(ahead, side(4, 3.6, 3.1))).toMatchObject({
      ...{ step: 100, losses: [2.5, 3.1], lower: 0, since: 50 },
    });
    expect(equalResult(side(4, 3.6, 3.1), ahead)).toMatchObject({ losses: [3.1, 2.5], lower: 1, since: 50 });
  });
  it("is a tie less than one evaluation apart, or where the figures read the same", () => {
    expect(equalResult(side(4, 3, 2.5), side(4, 3.5, 2.9))).toMatchObject({ lower: null });
    expect(equalResult(side(4, 2.5, 2.6, 2.5002), side(4, 3, 2.7, 2.5004))).toMatchObject({ lower: null });
  });
  it("is not judged before both have been evaluated after training", () => {
    expect(equalResult(side(4), side(4))).toBeNull();
    expect(equalResult(side(4, 3), side(4))).toBeNull();
  });
});
