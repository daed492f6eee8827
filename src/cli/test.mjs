/**
 * `npm test`: everything that must hold, on a fresh clone, in under twelve minutes on two cores. Plain JavaScript without
 * packages, because it runs before anything is installed: it installs, finds a browser, then runs types, lint, rooms,
 * unit, kernels, golden values, build and browser tests, and closes with one line `N passed, N failed`.
 *
 * Before the browser there are two lanes. All that computes on a device in Node is one process, since compiling kernels is
 * most of it and two would compile most of them twice; beside it everything else goes one after the other.
 *
 * `--long` (npm run test:long) adds what does not fit: longer training, more devices.
 */
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCode, findBrowser, findFirefox, install, quietly, run } from "./setup.mjs";

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
async function check(name, command, args) {
  const ok = await shown(name, command, args, env);
  count(name, ok ? 1 : 0, ok ? 0 : 1);
}

/** A test runner that writes a JSON report; a runner that dies without one counts as one failure. */
async function suite(name, args, totals, show = shown) {
  const report = join(tmpdir(), `espalier-${process.pid}-${name.replace(/\W+/g, "-")}.json`);
  const ok = await show(name, "npx", args(report), { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report });
  const { good, bad } = existsSync(report)
    ? totals(JSON.parse(readFileSync(report, "utf8")))
    : { good: 0, bad: 0 };
  rmSync(report, { force: true });
  count(name, good, ok ? bad : Math.max(1, bad));
}

/** Test files of these projects of vite.config.ts, in one process each. */
function unit(name, ...projects) {
  const args = (report) => [
    ...[
      "vitest",
      "run",
      "--maxWorkers=1",
      "--reporter=dot",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    ...projects.map((project) => `--project=${project}`),
  ];
  return suite(name, args, (json) => ({
    good: json.numPassedTests,
    bad: json.numFailedTests + (json.success ? 0 : Number(json.numFailedTests === 0)),
  }));
}

function heading(name) {
  console.log(`\n— ${name}`);
}

/** Runs what may stand beside others, and prints what it said when it is over. */
async function shown(name, command, args, env) {
  const { ok, said } = await quietly(command, args, env);
  heading(name);
  process.stdout.write(said);
  return ok;
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

heading("data");
const prepared = run("npm", ["run", "--silent", "data"], env);
count("data", prepared ? 1 : 0, prepared ? 0 : 1);
await Promise.all([
  unit("kernels and runs on a device", "device"),
  (async () => {
    await check("types", "npx", ["tsc", "--noEmit"]);
    await check("lint", "npx", ["biome", "check", "."]);
    await check("build", "npx", ["vite", "build", "--logLevel", "warn"]);
    await unit("rooms, unit, golden values", "together", "apart");
  })(),
]);
await suite(
  "browser",
  () => ["playwright", "test", "--config", "e2e/playwright.config.ts", "--reporter=line,json"],
  (json) => ({ good: json.stats.expected + json.stats.flaky, bad: json.stats.unexpected }),
  (name, ...given) => {
    heading(name);
    return run(...given);
  },
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
