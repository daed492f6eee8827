/**
 * The curve as an SVG for the README: tokens a second and share of the adapter's peak over width and depth, for both
 * models. Every line is labelled where it ends; a line that ends early ends in a ring, and the foot says why. Colours come
 * in two sets, for light and dark, chosen by the reader's own setting.
 */
import { type EngineName, flopsOf, tokensOf } from "./jobs.ts";
import { type BenchResult, type CurvePoint, totalOf } from "./result.ts";
import { median } from "./statistics.ts";

const WIDTH = 1080;
const HEIGHT = 572;
const TOP = 62;
const LEFT = 58;
const PANEL = { width: 156, height: 160, gapX: 100, gapY: 92 };

export interface Series {
  readonly engine: EngineName;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** The last point of the panel was not measured. */
  readonly cut: boolean;
}

export interface PanelData {
  readonly model: "lstm" | "gpt";
  readonly along: "width" | "depth";
  readonly at: string;
  readonly xs: readonly number[];
  readonly tokens: readonly Series[];
  readonly share: readonly Series[];
}

/** What the panels show. On a processor seconds are those of its CPU time, else the wall's. */
export function panelsOf({ curve, about, peak }: BenchResult): readonly PanelData[] {
  const keys = [...new Set(curve.map(({ model, along }) => `${along} ${model}`))];
  return keys.map((key) => {
    const points = curve.filter(({ model, along }) => `${along} ${model}` === key);
    const [{ model, along, at }] = points as [CurvePoint];
    const xs = points.map(({ x }) => x);
    const engines = (["ours", "jax-js", "tfjs"] as const).filter((name) =>
      points.some(({ result }) => result.engines.some(({ engine }) => engine === name)),
    );
    const series = (name: EngineName, value: (point: CurvePoint, seconds: number) => number): Series => {
      const line = points.flatMap((point) => {
        const found = point.result.engines.find(({ engine }) => engine === name);
        if (found === undefined || found.turns.length === 0) return [];
        const seconds = median(
          found.turns.map(({ cpu, seconds: wall }) => (about.software ? totalOf(cpu) : wall)),
        );
        return [{ x: point.x, y: value(point, seconds) }];
      });
      return { engine: name, points: line, cut: line.at(-1)?.x !== xs.at(-1) };
    };
    return {
      model,
      along,
      at,
      xs,
      tokens: engines.map((name) => series(name, ({ job }, seconds) => tokensOf(job) / seconds)),
      share: engines.map((name) => series(name, ({ job }, seconds) => flopsOf(job) / seconds / peak)),
    };
  });
}

const round = (n: number): string => String(Math.round(n * 10) / 10);

/** Powers of ten around the values; a share has no more than the whole. */
function decades(values: readonly number[], share: boolean): readonly [number, number] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  const top = Math.max(high, low + 1);
  return [low, share && Math.max(...values) <= 1 ? 0 : top];
}

const NAMES: Readonly<Record<EngineName, string>> = { ours: "Espalier", "jax-js": "jax-js", tfjs: "tfjs" };

const tick = (value: number, percent: boolean): string => {
  if (percent) return `${Number((100 * value).toPrecision(1))} %`;
  return value >= 1000 ? `${value / 1000}k` : String(value);
};

