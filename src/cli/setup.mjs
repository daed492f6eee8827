/**
 * What `npm start` and `npm test` do first on a fresh clone: install packages when they are missing or older than the
 * lock file, and find (or fetch) a browser. Plain JavaScript without packages: nothing is installed yet.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { homedir, platform } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a command in the project, its output shown; gives its exit code, null where it did not come to one. */
export function exitCode(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
    shell: platform() === "win32",
  });
  return result.status;
}

/** The same, for who only asks whether it ended well. */
export const run = (command, args, env) => exitCode(command, args, env) === 0;

/** Runs a command while others run: how it ended, and all that it said in the meantime. */
export function quietly(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      shell: platform() === "win32",
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        said += text;
      });
    }
    child.on("error", (error) => resolve({ ok: false, said: `${said}${error.message}\n` }));
    child.on("close", (code) => resolve({ ok: code === 0, said }));
  });
}

/** Ends the process with one sentence. */
export function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** Node is new enough, and node_modules is what the lock file says. */
export function install() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Espalier needs Node 20.19 or newer; this is ${process.versions.node}.`);
  }
  const stamp = join(root, "node_modules/.package-lock.json");
  const lock = join(root, "package-lock.json");
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log("Installing packages. This happens once.");
  if (!run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"])) {
    fail("The packages could not be installed: see the message of npm above, and run the command again.");
  }
}

const onPath = (name) => {
  for (const folder of (process.env.PATH ?? "").split(platform() === "win32" ? ";" : ":")) {
    const path = join(folder, name);
    if (folder !== "" && existsSync(path)) return path;
  }
  return null;
};

const INSTALLED = {
  linux: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"],
  darwin: [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  ],
  win32: [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
  ],
};

const FIREFOX = {
  linux: ["firefox-nightly", "firefox", "firefox-esr"],
  darwin: [
    "/Applications/Firefox Nightly.app/Contents/MacOS/firefox",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
  ],
  win32: ["C:\\Program Files\\Mozilla Firefox\\firefox.exe"],
};

/** A Firefox: named by the environment, else installed, else null. Nothing is fetched for it. */
export function findFirefox() {
  return process.env.ESPALIER_FIREFOX ?? firstThere(FIREFOX);
}

/** The first of this system's names that is a path, or lies on the PATH. */
function firstThere(names) {
  for (const name of names[platform()] ?? []) {
    const path = name.includes("/") || name.includes("\\") ? (existsSync(name) ? name : null) : onPath(name);
    if (path !== null) return path;
  }
  return null;
}

/** Playwright's own Chromium, if it has been fetched. */
function playwrightBrowser() {
  const cache =
    process.env.PLAYWRIGHT_BROWSERS_PATH ??
    join(homedir(), platform() === "darwin" ? "Library/Caches/ms-playwright" : ".cache/ms-playwright");
  if (!existsSync(cache)) return null;
  for (const folder of readdirSync(cache)
    .filter((f) => f.startsWith("chromium-"))
    .sort()
    .reverse()) {
    for (const inner of [
      "chrome-linux/chrome",
      "chrome-linux64/chrome",
      "chrome-mac/Chromium.app/Contents/MacOS/Chromium",
      "chrome-win/chrome.exe",
    ]) {
      const path = join(cache, folder, inner);
      if (existsSync(path)) return path;
    }
  }
  return null;
}

/**
 * A Chromium for the browser tests and its software Vulkan driver for the kernel tests: named by the environment, else
 * installed, else Playwright's (fetched if it can be), else Debian's package when root.
 */
export function findBrowser() {
  const named = process.env.PW_CHROMIUM ?? process.env.CHROME_PATH;
  let browser =
    named !== undefined && existsSync(named) ? named : (firstThere(INSTALLED) ?? playwrightBrowser());
  if (browser === null) {
    console.log("No Chromium found: asking Playwright for one.");
    run("npx", ["playwright", "install", "chromium"]);
    browser = playwrightBrowser();
  }
  if (browser === null && process.getuid?.() === 0 && onPath("apt-get") !== null) {
    console.log("Installing Debian's chromium.");
    run("apt-get", ["update", "-qq"]);
    run("apt-get", ["install", "-y", "-qq", "chromium"], { DEBIAN_FRONTEND: "noninteractive" });
    browser = firstThere(INSTALLED);
  }
  if (browser === null) {
    fail(
      "The tests need a Chrome, Chromium or Edge: install one, or name its path in the variable PW_CHROMIUM.",
    );
  }
  return { browser, icd: softwareVulkan(browser) };
}

/** SwiftShader's Vulkan manifest, which every Chromium brings: a WebGPU device for machines without a GPU. */
function softwareVulkan(browser) {
  const folders = [dirname(browser), "/usr/lib/chromium", "/usr/lib/chromium-browser", "/opt/google/chrome"];
  const playwright = playwrightBrowser();
  if (playwright !== null) folders.push(dirname(playwright));
  for (const folder of folders) {
    const path = join(folder, "vk_swiftshader_icd.json");
    if (existsSync(path)) return path;
  }
  return null;
}
