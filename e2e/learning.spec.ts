/**
 * The first thing a visitor does: opens the page, presses Space, and sees a network learn. The same page then proves that
 * it learns more than letter frequencies: under the bigram yardstick of its text within 300 steps.
 */
import { expect, figure, test } from "./page.ts";

/** Moby-Dick: entropy of a character given the one before, in bits (counted over its training part). */
const BIGRAM = 3.47;

test("the first visit: Space, and a network learns in a worker", async ({ play, page }) => {
  // Nothing but the worker may ask for a device: a page that computed would do it here.
  await page.addInitScript(() => {
    const asked = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = function (...args) {
      document.documentElement.dataset.device = "asked for by the page";
      return asked.apply(this, args);
    };
  });
  await play.open();
  await expect(play.heading).toHaveText("Character LSTM, small");
  await expect(page.getByRole("status").filter({ hasText: "No GPU found" })).toHaveText(
    /^No GPU found, so this runs on the processor, about 100 times slower\. A tiny preset was chosen for it\./,
  );
  expect(page.workers()).toHaveLength(1);
  expect(await play.steps()).toBe(0);
  await expect(play.button("Play")).toBeFocused();

  await page.keyboard.press("Space");
  await play.reaches(20);
  const guessing = (await page.getByText(/^guessing, ln \d+ = /).textContent()) ?? "";
  const [, symbols, nats] = /ln (\d+) = ([\d.]+)/.exec(guessing) ?? [];
  expect(figure(nats)).toBeCloseTo(Math.log(figure(symbols)), 2);
  const table = await play.table();
  await expect
    .poll(async () => figure(await table.locator("tbody tr").first().locator("td").first().innerText()))
    .toBeLessThan(figure(nats));
  await expect(page.locator("html")).not.toHaveAttribute("data-device");

  // It writes while it trains, and the text gets longer than the prompt.
  const writes = page.getByRole("region", { name: "What it writes" });
  await expect(writes.locator(".sample").first()).toContainText(/the .{40}/s);

  await play.reaches(300);
  const counted = await page.getByText("Counting alone:").innerText();
  const bits = figure(/bigram ([\d.]+)/.exec(counted)?.[1]);
  expect(bits).toBe(BIGRAM);
  await expect.poll(async () => await table.innerText()).toMatch(/ at 300\b/);
  const judged = figure(/([\d.]+) at 300\b/.exec(await table.innerText())?.[1]);
  expect(judged).toBeLessThan(bits * Math.LN2);
  // A loss that is no number would also not be above anything.
  expect(judged).toBeGreaterThan(1);
});
