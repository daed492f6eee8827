/** A run saved to a file, opened by someone else, goes on to the same losses as without the pause, to the bit. */
import { readFile } from "node:fs/promises";
import { byHand, expect, linkTo, longer, small, test } from "./page.ts";

test("save to a file, open it elsewhere, and go on", async ({ visitor }) => {
  longer();
  const first = await visitor();
  await first.open(linkTo({ ...small, seed: 3, budget: { amount: 24 }, recipe: byHand }));
  await first.stepTo(6);
  await first.page.keyboard.press("g");
  await expect(first.record).toContainText("Block 2 joined");
  await first.page.keyboard.press("Escape");
  await first.stepTo(10);
  const saving = first.page.waitForEvent("download");
  await first.button("Save to a file").click();
  const download = await saving;
  expect(download.suggestedFilename()).toMatch(/^espalier-.+-10\.safetensors$/);
  const file = await download.path();
  await first.finish(24);
  const straight = await first.csv();

  const second = await visitor();
  await second.open();
  await second.page.getByLabel("Saved run").setInputFiles({
    name: "kept.safetensors",
    mimeType: "application/octet-stream",
    buffer: await readFile(file),
  });
  await expect.poll(() => second.steps()).toBe(10);
  await expect(second.size).toHaveText(/^32 cells in 2 blocks, /);
  await second.finish(24);
  expect(await second.csv()).toEqual(straight);
  expect(await second.events()).toEqual(await first.events());

  // What is no saved run is said to be none, and nothing is replaced.
  await second.page.getByLabel("Saved run").setInputFiles({
    name: "holiday.safetensors",
    mimeType: "application/octet-stream",
    buffer: Buffer.from("no tensors at all"),
  });
  await expect(second.notice).toContainText("holiday.safetensors cannot be read");
  expect(await second.steps()).toBe(24);
});
