/**
 * Yardsticks: what counting alone achieves. Interpolated Witten-Bell n-grams,
 *   P(w | h) = (c(h w) + T(h) · P(w | h′)) / (c(h) + T(h)),
 * where T(h) is how many different symbols followed h and h′ is h without its first symbol; below the unigram stands the
 * uniform distribution over the symbols. A trained model that does not beat the bigram is broken; one that beats the
 * 5-gram has learned something that counting cannot.
 *
 * With `boundary` (the newline of a list) a history never reaches into the entry before: what lies there reads as more
 * boundaries.
 */
export function ngramBits(
  train: ArrayLike<number>,
  score: ArrayLike<number>,
  order: number,
  symbols: number,
  boundary = -1,
): number {
  if (symbols ** order > Number.MAX_SAFE_INTEGER)
    throw new Error(`order ${order} is too long for ${symbols} symbols`);
  const pairs: Map<number, number>[] = [];
  const totals: Map<number, { count: number; kinds: number }>[] = [];
  for (let n = 0; n < order; n++) {
    const count = new Map<number, number>();
    const total = new Map<number, { count: number; kinds: number }>();
    for (let i = boundary < 0 ? n : 0; i < train.length; i++) {
      const history = number(train, i, n, symbols, boundary);
      const full = history * symbols + train[i]!;
      const seen = count.get(full) ?? 0;
      count.set(full, seen + 1);
      const t = total.get(history);
      if (t === undefined) total.set(history, { count: 1, kinds: 1 });
      else {
        t.count++;
        if (seen === 0) t.kinds++;
      }
    }
    pairs.push(count);
    totals.push(total);
  }
  let bits = 0;
  for (let i = 0; i < score.length; i++) {
    let p = 1 / symbols;
    for (let n = 0; n < order && (boundary >= 0 || n <= i); n++) {
      const history = number(score, i, n, symbols, boundary);
      const total = totals[n]!.get(history);
      if (total === undefined) break;
      const c = pairs[n]!.get(history * symbols + score[i]!) ?? 0;
      p = (c + total.kinds * p) / (total.count + total.kinds);
    }
    bits -= Math.log2(p);
  }
  return bits / score.length;
}

/** The `length` symbols before place `at` as one number in base `symbols`, the nearest one as its last digit. */
function number(
  tokens: ArrayLike<number>,
  at: number,
  length: number,
  symbols: number,
  boundary: number,
): number {
  let value = 0;
  let digit = 1;
  let ended = false;
  for (let j = 1; j <= length; j++) {
    const symbol: number = ended ? boundary : (tokens[at - j] ?? boundary);
    if (symbol === boundary) ended = true;
    value += symbol * digit;
    digit *= symbols;
  }
  return value;
}
