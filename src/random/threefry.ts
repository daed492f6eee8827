/**
 * Random numbers without a state: Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as
 * easy as 1, 2, 3", SC 2011). A draw is a function of (key, counter) alone, so a step can be replayed, a batch can be
 * drawn on the GPU, and two programs can agree without talking. shaders/lib/random.wgsl has the same bits; integers are
 * bit-equal everywhere, floats made from them (`normalPair`) agree to rounding.
 */

/** Two u32 words: the key of a stream, or of one parameter within it. */
export type Key = readonly [number, number];

/** What a draw is for. One key a purpose, so that no purpose can disturb another's numbers. */
export const STREAM = {
  /** Initial weights, by parameter path. */ init: 1,
  /** Which windows make up a batch, by step. */ order: 2,
  /** Dropout masks, by step, site and element. */ dropout: 3,
  /** Characters of generated text. */ sample: 4,
  /** Structural events, by their number. */ event: 5,
  /** Hidden symbols of masked language models, by batch and place. */ mask: 6,
  /** Inputs of tests and benchmarks. */ test: 7,
  /** Layers that a training step leaves out, by step and layer. */ drop: 8,
} as const;

/** Skein's parity constant for 32-bit words. */
const PARITY = 0x1bd11bda;
/** Rotation distances of Threefry-2x32 (table 2 of the paper), a period of eight rounds. */
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** 20 rounds; the key is injected after every fourth. All words are u32. */
export function threefry2x32(k0: number, k1: number, c0: number, c1: number): Key {
  const schedule = [k0, k1, PARITY ^ k0 ^ k1] as const;
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  for (let round = 0; round < 20; round++) {
    const r = ROTATIONS[round & 7]!;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    if ((round & 3) === 3) {
      const s = (round + 1) >> 2;
      x0 = (x0 + schedule[s % 3]!) | 0;
      x1 = (x1 + schedule[(s + 1) % 3]! + s) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** The key of one stream (a value of `STREAM`) of the run whose key is (seed0, seed1). */
export function streamKey(seed0: number, seed1: number, stream: number): Key {
  return threefry2x32(seed0, seed1, stream, 0);
}

/** The key of one named thing within a stream (a parameter's path). */
export function fold(key: Key, text: string): Key {
  return threefry2x32(key[0], key[1], fnv1a(text), text.length);
}

/** FNV-1a, 32 bits, over the UTF-8 bytes. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** [0, 1) in steps of 2⁻²⁴: every value is an f32. */
export function uniform(bits: number): number {
  return (bits >>> 8) * 2 ** -24;
}

/**
 * 0 … n−1: the high word of bits·n, so no division and no rejection (bias below n·2⁻³²). Split into 16-bit halves to
 * stay exact in a double; n ≤ 2³²−1, as in WGSL.
 */
export function uniformInt(bits: number, n: number): number {
  const low = Math.floor(((bits & 0xffff) * n) / 0x10000);
  return Math.floor(((bits >>> 16) * n + low) / 0x10000);
}

/** Two independent N(0, 1) by Box and Muller; |z| < 5.77 since the radius comes from 24 bits in (0, 1]. */
export function normalPair(bits0: number, bits1: number): Key {
  const radius = Math.sqrt(-2 * Math.log(((bits0 >>> 8) + 1) * 2 ** -24));
  const angle = 2 * Math.PI * uniform(bits1);
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
