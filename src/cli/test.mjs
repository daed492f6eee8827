/**
 * `npm test`: everything that must hold, on a fresh clone, in under twelve minutes on two cores. Plain JavaScript without
 * packages, because it runs before anything is installed: it installs, finds a browser, then runs types, lint, rooms,
 * unit, kernels, golden values, build and browser tests, and closes with one line `N passed, N failed`.
 *
 * `--long` (npm run test:long) adds what does not fit: longer training, more devices.
 */
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCode, findBrowser, findFirefox, install, run } from "./setup.mjs";

const long = process.argv.includes("--long");
let passed = 0;
let failed = 0;
const broken = [];

function count(name, good, bad) {
  passed += good;
  failed += bad;
  if (bad > 0) broken.push(name);
}

/** A check that passes or fails as a whole. */
function check(name, command, args, env) {
  heading(name);
  const ok = run(command, args, env);
  count(name, ok ? 1 : 0, ok ? 0 : 1);
}

/** A test runner that writes a JSON report; a runner that dies without one counts as one failure. */
function suite(name, args, env, totals) {
  heading(name);
  const report = join(tmpdir(), `espalier-${process.pid}-${name.replace(/\W+/g, "-")}.json`);
  const ok = run("npx", args(report), { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report });
  const { good, bad } = existsSync(report)
    ? totals(JSON.parse(readFileSync(report, "utf8")))
    : { good: 0, bad: 0 };
  rmSync(report, { force: true });
  count(name, good, ok ? bad : Math.max(1, bad));
}

function heading(name) {
  console.log(`\n— ${name}`);
}

/** What tests that depend on the machine say of where they ran, or why not (src/testing/notes.ts). */
const notes = join(tmpdir(), `espalier-${process.pid}-notes.txt`);

const started = Date.now();
install();
const { browser, icd } = findBrowser();
const env = {
  PW_CHROMIUM: browser,
  ESPALIER_NOTES: notes,
  ...(icd === null || process.env.ESPALIER_GPU ? {} : { VK_ICD_FILENAMES: icd }),
  ...(long ? { ESPALIER_LONG: "1" } : {}),
};

check("types", "npx", ["tsc", "--noEmit"], env);
check("lint", "npx", ["biome", "check", "."], env);
check("data", "npm", ["run", "--silent", "data"], env);
suite(
  "rooms, unit, kernels, golden values",
  (report) => ["vitest", "run", "--reporter=dot", "--reporter=json", `--outputFile.json=${report}`],
  env,
  (json) => ({
    good: json.numPassedTests,
    bad: json.numFailedTests + (json.success ? 0 : Number(json.numFailedTests === 0)),
  }),
);
check("build", "npx", ["vite", "build", "--logLevel", "warn"], env);
suite(
  "browser",
  () => ["playwright", "test", "--config", "e2e/playwright.config.ts", "--reporter=line,json"],
  env,
  (json) => ({ good: json.stats.expected + json.stats.flaky, bad: json.stats.unexpected }),
);

/** 77: it cannot be tested here, and the file of notes says why. */
heading("Firefox");
const firefox = findFirefox();
if (firefox === null) {
  appendFileSync(notes, "Firefox: not tested here (none is installed)\n");
} else {
  const code = exitCode("npx", ["tsx", "e2e/firefox.ts"], { ...env, ESPALIER_FIREFOX: firefox });
  if (code !== 77) count("Firefox", code === 0 ? 1 : 0, code === 0 ? 0 : 1);
}

if (existsSync(notes)) console.log(`\n${readFileSync(notes, "utf8").trim()}`);
rmSync(notes, { force: true });
console.log(
  `\n${Math.round((Date.now() - started) / 1000)} s${broken.length > 0 ? `; failed: ${broken.join("; ")}` : ""}`,
);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
