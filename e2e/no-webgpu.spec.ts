/**
 * A browser without WebGPU, and one that has it but no adapter: a page that says what to do in this browser, whose links
 * stay inside the site, with a picture that says it is a recording.
 */
import type { Page } from "@playwright/test";
import { faults } from "./axe.ts";
import { expect, test } from "./page.ts";

const WITHOUT = {
  "no WebGPU": 'Object.defineProperty(navigator, "gpu", { value: undefined });',
  "no adapter": "GPU.prototype.requestAdapter = () => Promise.resolve(null);",
};

/** In the page and, since that is who asks, in its worker. */
async function take(page: Page, script: string): Promise<void> {
  await page.addInitScript(script);
  await page.route(/\/assets\/browser-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${script}\n${await response.text()}` });
  });
}

for (const [what, script] of Object.entries(WITHOUT)) {
  test(`${what}: the page that helps`, async ({ play }) => {
    const { page } = play;
    await take(page, script);
    await page.goto("./");
    const main = page.getByRole("main");
    await expect(main.getByRole("heading", { level: 1 })).toHaveText(
      "This browser does not offer its GPU to pages.",
    );
    // By name and version, with steps to take.
    await expect(main).toContainText(/You are using \w+ \d+/);
    expect(await main.getByRole("listitem").count()).toBeGreaterThan(0);
    await expect(main.getByRole("button", { name: "Copy link to this page" })).toBeVisible();
    await expect(main.getByRole("button", { name: "Check again" })).toBeVisible();

    const picture = main.getByRole("figure", { name: "Recorded, not live" }).getByRole("img");
    await expect(picture).toBeVisible();
    expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(300);

    expect(await faults(page)).toEqual([]);
    for (const link of await main.getByRole("link").all()) {
      expect(await link.evaluate((a) => (a as HTMLAnchorElement).href)).toContain("/some/folder/#/");
    }
    await main.getByRole("link", { name: "Gallery" }).click();
    await expect(page.getByRole("heading", { name: "Gallery" })).toBeVisible();
    await page.getByRole("link", { name: "Play", exact: true }).click();
    await expect(main.getByRole("heading", { level: 1 })).toContainText("does not offer its GPU");
  });
}
