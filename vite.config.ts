/** Builds a static site that lies in any folder (base "./"), and runs the unit tests (vitest reads this file too). */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const TESTS = ["src/**/*.test.ts", "src/**/*.test.tsx"];
const APART = ["src/**/*.apart.test.ts"];
/** What computes on a device, in the process itself: not what starts others that do. */
const DEVICE = ["src/**/*.gpu.test.ts"];

export default defineConfig({
  base: "./",
  plugins: [react()],
  worker: { format: "es" },
  build: { target: "es2023", chunkSizeWarningLimit: 700 },
  server: { port: 5173, strictPort: false },
  test: {
    environment: "node",
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    // Test files of a process share its modules, its GPU device and what is compiled there: otherwise it takes twice as
    // long. One that changes what modules hold (a registry) is named *.apart.test.ts. What needs a device is a project of
    // its own, so that `npm test` can give it one process, where no kernel is compiled twice, beside everything else.
    projects: [
      { extends: true, test: { name: "device", isolate: false, include: DEVICE } },
      {
        extends: true,
        test: { name: "together", isolate: false, include: TESTS, exclude: [...APART, ...DEVICE] },
      },
      { extends: true, test: { name: "apart", isolate: true, include: APART } },
    ],
  },
});
