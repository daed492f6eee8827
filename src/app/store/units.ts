/** What a run reads, as the page calls it. */
import type { RunConfig } from "../../run/config.ts";
import { dataShape, taskOf } from "../../run/data-shape.ts";

export function isOfImages(config: Pick<RunConfig, "data"> | null): boolean {
  return config !== null && taskOf(config.data.id) === "classify";
}

export function unitOf(config: Pick<RunConfig, "data"> | null): "character" | "image" {
  return isOfImages(config) ? "image" : "character";
}

/** Characters, or images, of one step. */
export function perStep(config: RunConfig): number {
  return config.batch * dataShape(config).context;
}
