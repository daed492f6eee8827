import { expect, it } from "vitest";
import { gpt } from "../../models/gpt.ts";
import { hlstm } from "../../models/hlstm.ts";
import { lstm } from "../../models/lstm.ts";
import { act, stateOf, trained } from "../../testing/structures.ts";
import { connectivity } from "./connectivity.ts";

const cell = { id: "lstm", blocks: [4, 5], layers: 2, embed: 4, maxCells: 64 };
const TO = { id: "connectivity" };
const CUT = { ...TO, to: "cascade" };
/** Entry i of [4, 9, 9] lies above the block diagonal. */
const above = (i: number) => i % 9 >= 4 && Math.floor(i / 9) % 9 < 4;
const recurrent = ["layers.0.h.weight", "layers.1.h.weight"];

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

it("Cascade to Fully Connected: upper blocks become active zeros, the function stays, and they learn", async () => {
  const run = await trained(cell, 6);
  const before = await stateOf(run);
  const event = await done(run, TO);
  expect(event.maxLogitDelta).toBe(0);
  expect(event.activeAfter - event.activeBefore).toBe(2 * 4 * 4 * 5);
  await run.trainer.goto(event.node);
  const after = await stateOf(run);
  expect(after.params).toEqual(before.params);
  expect(after.slots).toEqual(before.slots);
  for (const path of recurrent) {
    after.ages!.get(path)!.forEach((age, i) => {
      expect(age).toBe(above(i) ? 1 : 7);
    });
  }
  await run.trainer.advance(4);
  const { params } = await stateOf(run);
  expect(params.get(recurrent[1]!)!.every((w) => w !== 0)).toBe(true);
  run.trainer.dispose();
});

it("the way back is free while they are 0; later it is refused with the change of the loss, and done when asked", async () => {
  const run = await trained(cell, 3);
  const open = await done(run, TO);
  await run.trainer.goto(open.node);
  // Pressed at the same boundary, so nothing was trained in between.
  const back = await done(run, CUT);
  expect([back.maxLogitDelta, back.activeAfter]).toEqual([0, open.activeBefore]);
  await done(run, TO, 12);
  const before = await stateOf(run);
  const message = await refused(run, CUT);
  const [, sign, by] =
    /^Not swapped: older blocks read newer ones\. Zeroing what they read would (lower|raise) the loss by ([\d.]+)\. /.exec(
      message,
    )!;
  expect((await stateOf(run)).params.get("embed.weight")).not.toEqual(before.params.get("embed.weight"));
  const cut = await done(run, { ...CUT, zero: true });
  // One step later than the refusal: about the same change.
  const delta = cut.lossAfter - cut.lossBefore;
  expect(Math.sign(delta)).toBe(sign === "raise" ? 1 : -1);
  expect(Math.abs(Math.abs(delta) - Number(by))).toBeLessThan(0.5 * Number(by) + 1e-3);
  expect(cut.arch).toMatchObject({ connectivity: "cascade" });
  const { params, ages, slots } = await stateOf(run);
  for (const path of recurrent) {
    for (const values of [params, ages!, ...slots].map((of) => of.get(path)!)) {
      values.forEach((value, i) => {
        // Bit 31 of an age is no part of it.
        if (above(i)) expect(value % 2 ** 31).toBe(0);
      });
    }
  }
  run.trainer.dispose();
});

it("refuses in words", async () => {
  const run = await trained(cell, 2);
  expect(await refused(run, CUT)).toBe("Not swapped: this network is Cascade already.");
  run.trainer.dispose();
  const one = await trained({ ...cell, blocks: [4] }, 2);
  expect(await refused(one, TO)).toBe("Not swapped: with one block both are the same. Training goes on.");
  one.trainer.dispose();
  expect([lstm, hlstm, gpt].map((model) => connectivity.applies(model))).toEqual([
    true,
    "not for H-LSTM",
    "not for GPT",
  ]);
});
