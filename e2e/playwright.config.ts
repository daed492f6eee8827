/**
 * Browser tests against the built site in a real Chromium; WebGPU by SwiftShader unless ESPALIER_GPU is set. Another
 * build is tested with ESPALIER_DIST=<folder>, beside the first with ESPALIER_PORT=<port>.
 */
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const port = Number(process.env.ESPALIER_PORT ?? 4179);
const dist = process.env.ESPALIER_DIST ?? "";
const named = process.env.PW_CHROMIUM ?? process.env.CHROME_PATH ?? "/usr/bin/chromium";

const ALONE = "smooth.spec.ts";

/**
 * As a visitor's browser is: a kind of network each, and everything of `npm run test:long`. Elsewhere Dawn does not clear
 * workgroup memory, as in src/testing/node-gpu.ts: what those tests are about does not hang on it, a kernel that did
 * would be wrong there too, and a page is ready to train in half the time.
 */
const AS_VISITED = ["learning.spec.ts", "attention.spec.ts", "images.spec.ts"];
const UNCLEARED = process.env.ESPALIER_LONG ? [] : ["--enable-dawn-features=disable_workgroup_init"];
const CHROMIUM = {
  ...(existsSync(named) ? { executablePath: named } : {}),
  args: [
    "--no-sandbox",
    "--enable-unsafe-webgpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    ...(process.env.ESPALIER_GPU ? [] : ["--use-webgpu-adapter=swiftshader"]),
  ],
};

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  timeout: 240_000,
  expect: { timeout: 60_000 },
  // Two browsers: a software GPU compiles on one core, and compiling is most of what a test does.
  workers: 2,
  fullyParallel: true,
  projects: [
    { name: "as visited", testMatch: AS_VISITED },
    {
      name: "together",
      testIgnore: [...AS_VISITED, ALONE],
      use: { launchOptions: { ...CHROMIUM, args: [...CHROMIUM.args, ...UNCLEARED] } },
    },
    // What it measures is the page's own time, which a browser beside it stretches.
    { name: "alone", testMatch: ALONE, dependencies: ["as visited", "together"] },
  ],
  outputDir: "../test-results",
  use: {
    baseURL: `http://127.0.0.1:${port}/some/folder/`,
    viewport: { width: 1440, height: 900 },
    launchOptions: CHROMIUM,
  },
  webServer: {
    command: `node serve.mjs ${port} ${dist}`,
    cwd: import.meta.dirname,
    url: `http://127.0.0.1:${port}/some/folder/`,
    reuseExistingServer: false,
  },
});
