/** The page of every method and model has its parts, and the picture on it is what the command makes of the run that the page links to. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { actions, models, optims, triggers } from "../run/registries.ts";
import { decodeLink } from "../share/link.ts";
import { configOf, drawn, figures, pagePath, styleSheet, svgPath, TRY } from "./figures.ts";

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const read = (path: string): string => (existsSync(at(path)) ? readFileSync(at(path), "utf8") : "");

const methods = [...actions.values(), ...optims.values(), ...triggers.values()];
const style = styleSheet();

describe.each(methods.map((method) => [method.id, method] as const))("the page of %s", (id, method) => {
  const page = read(pagePath(id));

  it("has a formula, what is the paper's and what is ours, and the paper", () => {
    const { paper } = method;
    const parts = {
      formula: /^```|^ {4}\S/m.test(page),
      whose: /^## (What is whose|What is the paper's|Paper and ours)/m.test(page),
      paper:
        paper === null ? /\b(ours|no paper)\b/i.test(page) : page.includes(paper.arxiv ?? String(paper.year)),
    };
    expect(parts).toEqual({ formula: true, whose: true, paper: true });
  });
});

describe.each([...methods, ...models.values()].map((one) => one.id))("the page of %s", (id) => {
  const page = read(pagePath(id));
  const svg = read(svgPath(id));

  it("has a picture with a title, a description and what was run", () => {
    expect(page).toMatch(new RegExp(`^!\\[[^\\]]{20,}\\]\\(${id}\\.svg\\)$`, "m"));
    expect(svg.length).toBeGreaterThan(2000);
    expect(svg.length).toBeLessThanOrEqual(30_000);
    expect(svg).toMatch(/<title>[^<]{10,}<\/title>\n<desc>[^<]{40,}<\/desc>/);
    expect(svg).not.toMatch(/<script|\son\w+=|href|NaN|undefined|Infinity/);
    expect(svg.replace(/<\/?[^>]*>/g, " ").replace(/\s+/g, " ")).toContain(`npm run figures -- ${id}`);
    // No picture keeps a sheet that the page no longer has, and no shape goes without its colour.
    expect(svg).toContain(`<style>${style}</style>`);
    const classes = new Set([...svg.matchAll(/ class="([^"]+)"/g)].flatMap(([, names]) => names!.split(" ")));
    expect([...classes].filter((name) => !new RegExp(`\\.${name}\\b`).test(style))).toEqual([]);
  });

  it("has a link to the run that the picture is of, in which it is used", async () => {
    const opened = await decodeLink(TRY.exec(page)?.[2] ?? "");
    if (!opened.ok) throw new Error(opened.message);
    const { config } = opened;
    expect(config).toEqual(configOf(figures.get(id)!));
    const named = [
      config.model.id,
      config.optim.id,
      ...config.recipe.flatMap(({ action, trigger }) => [action.id, trigger.id]),
    ];
    expect(named).toContain(id);
  });
});

it("draws the same bytes again", async () => {
  expect(await drawn(figures.get("lion")!)).toBe(read(svgPath("lion")));
}, 60_000);
