/**
 * The colours do what design says of them: text and marks stand out on both grounds, and any two run colours are told
 * apart with every kind of sight. Contrast by WCAG 2; difference by CIEDE2000; sight by Machado et al. 2009, severity 1.
 */
import { describe, expect, it } from "vitest";
import { tokenSheet, tokens } from "./tokens.ts";

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

const SIGHT: Readonly<Record<string, Matrix>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(hex: string): Triple {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

const times = (m: Matrix, v: Triple): Triple =>
  m.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]) as unknown as Triple;

const luminance = ([r, g, b]: Triple): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(linear(a)), luminance(linear(b))];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const XYZ: Matrix = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
];

function lab(rgb: Triple): Triple {
  const clipped = rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Triple;
  const [x, y, z] = times(XYZ, clipped);
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const [fx, fy, fz] = [f(x / 0.95047), f(y), f(z / 1.08883)];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

/** Sharma, Wu, Dalal 2005. */
function ciede2000([l1, a1, b1]: Triple, [l2, a2, b2]: Triple): number {
  const rad = Math.PI / 180;
  const mean = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(mean ** 7 / (mean ** 7 + 25 ** 7)));
  const [p1, p2] = [a1 * (1 + g), a2 * (1 + g)];
  const [c1, c2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)];
  const hue = (b: number, a: number): number =>
    a === 0 && b === 0 ? 0 : (Math.atan2(b, a) / rad + 360) % 360;
  const [h1, h2] = [hue(b1, p1), hue(b2, p2)];
  const dh = c1 * c2 === 0 ? 0 : ((h2 - h1 + 540) % 360) - 180;
  const dH = 2 * Math.sqrt(c1 * c2) * Math.sin((dh / 2) * rad);
  const [l, c] = [(l1 + l2) / 2, (c1 + c2) / 2];
  const h = c1 * c2 === 0 ? h1 + h2 : (h1 + dh / 2 + 360) % 360;
  const t =
    1 -
    0.17 * Math.cos((h - 30) * rad) +
    0.24 * Math.cos(2 * h * rad) +
    0.32 * Math.cos((3 * h + 6) * rad) -
    0.2 * Math.cos((4 * h - 63) * rad);
  const sl = 1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2);
  const sc = 1 + 0.045 * c;
  const sh = 1 + 0.015 * c * t;
  const turn = 30 * Math.exp(-(((h - 275) / 25) ** 2));
  const rt = -2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7)) * Math.sin(2 * turn * rad);
  const [x, y, z] = [(l2 - l1) / sl, (c2 - c1) / sc, dH / sh];
  return Math.sqrt(x * x + y * y + z * z + rt * y * z);
}

/** Least difference of any two run colours, as design.md §7 states it. */
const STATED = {
  light: { normal: 16.3, protan: 13.7, deutan: 13.7, tritan: 14.6 },
  dark: { normal: 15.9, protan: 14.4, deutan: 14.2, tritan: 14.4 },
} as const;

describe.each(["light", "dark"] as const)("%s colours", (scheme) => {
  const colours = tokens[scheme];
  const grounds = [colours.ground, colours.surface];

  it.each(["ink", "soft", "leaf", "cut", "warn"] as const)("%s is text: 4.5 on both grounds", (name) => {
    for (const ground of grounds) expect(contrast(colours[name], ground)).toBeGreaterThanOrEqual(4.5);
  });
  it("text on the filled button and on the soft rows: 4.5", () => {
    expect(contrast(colours.onLeaf, colours.leaf)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours.ink, colours.leafSoft)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours.ink, colours.cutSoft)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colours.soft, colours.sunk)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(["bud", "edge", "wire", "focus"] as const)("%s is a mark: 3 on both grounds", (name) => {
    for (const ground of grounds) expect(contrast(colours[name], ground)).toBeGreaterThanOrEqual(3);
  });
  it.each(Object.entries(colours.run))("run colour %s: 3 on both grounds", (_, colour) => {
    for (const ground of grounds) expect(contrast(colour, ground)).toBeGreaterThanOrEqual(3);
  });
  it.each(Object.keys(SIGHT) as (keyof (typeof STATED)["light"])[])(
    "any two runs differ by 13 in %s sight",
    (sight) => {
      const seen = Object.values(colours.run).map((hex) => lab(times(SIGHT[sight] as Matrix, linear(hex))));
      let least = Number.POSITIVE_INFINITY;
      seen.forEach((a, i) => {
        for (const b of seen.slice(i + 1)) least = Math.min(least, ciede2000(a, b));
      });
      expect(least).toBeGreaterThanOrEqual(13);
      // Rounded to a tenth on the page, and clipped colours may be handled a little differently there.
      expect(Math.abs(least - STATED[scheme][sight])).toBeLessThan(0.3);
    },
  );
});

it("every colour is a variable in both schemes", () => {
  const [light = "", dark = ""] = tokenSheet().split(":root[data-mantine-color-scheme");
  for (const name of ["ground", "surface", "on-leaf", "leaf-soft", "run-lake", "run-plum"]) {
    expect(light).toContain(`--${name}: #`);
    expect(dark).toContain(`--${name}: #`);
  }
});
