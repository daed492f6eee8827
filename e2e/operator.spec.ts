/** A ViT grown by hand with Mango: the operator is seen while it learns, is committed, and the accuracy goes on from there. */
import { faults } from "./axe.ts";
import { expect, figure, linkTo, longer, test, unpacked } from "./page.ts";

const digits = linkTo({
  data: { id: "mnist", images: 5000 },
  model: { id: "vit", layers: 1, width: 16, heads: 2, patch: "7" },
  optim: { id: "adamw", lr: 1e-2, clip: 1 },
  batch: 32,
  budget: { amount: 300 },
  eval: { every: 20, batches: 10 },
  recipe: [{ trigger: { id: "manual" }, action: { id: "mango", depth: "none", steps: 2000 } }],
});

test("a ViT grows by an operator that is watched and committed by hand", async ({ play, page, context }) => {
  longer();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await play.open(digits);
  await play.play();
  await play.reaches(122);
  await play.pause();
  const at = await play.steps();
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

  await play.finish(300);
  const rows = await (await play.table()).locator("tbody tr").allInnerTexts();
  const right = rows.flatMap((row) => {
    const share = /([\d.]+) % right/.exec(row)?.[1];
    const step = / at ([\d,]+)/.exec(row)?.[1];
    return share === undefined || step === undefined ? [] : [{ step: figure(step), share: figure(share) }];
  });
  // Rows name the evaluation they stand nearest to, newest first. The network that was grown begins where the small one stood, which is well above a guess.
  const before = right.find(({ step }) => step <= at)?.share ?? 0;
  const after = right.findLast(({ step }) => step > at)?.share ?? 0;
  expect(before).toBeGreaterThan(20);
  expect(after).toBeGreaterThan(0.7 * before);
  expect(right[0]?.share).toBeGreaterThan(before);
});
