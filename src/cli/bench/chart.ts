import type { BenchResult } from "./result.ts";
export function curveSvg(_result: BenchResult): string {
  return "";
}
