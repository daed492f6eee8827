/** What axe finds on a page, as a list that a test can compare with nothing. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Locator, type Page } from "@playwright/test";

/** No colour is on its way from one scheme to the other. */
async function settled(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.getAnimations().length)).toBe(0);
}

/** The part of the page that is looked at, for axe, which knows selectors only. */
const PART = "data-axe-part";

/**
 * What axe calls serious or critical, by rule and place. `part`: there alone, where the rest of the page is looked at by
 * another test (access.spec.ts): it walks over every element that it may complain of, which takes seconds on a whole page.
 */
export async function faults(page: Page, part?: Locator): Promise<readonly string[]> {
  await settled(page);
  const axe = new AxeBuilder({ page })
    // Of what passes one node each is enough: naming them all is most of the time it takes.
    .options({ resultTypes: ["violations"] })
    // In the page itself, which has no frames: else all that passes is named after all, and joined in a page of its own.
    .setLegacyMode();
  await part?.evaluate((element, name) => element.setAttribute(name, ""), PART);
  if (part) axe.include(`[${PART}]`);
  const { violations, passes } = await axe.analyze();
  await part?.evaluate((element, name) => element.removeAttribute(name), PART);
  expect(passes.length).toBeGreaterThan(part ? 5 : 10);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}
