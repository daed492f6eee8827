/** A layer inserted into the gates, and the swap of their activation: grow-prune §5.2 and §5.4. */
import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { gpt } from "../../models/gpt.ts";
import { hlstm } from "../../models/hlstm.ts";
import { lstm } from "../../models/lstm.ts";
import { arch, side } from "../../testing/models.ts";
import { act, stateOf, trained } from "../../testing/structures.ts";
import { fullyConnected } from "../grow/fully-connected.ts";
import { insertGateLayer } from "./insert-gate-layer.ts";
import { mayPrune, phaseOf } from "./phase.ts";
import { swapActivation } from "./swap-activation.ts";

const cell = { id: "hlstm", blocks: [4], embed: 4, gateWidth: 5, maxCells: 24 };
const INSERT = { id: "insert-gate-layer" };
const SWAP = { id: "swap-activation" };
const data = { vocab: 7, context: 5 };

/** Figures of a done event; throws with the sentence of a refused one. */
async function done(...given: Parameters<typeof act>) {
  const event = await act(...given);
  if (event.type === "structure/refused") throw new Error(event.message);
  return event;
}

async function refused(...given: Parameters<typeof act>): Promise<string> {
  const event = await act(...given);
  if (event.type === "structure/done") throw new Error("it was done");
  return event.message;
}

