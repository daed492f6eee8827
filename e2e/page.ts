/**
 * What the browser tests share: a page that is watched, and the hands and eyes of a person on it. Everything is found by
 * role and name, as a person with a screen reader finds it, so that a test also fails where the page cannot be used so.
 *
 * Every page of every test is watched: an uncaught exception, an error or warning in the console, an answer that is none
 * and a request that leaves this machine fail the test that caused it, whatever it is about.
 */
import { readFile } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { packLink } from "../src/testing/bad-links.ts";

export { expect } from "@playwright/test";
export { packLink };

export interface Row {
  readonly line: string;
  readonly part: string;
  readonly step: number;
  readonly loss: string;
}

interface Fixtures {
  /** The test's own page, watched. */
  readonly play: Play;
  /** A page in a context of its own: another visitor, with nothing kept in the browser. */
  readonly visitor: () => Promise<Play>;
  readonly trouble: string[];
}

/**
 * Left to `npm run test:long`, so that `npm test` stays within its twelve minutes: what is also held by tests without a
 * page, or by a neighbour here.
 */
export function longer(): void {
  base.skip(process.env.ESPALIER_LONG === undefined, "npm run test:long");
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern
  trouble: async ({}, use) => {
    const trouble: string[] = [];
    await use(trouble);
    expect(trouble, "exceptions, console and network").toEqual([]);
  },
  play: async ({ page, trouble }, use) => {
    watch(page, trouble);
    await use(new Play(page));
  },
  visitor: async ({ browser, trouble }, use) => {
    const pages: Page[] = [];
    await use(async () => {
      const page = await browser.newPage({ permissions: ["clipboard-read", "clipboard-write"] });
      pages.push(page);
      watch(page, trouble);
      return new Play(page);
    });
    for (const page of pages) await page.context().close();
  },
});

function watch(page: Page, trouble: string[]): void {
  page.on("pageerror", (error) => trouble.push(`exception: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      trouble.push(`console ${message.type()}: ${message.text()}`);
    }
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (!["data:", "blob:"].includes(protocol) && hostname !== "127.0.0.1") {
      trouble.push(`request leaves the machine: ${request.url()}`);
    }
  });
  page.on("response", (response) => {
    if (response.status() >= 400) trouble.push(`${response.status()}: ${response.url()}`);
  });
}

/** "1,204" → 1204, ".5" → 0.5, "3.6e-6" → 3.6e-6 */
export function figure(text: string | undefined): number {
  return text === undefined ? Number.NaN : Number(text.replaceAll(",", "").replace("−", "-").trim());
}

/** What a link holds, as its text. */
export function unpacked(link: string): string {
  const payload = link.slice(link.indexOf("#") + 1).replace(/^\d+\./, "");
  return inflateRawSync(Buffer.from(payload, "base64url")).toString("utf8");
}

/** A small LSTM: a step of it is short on a processor. What a test needs otherwise is given on top. */
export const small = {
  model: { id: "lstm", blocks: [16], embed: 16, maxCells: 128 },
  optim: { id: "adamw", lr: 0.01, clip: 1 },
  batch: 8,
  context: 16,
  eval: { every: 10, batches: 2 },
  budget: { amount: 40 },
};

/** A growth of 16 cells, done by hand. */
export const byHand = [{ trigger: { id: "manual" }, action: { id: "cascade", cells: 16 } }];

export const linkTo = (config: object): string => packLink(JSON.stringify(config));

export class Play {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  get heading(): Locator {
    return this.page.getByRole("region", { name: "The network" }).getByRole("heading", { level: 1 });
  }

  /** "32 cells in 2 blocks, 13,520 weights." */
  get size(): Locator {
    return this.page.getByRole("region", { name: "The network" }).locator("p").first();
  }

  get announcement(): Locator {
    return this.page.getByTestId("announcements");
  }

  get record(): Locator {
    return this.page.getByRole("region", { name: "Record of the event" });
  }

  get notice(): Locator {
    return this.page.locator(".notice");
  }

  /** Opens the page, or a link in it, and waits until it could train. */
  async open(hash = ""): Promise<void> {
    await this.page.goto(`./${hash}`);
    await this.ready();
  }

  /** Paused, with everything prepared. */
  async ready(): Promise<void> {
    await expect(this.button("Step")).toBeEnabled();
  }

  async steps(): Promise<number> {
    const [, steps] = /([\d,]+)\s+steps(?!\/)/.exec(await this.page.locator(".readouts").innerText()) ?? [];
    return figure(steps);
  }

  async reaches(step: number): Promise<void> {
    await expect.poll(() => this.steps(), { timeout: 90_000 }).toBeGreaterThanOrEqual(step);
  }

  /** By the key, one step after the other, until so many are done. */
  async stepTo(step: number): Promise<void> {
    for (let at = await this.steps(); at < step; at++) {
      await this.ready();
      await this.page.keyboard.press("s");
      await expect.poll(() => this.steps(), { intervals: [20, 50, 100] }).toBe(at + 1);
    }
    await this.ready();
  }

  async play(): Promise<void> {
    await this.button("Play").click();
  }

  async pause(): Promise<void> {
    await this.button("Pause").click();
    await this.paused();
  }

  /** Paused, and the readouts, which follow four times a second, say so too. */
  async paused(): Promise<void> {
    await this.ready();
    await expect(this.page.locator(".readouts")).toContainText("paused");
  }

  /** Trains until the budget is spent. */
  async finish(steps: number): Promise<void> {
    await this.play();
    await expect(this.notice).toContainText(`Done: ${steps.toLocaleString("en")} steps`, { timeout: 90_000 });
  }

  async chartOption(name: string): Promise<void> {
    await this.button("Chart options").click();
    await this.page.getByRole("menuitem", { name }).click();
    await this.page.keyboard.press("Escape");
    await expect(this.page.getByRole("menu")).toBeHidden();
  }

  /** The loss chart's table, opened. */
  async table(): Promise<Locator> {
    const table = this.page.getByRole("region", { name: "Losses as a table" });
    if (!(await table.isVisible())) await this.chartOption("Show as table");
    return table;
  }

  /** What the loss chart saves: every recorded loss with all its digits. Clocks are left out: no two runs share them. */
  async csv(): Promise<readonly Row[]> {
    // The table lies over the chart and its tools.
    const close = this.button("Close the table");
    if (await close.isVisible()) await close.click();
    const saving = this.page.waitForEvent("download");
    await this.chartOption("Save as CSV");
    const text = await readFile(await (await saving).path(), "utf8");
    const [head, ...lines] = text.trim().split("\n");
    expect(head).toMatch(/^line,part,step,(characters,flops,seconds,loss|images,flops,seconds,loss,right)$/);
    return lines.map((each) => {
      const [line = "", part = "", step, , , , loss = ""] = each.split(",");
      return { line, part, step: Number(step), loss };
    });
  }

  /** Every event in words, as the table lists them. */
  async events(): Promise<readonly string[]> {
    return (await this.table()).getByRole("listitem").allInnerTexts();
  }

  /** A row of the record: [before, after]. */
  async figures(name: string): Promise<readonly string[]> {
    return this.record.getByRole("row", { name }).getByRole("cell").allInnerTexts();
  }

  /** Presses Copy link and reads the clipboard. */
  async copyLink(): Promise<string> {
    await this.button("Copy link").click();
    await expect(this.button("Copied")).toBeVisible();
    return this.page.evaluate(() => navigator.clipboard.readText());
  }
}
