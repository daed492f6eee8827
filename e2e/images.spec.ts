/** Digits: a small MLP learns them while one looks, an own digit is drawn and told, and all of it goes by keys too. */
import { Buffer } from "node:buffer";
import { zipSync } from "fflate";
import { faults } from "./axe.ts";
import { expect, figure, linkTo, longer, type Play, test, unpacked } from "./page.ts";

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
  expect(await faults(page, sees)).toEqual([]);

  await sees.getByRole("button", { name: "Clear" }).click();
  await expect(page.getByRole("img", { name: "Empty sheet to draw on" })).toBeVisible();
  await expect(verdict).toHaveText(/^“\d”/);

  // Another kind of model brings data that it can read, and data bring a model.
  const [data, kind] = ["Data", "Kind"].map((name) => page.getByRole("combobox", { name, exact: true }));
  await kind!.click();
  await page.getByRole("option", { name: "GPT" }).click();
  await expect(data!).toHaveValue("Moby-Dick");
  await expect(page.getByRole("textbox", { name: "Context" })).toHaveCount(1);
  await data!.click();
  await page.getByRole("option", { name: "MNIST digits" }).click();
  await expect(kind!).toHaveValue("MLP");
  await expect(page.getByRole("textbox", { name: "Training images" })).toHaveCount(1);
  await expect(page.getByRole("textbox", { name: "Context" })).toHaveCount(0);
});

test("an image of the data is chosen by keys", async ({ play, page }) => {
  longer();
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

/** Thirty pictures of two classes, 12 × 12, as a table: a bright row or a bright column. */
function table(): string {
  const pixels = Array.from({ length: 144 }, (_, i) => `pixel${i}`).join(",");
  const rows = Array.from({ length: 60 }, (_, k) => {
    const at = 2 + (k % 8);
    const cells = Array.from({ length: 144 }, (_, i) => {
      const on = k % 2 === 0 ? Math.floor(i / 12) === at : i % 12 === at;
      return on ? 255 - (k % 40) : (i * 7 + k) % 9;
    });
    return `${k % 2 === 0 ? "row" : "column"},${cells.join(",")}`;
  });
  return [`label,${pixels}`, ...rows].join("\n");
}

test("own images train, and their link asks for the same file", async ({ visitor }) => {
  const ask = async (play: Play) => {
    await play.page.getByRole("combobox", { name: "Data", exact: true }).click();
    await play.page.getByRole("option", { name: "Your own images" }).click();
  };
  const give = (play: Play, name: string, text: string) =>
    play.page
      .getByRole("region", { name: "Your own images" })
      .getByLabel("File of images")
      .setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  const first = await visitor();
  await first.open(
    linkTo({
      data: { id: "mnist", images: 500 },
      model: { id: "mlp", widths: [8], halve: true },
      optim: { id: "adamw", lr: 0.01, clip: 0 },
      batch: 8,
      budget: { amount: 20 },
      eval: { every: 10, batches: 1 },
    }),
  );
  await ask(first);
  await give(first, "broken.csv", table().replace("pixel0", "pixel0,more"));
  const zone = first.page.getByRole("region", { name: "Your own images" });
  await expect(zone.getByRole("alert")).toContainText("broken.csv is no table of images");
  await give(first, "lines.csv", table());
  await expect(first.page.getByRole("combobox", { name: "Data", exact: true })).toHaveValue("lines.csv");
  await expect(first.page.getByText("Your images stay in this browser.")).toBeVisible();
  await first.finish(20);
  await expect(first.page.getByRole("region", { name: "What it sees" }).getByRole("row")).toHaveCount(2);
  const losses = await first.csv();
  const link = await first.copyLink();
  expect(JSON.parse(unpacked(link)).data).toMatchObject({ id: "own-images", name: "lines.csv" });
  expect(unpacked(link).length).toBeLessThan(400);

  const second = await visitor();
  await second.page.goto(link);
  const asked = second.page.getByRole("region", { name: "Your own images" });
  await expect(asked).toContainText("This link was made with lines.csv.");
  await give(second, "lines.csv", `${table()}\n`);
  await expect(asked.getByRole("alert")).toContainText("its fingerprint differs");
  await give(second, "other-name.csv", table());
  await second.ready();
  await second.finish(20);
  expect(await second.csv()).toEqual(losses);
});

test("a zip of pictures in class folders is read", async ({ play, page }) => {
  longer();
  await play.open(digits);
  // Made by the browser itself: white strokes on black, 20 × 16, in two folders.
  const files = await page.evaluate(async () => {
    const made: (readonly [string, number[]])[] = [];
    for (let k = 0; k < 24; k++) {
      const canvas = new OffscreenCanvas(20, 16);
      const context = canvas.getContext("2d")!;
      context.fillStyle = "#000";
      context.fillRect(0, 0, 20, 16);
      context.fillStyle = "#fff";
      if (k % 2 === 0) context.fillRect(0, 2 + (k % 10), 20, 2);
      else context.fillRect(2 + (k % 12), 0, 2, 16);
      const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
      made.push([`lines/${k % 2 === 0 ? "flat" : "upright"}/${k}.png`, [...bytes]]);
    }
    return made;
  });
  const packed = zipSync(Object.fromEntries(files.map(([path, bytes]) => [path, Uint8Array.from(bytes)])));
  await page.getByRole("combobox", { name: "Data", exact: true }).click();
  await page.getByRole("option", { name: "Your own images" }).click();
  const zone = page.getByRole("region", { name: "Your own images" });
  const give = (name: string, content: Uint8Array) =>
    zone
      .getByLabel("File of images")
      .setInputFiles({ name, mimeType: "application/zip", buffer: Buffer.from(content) });
  await give("empty.zip", zipSync({ "notes.txt": Uint8Array.of(1) }));
  await expect(zone.getByRole("alert")).toContainText(
    "put the images of each class into a folder of its own",
  );
  expect(await faults(page)).toEqual([]);
  await give("lines.zip", packed);
  await expect(page.getByRole("combobox", { name: "Data", exact: true })).toHaveValue("lines.zip");
  const batch = page.getByRole("textbox", { name: "Batch", exact: true });
  await batch.fill("4");
  await batch.press("Tab");
  await play.play();
  await play.reaches(3);
  await expect(
    page.getByRole("region", { name: "What it sees" }).getByRole("rowheader").first(),
  ).toContainText("flat");
});
