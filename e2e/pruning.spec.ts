/**
 * Pruning by the line on the histogram: by keyboard alone, what is said before and after, the bar under the tile, the
 * scar, and back. Axe finds nothing on the opened part.
 */
import { faults } from "./axe.ts";
import { expect, figure, linkTo, small, test } from "./page.ts";

test("a part is pruned by the line over its weights, and the cut undone", async ({ play, page }) => {
  const cut = { id: "magnitude", mode: "fraction", share: 0.3, grace: 0 };
  const recipe = [{ trigger: { id: "at", fraction: 0.9 }, action: cut }];
  await play.open(linkTo({ ...small, budget: { amount: 400 }, recipe }));
  // What a link will do is listed, and can be taken out.
  const group = page.getByRole("button", { name: /^Structure/ });
  await expect(group).toContainText("1 planned");
  await group.click();
  await page.getByRole("button", { name: /^Remove: Magnitude pruning/ }).click();
  await expect(page.getByRole("button", { name: /^Magnitude pruning at/ })).toHaveCount(0);

  await play.play();
  await play.reaches(60);
  await play.pause();
  const part = page.getByRole("gridcell").getByRole("button", { name: /reads itself/ });
  await part.click();
  const line = page.getByRole("slider", { name: "Threshold on the size of weights" });
  await expect(line).toBeVisible();

  await page.keyboard.press("p");
  await expect(line).toBeFocused();
  for (let k = 0; k < 30; k++) await page.keyboard.press("ArrowRight");
  const said = page.locator(".prune-says");
  await expect(said).toHaveText(/^drop \|w\| under [\d.]+: [\d,]+, \d+ %$/);
  const wanted = figure(/: ([\d,]+),/.exec(await said.innerText())?.[1]);
  expect(wanted).toBeGreaterThan(0);
  await expect(page.getByText(/^Predicted loss change on the probe batch [+−][.\d]+\.$/)).toBeVisible();
  const predicted = /change on the probe batch (\S+)\.$/.exec(
    await page.getByText(/^Predicted loss/).innerText(),
  )?.[1];
  expect(await faults(page)).toEqual([]);

  await page.keyboard.press("Enter");
  await expect(
    page.getByText(`Loss ${predicted} on the probe batch, ${predicted} was predicted.`),
  ).toBeVisible();
  await expect(part).toHaveAccessibleName(/percent kept/);
  await expect(page.locator(".stage-kept").first()).toBeVisible();
  await expect(page.locator(".stage-scar")).toHaveCount(1);

  await expect(play.size).toContainText("in use");

  await page.keyboard.press("u");
  await expect(page.locator(".stage-scar")).toHaveCount(0);
  await expect(part).not.toHaveAccessibleName(/percent kept/);
});
