/**
 * Colours of values: 256-entry tables, filled once a theme from the tokens. Diverging: brown below zero, teal above.
 * Sequential: paper to deep teal. Never a rainbow, never red against green.
 */
import { type Scheme, tokens } from "../../tokens.ts";

export type Scale = "diverging" | "sequential";

type Rgb = readonly [number, number, number];

const parse = (hex: string): Rgb => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
];

/** 256 packed little-endian RGBA words between the stops. */
function table(stops: readonly string[]): Uint32Array {
  const colours = stops.map(parse);
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (colours.length - 1);
    const from = colours[Math.floor(at)]!;
    const to = colours[Math.ceil(at)]!;
    const mix = (c: 0 | 1 | 2) => Math.round(from[c] + (to[c] - from[c]) * (at - Math.floor(at)));
    return pack(mix(0), mix(1), mix(2));
  });
}

const pack = (r: number, g: number, b: number): number => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

const tables = {
  light: { diverging: table(tokens.light.diverging), sequential: table(tokens.light.sequential) },
  dark: { diverging: table(tokens.dark.diverging), sequential: table(tokens.dark.sequential) },
} as const;

const grounds = {
  light: { ink: pack(...parse(tokens.light.ink)), surface: pack(...parse(tokens.light.surface)) },
  dark: { ink: pack(...parse(tokens.dark.ink)), surface: pack(...parse(tokens.dark.surface)) },
} as const;

/** Value → packed colour. Diverging: ± limit to the ends. Sequential: 0 … limit. Not a number: ink or surface in turn. */
export function colourOf(value: number, limit: number, scale: Scale, scheme: Scheme, parity: number): number {
  if (!Number.isFinite(value)) return parity % 2 === 0 ? grounds[scheme].ink : grounds[scheme].surface;
  const t = scale === "diverging" ? 0.5 + value / (2 * limit) : value / limit;
  return tables[scheme][scale][Math.max(0, Math.min(255, Math.round(t * 255)))]!;
}

const accents = {
  light: { bud: parse(tokens.light.bud), cut: parse(tokens.light.cut) },
  dark: { bud: parse(tokens.dark.bud), cut: parse(tokens.dark.cut) },
} as const;

/** A packed colour with this share of an accent in it. */
export function tinted(word: number, accent: "bud" | "cut", share: number, scheme: Scheme): number {
  const to = accents[scheme][accent];
  const mix = (shift: number, k: 0 | 1 | 2) => {
    const from = (word >>> shift) & 255;
    return Math.round(from + (to[k] - from) * share);
  };
  return pack(mix(0, 0), mix(8, 1), mix(16, 2));
}

/** CSS gradient of a scale, for legends. */
export function gradientOf(scale: Scale, scheme: Scheme): string {
  return `linear-gradient(90deg, ${tokens[scheme][scale].join(", ")})`;
}
