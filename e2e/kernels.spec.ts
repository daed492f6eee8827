/**
 * The kernel page as someone with an unknown GPU uses it: a kernel is checked on this device, changed so that it computes
 * something else, changed so that it does not compile, put back, and reported.
 */
import { faults } from "./axe.ts";
import { expect, linkTo, longer, small, test } from "./page.ts";

test("a kernel is checked, changed, broken, put back and reported", async ({ play, page, context }) => {
  longer();
  test.setTimeout(300_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await play.open(linkTo(small));
  await play.stepTo(2);
  await page.getByRole("navigation", { name: "Places" }).getByRole("link", { name: "Kernels" }).click();
  const list = page.getByRole("table", { name: "Ops and what was found on this device" });
  const row = list
    .getByRole("row")
    .filter({ has: page.getByRole("link", { name: "layer-norm", exact: true }) });
  await expect(row).toContainText("not checked");
  expect(await faults(page)).toEqual([]);

  await row.getByRole("link").click();
  const kernel = page.getByRole("region", { name: "Kernel layer-norm" });
  await kernel.getByRole("button", { name: "Check this op" }).click();
  await expect(row).toContainText("passed", { timeout: 90_000 });
  // Its error, and the speed of the sample that is timed, as a share of what this device can do.
  await expect(row).toContainText(/\de-\d.*[kMG](B|FLOP)\/s.*\d %/);
  await expect(page.locator(".kernels-facts")).toContainText(/GFLOP\/s|MFLOP\/s/);
  await expect(page.locator(".kernels-facts")).toContainText(/Memory[\d.]+ [kM]B/);

  // Wrong: the figure, and the run keeps what it has.
  const text = kernel.getByRole("textbox", { name: "Text of layer-norm.wgsl" });
  const published = await text.inputValue();
  const said = kernel.getByRole("status");
  const use = kernel.getByRole("button", { name: "Check and use" });
  await expect(use).toBeDisabled();
  const wrong = published.replace(/(y\[[^\]]*\] = )/, "$1 1.5 + ");
  expect(wrong).not.toBe(published);
  await text.fill(wrong);
  await use.click();
  await expect(said).toContainText(/Failed: layer-norm #0, .*reference .*× tolerance.*The run keeps/, {
    timeout: 90_000,
  });
  await expect(kernel.getByRole("table").getByRole("row").nth(1)).toContainText(/\d/);
  await expect(kernel).toContainText("failed");
  // The kernels in use were not those.
  await expect(row).toContainText("passed");

  // Broken: the place.
  const lines = published.split("\n");
  const at = lines.findIndex((line) => line.includes("fn "));
  lines[at] = `${lines[at]} nonsense;;`;
  await text.fill(lines.join("\n"));
  await use.click();
  await expect(said).toContainText(new RegExp(`Not compiled: layer-norm.wgsl, line ${at + 1}: `), {
    timeout: 90_000,
  });
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  expect(await faults(page)).toEqual([]);

  // Another spelling of the same: checked, and in the run.
  await text.fill(`// mine\n${published}`);
  await use.click();
  await expect(said).toContainText("The run computes with this text now.", { timeout: 90_000 });
  await kernel.getByRole("button", { name: "Reset the text" }).click();
  await expect(text).toHaveValue(published);
  await expect(page.getByText(/9 of 9 samples checked: 0 failed\./)).toBeVisible({ timeout: 90_000 });
  await expect(row).toContainText("passed");

  await page.getByRole("button", { name: "Copy report" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect(report).toContain("- Adapter: ");
  expect(report).toContain("- Browser: Mozilla");
  expect(report).toMatch(/^- Peaks: .*FLOP\/s, .*B\/s, by /m);
  expect(report).toMatch(/^- Samples: 9 passed, 0 failed, \d+ not checked$/m);
  expect(report).toMatch(/^\| layer-norm \| #0 f32.* \| \d.*e-\d+ \| 1e-5 \| passed \|/m);
  expect(report).toContain("- maxComputeWorkgroupStorageSize: 16384");
  expect(report).not.toContain("Edited");

  // The run is none the worse: it stands where it stood, and goes on.
  await page.getByRole("link", { name: "Back to the run" }).click();
  expect(await play.steps()).toBe(2);
  await play.stepTo(3);

  // On a phone: the list, then one op, nothing sideways.
  await page.setViewportSize({ width: 390, height: 844 });
  for (const hash of ["#/kernels", "#/kernels/layer-norm"]) {
    await page.evaluate((to) => {
      location.hash = to;
    }, hash);
    await expect(page.getByRole("heading", { name: "Kernels" })).toBeVisible();
    expect(await page.evaluate(() => document.scrollingElement?.scrollWidth), hash).toBeLessThanOrEqual(390);
  }
});
