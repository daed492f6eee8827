/** Digits: a small MLP learns them while one looks, an own digit is drawn and told, and all of it goes by keys too. */
import { faults } from "./axe.ts";
import { expect, figure, linkTo, type Play, test } from "./page.ts";

const digits = linkTo({
  data: { id: "mnist", images: 5000 },
  model: { id: "mlp", widths: [32], halve: true },
  optim: { id: "adamw", lr: 5e-3, clip: 0 },
  batch: 50,
  budget: { amount: 200 },
  eval: { every: 25, batches: 20 },
});

/** The last figure of the column "told right", in percent. */
async function toldRight(play: Play): Promise<number> {
  const cell = (await play.table()).locator("tbody tr").first().locator("td").last();
  return figure(/([\d.]+) % right/.exec(await cell.innerText())?.[1]);
}

test("an MLP learns digits, and tells one that is drawn", async ({ play, page }) => {
  await play.open(digits);
  const sees = page.getByRole("region", { name: "What it sees" });
  const verdict = page.getByTestId("verdict");
  await expect(verdict).toHaveText(/^“\d”, (wrongly )?taken for “\d” \([\d.]+ %\)\.$/);
  await expect(sees.getByRole("row")).toHaveCount(10);
  await expect(page.getByRole("region", { name: "What it writes" })).toHaveCount(0);
  await expect(page.getByText("guessing, ln 10 = 2.30")).toBeAttached();
  expect(await faults(page)).toEqual([]);

  await play.finish(200);
  await expect(play.notice).toContainText(/Validation loss [\d.]+, [89]\d\.\d % right\./);
  expect(await toldRight(play)).toBeGreaterThan(85);
  const untrained = (await play.table()).locator("tbody tr").last().locator("td").last();
  expect(figure(/([\d.]+) % right/.exec(await untrained.innerText())?.[1])).toBeLessThan(50);
  await play.button("Close the table").click();

  // A one is a stroke from top to bottom: no network that has learned anything takes it for something else.
  const sheet = page.getByRole("img", { name: "Empty sheet to draw on" });
  await sheet.scrollIntoViewIfNeeded();
  const box = (await sheet.boundingBox())!;
  await page.mouse.move(box.x + 0.52 * box.width, box.y + 0.2 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.48 * box.width, box.y + 0.8 * box.height, { steps: 8 });
  await page.mouse.up();
  await expect(verdict).toHaveText(/^Your own image, taken for “1” \([\d.]+ %\)\.$/);
  await expect(page.getByRole("figure", { name: "At the root: your own image" })).toBeVisible();
  expect(await faults(page)).toEqual([]);

  await sees.getByRole("button", { name: "Clear" }).click();
  await expect(page.getByRole("img", { name: "Empty sheet to draw on" })).toBeVisible();
  await expect(verdict).toHaveText(/^“\d”/);
});

test("an image of the data is chosen by keys", async ({ play, page }) => {
  await play.open(digits);
  const number = page.getByRole("textbox", { name: "Validation image, 1 to 5,000" });
  const root = page.getByRole("figure", { name: /^At the root/ });
  await expect(root).toHaveAccessibleName("At the root: image 1 of 5,000, class 1");
  await number.focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.type("5000");
  await expect(root).toHaveAccessibleName(/^At the root: image 5,000 of 5,000, class \d$/);
  await page
    .getByRole("region", { name: "What it sees" })
    .getByRole("button", { name: "Next image" })
    .press("Enter");
  await expect(root).toHaveAccessibleName("At the root: image 1 of 5,000, class 1");
  await root.getByRole("button", { name: "Image before" }).press("Enter");
  await expect(number).toHaveValue("5000");
});

test("another kind of data brings a model that can read it, and back", async ({ play, page }) => {
  await play.open();
  await page.getByRole("combobox", { name: "Data", exact: true }).click();
  await page.getByRole("option", { name: "MNIST digits" }).click();
  await expect(page.getByRole("combobox", { name: "Kind", exact: true })).toHaveValue("MLP");
  await expect(page.getByRole("textbox", { name: "Training images" })).toHaveValue("55000");
  await expect(page.getByRole("textbox", { name: "Context" })).toHaveCount(0);
  await page.getByRole("combobox", { name: "Kind", exact: true }).click();
  await page.getByRole("option", { name: "GPT" }).click();
  await expect(page.getByRole("combobox", { name: "Data", exact: true })).toHaveValue("Moby-Dick");
});
