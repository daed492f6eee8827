/** Builds a static site that lies in any folder (base "./"), and runs the unit tests (vitest reads this file too). */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "./",
  plugins: [react()],
  worker: { format: "es" },
  build: { target: "es2023", chunkSizeWarningLimit: 700 },
  server: { port: 5173, strictPort: false },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "src/**/*.test.tsx"],
    pool: "forks",
    maxWorkers: 2,
    // Test files of a process share its modules, its GPU device and what is compiled there: half the time goes without.
    isolate: false,
    testTimeout: 60_000,
  },
});
