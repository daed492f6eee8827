/**
 * What is done to a network besides growing it, from its group of the controls: asked first, done, told, taken back three
 * deep; and what a link will do is listed.
 */
import { faults } from "./axe.ts";
import { expect, linkTo, longer, small, test } from "./page.ts";

const cut = { id: "magnitude", mode: "fraction", share: 0.3, grace: 0 };
const at = { trigger: { id: "at", fraction: 0.9 }, action: cut };

test("asked, done, taken back three deep, and done again", async ({ play, page }) => {
  longer();
  await play.open(linkTo({ ...small, budget: { amount: 400 }, recipe: [at] }));
  const group = page.getByRole("button", { name: /^Structure/ });
  await expect(group).toContainText("1 planned");
  await group.click();
  // What a link will do is listed, and can be taken out.
  await expect(
    page.getByRole("button", { name: "Magnitude pruning at 90 % of the budget", exact: true }),
  ).toBeVisible();
  await page.getByRole("button", { name: /^Remove: Magnitude pruning/ }).click();
  await expect(page.getByRole("button", { name: /^Magnitude pruning at/ })).toHaveCount(0);

  await play.stepTo(2);
  const grace = page.getByLabel("Grace");
  await grace.fill("0");
  await grace.press("Enter");
  const cuts: string[] = [await play.size.innerText()];
  const says = page.getByText(/^Predicted loss change on the probe batch/);
  for (const before of [1, 2, 3]) {
    await page.getByRole("button", { name: "Preview", exact: true }).click();
    await expect(says).toHaveText(/ [\d,]+ of [\d,]+ weights go, [1-9]\d? %\. FLOPs per character/);
    await page.getByRole("button", { name: "Magnitude pruning now", exact: true }).click();
    // A line upright has no width, and so is never "visible".
    await expect(page.locator(".stage-scar").first()).toBeAttached();
    // A prediction is of the network it was made for.
    await expect(says, `after cut ${before}`).toHaveCount(0);
    await expect(play.size).not.toHaveText(cuts.at(-1)!);
    cuts.push(await play.size.innerText());
  }
  await expect(play.record).toContainText("Masked weights do not make this GPU faster. Compaction does.");
  expect(await faults(page)).toEqual([]);

  for (const before of cuts.slice(0, -1).reverse()) {
    await page.keyboard.press("u");
    await expect(play.size).toHaveText(before);
    await play.ready();
  }
  await page.getByRole("button", { name: "Magnitude pruning now", exact: true }).click();
  await expect(play.size).toHaveText(cuts[1]!);
});
