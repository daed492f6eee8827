/** How LiGO's operator begins (transformer-growth §3.6): as FPI with the layer map, or as the authors' program begins. */
import { add, div } from "../../engine/ops/binary.ts";
import { reduce } from "../../engine/ops/reduce.ts";
import { offset } from "../../engine/ops/unary.ts";
import type { Tensor, Trace } from "../../engine/types.ts";
import { initial } from "../../random/init.ts";
import type { EventKey } from "../types.ts";
import { choosing, layerBlend, selection } from "./operator-parts.ts";
import { between, each, eventDraw, join, normal } from "./tools.ts";
import { countsOf, tiled } from "./width.ts";

/** The values that the start depends on. */
interface Start {
  readonly init: string;
  readonly noise: number;
}

/** Spread of the noise in the layer map of the authors' code. */
const BLEND_NOISE = 0.03;

/** Rows [L2][L1] of the authors' layer map: noise, the source at 1, divided by the row's sum. */
export function noisyRows(sources: readonly number[], layers: number, noise: ArrayLike<number>): number[][] {
  return sources.map((source, m) => {
    const row = each(layers).map((l) => (l === source ? 1 : noise[m * layers + l]!));
    const sum = row.reduce((n, x) => n + x, 0);
    return row.map((x) => x / sum);
  });
}

/** [I | C]: the old units as they are, each new one a random average of them. */
function mixture(t: Trace, from: number, to: number, key: EventKey, name: string): Tensor {
  const same = selection(t, from, each(from));
  if (to === from) return same;
  const drawn = between(t, [from, to - from], 0.5, eventDraw(key, name));
  const positive = t.call(offset, [drawn], { value: 0.5 })[0]!;
  const [sum] = t.call(reduce, [positive], { axes: [0], keepDims: true, how: "sum" });
  return join(t, [same, t.call(div, [positive, sum!], {})[0]!], 1);
}

/** A width map before training. What reads has the divided copies of what makes under FPI, else the same. */
export function widthStart(
  t: Trace,
  name: string,
  from: number,
  to: number,
  { init, noise }: Start,
  key: EventKey,
): Tensor {
  if (init === "code") return mixture(t, from, to, key, name.replace("A", "B"));
  const map = tiled(from, to);
  const counts = countsOf(map);
  const reads = name.startsWith("A");
  const base = selection(t, from, map.of as number[], (i) => (reads ? 1 / counts[i]! : 1));
  if (noise === 0) return base;
  return t.call(add, [base, normal(t, [from, to], noise, eventDraw(key, name))], {})[0]!;
}

/** Blends [kinds, L2, L1] before training. */
export function blendStart(
  t: Trace,
  name: string,
  kinds: number,
  { layers, sources }: { readonly layers: number; readonly sources: readonly number[] },
  { init }: Start,
  key: EventKey,
): Tensor {
  if (init === "fpi") return layerBlend(t, kinds, () => choosing(sources, layers));
  const size = sources.length * layers;
  const half = BLEND_NOISE / 2;
  const law = { law: "uniform", scale: half } as const;
  const noise = initial(law, kinds * size, eventDraw(key, name)).map((x) => x + half);
  return layerBlend(t, kinds, (kind) => noisyRows(sources, layers, noise.subarray(kind * size)));
}
