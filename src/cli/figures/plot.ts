/** Lines over steps, with marks where something happened; and bars. Labels stand at what they name, not in a legend. */
import { INNER, line, moved, type Piece, path, rect, text } from "./svg.ts";

export type Point = readonly [x: number, y: number];

export interface Line {
  readonly classes: string;
  readonly points: readonly Point[];
  /** At its end. */
  readonly label?: string;
  /** A dot at each point. */
  readonly dots?: boolean;
  /** Above or below the end, in px. */
  readonly shift?: number;
}

export interface Mark {
  readonly x: number;
  readonly kind: "growth" | "cut" | "change" | "undo";
  readonly label?: string;
}

export interface Level {
  readonly y: number;
  readonly label: string;
  /** Where the label stands: above its start unless said otherwise. */
  readonly at?: "end" | "under";
}

export interface PlotOptions {
  readonly width?: number;
  readonly height?: number;
  readonly x: readonly [number, number];
  /** Absent: what the lines need. */
  readonly y?: readonly [number, number];
  readonly lines: readonly Line[];
  readonly marks?: readonly Mark[];
  readonly levels?: readonly Level[];
  readonly unit?: string;
  readonly show?: (value: number) => string;
  /** Room for labels at the ends of lines. */
  readonly room?: number;
}

/** 1,234 · .05 · −.3 · 1.5 */
export function figure(value: number, digits = 3): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  const shown =
    size < 1e-3 || size >= 1e7
      ? value
          .toExponential(Math.max(0, digits - 1))
          .replace("e-", "e−")
          .replace("e+", "e")
      : value.toLocaleString("en", { maximumFractionDigits: Math.min(6, places) });
  return shown.replace("-", "−").replace(/^(−?)0\./, "$1.");
}

