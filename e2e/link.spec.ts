/**
 * A link holds the whole run: opened by someone else it trains to the same losses, to the bit, with what was done by hand
 * at the steps at which it was done. And a link that is none changes nothing but one sentence.
 */
import { BAD_LINKS } from "../src/testing/bad-links.ts";
import { byHand, expect, linkTo, longer, type Play, small, test, unpacked } from "./page.ts";

/** The record of the last growth without what the clock says. */
async function recorded(play: Play): Promise<readonly string[]> {
  const rows = await play.record.getByRole("row").allInnerTexts();
  return rows.filter((row) => !row.startsWith("pause"));
}

test("the same losses in another browser, growth and change by hand included", async ({ visitor }) => {
  const first = await visitor();
  await first.open(linkTo({ ...small, seed: 7, recipe: byHand }));
  await first.stepTo(3);
  await first.page.keyboard.press("g");
  await expect(first.record).toContainText("step 3, Cascade, by hand");
  await first.stepTo(5);
  await first.button(/^Optimizer/).click();
  const rate = first.page.getByRole("textbox", { name: "Learning rate" });
  await rate.click();
  await first.page.keyboard.press("ControlOrMeta+A");
  await first.page.keyboard.type("0.02");
  await first.page.keyboard.press("Enter");
  await first.finish(40);
  const link = await first.copyLink();
  const here = await first.csv();
  const did = await first.events();
  expect(did).toHaveLength(2);
  expect(did[0]).toMatch(/^Growth at step 3, Cascade: 16 cells in 1 block to 32 cells in 2 blocks, /);
  expect(did[1]).toBe("Changed at step 5: learning rate .01 → .02.");
  expect(JSON.parse(unpacked(link))).toMatchObject({ seed: 7, recipe: expect.anything() });

  const second = await visitor();
  await second.page.goto(link);
  await second.ready();
  // Nothing starts by itself.
  expect(await second.steps()).toBe(0);
  await second.finish(40);
  expect(await second.events()).toEqual(did);
  expect(await recorded(second)).toEqual(await recorded(first));
  const there = await second.csv();
  expect(there).toEqual(here);
  // 40 steps and evaluations at 0, 10, 20, 30 and 40, on the one line there is.
  expect(there.filter((row) => row.part === "train").map((row) => row.step)).toEqual(
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
  expect(there.filter((row) => row.part === "validation").map((row) => row.step)).toEqual([
    0, 10, 20, 30, 40,
  ]);
});

test("a link that is none: a sentence, and the run stays as it is", async ({ play, page }) => {
  longer();
  await play.open(linkTo({ ...small, seed: 5 }));
  await play.stepTo(2);
  const before = await play.csv();
  const seed = play.button(/^Seed/);
  await expect(seed).toContainText("5");
  for (const { kind, link, says } of BAD_LINKS) {
    await test.step(kind, async () => {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, link);
      await expect(play.notice).toContainText("This link was not opened: ");
      await expect(play.notice).toContainText(says);
      expect(await play.notice.count()).toBe(1);
      await play.button("Close the notice").click();
      await expect(page.getByRole("dialog")).toHaveCount(0);
    });
  }
  expect(await play.steps()).toBe(2);
  await expect(seed).toContainText("5");
  expect(await play.csv()).toEqual(before);
  // It still trains.
  await play.stepTo(3);

  // As the first thing that is opened, such a link leaves the start page.
  const [bad] = BAD_LINKS;
  await page.goto("about:blank");
  await play.open(bad?.link);
  await expect(play.notice).toContainText(bad?.says ?? "");
  await expect(play.heading).toHaveText("Character LSTM, small");
});

test("a link, while a run is on, asks first", async ({ play, page }) => {
  await play.open(linkTo({ ...small, seed: 5 }));
  await play.stepTo(2);
  const other = linkTo({ ...small, seed: 6 });
  const open = (): Promise<void> =>
    page.evaluate((hash) => {
      location.hash = "";
      location.hash = hash;
    }, other);
  const dialog = page.getByRole("dialog", { name: "Open this link?" });

  await open();
  await expect(dialog).toContainText("It replaces the run you have now. Your run stays in the history.");
  await dialog.getByRole("button", { name: "Keep mine" }).click();
  await expect(dialog).toBeHidden();
  expect(await play.steps()).toBe(2);
  await expect(play.button(/^Seed/)).toContainText("5");

  await open();
  await dialog.getByRole("button", { name: "Open" }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => play.steps()).toBe(0);
  await play.ready();
  await expect(play.button(/^Seed/)).toContainText("6");
  // The run that made room is kept, and comes back as it was.
  const kept = page.getByRole("region", { name: "History" }).getByRole("button", { name: /step 2, / });
  await kept.first().click();
  await expect.poll(() => play.steps()).toBe(2);
  await play.ready();
  await expect(play.button(/^Seed/)).toContainText("5");
});
