/**
 * The GPU goes away in the middle of a run, as it does when its driver is updated or crashes. The run says so, comes back
 * to where it stood, growth by hand included, and goes on to the losses it would have had.
 */
import { byHand, expect, linkTo, longer, small, test } from "./page.ts";

test("the GPU process dies, and the run goes on to the same losses", async ({ visitor, browser }) => {
  longer();
  const [straight, struck] = [await visitor(), await visitor()];
  for (const play of [straight, struck]) {
    await play.open(linkTo({ ...small, seed: 5, budget: { amount: 30 }, recipe: byHand }));
    await play.stepTo(4);
    await play.page.keyboard.press("g");
    await expect(play.record).toContainText("Block 2 joined");
    await play.page.keyboard.press("Escape");
    await play.stepTo(7);
    if (play === straight) {
      await play.finish(30);
      continue;
    }
    const devtools = await browser.newBrowserCDPSession();
    await devtools.send("Browser.crashGpuProcess");
    const back = play.notice.filter({ hasText: "The GPU is back." });
    await expect(back).toHaveText(/^The GPU is back\. 3 steps were repeated\./);
    expect(await play.steps()).toBe(7);
    await play.finish(30);
  }
  expect(await struck.csv()).toEqual(await straight.csv());
  await expect(struck.size).toHaveText(await straight.size.innerText());
});
