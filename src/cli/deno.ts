/**
 * A run in Deno, started and listened to from Node. Deno brings a WebGPU of its own (wgpu and naga): the same curve from
 * there comes from a second implementation of the standard. No package of this project needs it, so it is looked for
 * where people have it: on the PATH, or in node_modules/.bin.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { env, platform } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import type { WorkerMessage } from "../run/messages.ts";
import type { DenoTest } from "../worker/deno.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The sources run as they are: packages from node_modules, no lock file of Deno's own. */
const RUN = ["run", "--no-lock", "--node-modules-dir=manual", "--unstable-webgpu", "--allow-read"];

export const NO_DENO =
  'Deno was not found on the PATH nor in node_modules: "npm install --no-save deno@2.9.5" gets it.';

/** The path of Deno, or null. */
export function findDeno(): string | null {
  const folders = [...(env.PATH ?? "").split(delimiter).filter(Boolean), join(root, "node_modules/.bin")];
  const name = platform === "win32" ? "deno.exe" : "deno";
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** "Deno 2.9.5" */
export function denoVersion(deno: string): string {
  const { stdout } = spawnSync(deno, ["--version"], { encoding: "utf8" });
  return `Deno ${/deno (\S+)/.exec(stdout ?? "")?.[1] ?? "of unknown version"}`;
}

/** Where Linux keeps the descriptions of its Vulkan drivers. */
const DRIVERS = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/** Mesa's driver that computes on the processor (Debian: mesa-vulkan-drivers). */
function lavapipe(): string | null {
  const found = DRIVERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.startsWith("lvp_icd") && file.endsWith(".json"))
      .map((file) => join(folder, file)),
  );
  return found[0] ?? null;
}

/**
 * The graphics card where it is asked for, by ESPALIER_GPU=1 too; else lavapipe, whatever driver this process was given
 * for its own device: a second driver says more than the same one again.
 */
export function driverEnv(adapter?: "hardware" | "software"): NodeJS.ProcessEnv {
  const card = adapter === undefined ? env.ESPALIER_GPU === "1" : adapter === "hardware";
  const driver = card ? null : lavapipe();
  return {
    ...env,
    ...(driver === null ? {} : { VK_ICD_FILENAMES: driver }),
    // Drivers complain on stderr when they cannot look for a display.
    XDG_RUNTIME_DIR: env.XDG_RUNTIME_DIR ?? tmpdir(),
  };
}

/** A source file of this project, run in Deno as it is. */
export function startDeno(
  deno: string,
  file: string,
  args: readonly string[],
  adapter?: "hardware" | "software",
): ChildProcessWithoutNullStreams {
  const options = { cwd: root, stdio: "pipe", env: driverEnv(adapter) } as const;
  return spawn(deno, [...RUN, join(root, file), ...args], options);
}

export interface DenoRun {
  readonly deno: string;
  readonly config: RunConfig;
  readonly adapter?: "hardware" | "software";
  onEvent(event: RunEvent): void;
  onProgress?(label: string, done: number, total: number): void;
  onTest?(scores: DenoTest["scores"]): void;
  /** Asked after each event. */
  enough?(): boolean;
}

/** Resolves when the run has ended; rejects with what Deno complained of when it could not be done. */
export async function trainInDeno({
  deno,
  config,
  adapter,
  onEvent,
  onProgress,
  onTest,
  enough,
}: DenoRun): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "espalier-deno-"));
  try {
    const path = join(folder, "config.json");
    writeFileSync(path, JSON.stringify(config));
    const child = startDeno(deno, "src/worker/deno.ts", [path, "--attended"], adapter);
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
    });
    // It may be gone before it is told to stop.
    child.stdin.on("error", () => {});
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    ended.catch(() => {}); // waited for below
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as RunEvent | WorkerMessage | DenoTest;
      if ("seq" in said) onEvent(said);
      else if (said.type === "test") onTest?.(said.scores);
      else if (said.type === "progress") onProgress?.(said.label, said.done, said.total);
      if (enough?.()) child.stdin.end();
    }
    const code = await ended;
    if (code !== 0) throw new Error(`Deno ended with code ${code}. ${complaints.trim()}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
