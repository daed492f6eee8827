/** What the data of a config decides about its model, as far as it is known before the data is there. */
import { OWN_IMAGES_ID } from "../data/own-images.ts";
import type { DataShape, Task } from "../models/types.ts";
import type { RunConfig } from "./config.ts";
import { MAX_SYMBOLS } from "./limits.ts";
import { datasets, models } from "./registries.ts";

/** One's own images are brought to this size, whatever it was. */
export const OWN_IMAGE = { channels: 1, height: 28, width: 28 } as const;
export { OWN_IMAGES_ID } from "../data/own-images.ts";

/** What a data set can be learned for. */
export function taskOf(dataId: string): Task {
  return dataId === OWN_IMAGES_ID || datasets.get(dataId)?.kind === "images" ? "classify" : "next-token";
}

/** `symbols`: how many there are; absent, the built-in data set's number, or `unknown` for a person's own. */
export function dataShape(
  { data, context }: Pick<RunConfig, "data" | "context">,
  symbols?: number,
  unknown = MAX_SYMBOLS,
): DataShape {
  const dataset = datasets.get(data.id);
  const vocab = symbols ?? dataset?.symbols ?? unknown;
  if (dataset?.kind === "images") return { vocab, context: 1, image: dataset.image };
  return data.id === OWN_IMAGES_ID ? { vocab, context: 1, image: OWN_IMAGE } : { vocab, context };
}

/** Null, or why this model cannot learn this data. */
export function mismatch({ data, model }: Pick<RunConfig, "data" | "model">): string | null {
  const { task } = models.get(model.id)!;
  if (task === taskOf(data.id)) return null;
  const reads = task === "classify" ? "images" : "text";
  return `model.id is "${model.id}", which reads ${reads}; data.id is "${data.id}"`;
}
