/**
 * A chart as a file. CSV holds every step the run has recorded by now, not what was thinned for the screen. The picture
 * is the score's own SVGs drawn on the page's ground at twice its size; variables are resolved first, since a loaded SVG
 * has no page.
 */
import { download } from "../store/full.ts";
import { rowAt, type Series } from "../store/series.ts";
import type { Session } from "../store/session.ts";
import { isOfImages } from "../store/units.ts";
import { readToken } from "../tokens.ts";

const SCALE = 2;

type Lines = Pick<Session, "train" | "evals" | "branches" | "config">;

export function csvOf({ train, evals, branches, config }: Lines): string {
  const images = isOfImages(config);
  const lines = [
    `line,part,step,${images ? "images" : "characters"},flops,seconds,loss${images ? ",right" : ""}`,
  ];
  const add = (line: string, part: string, series: Series): void => {
    for (let i = 0; i < series.length; i++) {
      const { step, tokens, flops, seconds, loss, accuracy = Number.NaN } = rowAt(series, i);
      const right = images ? [Number.isNaN(accuracy) ? "" : accuracy] : [];
      lines.push([line, part, step, tokens, flops, Number(seconds.toFixed(3)), loss, ...right].join(","));
    }
  };
  add("main", "train", train);
  add("main", "validation", evals);
  branches.forEach((branch, i) => {
    add(`branch ${i + 1}`, "train", branch.train);
    add(`branch ${i + 1}`, "validation", branch.evals);
  });
  return `${lines.join("\n")}\n`;
}

export function saveCsv(data: Lines): void {
  download("espalier-loss.csv", new Blob([csvOf(data)], { type: "text/csv" }));
}

const PAINTED = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-opacity",
  "stroke-linejoin",
  "paint-order",
  "font-family",
  "font-size",
  "font-style",
  "font-weight",
  "opacity",
] as const;

/** A copy whose look no longer depends on the page's stylesheets. */
function standalone(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, i) => {
    const source = from[i];
    if (!source || !(element instanceof SVGElement)) return;
    const style = getComputedStyle(source);
    for (const name of PAINTED) element.style.setProperty(name, style.getPropertyValue(name));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return copy;
}

export async function savePng(): Promise<void> {
  const score = document.querySelector(".score-canvas");
  if (!score) return;
  const { width, height, left, top } = score.getBoundingClientRect();
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(SCALE, SCALE);
  context.fillStyle = readToken("ground");
  context.fillRect(0, 0, width, height);
  for (const svg of score.querySelectorAll<SVGSVGElement>("svg")) {
    const box = svg.getBoundingClientRect();
    const text = new XMLSerializer().serializeToString(standalone(svg));
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    context.drawImage(image, box.left - left, box.top - top, box.width, box.height);
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob) download("espalier-loss.png", blob);
}
