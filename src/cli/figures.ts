/**
 * `npm run figures -- [id…]`: the pictures of the methods pages. For each method, or those named, a small run of its own is
 * trained on the interpreter (the same numbers on every machine) and drawn from its events and weights into
 * public/docs/methods/<id>.svg; the page's "try it" link is set to that run. A second time gives the same bytes.
 */
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { argv, stdout } from "node:process";
import { checkConfig } from "../run/check.ts";
import type { RunConfig } from "../run/config.ts";
import { models } from "../run/registries.ts";
import { encodeLink } from "../share/link.ts";
import { readNodeData } from "../worker/node.ts";
import { interpreted, observe } from "../worker/observed.ts";
import { parseArgs } from "./args.ts";
import { BadInput, isCommand, run } from "./command.ts";
import { prepareData } from "./data.ts";
import * as registry from "./figures/registry.ts";
import { runSentence } from "./figures/seen.ts";
import { sheetSvg } from "./figures/svg.ts";
import type { Figure } from "./figures/types.ts";
import { ProgressBar } from "./progress.ts";

const USAGE = 'Use "npm run figures -- [id…]".';

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);

/** By id, in the order in which they are listed. */
export const figures: ReadonlyMap<string, Figure> = new Map(
  (Object.values(registry) as readonly Figure[]).map((figure) => [figure.id, figure]),
);

export const pagePath = (id: string): string =>
  `public/docs/${models.has(id) ? "models" : "methods"}/${id}.md`;
export const svgPath = (id: string): string => pagePath(id).replace(/\.md$/, ".svg");

/** What the figure's run is, whole. */
export function configOf(figure: Figure): RunConfig {
  const checked = checkConfig(figure.config);
  if (!checked.ok) throw new Error(`The run of the figure ${figure.id} is refused: ${checked.message}.`);
  return checked.config;
}

type Tokens = Readonly<Record<"light" | "dark", Readonly<Record<string, unknown>>>> & {
  readonly font: { readonly sans: string };
};

/** The page's own sheet for figures, and the colours it asks for: in the page these are the page's. */
export function styleSheet(): string {
  const tokens = JSON.parse(readFileSync(at("src/app/tokens.json"), "utf8")) as Tokens;
  const rules = readFileSync(at("src/app/panels/figure.css"), "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,]) ?|: /g, (found, sign) => sign ?? found.trim())
    .replaceAll(";}", "}")
    .trim();
  const used = [...new Set([...rules.matchAll(/var\(--([\w-]+)\)/g)].map(([, name]) => name!))];
  const colours = (scheme: "light" | "dark") =>
    used
      .flatMap((name) => {
        const value = colourOf(tokens[scheme], name);
        return value === null ? [] : [`--${name}:${value}`];
      })
      .join(";");
  // Quotes would have to be escaped; every one of these faces has a name without them or goes without it.
  const sans = tokens.font.sans.replace(/"[^"]*",? ?/g, "");
  return (
    `svg{--sans:${sans};${colours("light")}}` +
    `@media(prefers-color-scheme:dark){svg{${colours("dark")}}}${rules.replaceAll(">", "&gt;")}`
  );
}

function colourOf(scheme: Readonly<Record<string, unknown>>, name: string): string | null {
  const { run, diverging } = scheme as { run: Record<string, string>; diverging: readonly string[] };
  if (name.startsWith("run-")) return run[name.slice(4)] ?? null;
  if (name === "diverging-above") return diverging.at(-1)!;
  if (name === "diverging-below") return diverging[0]!;
  const value = scheme[name];
  return typeof value === "string" ? value : null;
}

/** The picture as it goes into the file. */
export async function drawn(figure: Figure): Promise<string> {
  const config = configOf(figure);
  const seen = await observe({ config, backend: interpreted(), files: readNodeData }, figure.asked ?? {});
  const said = `${runSentence(seen)} Espalier’s interpreter: npm run figures -- ${figure.id}`;
  return sheetSvg(figure.draw(seen), said, styleSheet());
}

/** "[Try it](#1.…)": the run that the figure shows. */
export const TRY = /\[([^\]]*)\]\(#(\d+\.[\w-]+)\)/;

export async function linked(page: string, figure: Figure): Promise<string> {
  const link = await encodeLink(configOf(figure));
  return page.replace(TRY, (_, label: string) => `[${label}](#${link})`);
}

/** What was typed after the command. Bad input throws its sentence (`BadInput`). */
export async function main(typed: readonly string[]): Promise<number> {
  const { words } = parseArgs(typed, [], [], USAGE);
  const ids = words.length > 0 ? words : [...figures.keys()];
  for (const id of ids) {
    if (!figures.has(id))
      throw new BadInput(`There is no figure "${id}"; there are ${[...figures.keys()].join(", ")}.`);
  }
  const bar = new ProgressBar();
  await prepareData((id, done, total) => bar.draw(`Preparing data: ${id}`, done, total));
  for (const [i, id] of ids.entries()) {
    bar.draw(`Training for ${id}`, i, ids.length);
    const figure = figures.get(id)!;
    const svg = await drawn(figure);
    await writeFile(at(svgPath(id)), svg);
    const page = await readFile(at(pagePath(id)), "utf8");
    await writeFile(at(pagePath(id)), await linked(page, figure));
    bar.clear();
    stdout.write(`${svgPath(id)}  ${(svg.length / 1000).toFixed(1)} kB\n`);
  }
  bar.clear();
  return 0;
}

if (isCommand(import.meta.url)) await run(() => main(argv.slice(2)));
