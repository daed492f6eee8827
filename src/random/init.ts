/**
 * Initial values of a parameter, made on the CPU so that a run starts from the same weights on every device, and keyed
 * by the parameter's own name so that adding a parameter leaves all others as they were.
 */
import { type Key, normalPair, threefry2x32, uniform } from "./threefry.ts";

/** How a parameter starts: `scale` is the standard deviation of "normal", the bound of "uniform" (−scale … scale). */
export type InitLaw =
  | { readonly law: "zeros" | "ones" }
  | { readonly law: "constant"; readonly values: readonly number[] }
  | { readonly law: "normal" | "uniform"; readonly scale: number };

/** `count` values. "constant" lists every one of them. Drawn element i comes from word i mod 2 of counter ⌊i/2⌋. */
export function initial(law: InitLaw, count: number, key: Key): Float32Array {
  const out = new Float32Array(count);
  switch (law.law) {
    case "zeros":
      return out;
    case "ones":
      return out.fill(1);
    case "constant":
      if (law.values.length !== count) {
        throw new Error(`${law.values.length} constant values for a parameter of ${count}`);
      }
      out.set(law.values);
      return out;
    case "normal":
    case "uniform":
      for (let i = 0; i < count; i += 2) {
        const pair = drawPair(law.law, key, i >> 1);
        out[i] = law.scale * pair[0];
        if (i + 1 < count) out[i + 1] = law.scale * pair[1];
      }
      return out;
    default:
      return law satisfies never;
  }
}

/** Two draws of N(0, 1) or U(−1, 1) from counter (index, 0): elements 2·index and 2·index + 1. */
export function drawPair(law: "normal" | "uniform", key: Key, index: number): Key {
  const [b0, b1] = threefry2x32(key[0], key[1], index, 0);
  return law === "normal" ? normalPair(b0, b1) : [2 * uniform(b0) - 1, 2 * uniform(b1) - 1];
}
