/** What axe finds on a page, as a list that a test can compare with nothing. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** No colour is on its way from one scheme to the other. */
async function settled(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.getAnimations().length)).toBe(0);
}

/** What axe calls serious or critical, by rule and place. */
export async function faults(page: Page): Promise<readonly string[]> {
  await settled(page);
  const { violations, passes } = await new AxeBuilder({ page })
    // Of what passes one node each is enough: naming them all is most of the time it takes.
    .options({ resultTypes: ["violations"] })
    // In the page itself, which has no frames: else all that passes is named after all, and joined in a page of its own.
    .setLegacyMode()
    .analyze();
  expect(passes.length).toBeGreaterThan(10);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}