describe("insert-gate-layer", () => {
  it.each([
    [0, 1, 0.01, 16],
    [0, 2, 0.2, 16],
    [0, 1, 0, 16],
    [1, 1, 0.01, 10],
    [2, 2, 0.2, 10],
  ])("keeps the function: L = %i, %i stacked layers, s = %f", async (gateLayers, layers, slope, width) => {
    const run = await trained({ ...cell, gateLayers, layers, slope }, 6);
    const event = await done(run, INSERT, 4);
    // The trainer's own limit for f32; the references are float64 but for the state, which is kept in f32.
    expect(event.maxLogitDelta).toBeLessThan(1e-5);
    expect(event.arch).toMatchObject({ gateLayers: gateLayers + 1, gateWidth: width, slope });
    expect(Math.abs(event.lossAfter - event.lossBefore)).toBeLessThan(1e-6);
    run.trainer.dispose();
  });

  it("has 2w active entries a gate in U_new, W' = [W, −W]/(1 + s) newborn without moments", async () => {
    const run = await trained({ ...cell, gateLayers: 0 }, 6);
    const before = await stateOf(run);
    // The event falls on the boundary before the next step; the state right after it is a node of the tree.
    const event = await done(run, INSERT);
    await run.trainer.goto(event.node);
    const { params, ages, slots } = await stateOf(run);
    const G = 16;
    const at = (path: string) => `layers.0.${path}`;
    const u = (gate: number, row: number, column: number): number =>
      column < 4
        ? params.get(at("x.weight"))![(gate * G + row) * 4 + column]!
        : params.get(at("h.weight"))![(gate * G + row) * 4 + column - 4]!;
    for (let gate = 0; gate < 4; gate++) {
      for (let row = 0; row < G; row++) {
        for (let column = 0; column < 8; column++) {
          expect(u(gate, row, column)).toBe(row % 8 !== column ? 0 : row < 8 ? 1 : -1);
        }
      }
    }
    const active = (path: string) => ages!.get(at(path))!.filter((age) => age !== 0);
    expect(active("x.weight").length + active("h.weight").length).toBe(4 * 2 * 8);
    for (const path of ["x.weight", "h.weight", "x.bias", "gates.weight"]) {
      expect(new Set(active(path)), path).toEqual(new Set([1]));
      for (const slot of slots) expect(slot.get(at(path))!.every((m) => m === 0)).toBe(true);
    }
    expect(active("x.bias")).toHaveLength(4 * G);
    expect(active("gates.weight")).toHaveLength(4 * 4 * G);
    expect(event.activeAfter - event.activeBefore).toBe(4 * 2 * 8 + 4 * G + 4 * 4 * 8);
    // Everything else moves on as it was.
    for (const path of ["embed.weight", "head.weight", "head.bias", at("bias")]) {
      expect(params.get(path)).toEqual(before.params.get(path));
      expect(new Set(ages!.get(path))).toEqual(new Set([7]));
      slots.forEach((slot, i) => {
        expect(slot.get(path)).toEqual(before.slots[i]!.get(path));
        expect(slot.get(path)!.some((m) => m !== 0)).toBe(true);
      });
    }
    run.trainer.dispose();
  });

  it("learns on, and what is dormant stays 0", async () => {
    const run = await trained({ ...cell, gateLayers: 0 }, 10);
    await done(run, INSERT, 20);
    const { params, ages } = await stateOf(run);
    for (const [path, values] of params) {
      values.forEach((value, i) => {
        if (ages!.get(path)![i] === 0) expect(value).toBe(0);
      });
    }
    expect(params.get("layers.0.gates.weight")!.every((v) => v !== 0)).toBe(true);
    const losses = run.events.flatMap((event) => (event.type === "step" ? [event.loss] : []));
    expect(losses.at(-1)!).toBeLessThan(losses[9]!);
    run.trainer.dispose();
  });

  it("leaves dormant what was: a second layer is sparse, older ones are padded with what does nothing", async () => {
    const run = await trained({ ...cell, gateLayers: 0 }, 3);
    await done(run, INSERT, 2);
    const before = await stateOf(run);
    const event = await done(run, INSERT);
    await run.trainer.goto(event.node);
    const { params, ages, slots } = await stateOf(run);
    const count = (of: ReadonlyMap<string, Uint32Array>, path: string) =>
      of.get(`layers.0.${path}`)!.filter((age) => age !== 0).length;
    for (const path of ["x.weight", "h.weight", "x.bias"])
      expect(count(ages!, path)).toBe(count(before.ages!, path));
    expect(count(ages!, "inner.weight")).toBe(4 * 2 * 16);
    expect(count(ages!, "inner.bias")).toBe(4 * 32);
    expect(count(ages!, "gates.weight")).toBe(4 * 4 * 32);
    // The old rows, four gates of 16, now stand among 32; trained moments moved along.
    const rows = (of: Float32Array, from: number, width: number) =>
      of.filter((_, i) => Math.floor(i / width) % 32 < from);
    expect(rows(params.get("layers.0.x.weight")!, 16, 4)).toEqual(before.params.get("layers.0.x.weight"));
    expect(rows(slots[0]!.get("layers.0.h.weight")!, 16, 4)).toEqual(
      before.slots[0]!.get("layers.0.h.weight"),
    );
    run.trainer.dispose();
  });

  it("random: any width, active throughout, not preserving", async () => {
    const run = await trained({ ...cell, gateLayers: 0 }, 6);
    const event = await done(run, { ...INSERT, how: "random", width: 9 });
    expect(event.arch).toMatchObject({ gateLayers: 1, gateWidth: 9 });
    expect(event.maxLogitDelta).toBeGreaterThan(1e-3);
    expect(event.activeAfter).toBe(event.paramsAfter);
    // A narrower second layer: what it lacks of the common width is dormant.
    const second = await done(run, { ...INSERT, how: "random", width: 6 });
    expect(second.arch).toMatchObject({ gateLayers: 2, gateWidth: 9 });
    expect(second.paramsAfter - second.activeAfter).toBe(4 * (9 * 9 - 6 * 9) + 4 * 3 + 4 * 4 * 3);
    run.trainer.dispose();
  });

  it("refuses in words", async () => {
    const can = (values: object, choice: object = {}) =>
      insertGateLayer.can!(hlstm, side(hlstm, arch(hlstm, values), data), {
        ...defaults(insertGateLayer.schema),
        ...choice,
      } as never);
    const wide = { blocks: [128], embed: 32, gateLayers: 0 };
    expect(can(wide)).toBe(true);
    expect(can(wide, { width: 320 })).toBe(true);
    expect(can(wide, { width: 300 })).toBe(
      "Not inserted: it needs width 320 to preserve the function. Choose 320 or 0, or random insertion, which takes any width and does not preserve it.",
    );
    expect(can(wide, { width: 300, how: "random" })).toBe(true);
    expect(can({ gateLayers: 1, gateWidth: 320 })).toBe(
      "Not inserted: it needs width 640 to preserve the function, and 512 are the most. Random insertion takes any width and does not preserve it.",
    );
    expect(can({ gateLayers: 3 })).toBe(
      "Not inserted: the gates have 3 hidden layers, the most there can be.",
    );
    expect(can({ gateLayers: 1, slope: 0 })).toMatch(/^Not inserted: the gates were swapped to ReLUs/);
    expect(insertGateLayer.applies(gpt)).toBe("not for GPT");
    expect(insertGateLayer.applies(lstm)).toBe("not for LSTM");
    const run = await trained({ ...cell, gateLayers: 1 }, 2);
    expect(await refused(run, { ...INSERT, width: 7 })).toMatch(/^Not inserted: it needs width 10 /);
    run.trainer.dispose();
  });
});

