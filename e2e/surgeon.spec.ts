/**
 * The surgeon's table by keys alone: select, ask, apply, and read the prediction beside what happened. Then the tree of it:
 * undone, left as a branch, kept over a reload of the page, and gone to again.
 */
import { faults } from "./axe.ts";
import { byHand, expect, linkTo, longer, small, test } from "./page.ts";

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
  // The second button opens the same table beside it; Esc closes that and gives the part back.
  await block.click({ button: "right" });
  const beside = page.getByRole("dialog", { name: "What can be done to Block 1" });
  await expect(beside.getByRole("heading", { name: "What can be done", exact: true })).toBeFocused();
  await expect(beside.getByRole("button", { name: /^Prune here/ }).first()).toBeVisible();
  expect(await faults(page, beside)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(beside).toHaveCount(0);
  await expect(block).toBeFocused();

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
    /^Predicted loss change on the probe batch [+−][.\d]+\. [\d,]+ of [\d,]+ weights here go, 10 %\. FLOPs per character, executed: [.\d]+ [kM], stays\. Active: [.\d]+ [kM] → [.\d]+ [kM]\.$/,
  );
  await expect(says).toBeVisible();
  expect(await faults(page, table)).toEqual([]);
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
  // The readouts follow four times a second.
  await expect.poll(() => play.steps()).toBe(2);
  await play.stepTo(3);
  await expect(tree.getByRole("button", { name: /^Go there: left at 4, step 4/ })).toBeEnabled();
});

test("a growth that has not happened yet is taken back by Undo", async ({ play, page }) => {
  longer();
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

test("the first layer as a picture, the network as a graph, and one unit of it cut", async ({
  play,
  page,
}) => {
  const model = { id: "mlp", widths: [12, 6], halve: true };
  const data = { id: "mnist", images: 5000 };
  await play.open(
    linkTo({ data, model, batch: 8, budget: { amount: 100 }, eval: { every: 50, batches: 1 } }),
  );
  await page
    .getByRole("gridcell")
    .getByRole("button", { name: /^Layer 1 reads the image/ })
    .click();
  const picture = page.getByRole("region", { name: "Weights in use, by pixel" });
  await expect(picture.getByText("196 of 196 pixels are read, each by 12 of 12 weights.")).toBeVisible();

  await page.keyboard.press("e");
  const graph = page.getByRole("img", {
    name: /^Graph of the network: over 196 pixels rows of 12, 6, 10 units, 2,484 edges/,
  });
  await expect(graph).toBeVisible();
  await page.keyboard.press("Escape");
  const unit = page.getByRole("gridcell").getByRole("button", { name: "Layer 1 unit 3, reads 196 of 196" });
  await unit.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press(".");
  const table = page.getByRole("region", { name: "What can be done" });
  await table.getByRole("button", { name: /^Prune here Magnitude pruning/ }).press("Enter");
  await table.getByLabel("Grace").fill("0");
  await table.getByLabel("Share").fill("0.5");
  await table.getByLabel("Share").press("Enter");
  await expect(table.getByText("Acts on Layer 1 unit 3.")).toBeVisible();
  expect(await faults(page)).toEqual([]);
  await table.getByRole("button", { name: "Apply: Magnitude pruning, Layer 1 unit 3" }).click();
  await expect(page.getByRole("button", { name: "Layer 1 unit 3, reads 98 of 196" })).toBeVisible();
  await expect(page.getByText(/^FLOPs per image: [\d.]+ k executed, [\d.]+ k active\.$/)).toBeVisible();
  await page.keyboard.press("e");
  await page
    .getByRole("gridcell")
    .getByRole("button", { name: /^Layer 1 reads the image/ })
    .click();
  await expect(
    picture.getByText(/^196 of 196 pixels are read, each by 11 to 12 of 12 weights\.$/),
  ).toBeVisible();
});
