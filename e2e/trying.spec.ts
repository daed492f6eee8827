/**
 * "Try them all" on a tiny GPT, begun by a link as by the button: the source is trained, the arms take turns, pause and go on,
 * and end as six curves with a sentence that says who was first; the run that they began from stands as it stood.
 */
import { faults } from "./axe.ts";
import { expect, linkTo, test } from "./page.ts";

const tiny = {
  model: { id: "gpt", layers: 2, width: 16, heads: 2 },
  optim: { id: "adamw", lr: 0.01, clip: 1 },
  ...{ batch: 4, context: 16, budget: { amount: 40 }, eval: { every: 10, batches: 2 } },
};

test("six ways from one source, on one chart", async ({ play, page }) => {
  const link = new URLSearchParams({
    c: linkTo(tiny).slice(1),
    at: "6",
    d: "32",
    l: "4",
    n: "16",
    o: "4",
    r: ".5",
  });
  await page.goto(`./#/compare?${link}`);
  await page.getByRole("button", { name: "Train the source, then try them all" }).click();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByText("Paused. The curves wait.")).toBeVisible();
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await expect(page.getByRole("button", { name: "Try them all again" })).toBeVisible({ timeout: 100_000 });

  const rows = page.getByRole("region", { name: "The arms in figures" }).locator("tbody tr");
  const names = (await rows.getByRole("rowheader").allInnerTexts()).map((name) => name.trim());
  expect(names).toEqual(
    expect.arrayContaining(["From scratch", "Stacking", "bert2BERT FPI", "bert2BERT AKI", "Mango"]),
  );
  expect(names.at(-1)).toBe("Source continued");
  await expect(page.getByRole("img", { name: `${names.length} curves.` })).toBeVisible();
  await expect(rows.filter({ hasText: "done" })).toHaveCount(names.length);
  await expect(page.locator(".tries-canvas .recharts-line-curve")).toHaveCount(names.length);
  const verdict = page.locator(".tries-verdict");
  await expect(verdict).toContainText(/^Scratch ended at \d\.\d{3}\. /);
  await expect(verdict).toContainText("One seed is one seed");
  await page.getByLabel("x axis").selectOption("flops");
  await expect(page.locator(".tries-over")).toContainText("M");
  expect(await faults(page)).toEqual([]);

  // Nothing of the run has changed, and its own comparison is still there after a look at it.
  await page.getByRole("link", { name: "Back to it" }).click();
  await play.ready();
  expect(await play.steps()).toBe(6);
  await expect(play.size).toHaveText(/^2 layers of width 16, /);
  await page.getByRole("button", { name: "Try them all", exact: true }).click();
  await expect(verdict).toContainText("One seed is one seed");

  // An arm goes on as a run of its own.
  await page.getByRole("button", { name: "Go on with it: bert2BERT FPI" }).click();
  await expect(play.size).toHaveText(/^4 layers of width 32, /);
});
