/**
 * The bench without a page: `src/cli/bench/headless.ts` starts this in Node or Deno and asks for turns.
 *
 * Before anything else it brings what the engines expect of a page. Node has no WebGPU of its own; the `webgpu`
 * package (Dawn) brings its classes and a `GPU`, and both peers look for them where a page has them.
 */
import { readFileSync } from "node:fs";
import { openNodeGpu } from "../../src/worker/node.ts";

if (!("Deno" in globalThis)) {
  const { globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  // Node has a navigator from version 21 on.
  if (globalThis.navigator === undefined) {
    Object.assign(globalThis, { navigator: { userAgent: `Node.js/${process.versions.node.split(".")[0]}` } });
  }
  Object.defineProperty(globalThis.navigator, "gpu", { value: await openNodeGpu(), configurable: true });
}
const jax = new URL("../../node_modules/@jax-js/jax/package.json", import.meta.url);
Object.assign(globalThis, { __JAX_VERSION__: JSON.parse(readFileSync(jax, "utf8")).version });

// A module that waits does not hold up its siblings: what follows may only be loaded now.
await import("./answer.ts");
