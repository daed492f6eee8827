/** Usable by everyone: axe on every place, by keys alone, on a phone; without motion: growing.spec.ts. */
import { faults } from "./axe.ts";
import { byHand, expect, linkTo, longer, small, test } from "./page.ts";

const growing = linkTo({ ...small, budget: { amount: 400 }, recipe: byHand });

test("axe finds nothing serious in any place", async ({ play, page }) => {
  const found: Record<string, readonly string[]> = {};
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await play.open(growing);
  await play.stepTo(2);
  found.play = await faults(page);
  // Grown, with its record in the rail and every group of the controls open.
  await page.keyboard.press("g");
  await expect(play.record).toBeVisible();
  const folded = page
    .getByRole("complementary", { name: "Controls" })
    .getByRole("heading")
    .getByRole("button", { expanded: false });
  while ((await folded.count()) > 0) await folded.first().click();
  found.grown = await faults(page);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  found.dark = await faults(page);
  await play.table();
  found.table = await faults(page);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys and help" })).toBeVisible();
  found.help = await faults(page);
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(page.getByRole("tablist")).toBeVisible();
  found.phone = await faults(page);
  await page.emulateMedia({ colorScheme: "light" });
  found.phoneLight = await faults(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto("./#/gallery");
  await expect(page.getByRole("heading", { name: "Gallery" })).toBeVisible();
  found.gallery = await faults(page);
  await page.goto("./#/methods/cascade");
  await expect(page.getByRole("article").getByRole("heading", { level: 1 })).toBeVisible();
  found.method = await faults(page);
  expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({});
  expect(Object.keys(found)).toHaveLength(9);
});

test("every key of the sheet, and none while typing", async ({ visitor }) => {
  const play = await visitor();
  const { page } = play;
  const press = (key: string): Promise<void> => page.keyboard.press(key);
  await play.open(growing);
  await press("?");
  const sheet = page.getByRole("dialog", { name: "Keys and help" });
  for (const key of ["Space", "S", "G", "U", "Shift U", "R", "L", "X", "V", "/", "Esc", "?"]) {
    await expect(sheet.getByRole("cell", { name: key, exact: true })).toBeVisible();
  }
  await press("Escape");
  await expect(sheet).toBeHidden();

  await press("s");
  await expect.poll(() => play.steps()).toBe(1);
  await play.ready();
  await press("Space");
  await expect(play.button("Pause")).toBeVisible();
  await play.reaches(3);
  await press("Space");
  await play.paused();
  const at = await play.steps();
  await press("g");
  await expect(play.size).toContainText("2 blocks");
  await press("u");
  await expect(play.size).toContainText("1 block");
  expect(await play.steps()).toBe(at);
  await press("l");
  await expect(play.button("Copied")).toBeVisible();
  expect(page.url()).toContain("#1.");
  await press("x");
  await expect(page.getByRole("combobox", { name: "x axis" })).toHaveValue("tokens");
  await press("v");
  await expect(page.locator("html")).toHaveAttribute("data-projector", "");
  await press("v");

  // While typing, letters are letters.
  const length = page.getByRole("textbox", { name: "Batch" });
  await length.focus();
  for (const key of ["s", "g", "u", "r", "l", "Space"]) await press(key);
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(await play.steps()).toBe(at);
  await expect(play.size).toContainText("1 block");
  await press("Escape");
  await length.blur();

  await press("r");
  const reset = page.getByRole("dialog", { name: "Reset to step 0?" });
  await reset.getByRole("button", { name: "Keep mine" }).click();
  expect(await play.steps()).toBe(at);
  await press("r");
  await reset.getByRole("button", { name: "Reset" }).click();
  await expect.poll(() => play.steps()).toBe(0);
  await play.ready();

  // Switched off on the sheet, letters do nothing; Space still plays.
  await press("?");
  // Not `uncheck`, which looks at once: the page answers within a frame, and a busy one takes its time.
  const letters = sheet.getByRole("switch", { name: "Single-letter keys" });
  await letters.click();
  await expect(letters).not.toBeChecked();
  await press("Escape");
  await expect(sheet).toBeHidden();
  await press("s");
  await press("Space");
  await play.reaches(1);
  await press("Space");
  await play.paused();
});

test("on a phone: the transport under the thumb, and no sideways scrolling", async ({ play, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await play.open(growing);
  const transport = page.getByLabel("Transport");
  for (const name of ["Play", "Step", "Grow", "Undo"]) {
    const box = await transport.getByRole("button", { name }).boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(844);
  }
  await transport.getByRole("button", { name: "Play" }).click();
  const chart = page.getByRole("slider", { name: /^Loss chart/ });
  await expect(chart).toHaveAttribute("aria-valuenow", /^([2-9]|\d\d+)$/);
  await transport.getByRole("button", { name: "Grow" }).click();
  await expect(play.size).toContainText("2 blocks");
  await transport.getByRole("button", { name: "Pause" }).click();
  const places = {
    "#/play": play.heading,
    "#/gallery": page.getByRole("heading", { name: "Gallery" }),
    "#/methods/cascade": page.getByRole("article").getByRole("heading", { level: 1 }),
  };
  for (const [hash, heading] of Object.entries(places)) {
    await page.evaluate((to) => {
      location.hash = to;
    }, hash);
    await expect(heading).toBeVisible();
    expect(await page.evaluate(() => document.scrollingElement?.scrollWidth), hash).toBeLessThanOrEqual(390);
  }
});

test("by keys alone the focus is never lost: a record, the way back, rounds", async ({ play, page }) => {
  longer();
  await play.open(growing);
  await play.stepTo(2);
  await page.keyboard.press("g");
  await expect(play.record).toBeVisible();
  await page.keyboard.press("Escape");
  const tree = page.getByRole("list", { name: "Tree of what was done" });
  const row = tree.getByRole("button", { name: /^Block 2 joined/ });
  await row.focus();
  await page.keyboard.press("Enter");
  // The record stands where the row was, and gives it back.
  await expect(play.record.getByRole("heading", { level: 2 })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(row).toBeFocused();
  await page.keyboard.press("Enter");
  await play.record.getByRole("button", { name: "Close" }).focus();
  await page.keyboard.press("Enter");
  await expect(row).toBeFocused();
  // A branch that is gone to is no branch any longer: where the run stands has the focus.
  await page.keyboard.press("u");
  const there = tree.getByRole("button", { name: /^Go there/ });
  await there.focus();
  await page.keyboard.press("Enter");
  await expect(there).toBeHidden();
  await expect(tree.locator(":focus")).toHaveCount(1);
  // What begins the rounds is what stops them.
  await page.keyboard.press(".");
  await page.getByRole("button", { name: /^Prune Magnitude/ }).focus();
  await page.keyboard.press("Enter");
  const begin = play.button("Run iterative");
  await begin.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: "Cut and retrain" }).locator("button:focus")).toHaveCount(1);
});
