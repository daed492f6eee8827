/** Builds the bench page, apart from the product: the peers are development dependencies and no page of a visitor's. */
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vite";

const root = import.meta.dirname;
const jax = JSON.parse(readFileSync(join(root, "../../node_modules/@jax-js/jax/package.json"), "utf8"));

/** Finer clocks for a page that is isolated. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  root,
  base: "./",
  publicDir: false,
  define: { __JAX_VERSION__: JSON.stringify(jax.version) },
  worker: { format: "es" },
  build: {
    target: "es2023",
    outDir: process.env.BENCH_DIST ?? join(tmpdir(), "espalier-bench"),
    emptyOutDir: true,
    chunkSizeWarningLimit: 4000,
  },
  preview: { headers, host: "127.0.0.1" },
  logLevel: "warn",
});
