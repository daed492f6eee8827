/**
 * Firefox, the second browser: opens the built page, presses Play and sees the loss fall, with nothing in the console.
 * Its WebGPU is wgpu with naga, in a worker as everywhere. Not a Playwright test: Playwright drives a Firefox build of
 * its own only, this drives the one that is installed.
 *
 *   ESPALIER_FIREFOX=/usr/bin/firefox npx tsx e2e/firefox.ts
 *
 * Ends with 77 where this Firefox has no WebGPU, and says why.
 */
import { spawn, spawnSync } from "node:child_process";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { note } from "../src/testing/notes.ts";

const SKIPPED = 77;
const PORT = Number(process.env.ESPALIER_PORT ?? 4179) + 1;
const URL_OF_PAGE = `http://127.0.0.1:${PORT}/some/folder/`;
/** Each wait: a page that is ready takes 3 s on two idle cores, a hundred steps of the tiny preset 2 s. */
const PATIENCE = 90_000;
/** By then the loss of the tiny preset has left that of guessing (3.5 nats and more) behind. */
const STEPS = 100;

/** What the system has, lavapipe where that is all: the driver that other tests are given belongs to Chromium. */
const { VK_ICD_FILENAMES: _, ...env } = process.env;

/**
 * Releases on Linux that cannot, whatever is set: both checks are compiled in. Known without starting one, which takes
 * its time. In newer ones it is a setting (seen in 153 and 159).
 */
function compiledOut(path: string): string | null {
  if (process.platform !== "linux") return null;
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8", env });
  const [, name, major] = /((?:Firefox )(\d+)[\d.]*(?:esr)?)$/.exec(stdout?.trim() ?? "") ?? [];
  return Number(major) <= 140 ? `${name} has no WebGPU in releases for Linux` : null;
}

function openFirefox(executablePath: string): Promise<Browser> {
  return puppeteer.launch({
    browser: "firefox",
    executablePath,
    headless: true,
    timeout: PATIENCE,
    protocolTimeout: 2 * PATIENCE,
    // By the window: older Firefoxes do not know all commands that set a viewport.
    defaultViewport: null,
    args: ["--width=1440", "--height=900"],
    env: { ...env, MOZ_HEADLESS: "1" },
    extraPrefsFirefox: {
      "dom.webgpu.enabled": true,
      // Processors are on the list of devices that Firefox turns down.
      "gfx.webgpu.ignore-blocklist": true,
    },
  });
}

/** Why there is no WebGPU here, or null. */
async function refusal(page: Page): Promise<string | null> {
  return page.evaluate(async () => {
    if (!navigator.gpu) return "navigator.gpu is missing";
    try {
      return (await navigator.gpu.requestAdapter()) === null ? "it finds no graphics driver" : null;
    } catch (error) {
      return (error as Error).message;
    }
  });
}

async function serve(): Promise<() => void> {
  const server = spawn(process.execPath, ["serve.mjs", String(PORT), process.env.ESPALIER_DIST ?? ""], {
    cwd: import.meta.dirname,
    stdio: "inherit",
  });
  for (let tries = 0; tries < 200; tries++) {
    if (server.exitCode !== null) throw new Error(`The page could not be served on port ${PORT}.`);
    const answer = await fetch(URL_OF_PAGE).catch(() => null);
    if (answer?.ok) return () => server.kill();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  server.kill();
  throw new Error("The page was not served in time: is it built?");
}

/** The steps done and the training losses in the loss chart's table, newest first. */
function losses(page: Page): Promise<readonly { readonly step: number; readonly loss: number }[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('[aria-label="Losses as a table"] tbody tr')].map((row) => ({
      step: Number(row.querySelector("th")?.textContent?.replaceAll(",", "")),
      loss: Number(row.querySelector("td")?.textContent),
    })),
  );
}

const press = (page: Page, role: string, name: string) =>
  page.locator(`::-p-aria([name="${name}"][role="${role}"])`).setTimeout(PATIENCE).click();

async function playToLowerLoss(page: Page): Promise<string> {
  const trouble: string[] = [];
  page.on("pageerror", (error) => trouble.push(`exception: ${(error as Error).message}`));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) trouble.push(`console: ${message.text()}`);
  });
  await page.goto(URL_OF_PAGE);
  await press(page, "button", "Play");
  await press(page, "button", "Chart options");
  await press(page, "menuitem", "Show as table");
  let rows = await losses(page);
  for (const end = Date.now() + PATIENCE; (rows[0]?.step ?? 0) < STEPS; rows = await losses(page)) {
    const said = await page.$$eval(".notice", (notices) => notices.map((each) => each.textContent));
    if (Date.now() > end) {
      throw new Error(
        `After ${PATIENCE / 1000} s at step ${rows[0]?.step ?? 0}. ${[...trouble, ...said].join(" ")}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const [last, first] = [rows[0]!, rows.at(-1)!];
  if (trouble.length > 0) throw new Error(trouble.join("\n"));
  const words = `loss ${first.loss} at step ${first.step}, ${last.loss} at step ${last.step}`;
  // A hundred steps take a nat off; a loss that is no number is not below anything.
  if (!(last.loss > 0 && last.loss < first.loss - 0.5)) throw new Error(`The loss did not fall: ${words}.`);
  return words;
}

async function main(): Promise<number> {
  const path = process.env.ESPALIER_FIREFOX;
  if (path === undefined) throw new Error("Name the path of a Firefox in the variable ESPALIER_FIREFOX.");
  const never = compiledOut(path);
  if (never !== null) {
    note(`Firefox: not tested here (${never})`);
    return SKIPPED;
  }
  const stop = await serve();
  let firefox: Browser | null = null;
  try {
    firefox = await openFirefox(path);
    const name = (await firefox.version()).replace("/", " ").replace("firefox", "Firefox");
    const page = await firefox.newPage();
    await page.goto(`${URL_OF_PAGE}icon.svg`);
    const why = await refusal(page);
    if (why !== null) {
      note(`Firefox: not tested here (${name}: ${why})`);
      return SKIPPED;
    }
    note(`Firefox: ${await playToLowerLoss(page)} in ${name}`);
    return 0;
  } finally {
    await firefox?.close();
    stop();
  }
}

process.exit(
  await main().catch((error: Error) => {
    console.error(error.message);
    return 1;
  }),
);
