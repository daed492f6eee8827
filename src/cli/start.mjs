/**
 * `npm start`: opens the playground. On a fresh clone it installs what is missing and prepares the data first. Plain
 * JavaScript without packages, because it runs before anything is installed.
 */
import { spawn } from "node:child_process";
import { platform } from "node:os";
import { fail, install, root, run } from "./setup.mjs";

install();
console.log("Preparing the data (once, a few seconds).");
if (!run("npm", ["run", "--silent", "data"])) fail("The data could not be prepared: see the message above.");

const extra = process.argv.slice(2);
const browser = process.env.CI || process.env.BROWSER === "none" || !process.stdout.isTTY ? [] : ["--open"];
const vite = spawn("npx", ["vite", ...browser, ...extra], {
  cwd: root,
  stdio: "inherit",
  shell: platform() === "win32",
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => vite.kill(signal));
vite.on("exit", (code) => process.exit(code ?? 0));
