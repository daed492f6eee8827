/** A ViT grown by hand with Mango: the operator is seen while it learns, is committed, and the accuracy goes on from there. */
import { faults } from "./axe.ts";
import { expect, figure, linkTo, test, unpacked } from "./page.ts";

const digits = linkTo({
  data: { id: "mnist", images: 5000 },
  model: { id: "vit", layers: 1, width: 16, heads: 2, patch: "7" },
  optim: { id: "adamw", lr: 1e-2, clip: 1 },
  batch: 32,
  budget: { amount: 120 },
  eval: { every: 20, batches: 10 },
  recipe: [{ trigger: { id: "manual" }, action: { id: "mango", depth: "none", steps: 2000 } }],
});

test("a ViT grows by an operator that is watched and committed by hand", async ({ play, page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await play.open(digits);
  await play.play();
  await play.reaches(62);
  await play.pause();
  await page.keyboard.press("g");

  const theatre = page.getByRole("region", { name: "The operator in training" });
  await expect(theatre.getByRole("img", { name: /^S_O, 16 × 32, largest [\d.]+/ })).toBeVisible();
  await expect(theatre.getByRole("img", { name: /^Channels\. Group 1 is fed by group 1/ })).toBeVisible();
  await expect(theatre.getByRole("img", { name: /^Loss at operator step/ })).toHaveAccessibleName(
    /of 2,000: .*source [\d.]+/,
  );
  await expect(theatre).toContainText(/Charged so far: [\d.]+ ?[kMG]?/);
  expect(await faults(page)).toEqual([]);
  await play.button("Commit it now").click();

  await expect(play.record).toContainText(/Mango, by hand/);
  await expect(play.size).toHaveText(/^1 layer of width 32, /);
  const [began, ended] = (await play.figures("operator's loss")).map(figure) as [number, number];
  expect(began).toBeGreaterThan(0);
  expect(ended).toBeLessThan(2 * began);
  const steps = figure((await play.figures("operator steps")).at(-1));
  expect(steps).toBeGreaterThan(0);
  expect(unpacked(await play.copyLink())).toContain(`"after":${steps}`);

  await play.finish(120);
  const rows = await (await play.table()).locator("tbody tr").allInnerTexts();
  const right = rows.flatMap((row) => {
    const share = /([\d.]+) % right/.exec(row)?.[1];
    return share === undefined ? [] : [figure(share)];
  });
  // Newest first, every twenty steps: four before the growth, three after it.
  const [, , next = 0, before = 0] = right;
  expect(right.length).toBe(7);
  expect(before).toBeGreaterThan(25);
  expect(next).toBeGreaterThan(0.7 * before);
});
