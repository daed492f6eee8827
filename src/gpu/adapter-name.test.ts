import { expect, it } from "vitest";
import { adapterName, isSoftware } from "./adapter-name.ts";

const adapter = (vendor: string, architecture: string, description = "", isFallbackAdapter = false) => ({
  info: { vendor, architecture, device: "", description, isFallbackAdapter } as GPUAdapterInfo,
});

it.each([
  [adapter("google", "swiftshader", "SwiftShader driver 5.0.0", true), "SwiftShader (processor)", true],
  [adapter("google", "swiftshader"), "SwiftShader (processor)", true],
  [adapter("mesa", "", "llvmpipe (LLVM 15.0.6, 256 bits)"), "llvmpipe (processor)", true],
  [adapter("microsoft", "", "Microsoft Basic Render Driver"), "Microsoft Basic Render (processor)", true],
  [adapter("unheard", "of", "Soft 3000", true), "Soft 3000 (processor)", true],
  [adapter("apple", "metal-3"), "Apple Metal-3", false],
  [adapter("nvidia", "ampere"), "NVIDIA Ampere", false],
  [adapter("nvidia", "ampere", "NVIDIA GeForce RTX 3080"), "NVIDIA GeForce RTX 3080", false],
  [adapter("", ""), "GPU", false],
])("%#: names an adapter and knows a processor", (given, name, software) => {
  expect(adapterName(given)).toBe(name);
  expect(isSoftware(given)).toBe(software);
});
