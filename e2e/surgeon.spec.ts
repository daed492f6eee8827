/**
 * The surgeon's table by keys alone: select, ask, apply, and read the prediction beside what happened. Then the tree of it:
 * undone, left as a branch, kept over a reload of the page, and gone to again.
 */
import { faults } from "./axe.ts";
import { byHand, expect, linkTo, small, test } from "./page.ts";

test("a block is pruned from the table by keys, undone, and its branch outlives a reload", async ({
  play,
  page,
}) => {
  await play.open(linkTo({ ...small, budget: { amount: 400 }, recipe: byHand }));
  await play.stepTo(2);
  const title = page.getByRole("heading", { name: "What can be done" });

  // With nothing selected the key speaks of the network, and Esc gives the stage back.
  await page.keyboard.press(".");
  await expect(title).toBeFocused();
  await expect(page.getByRole("heading", { name: "The whole network" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(title).toHaveCount(0);

  const block = page.getByRole("rowheader").getByRole("button", { name: /^Block 1 as a whole/ });
  await block.focus();
  await page.keyboard.press(".");
  await expect(title).toBeFocused();
  const table = page.getByRole("region", { name: "What can be done" });
  const prune = table.getByRole("button", { name: /^Prune here Magnitude pruning/ });
  await prune.focus();
  await page.keyboard.press("Enter");
  const grace = table.getByLabel("Grace");
  await grace.fill("0");
  await grace.press("Enter");
  await table.getByRole("button", { name: /^Preview: Magnitude pruning, Block 1/ }).press("Enter");
  const says = table.getByText(
    /^Predicted loss change on the probe batch [+−][.\d]+\. [\d,]+ of [\d,]+ weights here go, 10 %\.$/,
  );
  await expect(says).toBeVisible();
  expect(await faults(page)).toEqual([]);
  await table.getByRole("button", { name: /^Apply: Magnitude pruning, Block 1/ }).press("Enter");
  await expect(play.size).toContainText("in use");
  await page.keyboard.press("Escape");
  await expect(block).toBeFocused();

  await page.keyboard.press(",");
  const [, predicted, real] = await play.record
    .getByRole("row", { name: /^loss change on the probe batch/ })
    .innerText()
    .then((row) => /([+−][.\d]+)\s+([+−][.\d]+)$/.exec(row) ?? []);
  expect(predicted).toMatch(/^[+−]\.\d{4}$/);
  expect(real).toBe(predicted);
  await page.keyboard.press("Escape");

  // Undone and trained on: the cut is a branch, in the tree and in this browser.
  const tree = page.getByRole("list", { name: "Tree of what was done" });
  await expect(tree.getByRole("button", { name: /Magnitude pruning step 2/ })).toBeVisible();
  await page.keyboard.press("u");
  await play.paused();
  await play.stepTo(4);
  const there = tree.getByRole("button", { name: /^Go there: Magnitude pruning, step 2/ });
  await expect(there).toBeEnabled();
  await expect(
    page.getByText(/^Kept in this browser to step 4, with 2 states to go back to\.$/),
  ).toBeVisible();
  await page.reload();
  await play.ready();
  await expect(play.notice).toContainText("Opened again where it was kept in this browser, at step 4.");
  await expect.poll(() => play.steps()).toBe(4);
  await expect(play.size).not.toContainText("in use");
  expect(await faults(page)).toEqual([]);
  await there.click();
  await expect(play.size).toContainText("in use");
  await play.stepTo(3);
  await expect(tree.getByRole("button", { name: /^Go there: left at 4, step 4/ })).toBeEnabled();
});

test("a growth that has not happened yet is taken back by Undo", async ({ play, page }) => {
  await play.open(linkTo({ ...small, budget: { amount: 4000 }, recipe: byHand }));
  await play.play();
  await play.reaches(3);
  await page.keyboard.press("g");
  await page.keyboard.press("u");
  const at = await play.steps();
  await play.reaches(at + 3);
  await play.pause();
  await expect(play.size).toHaveText(/^16 cells in 1 block, /);
  await page.keyboard.press("g");
  await expect(play.size).toHaveText(/^32 cells in 2 blocks, /);
});
