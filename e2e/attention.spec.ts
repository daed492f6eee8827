/** A GPT from the gallery: its attention maps are painted, live, can be opened and read; stacking doubles its layers. */
import type { Locator } from "@playwright/test";
import { faults } from "./axe.ts";
import { expect, figure, linkTo, longer, type Play, test } from "./page.ts";

interface Painted {
  /** Different colours at and under the diagonal, and over it. */
  readonly read: number;
  readonly later: number;
  readonly both: number;
  readonly hash: string;
}

/** The pixels of a map in the drawing, told apart by whether they may be read from (causal) or not. */
async function painted(play: Play, map: Locator): Promise<Painted> {
  const at = await map.boundingBox();
  const canvas = play.page.locator("canvas.stage-canvas");
  const origin = await canvas.boundingBox();
  if (!at || !origin) throw new Error("The map is not on the page.");
  // Whole pixels well inside its edges, which are blended with what is around.
  const [x, y] = [Math.ceil(at.x - origin.x) + 1, Math.ceil(at.y - origin.y) + 1];
  const box = { x, y, w: Math.floor(at.width) - 4, h: Math.floor(at.height) - 4 };
  return canvas.evaluate((element, { x, y, w, h }) => {
    // Read from a copy: a canvas that is read often is moved away from where it is painted fast.
    const copy = new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true })!;
    copy.drawImage(element as HTMLCanvasElement, -x, -y);
    const { data } = copy.getImageData(0, 0, w, h);
    const words = new Uint32Array(data.buffer);
    const read = new Set<number>();
    const later = new Set<number>();
    for (let r = 0; r < h; r++) {
      for (let c = 0; c < w; c++) {
        // Pixels near the diagonal belong to cells of both sides.
        if (c < r - 3) read.add(words[r * w + c] ?? 0);
        if (c > r + 3) later.add(words[r * w + c] ?? 0);
      }
    }
    const both = [...later].filter((colour) => read.has(colour));
    return { read: read.size, later: later.size, both: both.length, hash: words.join(" ") };
  }, box);
}

