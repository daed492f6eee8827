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

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  timeout: 240_000,
  expect: { timeout: 60_000 },
  // Two browsers: a software GPU compiles on one core, and compiling is most of what a test does.
  workers: 2,
  fullyParallel: true,
  projects: [
    { name: "together", testIgnore: ALONE },
    // What it measures is the page's own time, which a browser beside it stretches.
    { name: "alone", testMatch: ALONE, dependencies: ["together"] },
  ],
  outputDir: "../test-results",
  use: {
    baseURL: `http://127.0.0.1:${port}/some/folder/`,
    viewport: { width: 1440, height: 900 },
    launchOptions: {
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
    },
  },
  webServer: {
    command: `node serve.mjs ${port} ${dist}`,
    cwd: import.meta.dirname,
    url: `http://127.0.0.1:${port}/some/folder/`,
    reuseExistingServer: false,
  },
});
