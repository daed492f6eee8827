/** The layer map of an action as a page may draw and set it: which layer each layer afterwards copies. */
import type { Schema, Value } from "../config/schema.ts";
import { DEPTH_MAPS, type DepthMapName, depthMap } from "../methods/grow/depth.ts";

export interface LayerMap {
  /** The fields that hold it: the rule, and the list of a person's own map. */
  readonly rule: string;
  readonly list: string;
  /** Of each layer afterwards, the lowest first, counted from 1; null: it is new and adds nothing at first. */
  readonly sources: readonly (number | null)[];
  readonly manual: boolean;
  /** Layers that the action can make at most. */
  readonly most: number;
}

const LISTS = ["sources"];
const COUNTS = ["to", "layers"];

/** Null: this action has no layer map. `layers`: there are so many now, and `maxLayers` at most. */
export function layerMap(
  schema: Schema,
  values: Readonly<Record<string, Value>>,
  layers: number,
  maxLayers: number,
): LayerMap | null {
  const rule = Object.entries(schema).find(
    ([, field]) => field.kind === "choice" && field.options.includes("manual"),
  )?.[0];
  const list = LISTS.find((name) => schema[name]?.kind === "list");
  if (rule === undefined || list === undefined || !(layers > 0)) return null;
  const field = schema[list] as Extract<Schema[string], { kind: "list" }>;
  const most = Math.max(layers, Math.min(maxLayers, field.maxLength));
  const name = String(values[rule] ?? schema[rule]!.default);
  const own = (values[list] ?? field.default) as readonly number[];
  const manual = name === "manual" && own.length > 0;
  if (manual) return { rule, list, sources: own, manual, most };
  const asked = Number(COUNTS.map((count) => values[count]).find((count) => count !== undefined) ?? 0);
  const after = name === "none" ? layers : Math.max(layers, Math.min(most, asked === 0 ? 2 * layers : asked));
  // A map by hand that is empty begins as stacking.
  const known = DEPTH_MAPS.includes(name as DepthMapName) && name !== "manual";
  const map = depthMap(known ? (name as DepthMapName) : "stack", layers, after);
  const sources = map.map((source, m) => (name === "identity" && m >= layers ? null : source + 1));
  return { rule, list, sources, manual, most };
}
