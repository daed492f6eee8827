/**
 * Before anything else in Node and Deno: what the engines expect of a page. Node has no WebGPU of its own; the `webgpu`
 * package (Dawn) brings its classes and a `GPU`, and both peers look for them where a page has them.
 */
import { readFileSync } from "node:fs";
import { openNodeGpu } from "../../src/worker/node.ts";

export const isDeno = "Deno" in globalThis;

if (!isDeno) {
  const { globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis.navigator, "gpu", { value: await openNodeGpu(), configurable: true });
}
const jax = new URL("../../node_modules/@jax-js/jax/package.json", import.meta.url);
Object.assign(globalThis, { __JAX_VERSION__: JSON.parse(readFileSync(jax, "utf8")).version });
