/**
 * The lens in figures and sentences (transformer-growth §5): heads averaged to layers, what a uniform map would have, and
 * whether the claims made of trained transformers hold in this run. Computed each time, never asserted.
 */
import type { AttentionFigure, Lens, RunView } from "../../run/messages.ts";
import { fixed, list } from "../format.ts";

export type LayerMeans = Readonly<Record<AttentionFigure, number>>;

/** What is kept of each look: means over heads, layer by layer. */
export interface LensPoint {
  readonly step: number;
  readonly event: number;
  readonly layers: readonly LayerMeans[];
}

/** Means over the heads of each layer. */
export function layerMeans({ layers }: Pick<Lens, "layers">): LayerMeans[] {
  return layers.map((heads) => {
    const mean = (name: AttentionFigure) =>
      heads.reduce((sum, { figures }) => sum + figures[name], 0) / Math.max(1, heads.length);
    const names = Object.keys(heads[0]?.figures ?? {}) as AttentionFigure[];
    return Object.fromEntries(names.map((name) => [name, mean(name)])) as LayerMeans;
  });
}

/** Looks through the lens that are kept: one every 50 steps. */
const MOST_POINTS = 400;

interface Seen {
  readonly view: RunView | null;
  readonly lens: Lens | null;
  /** Oldest first, of the line that the run is on. */
  readonly lensSeries: readonly LensPoint[];
}

/** What a look changes. Points beyond the step that is looked at were undone. */
export function seen({ lensSeries }: Pick<Seen, "lensSeries">, view: RunView): Partial<Seen> {
  const { lens } = view;
  if (lens === null) return { view };
  const { step, event } = lens;
  const before = lensSeries.filter((point) => point.step < step);
  return {
    view,
    lens,
    lensSeries: [...before, { step, event, layers: layerMeans(lens) }].slice(-MOST_POINTS),
  };
}

/** What rows that look at all keys alike would have; `grid`: the side of the patches behind a class token, or 0. */
export function byChance(
  T: number,
  causal: boolean,
  grid = 0,
): { readonly start: number; readonly local: number } {
  if (grid > 0) {
    // Next to a patch along one side, itself included, summed over the side.
    const near = 3 * grid - 2;
    return { start: 1 / T, local: (near ** 2 + 1) / T ** 2 };
  }
  let start = 0;
  let local = 0;
  for (let q = 0; q < T; q++) {
    const seen = causal ? q + 1 : T;
    const near = 1 + Number(q > 0) + Number(!causal && q + 1 < T);
    local += near / seen / T;
    if (q > 0) start += 1 / seen / (T - 1);
  }
  return { start, local };
}

/** The same by offset: [T] back, or [2T − 1] from T − 1 back to T − 1 ahead. */
export function offsetsByChance(T: number, causal: boolean): number[] {
  const places = causal ? T : 2 * T - 1;
  return Array.from({ length: places }, (_, place) => {
    const offset = causal ? -place : place - T + 1;
    let sum = 0;
    for (let q = Math.max(0, -offset); q < T && q + offset < T; q++) sum += 1 / (causal ? q + 1 : T) / T;
    return sum;
  });
}

/** The same of patches by (rows, columns), [(2g − 1)²]: the class token has the rest. */
export function gridByChance(g: number): number[] {
  const wide = 2 * g - 1;
  return Array.from({ length: wide ** 2 }, (_, place) => {
    const pairs = (offset: number) => g - Math.abs(offset);
    const [rows, columns] = [Math.floor(place / wide) - g + 1, (place % wide) - g + 1];
    return (pairs(rows) * pairs(columns)) / g ** 2 / (g ** 2 + 1);
  });
}

/** Mass over chance at which a colour is full, and its inverse on the other side: little more than chance stays pale. */
export const spanOf = (ratios: readonly number[]): number =>
  ratios.reduce((most, ratio) => (Number.isFinite(ratio) && ratio > most ? ratio : most), 1.5);

type Verdict = "holds" | "is mixed" | "does not hold";

const judged = (answers: readonly boolean[]): Verdict =>
  answers.every(Boolean) ? "holds" : answers.some(Boolean) ? "is mixed" : "does not hold";

/** Claims of the literature, each with its verdict and the figures it rests on. Empty where there is one layer. */
export function claims(lens: Lens): string[] {
  const layers = layerMeans(lens);
  const L = layers.length;
  if (L < 2 || layers.some(({ uniformity }) => !Number.isFinite(uniformity))) return [];
  const chance = byChance(lens.time, lens.causal, lens.grid);
  const shallow = layers.slice(0, Math.floor(L / 2));
  const rises = layers.slice(1).map(({ uniformity }, k) => uniformity < layers[k]!.uniformity);
  const places = shallow.flatMap(({ localMass, startMass }) => [
    localMass > chance.local,
    startMass > chance.start,
  ]);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return [
    `“Shallow layers are more uniform” ${judged(rises)} in this run: ${list(layers.map(({ uniformity }) => fixed(uniformity, 2)))} from the first layer on.`,
    `“Shallow layers look at neighbours and the start” ${judged(places)} in this run: ${fixed(mean(shallow.map((l) => l.localMass)), 2)} near (by chance ${fixed(chance.local, 2)}), ${fixed(mean(shallow.map((l) => l.startMass)), 2)} on the start (${fixed(chance.start, 2)}).`,
    likeness(lens.js),
  ];
}

/**
 * No yardstick of likeness is published (transformer-growth §5), so each deep layer is compared with the others: is the one
 * nearest to it a shallow one? Under four layers there is nothing to compare, and the divergence itself is told.
 */
function likeness(js: Lens["js"]): string {
  const L = js.length;
  const half = Math.floor(L / 2);
  if (L < 4) {
    return `Deep and shallow layers differ by ${fixed(js[L - 1]![0]!, 2)} of 1 bit here: 0 would be alike, and too few layers to say more.`;
  }
  const deep = Array.from({ length: L - half }, (_, k) => half + k);
  const nearest = (layer: number, others: readonly number[]) =>
    Math.min(...others.map((other) => js[layer]![other]!));
  const shallow = Array.from({ length: half }, (_, k) => k);
  const answers = deep.map(
    (layer) =>
      nearest(layer, shallow) <
      nearest(
        layer,
        deep.filter((other) => other !== layer),
      ),
  );
  return `“Deep layers resemble shallow ones” ${judged(answers)} in this run: ${answers.filter(Boolean).length} of ${deep.length} deep layers are nearer to a shallow layer than to another deep one.`;
}
