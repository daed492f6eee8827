import type { Driver } from "./result.ts";

export function openHeadless(runtime: "node" | "deno", _say: (line: string) => void): Promise<Driver> {
  throw new Error(`${runtime} is not there yet`);
}
