/** What feeds what, as each growth says it of itself: by the maps, and by an operator's matrices at their start. */
import { expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { evaluate } from "../../engine/evaluate.ts";
import { plan } from "../../engine/plan.ts";
import { createTrace } from "../../engine/trace.ts";
import { gpt } from "../../models/gpt.ts";
import { arch, side } from "../../testing/models.ts";
import type { Feeds, GrowMethod } from "../types.ts";
import { aki } from "./aki.ts";
import { fpi } from "./fpi.ts";
import { identity } from "./identity.ts";
import { ligo } from "./ligo.ts";
import { mango } from "./mango.ts";
import { net2net } from "./net2net.ts";
import { stack } from "./stack.ts";

const data = { vocab: 6, context: 5 };
const from = side(gpt, arch(gpt, { layers: 2, width: 8, heads: 2, ffn: 2 }), data);

function feedsOf(method: GrowMethod, choice: object = {}): Feeds {
  const c = { ...defaults(method.schema), ...choice };
  const next = method.next(gpt, from.arch, c);
  if (next === null || typeof next === "string") throw new Error(`${next}`);
  const to = side(gpt, next, data);
  const { operator } = method;
  if (operator === undefined) return method.feeds!(from, to, c, [1, 1]);
  const t = createTrace();
  for (const [path, value] of operator.start(t, from, to, c, [1, 1])) t.output(path, value);
  const found = evaluate(plan(t.finish()), new Map());
  return operator.feeds(from, to, c, (path) => Float32Array.from(found.get(path)!.data));
}

const STACKED = [
  [1, 0],
  [0, 1],
  [1, 0],
  [0, 1],
];

it("says layers and groups of channels by the map's own coefficients", () => {
  expect(feedsOf(stack)).toEqual({ layers: STACKED, groups: null });
  expect(feedsOf(stack, { map: "identity" }).layers).toEqual([...STACKED.slice(0, 2), [0, 0], [0, 0]]);
  expect(feedsOf(identity, { position: "bottom" }).layers).toEqual([[0, 0], ...STACKED.slice(0, 2)]);
  expect(feedsOf(fpi, { depth: "stack" })).toEqual({ layers: STACKED, groups: STACKED });
  // Three heads of two: the third carries the mean of all eight channels.
  expect(feedsOf(fpi, { width: 12 }).groups).toEqual([
    [1, 0],
    [0, 1],
    [0.5, 0.5],
  ]);
  // Hidden units are copied inside their layer.
  expect(feedsOf(net2net)).toEqual({ layers: STACKED.slice(0, 2), groups: null });
  // Half of each layer's units are those of the layer above; the top layer has none above it.
  expect(feedsOf(aki).layers).toEqual([
    [0.5, 0.5],
    [0, 1],
  ]);
});

it.each([
  ["LiGO", ligo],
  ["Mango", mango],
] as const)("%s begins with those of stacking and copying", (_name, method) => {
  const { layers, groups } = feedsOf(method, { noise: 0 });
  expect(layers).toEqual(STACKED);
  // A block of a copied head is the identity of its four channels: size 2.
  expect(groups).toEqual(STACKED.map((row) => row.map((x) => 2 * x)));
});