test("attention maps of a GPT from the gallery", async ({ play, page }) => {
  longer();
  await play.open();
  await page.getByRole("link", { name: "Gallery", exact: true }).click();
  await page.getByRole("searchbox", { name: "Find a preset" }).fill("gpt small");
  const plate = page.getByRole("link", { name: /^Plate \w+ GPT, small/ });
  await expect(plate).toHaveAttribute("href", /^#1\./);
  await plate.click();
  await expect(play.heading).toHaveText("GPT, small");
  await play.ready();
  await play.stepTo(1);

  const maps = play.button(/attention of head/);
  // Two layers of two heads.
  await expect(maps).toHaveCount(4);
  const map = play.button(/^Layer 1 attention of head 1/);
  // Before it has learned to attend, all that may be read is read about alike: few colours, but not that of nothing.
  await expect.poll(async () => (await painted(play, map)).read).toBeGreaterThan(2);
  const first = await painted(play, map);
  expect([first.later, first.both]).toEqual([1, 0]);
  await play.play();
  await expect.poll(async () => (await painted(play, map)).hash).not.toBe(first.hash);
  await play.pause();

  await map.click();
  const opened = page.getByRole("region", { name: "Layer 1 attention of head 1" });
  const canvas = opened.locator("canvas");
  const box = await canvas.boundingBox();
  if (!box) throw new Error("The opened map is not on the page.");
  // A row's values: what the character there reads from, which sums to 1. The lowest row reads the whole window, from [BOS] on.
  const said = opened.locator("p.mono");
  await canvas.hover({ position: { x: 2, y: box.height - 2 } });
  await expect(said).toHaveText(/^At “.+” at \d+ this head puts [\d.e-]+ on the start\.$/);
  const places = 32;
  let sum = 0;
  for (let i = 0; i < places; i++) {
    await canvas.hover({ position: { x: ((i + 0.5) * box.width) / places, y: box.height - 2 } });
    sum += figure(/puts (\S+) on/.exec(await said.innerText())?.[1]);
  }
  // Each value is rounded to two digits.
  expect(Math.abs(sum - 1)).toBeLessThan(0.05);
  await canvas.hover({ position: { x: box.width - 2, y: 2 } });
  await expect(said).toContainText("nothing later can be read");
  // The same by keys: from the corner where it stands to the last row, whose end reads itself.
  const map2d = opened.getByRole("application");
  await map2d.focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press("Shift+ArrowDown");
  await expect(said).toHaveText(/^At “.+” at 32 this head puts [\d.e-]+ on “.+” at 32\.$/);
  const last = await said.innerText();
  await page.keyboard.press("ArrowLeft");
  await expect(said).toHaveText(/ on “.+” at 31\.$/);
  await page.keyboard.press("End");
  await expect(said).toHaveText(last);
  await expect(map2d.getByRole("status")).toHaveText(last);
});

test("stacking: two layers become four, each a copy", async ({ play, page }) => {
  await play.open(
    linkTo({
      model: { id: "gpt", layers: 2, width: 32, heads: 2 },
      batch: 4,
      context: 16,
      eval: { every: 10, batches: 1 },
      budget: { amount: 16 },
      recipe: [
        { trigger: { id: "at", fraction: 0.5 }, action: { id: "stack" } },
        { trigger: { id: "at", fraction: 0.75 }, action: { id: "random-drop" } },
      ],
    }),
  );
  await expect(page.getByRole("row", { name: /^Layer \d, / })).toHaveCount(2);
  // The lens was open before: it looks at the grown network too.
  await page.getByRole("button", { name: "Attention under the lens" }).click();
  const lens = page.locator(".under-lens");
  await expect(lens).toContainText("Step 0. Means over 2 heads");
  await play.play();
  await expect(play.announcement).toHaveText(
    /^Layers 3 and 4 joined at step 8, copied from 1 and 2\. Loss [\d.]+, now [\d.]+\.$/,
  );
  await expect(play.notice).toContainText("Done: 16 steps");
  await expect(page.getByRole("row", { name: /^Layer \d, / })).toHaveCount(4);
  await expect(play.record.getByRole("heading")).toContainText("Layers 3 and 4 joined");
  await expect(play.record).toContainText("The function changed: the loss goes ");
  const weights = (await play.figures("weights")).map(figure) as [number, number];
  await expect(play.size).toContainText(weights[1].toLocaleString("en"));
  expect(weights[1]).toBeGreaterThan(1.5 * weights[0]);
  // Both networks stand side by side on the stage again, as they did when it happened.
  await play.button("Side by side on the stage").click();
  const scene = page.getByRole("region", { name: "Stacking at step 8, side by side" });
  await expect(scene.getByRole("listitem").filter({ hasText: "Layer 4 is fed by layer 2." })).toHaveCount(1);
  await expect(scene).toContainText(/Loss on the probe batch[\d.]+ → [\d.]+.*Charged to the run0 FLOPs/);
  await expect(scene.locator(".theatre-line")).toHaveCount(4);
  expect(await faults(page, scene)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(scene).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(play.record).toHaveCount(0);
  // Of its figures, of layer against layer, and of the layers before the event.
  await expect(lens.getByRole("row", { name: /^L4/ })).toHaveCount(3);
  await expect(lens).toContainText(/Across the event: layers at step \d+/);
  await expect(lens).toContainText(
    /“Deep layers resemble shallow ones” (holds|is mixed|does not hold) in this run/,
  );
  // A value of it is read out by keys: the last place reads from the first.
  const heads = lens.getByRole("application", { name: /^Layer 1, head \d: mean attention map/ });
  await expect(heads).toHaveCount(2);
  await heads.first().focus();
  await page.keyboard.press("ArrowUp");
  await expect(lens.locator(".lens-read")).toHaveText(
    /^At place 16 head 1 on average puts [\d.e-]+ on the start\.$/,
  );
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("End");
  await expect(lens.locator(".lens-read")).toHaveText("At place 15: nothing later can be read.");
  // The lens, and which layers ran.
  await page.getByRole("button", { name: "Show the last 200 steps" }).click();
  await expect(page.getByRole("slider", { name: "Which layers ran, step by step" })).toBeVisible();
  expect(await faults(page)).toEqual([]);
});