function panel(
  left: number,
  top: number,
  data: PanelData,
  series: readonly Series[],
  percent: boolean,
): string {
  const { width, height } = PANEL;
  const values = series.flatMap(({ points }) => points.map(({ y }) => y));
  if (values.length === 0) return "";
  const [low, high] = decades(values, percent);
  const span = Math.log2(data.xs.at(-1)!) - Math.log2(data.xs[0]!) || 1;
  const atX = (x: number) => left + (width * (Math.log2(x) - Math.log2(data.xs[0]!))) / span;
  const atY = (y: number) => top + height - (height * (Math.log10(y) - low)) / (high - low);
  const parts: string[] = [];
  for (let e = low; e <= high; e++) {
    const y = round(atY(10 ** e));
    parts.push(
      `<line class="grid" x1="${round(left)}" x2="${round(left + width)}" y1="${y}" y2="${y}"/>`,
      `<text class="tick end" x="${round(left - 6)}" y="${y}" dy="0.35em">${tick(10 ** e, percent)}</text>`,
    );
  }
  for (const x of data.xs) {
    parts.push(`<text class="tick mid" x="${round(atX(x))}" y="${round(top + height + 16)}">${x}</text>`);
  }
  // Labels that would lie on each other are pushed apart, from the top down.
  const labels = series
    .filter(({ points }) => points.length > 0)
    .map(({ engine, points, cut }) => {
      const [x, y] = [atX(points.at(-1)!.x), atY(points.at(-1)!.y)];
      // Beside the end of a line; where the line was cut others go on to the right, so below it.
      return cut && points.length > 1 ? { engine, x, y: y + 10 } : { engine, x, y };
    })
    .sort((a, b) => a.y - b.y);
  labels.forEach((label, i) => {
    const above = labels[i - 1];
    if (above !== undefined && Math.abs(above.x - label.x) < 50) label.y = Math.max(label.y, above.y + 13);
  });
  for (const { engine, points, cut } of series) {
    if (points.length === 0) continue;
    const path = points
      .map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${round(atX(x))} ${round(atY(y))}`)
      .join("");
    parts.push(`<path class="line ${engine}" d="${path}"/>`);
    points.forEach(({ x, y }, i) => {
      const ring = cut && i === points.length - 1;
      parts.push(
        `<circle class="${ring ? "ring" : "dot"} ${engine}" cx="${round(atX(x))}" cy="${round(atY(y))}" ` +
          `r="${ring ? 4 : 2.8}"/>`,
      );
    });
  }
  for (const { engine, x, y } of labels) {
    parts.push(
      `<text class="name ${engine}" x="${round(x + 8)}" y="${round(y)}" dy="0.35em">${NAMES[engine]}</text>`,
    );
  }
  return parts.join("\n");
}

const STYLE = `
text { font: 12px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #3a3f3a; }
.paper { fill: #fdfcf8; }
.title { font-size: 13px; font-weight: 600; fill: #1d211d; }
.head { font-size: 15px; font-weight: 600; fill: #1d211d; }
.tick, .foot { font-size: 11px; fill: #5c635c; }
.end { text-anchor: end; }
.mid { text-anchor: middle; }
.grid { stroke: #dcdcd2; stroke-width: 1; }
.line { fill: none; stroke-width: 1.8; }
.line.ours { stroke-width: 2.6; }
.name { font-weight: 600; stroke: #fdfcf8; stroke-width: 3px; paint-order: stroke; }
.ring { fill: #fdfcf8; stroke-width: 1.8; }
.line.ours, .ring.ours { stroke: #1f6f43; }
.dot.ours, .name.ours { fill: #1f6f43; }
.line.jax-js, .ring.jax-js { stroke: #9a4d00; }
.dot.jax-js, .name.jax-js { fill: #9a4d00; }
.line.tfjs, .ring.tfjs { stroke: #4a4fa8; }
.dot.tfjs, .name.tfjs { fill: #4a4fa8; }
@media (prefers-color-scheme: dark) {
  text { fill: #cdd2cb; }
  .paper { fill: #161a17; }
  .title, .head { fill: #eef1ec; }
  .tick, .foot { fill: #a3aaa2; }
  .grid { stroke: #333a34; }
  .name { stroke: #161a17; }
  .ring { fill: #161a17; }
  .line.ours, .ring.ours { stroke: #6fce96; }
  .dot.ours, .name.ours { fill: #6fce96; }
  .line.jax-js, .ring.jax-js { stroke: #f0a35e; }
  .dot.jax-js, .name.jax-js { fill: #f0a35e; }
  .line.tfjs, .ring.tfjs { stroke: #a3a8f5; }
  .dot.tfjs, .name.tfjs { fill: #a3a8f5; }
}`;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

export function curveSvg(result: BenchResult): string {
  const panels = panelsOf(result);
  const per = result.about.software ? "a CPU second" : "a second";
  const body = panels.flatMap((data, column) => {
    const left = LEFT + column * (PANEL.width + PANEL.gapX);
    const below = TOP + PANEL.height + PANEL.gapY;
    const model = data.model === "lstm" ? "LSTM" : "GPT";
    const unit = data.along === "width" && data.model === "lstm" ? "cells" : data.along;
    const axis = (top: number) =>
      `<text class="tick mid" x="${left + PANEL.width / 2}" y="${top + PANEL.height + 31}">${unit}</text>`;
    const title = (top: number) =>
      `<text class="title" x="${left}" y="${top - 12}">${model} over ${unit}, ${data.at}</text>`;
    return [
      title(TOP),
      panel(left, TOP, data, data.tokens, false),
      axis(TOP),
      title(below),
      panel(left, below, data, data.share, true),
      axis(below),
    ];
  });
  const rows = [`Tokens ${per}`, "Share of the adapter’s multiply-add peak"];
  const batch = result.curve[0]?.job.batch ?? 0;
  const context = result.curve[0]?.job.context ?? 0;
  const feet = [
    `${result.about.name}, ${result.runtime}, ${result.date.slice(0, 10)}. One training step of ${batch} windows of ` +
      `${context} characters, AdamW. Both axes are logarithmic.`,
    "A ring: this engine was measured no further. The peers take minutes to compile on a processor.",
  ];
  const alt =
    "Training speed over width and depth for an LSTM and a GPT: Espalier, jax-js and TensorFlow.js on one adapter.";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${alt}">`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="head" x="${LEFT - 42}" y="26">${rows[0]}</text>`,
    `<text class="head" x="${LEFT - 42}" y="${TOP + PANEL.height + PANEL.gapY - 36}">${rows[1]}</text>`,
    ...body,
    ...feet.map(
      (foot, i) => `<text class="foot" x="${LEFT - 42}" y="${HEIGHT - 28 + 16 * i}">${escaped(foot)}</text>`,
    ),
    "</svg>",
    "",
  ].join("\n");
}
