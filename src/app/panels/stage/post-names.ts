/** The names under the columns: short where there is little room, a little aside where that lets two stand. */
import type { PlacedPost } from "./layout.ts";

/** Pixels of a letter of a post's name, and between two names. */
export const LETTER = 6.4;
const APART = 5;
/** A name stands so far from its column's middle at most. */
const ASIDE = 9;

/** Half of what a name takes; the line under a letter takes nothing, and W is twice as wide as most. */
const half = (label: string): number =>
  ([...label.replace("_", "")].reduce((sum, letter) => sum + (letter === "W" ? 1.9 : 1), 0) * LETTER) / 2;

/** Where columns are narrow, names lose their common word ("head 2" → "2"), and what still has no room goes. */
export function named(posts: readonly PlacedPost[]): readonly PlacedPost[] {
  const sorted = [...posts].sort((a, b) => a.nameAt - b.nameAt);
  if (roomy(sorted)) return posts;
  const whole = spread(sorted);
  if (roomy(whole)) return whole;
  const short = spread(sorted.map((post) => ({ ...post, label: post.label.split(" ").at(-1) ?? "" })));
  let end = Number.NEGATIVE_INFINITY;
  return short.map((post) => {
    // Rounding of the spreading is no reason to go.
    if (post.label === "" || post.nameAt - half(post.label) < end + APART - 2) return { ...post, label: "" };
    end = post.nameAt + half(post.label);
    return post;
  });
}

/** How far the trunk's foot reaches to the right: not into the first name there. */
export function footOf({
  trunk,
  posts,
}: {
  readonly trunk: number;
  readonly posts: readonly PlacedPost[];
}): number {
  const names = posts.filter(({ label, nameAt }) => label !== "" && nameAt > trunk);
  const nearest = Math.min(...names.map(({ label, nameAt }) => nameAt - half(label) - trunk));
  return Math.max(10, Math.min(24, nearest - APART));
}

/** Pixels by which a name reaches into the next one's room. */
const over = (a: PlacedPost, b: PlacedPost): number =>
  a.nameAt + half(a.label) + APART - (b.nameAt - half(b.label));

const roomy = (sorted: readonly PlacedPost[]): boolean =>
  sorted.every((post, i) => i === 0 || over(sorted[i - 1]!, post) <= 0.5);

/** Neighbours that touch give way to each other by halves. */
function spread(sorted: readonly PlacedPost[]): readonly PlacedPost[] {
  const at = sorted.map((post) => ({ ...post }));
  for (let round = 0; round < 40; round++) {
    for (let i = 1; i < at.length; i++) {
      const [a, b] = [at[i - 1]!, at[i]!];
      const too = over(a, b);
      if (too <= 0) continue;
      a.nameAt = Math.max(sorted[i - 1]!.nameAt - ASIDE, a.nameAt - too / 2);
      b.nameAt = Math.min(sorted[i]!.nameAt + ASIDE, b.nameAt + too / 2);
    }
  }
  return at;
}