/** Round values over a range, about `count` of them. */
export function ticks(low: number, high: number, count: number): readonly number[] {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((k) => k * power).find((size) => size >= rough - 1e-12 * power)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

const LEFT = 34;

export const GLYPH: Readonly<Record<Mark["kind"], string>> = {
  growth: "M-5 4L0 -5L5 4Z",
  cut: "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0M-3.2 3.2L3.2 -3.2",
  change: "M0 -5L5 0L0 5L-5 0Z",
  undo: "M-4 -2.5L-4 2.5M-4 0L1 -4M-4 0L1 4M-4 0h9",
};

export function plot(options: PlotOptions): Piece {
  const {
    lines,
    marks = [],
    levels = [],
    width = INNER,
    height = 110,
    x,
    unit = "steps",
    room = 0,
  } = options;
  const show = options.show ?? ((value: number) => figure(value));
  const values = [...lines.flatMap(({ points }) => points.map(([, y]) => y)), ...levels.map(({ y }) => y)];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const pad = 0.06 * (most - least || Math.abs(most) || 1);
  const [low, high] = options.y ?? [least - pad, most + pad];
  const top = marks.some(({ label }) => label !== undefined) ? 14 : 4;
  const inner = { width: width - LEFT - room, height: height - top - 19 };
  const atX = (value: number) => LEFT + (inner.width * (value - x[0])) / (x[1] - x[0] || 1);
  const atY = (value: number) => top + inner.height * (1 - (value - low) / (high - low || 1));
  const floor = top + inner.height;
  const body: string[] = [];
  for (const value of ticks(low, high, inner.height > 60 ? 4 : 2)) {
    body.push(
      line("grid", LEFT, atY(value), LEFT + inner.width, atY(value)),
      text(LEFT - 5, atY(value) + 3.5, show(value), "soft end"),
    );
  }
  // The unit stands at the end of the row of figures.
  const last = LEFT + inner.width - (unit === "" ? 0 : 6 * unit.length + 14);
  for (const value of ticks(x[0], x[1], 4)) {
    if (atX(value) <= last) body.push(text(atX(value), floor + 15, figure(value), "soft mid"));
  }
  body.push(line("axis", LEFT, floor, LEFT + inner.width, floor));
  body.push(text(LEFT + inner.width, floor + 15, unit, "soft end"));
  for (const { x: at } of marks) body.push(line("event", atX(at), top, atX(at), floor));
  for (const { y, label, at } of levels) {
    body.push(line("level", LEFT, atY(y), LEFT + inner.width, atY(y)));
    if (label !== "")
      body.push(
        at === undefined
          ? text(LEFT + 5, atY(y) - 4, label, "soft halo")
          : text(LEFT + inner.width, atY(y) + (at === "end" ? -4 : 12), label, "soft end halo"),
      );
  }
  for (const { classes, points, label, dots = false, shift = 0 } of lines) {
    const seen = points.filter(([, y]) => Number.isFinite(y));
    const d = seen.map(
      ([px, py], i) => `${i === 0 ? "M" : "L"}${n1(atX(px))} ${n1(atY(clamp(py, low, high)))}`,
    );
    body.push(path(classes, d.join("")));
    if (dots)
      for (const [px, py] of seen.filter(([, y]) => y >= low && y <= high))
        body.push(`<circle class="${classes} dot" cx="${n1(atX(px))}" cy="${n1(atY(py))}" r="2"/>`);
    const end = seen.at(-1);
    if (label !== undefined && end !== undefined)
      body.push(text(atX(end[0]) + 6, atY(end[1]) + 3.5 + shift, label, "halo"));
  }
  for (const { x: at, kind, label } of marks) {
    body.push(moved(atX(at), floor, path(kind === "change" ? "mark" : `mark ${kind}`, GLYPH[kind])));
    if (label === undefined) continue;
    const late = atX(at) > LEFT + 0.6 * inner.width;
    body.push(text(atX(at) + (late ? -3 : 3), 10, label, late ? "end" : ""));
  }
  return { width, height, body: body.join("") };
}

const n1 = (value: number): string => String(Math.round(value * 10) / 10);
const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

export interface BarsOptions {
  readonly width?: number;
  readonly height?: number;
  /** Edges of the first and the last bar. */
  readonly x: readonly [number, number];
  readonly counts: readonly number[];
  /** Bars up to here are of the other class. */
  readonly until?: number;
  readonly unit: string;
  readonly label?: string;
  readonly most?: number;
}

export function bars({ x, counts, until, unit, label, width = INNER, ...rest }: BarsOptions): Piece {
  const height = rest.height ?? 84;
  const [top, floor] = [label === undefined ? 4 : 16, height - 18];
  const most = rest.most ?? Math.max(...counts, 1);
  const each = width / counts.length;
  const at = (value: number) => (width * (value - x[0])) / (x[1] - x[0]);
  const body = counts.map((count, i) => {
    const edge = x[0] + ((i + 1) * (x[1] - x[0])) / counts.length;
    const tall = ((floor - top) * Math.min(count, most)) / most;
    const cut = until !== undefined && edge <= until + 1e-12;
    return count === 0
      ? ""
      : rect(cut ? "bar cut" : "bar", i * each + 0.5, floor - tall, Math.max(0.5, each - 1), tall);
  });
  body.push(line("axis", 0, floor, width, floor));
  for (const value of ticks(x[0], x[1], 4)) {
    const px = at(value);
    if (px > width - 6 * unit.length - 14) continue;
    body.push(text(px, floor + 14, figure(value), px < 10 ? "soft" : "soft mid"));
  }
  body.push(text(width, floor + 14, unit, "soft end"));
  if (until !== undefined) {
    body.push(line("threshold", at(until), 2, at(until), floor));
    if (label !== undefined) body.push(text(at(until) + 5, 11, label));
  } else if (label !== undefined) body.push(text(width, 11, label, "end"));
  return { width, height, body: body.join("") };
}

/** How many of the values fall into each of `count` equal bars from `low` to `high`; what is beyond goes into the last. */
export function histogram(
  values: readonly number[],
  low: number,
  high: number,
  count: number,
): readonly number[] {
  const bins = Array<number>(count).fill(0);
  for (const value of values) {
    const bin = Math.floor((count * (value - low)) / (high - low));
    bins[Math.min(count - 1, Math.max(0, bin))]!++;
  }
  return bins;
}
