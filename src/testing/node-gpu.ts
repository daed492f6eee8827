/**
 * A WebGPU device in Node for tests, with the `webgpu` package (Dawn). Where no graphics card is, Dawn needs a Vulkan
 * driver that computes on the processor: every Chromium brings one, SwiftShader, and the Vulkan loader beside it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { constants, homedir } from "node:os";
import { dirname, join } from "node:path";

/** Keep a loaded library when the handle is closed (dlopen(3)); Node has no name for it. */
const RTLD_NODELETE = 0x1000;

const MANIFEST = "vk_swiftshader_icd.json";

function manifests(): string[] {
  const found = [
    process.env.VK_ICD_FILENAMES,
    `/usr/lib/chromium/${MANIFEST}`,
    `/usr/lib/chromium-browser/${MANIFEST}`,
    `/opt/google/chrome/${MANIFEST}`,
  ];
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), ".cache/ms-playwright");
  if (existsSync(cache)) {
    for (const browser of readdirSync(cache).filter((name) => name.startsWith("chromium"))) {
      for (const folder of readdirSync(join(cache, browser))) {
        found.push(join(cache, browser, folder, MANIFEST));
      }
    }
  }
  return found.filter((path) => path !== undefined && existsSync(path)) as string[];
}

/**
 * Dawn opens "libvulkan.so.1", which a system without a graphics card may lack. Opened beforehand from Chromium's folder
 * it is found by that name. It is no addon, so Node complains and closes it; the flag keeps it in memory.
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

let opened: Promise<GPU | null> | null = null;

/** The GPU object, or null where there is none. Software unless ESPALIER_GPU=1 asks for the graphics card. */
export function openTestGpu(): Promise<GPU | null> {
  opened ??= open();
  return opened;
}

async function open(): Promise<GPU | null> {
  if (process.platform === "linux" && process.env.ESPALIER_GPU !== "1") {
    const [manifest] = manifests();
    if (manifest !== undefined) {
      process.env.VK_ICD_FILENAMES = manifest;
      loadVulkan(dirname(manifest));
    }
  }
  const { create } = await import("webgpu");
  const gpu = create([]);
  return (await gpu.requestAdapter()) === null ? null : gpu;
}

/** All of shaders/, by path without the ending: what `createWebGpuBackend` takes. */
export function readShaders(): Record<string, string> {
  const folder = new URL("../../shaders/", import.meta.url);
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".wgsl"))
      .sort()
      .map((file) => [
        file.replaceAll("\\", "/").replace(/\.wgsl$/, ""),
        readFileSync(new URL(file, folder), "utf8"),
      ]),
  );
}
