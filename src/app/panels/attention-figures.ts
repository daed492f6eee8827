/**
 * What an attention map says in figures (transformer-growth §5): how uniform, how local, how much on the start token.
 * On the one text in the view window, so the page says "on this text" and asserts nothing beyond it.
 */

export interface AttentionFigures {
  /** Mean over queries that see at least two keys of H(row) / ln K: 1 is uniform. */
  readonly uniformity: number;
  /** Mean over queries of the mass on the query itself and its neighbour, and what a uniform map would have. */
  readonly local: number;
  readonly localChance: number;
  /** Mean mass on the start token over the queries after it, and by chance. */
  readonly start: number;
  readonly startChance: number;
}

/** A map with a value that is no number says nothing. */
const UNKNOWN: AttentionFigures = {
  uniformity: Number.NaN,
  local: Number.NaN,
  localChance: Number.NaN,
  start: Number.NaN,
  startChance: Number.NaN,
};

/** Whom a place may read: those before it and itself, all, or all of a class token and a square of patches. */
export type Attends = "causal" | "all" | "grid";

/** Whether key k is query q itself or stands next to it: in the text, or on the square behind the class token. */
function isNear(q: number, k: number, T: number, attends: Attends): boolean {
  if (attends !== "grid") return Math.abs(q - k) <= 1;
  if (q === 0 || k === 0) return q === k;
  const side = Math.round(Math.sqrt(T - 1));
  const row = (place: number) => Math.floor((place - 1) / side);
  const column = (place: number) => (place - 1) % side;
  return Math.max(Math.abs(row(q) - row(k)), Math.abs(column(q) - column(k))) <= 1;
}

/** `map` is [T, T] row-major: the row of query q sums to 1 over the keys that it may read. */
export function attentionFigures(
  map: ArrayLike<number>,
  T: number,
  attends: Attends = "causal",
): AttentionFigures {
  let uniformity = 0;
  let rows = 0;
  let local = 0;
  let localChance = 0;
  let start = 0;
  let startChance = 0;
  for (let q = 0; q < T; q++) {
    const keys = attends === "causal" ? q + 1 : T;
    let entropy = 0;
    for (let k = 0; k < keys; k++) {
      const a = map[q * T + k] ?? 0;
      if (Number.isNaN(a)) return UNKNOWN;
      if (a > 0) entropy -= a * Math.log(a);
      if (isNear(q, k, T, attends)) {
        local += a / T;
        localChance += 1 / (keys * T);
      }
    }
    if (keys > 1) {
      uniformity += entropy / Math.log(keys);
      rows++;
    }
    if (q === 0) continue;
    start += (map[q * T] ?? 0) / (T - 1);
    startChance += 1 / (keys * (T - 1));
  }
  return { uniformity: uniformity / Math.max(1, rows), local, localChance, start, startChance };
}

/** Figures of a layer: of each head, averaged. */
export function layerFigures(
  heads: readonly ArrayLike<number>[],
  T: number,
  attends: Attends = "causal",
): AttentionFigures {
  const all = heads.map((map) => attentionFigures(map, T, attends));
  const mean = (key: keyof AttentionFigures) =>
    all.reduce((sum, f) => sum + f[key], 0) / Math.max(1, all.length);
  return {
    uniformity: mean("uniformity"),
    local: mean("local"),
    localChance: mean("localChance"),
    start: mean("start"),
    startChance: mean("startChance"),
  };
}

/** Does "shallow layers are more uniform" hold here? Computed, never asserted. */
export function uniformityVerdict(layers: readonly AttentionFigures[]): string {
  const u = layers.map((layer) => layer.uniformity);
  if (u.length < 2 || u.some(Number.isNaN)) return "";
  const falls = u.slice(1).map((value, index) => value < u[index]!);
  const word = falls.every(Boolean) ? "holds" : falls.some(Boolean) ? "is mixed" : "does not hold";
  return `“Shallow layers are more uniform” ${word} in this run, on this text.`;
}
