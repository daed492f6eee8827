/**
 * Growing, by every way there is: the button, the key, the bare wire in the drawing, and a rule that decides by itself.
 * Each time the record, the size, the staircase and the announcement tell of the same event; undo and redo lead back and
 * forth between the networks. Where less motion is asked for, nothing moves meanwhile.
 */
import { byHand, expect, figure, linkTo, longer, type Play, small, test } from "./page.ts";

const growing = linkTo({ ...small, budget: { amount: 400 }, recipe: byHand });

/** Heights of the weights staircase from left to right, higher is more; read off the drawn line. */
async function staircase(play: Play): Promise<readonly number[]> {
  const group = play.page.locator(".score-svg g").filter({ hasText: /^weights/ });
  const path = (await group.locator("path").getAttribute("d")) ?? "";
  return [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => -Number(y));
}

/** What must be told of a growth that keeps the function, wherever it is told. */
async function told(play: Play, block: number, step: number): Promise<void> {
  await expect(play.record.getByRole("heading")).toContainText(`Block ${block} joined`);
  await expect(play.record).toContainText(`step ${step}, Cascade, `);
  const [before, after] = (await play.figures("loss on the probe batch")).map(figure) as [number, number];
  expect(before).toBeGreaterThan(1);
  expect(Math.abs(after - before)).toBeLessThan(2e-4);
  const same = /Same function: largest logit change (\S+), limit (\S+)\.$/m.exec(
    await play.record.innerText(),
  );
  expect(same).not.toBeNull();
  expect(figure(same?.[1])).toBeLessThanOrEqual(figure(same?.[2]));
  const weights = (await play.figures("weights")).map(figure) as [number, number];
  expect(weights[1]).toBeGreaterThan(weights[0]);

  await expect(play.size).toHaveText(
    `${16 * block} cells in ${block} blocks, ${weights[1].toLocaleString("en")} weights.`,
  );
  const row = play.page.getByRole("row", { name: `Block ${block}, 16 cells` });
  await expect(row.getByRole("gridcell").getByRole("button").first()).toBeVisible();
  await expect(play.announcement).toHaveText(
    new RegExp(`^Block ${block} joined at step ${step}\\. Loss [\\d.]+ before and after\\.$`),
  );
  const said = figure(/Loss ([\d.]+) before/.exec(await play.announcement.innerText())?.[1]);
  expect(Math.abs(said - before)).toBeLessThanOrEqual(6e-4);
  const stairs = await staircase(play);
  expect(stairs.at(-1)).toBeGreaterThan(stairs[0] ?? 0);
}

/** Heights at which the lowest wire is seen, frame by frame, from before a growth until a second after it. */
async function places(play: Play, grow: () => Promise<void>): Promise<number> {
  await play.ready();
  const watching = play.page.evaluate(async () => {
    const wires = (): number => document.querySelectorAll(".stage-wire").length;
    const seen = new Set<string>();
    const before = wires();
    for (let grown = Number.POSITIVE_INFINITY; performance.now() < grown + 1000; ) {
      await new Promise(requestAnimationFrame);
      if (wires() > before) grown = Math.min(grown, performance.now());
      seen.add(document.querySelector(".stage-wire")?.getAttribute("y1") ?? "");
      for (const { effect } of document.getAnimations()) {
        // A style sheet says "none" by some hundredth of a millisecond.
        if (Number(effect?.getComputedTiming().duration) > 1) seen.add("an animation");
      }
    }
    return seen.size;
  });
  await grow();
  return watching;
}

test("grown by the button, the key and the bare wire, one of them without motion; undone and redone", async ({
  play,
  page,
}) => {
  await play.open(growing);
  await play.stepTo(4);
  // Before, after, and at least one place between; how many a frame catches depends on the machine.
  const moving = await places(play, () => play.button(/^Grow now/).click());
  expect(moving, "the probe sees motion where there is some").toBeGreaterThan(2);
  await told(play, 2, 4);

  await play.stepTo(6);
  await page.emulateMedia({ reducedMotion: "reduce" });
  // Before and after.
  const still = await places(play, () => page.keyboard.press("g"));
  expect(still, "with less motion nothing moves").toBeLessThanOrEqual(2);
  await told(play, 3, 6);
  await page.emulateMedia({ reducedMotion: "no-preference" });

  await play.stepTo(8);
  await play.button(/^Grow here: room for block 4: 16 cells, /).click();
  await told(play, 4, 8);

  await page.keyboard.press("u");
  await expect(play.size).toHaveText(/^48 cells in 3 blocks, /);
  await expect(play.announcement).toHaveText("Undone. Back to 3 blocks at step 8.");
  await expect(page.getByRole("row", { name: "Block 4, 16 cells" })).toHaveCount(0);
  await expect.poll(async () => new Set(await staircase(play)).size).toBe(3);

  await page.keyboard.press("Shift+U");
  await expect(play.size).toHaveText(/^64 cells in 4 blocks, /);
  await expect(play.announcement).toHaveText("Redone. Forward to 4 blocks at step 8.");
  await expect.poll(async () => new Set(await staircase(play)).size).toBe(4);
  const events = (await play.events()).map((each) => /^\w+ at step \d+/.exec(each)?.[0] ?? each);
  expect(events.sort()).toEqual([
    "Growth at step 4",
    "Growth at step 6",
    "Growth at step 8",
    "Redone, forward to step 8.",
    "Undone, back to step 8.",
  ]);
});

test("a rule decides: the loss stands still, and the network grows by itself", async ({ play, page }) => {
  longer();
  // At this rate nothing is learned, so the first judgement that may fire does: at the first multiple of 5 after a whole
  // window and the rest, step 15. What is judged at a step acts 8 steps later on every device.
  const rule = { id: "plateau", window: 10, every: 5, cooldown: 12, threshold: 0.1 };
  const recipe = [{ trigger: rule, action: { id: "cascade", cells: 16 } }];
  await play.open(linkTo({ ...small, optim: { ...small.optim, lr: 1e-6 }, budget: { amount: 30 }, recipe }));
  await play.finish(30);
  await told(play, 2, 23);
  await expect(play.record).toContainText("step 23, Cascade, when the loss stops falling");
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await expect(page.getByRole("img", { name: /^Gain over 10 steps/i })).toBeVisible();
});