describe("swap-activation", () => {
  it("sets the slope to 0; weights, masks and moments stay, bit for bit", async () => {
    const run = await trained({ ...cell, gateLayers: 0 }, 6);
    const insert = await done(run, INSERT, 4);
    expect(insert.arch).toMatchObject({ slope: 0.01 });
    const before = await stateOf(run);
    const event = await done(run, SWAP);
    expect(event.kind).toBe("swap");
    expect(event.arch).toEqual({ ...insert.arch, slope: 0 });
    expect([event.paramsAfter, event.activeAfter]).toEqual([event.paramsBefore, event.activeBefore]);
    expect(event.maxLogitDelta).toBeGreaterThan(0);
    await run.trainer.goto(event.node);
    expect(await stateOf(run)).toEqual(before);
    run.trainer.dispose();
  });

  it("makes no ages where there are none, and needs no new kernel", async () => {
    const run = await trained(cell, 3);
    await done(run, SWAP);
    expect((await stateOf(run)).ages).toBeNull();
    const begun = run.events.find((event) => event.type === "structure/begun");
    expect(begun).toMatchObject({ kind: "swap", kernels: 0 });
    run.trainer.dispose();
  });

  it("pressed twice does nothing and says so; back to leaky, growing goes on", async () => {
    const run = await trained(cell, 2);
    await done(run, SWAP);
    expect(await refused(run, SWAP)).toBe("Not swapped: the gates have ReLUs already.");
    const grow = { id: "fully-connected", cells: 4 };
    const sentence =
      "the gates were swapped to ReLUs, so this network is being pruned. Swap them back to leaky ReLUs to grow again.";
    expect(await refused(run, grow)).toBe(`Not grown: ${sentence}`);
    expect(await refused(run, INSERT)).toBe(`Not inserted: ${sentence}`);
    expect((await done(run, { ...SWAP, to: "leaky" })).arch).toMatchObject({ slope: 0.01 });
    expect(await refused(run, { ...SWAP, to: "leaky" })).toBe(
      "Not swapped: the gates have leaky ReLUs already.",
    );
    expect((await done(run, grow)).arch).toMatchObject({ blocks: [4, 4] });
    run.trainer.dispose();
  });

  it("is nothing for plain gates, and not for other models", async () => {
    const run = await trained({ ...cell, gateLayers: 0 }, 2);
    expect(await refused(run, SWAP)).toBe(
      "Not swapped: the gates have no hidden layers, so there is no activation to swap.",
    );
    expect([swapActivation.applies(lstm), swapActivation.applies(hlstm)]).toEqual(["not for LSTM", true]);
    run.trainer.dispose();
  });
});

describe("phases", () => {
  it("are told by the slope; pruning before the swap asks first", () => {
    const of = (values: object) => arch(hlstm, values);
    expect([phaseOf(hlstm, of({})), phaseOf(hlstm, of({ slope: 0 }))]).toEqual(["grow", "prune"]);
    expect(phaseOf(hlstm, of({ gateLayers: 0 }))).toBeNull();
    expect(phaseOf(lstm, arch(lstm, {}))).toBeNull();
    expect(mayPrune(hlstm, of({}), false)).toMatch(/^Not pruned: the gates still have leaky ReLUs/);
    expect([mayPrune(hlstm, of({}), true), mayPrune(hlstm, of({ slope: 0 }), false)]).toEqual([true, true]);
    expect(mayPrune(lstm, arch(lstm, {}), false)).toBe(true);
    const c = defaults(fullyConnected.schema);
    expect(fullyConnected.next(hlstm, of({ slope: 0 }), c)).toMatch(/^Not grown: the gates were swapped/);
  });
});

it("a block of cells is taken away again: what stays computes as if it had never been read", async () => {
  const run = await trained(cell, 4);
  const before = await stateOf(run);
  const grown = await done(run, { id: "fully-connected", cells: 4 });
  await run.trainer.goto(grown.node);
  const back = await done(run, { id: "remove-block" });
  expect([back.maxLogitDelta, back.arch]).toEqual([0, grown.arch && { ...grown.arch, blocks: [4] }]);
  await run.trainer.goto(back.node);
  const { params, slots } = await stateOf(run);
  expect({ params, slots }).toEqual({ params: before.params, slots: before.slots });
  run.trainer.dispose();
});
