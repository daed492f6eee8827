/**
 * The trainer's place in Node: a GPU from the `webgpu` package (Dawn), shaders and data from the project's folders. On a
 * machine without a graphics card Dawn needs a Vulkan driver that computes on the processor; every Chromium brings one.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { constants, homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ReadFile } from "../data/types.ts";
import { createWebGpuBackend, type WebGpuBackend } from "../gpu/device.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const MANIFEST = "vk_swiftshader_icd.json";
/** Keep a loaded library when its handle is closed (dlopen(3)); Node has no name for it. */
const RTLD_NODELETE = 0x1000;

/** Where a Chromium on this machine keeps the description of its software driver. */
function softwareDriver(): string | null {
  const found = [
    `/usr/lib/chromium/${MANIFEST}`,
    `/usr/lib/chromium-browser/${MANIFEST}`,
    `/opt/google/chrome/${MANIFEST}`,
    `/opt/microsoft/msedge/${MANIFEST}`,
  ];
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), ".cache/ms-playwright");
  if (existsSync(cache)) {
    for (const browser of readdirSync(cache).filter((name) => name.startsWith("chromium"))) {
      for (const folder of readdirSync(join(cache, browser), { withFileTypes: true })) {
        if (folder.isDirectory()) found.push(join(cache, browser, folder.name, MANIFEST));
      }
    }
  }
  return found.find((path) => existsSync(path)) ?? null;
}

/**
 * Dawn opens "libvulkan.so.1", which a system without a graphics card may lack; opened beforehand from the driver's
 * folder it is found by that name. It is no addon, so Node complains and closes it; the flag keeps it in memory.
 */
function loadVulkan(folder: string): void {
  const library = join(folder, "libvulkan.so.1");
  if (!existsSync(library)) return;
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // Always: "Module did not self-register".
  }
}

/** A collected GPU object takes Dawn's instance with it, device and all, and the process dies: every one is kept. */
const opened: GPU[] = [];

/** Linux shows a graphics card as one of these; where there is none, asking for one only makes drivers complain. */
const mayHaveCard = () =>
  process.platform !== "linux" || ["/dev/dri", "/dev/nvidiactl", "/dev/dxg"].some((path) => existsSync(path));

/**
 * The real adapter where there is one, else the software driver; the other way round when `software` is wanted (tests:
 * every machine has the same one). VK_ICD_FILENAMES, or its newer name VK_DRIVER_FILES, is obeyed when it is set.
 */
export async function openNodeGpu(software = false, flags: string[] = []): Promise<GPU> {
  const { create } = await import("webgpu");
  // Drivers complain on stderr when they cannot look for a display, which nobody needs here.
  if (process.platform === "linux") process.env.XDG_RUNTIME_DIR ??= tmpdir();
  const given = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  if (given !== undefined) loadVulkan(dirname(given));
  const open = async (): Promise<GPU | null> => {
    const gpu = create(flags);
    opened.push(gpu);
    return (await gpu.requestAdapter({ powerPreference: "high-performance" })) === null ? null : gpu;
  };
  const driver = given === undefined ? softwareDriver() : null;
  if (given !== undefined || (mayHaveCard() && (driver === null || !software))) {
    const gpu = await open();
    if (gpu !== null) return gpu;
  }
  if (driver !== null) {
    process.env.VK_ICD_FILENAMES = driver;
    loadVulkan(dirname(driver));
    const gpu = await open();
    if (gpu !== null) return gpu;
  }
  throw new Error("No graphics adapter was found, and no Chromium whose software adapter could stand in.");
}

/** All of shaders/, by path without the ending. */
export function readShaders(): Record<string, string> {
  const folder = join(root, "shaders");
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".wgsl"))
      .sort()
      .map((file) => [
        file.replaceAll("\\", "/").replace(/\.wgsl$/, ""),
        readFileSync(join(folder, file), "utf8"),
      ]),
  );
}

export async function openNodeBackend(software = false): Promise<WebGpuBackend> {
  return createWebGpuBackend({ gpu: await openNodeGpu(software), shaders: readShaders() });
}

/** The prepared texts of public/data/. */
export const readNodeData: ReadFile = (name) => readFile(join(root, "public/data", name));
