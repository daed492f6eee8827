import { linkTo, small, test } from "./page.ts";
test("look", async ({ page }) => {
  const config = {
    ...small, model: { id: "lstm", blocks: [32, 24], embed: 16, maxCells: 128 }, budget: { amount: 400 },
    recipe: [
      { trigger: { id: "step", step: 12 }, action: { id: "magnitude", mode: "global", share: 0.3, grace: 0 } },
      { trigger: { id: "step", step: 20 }, action: { id: "magnitude", mode: "std", q: 0.9, grace: 0 } },
    ],
  };
  await page.goto(`./#1.${linkTo(config).replace(/^#?1\./, "")}`);
  await page.waitForTimeout(2000);
  await page.keyboard.press("Space");
  for (let i = 0; i < 60; i++) { await page.waitForTimeout(1000); const t = await page.locator("body").innerText(); if (/step\s*(2[2-9]|[3-9]\d)/i.test(t)) break; }
  await page.keyboard.press("Space");
  await page.waitForTimeout(1500);
  await page.screenshot({ path: "/tmp/look1.png" });
  await page.locator("[data-part='layers.0.block.0.h1']").click();
  await page.waitForTimeout(2500);
  await page.screenshot({ path: "/tmp/look2.png" });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForTimeout(800);
  await page.screenshot({ path: "/tmp/look3.png" });
});
