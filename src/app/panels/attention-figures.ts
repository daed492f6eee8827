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

/** `map` is [T, T] row-major, causal: the row of query q sums to 1 over keys 0 … q. */
export function attentionFigures(map: ArrayLike<number>, T: number, near = 1): AttentionFigures {
  let uniformity = 0;
  let local = 0;
  let localChance = 0;
  let start = 0;
  let startChance = 0;
  for (let q = 0; q < T; q++) {
    const keys = q + 1;
    let entropy = 0;
    for (let k = 0; k <= q; k++) {
      const a = map[q * T + k] ?? 0;
      if (Number.isNaN(a)) return UNKNOWN;
      if (a > 0) entropy -= a * Math.log(a);
      if (q - k <= near) {
        local += a / T;
        localChance += 1 / (keys * T);
      }
    }
    if (q === 0) continue;
    uniformity += entropy / Math.log(keys) / (T - 1);
    start += (map[q * T] ?? 0) / (T - 1);
    startChance += 1 / (keys * (T - 1));
  }
  return { uniformity, local, localChance, start, startChance };
}

/** Figures of a layer: of each head, averaged. */
export function layerFigures(heads: readonly ArrayLike<number>[], T: number): AttentionFigures {
  const all = heads.map((map) => attentionFigures(map, T));
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
