/**
 * The house keeps its plan: the table in ARCHITECTURE.md is the law, and every import in src/ is held against it. A new
 * arrow is a change to that page, in the same commit, where a reviewer sees it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const src = new URL(".", import.meta.url).pathname;
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((f) => /\.(ts|tsx)$/.test(f));

const table = new Map<string, Set<string>>();
for (const [, room, may] of readFileSync(join(src, "ARCHITECTURE.md"), "utf8").matchAll(
  /^\| ([a-z]+) \| ([a-z ]*)\|$/gm,
)) {
  table.set(room!, new Set(may!.split(" ").filter(Boolean)));
}

const importsOf = (text: string) => [
  ...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g),
  ...text.matchAll(/new URL\(\s*"(\.[^"]+\.tsx?)"/g),
];
const isTest = (file: string) => /\.test\.tsx?$/.test(file);

/** "room/file imports other/file" for every arrow the table lacks. */
function strayArrows(sources: ReadonlyMap<string, string>): string[] {
  const stray: string[] = [];
  for (const [file, text] of sources) {
    const room = file.split("/")[0]!;
    if (!file.includes("/") || room === "testing" || isTest(file)) continue;
    for (const [, target] of importsOf(text)) {
      const path = relative(src, join(src, dirname(file), target!));
      const other = path.split("/")[0]!;
      if (other !== room && !table.get(room)?.has(other)) stray.push(`${file} imports ${path}`);
    }
  }
  return stray;
}

describe("rooms", () => {
  const sources = new Map(files.map((f) => [f, readFileSync(join(src, f), "utf8")]));

  it("are all in the table, and each may import only rooms that stand above it", () => {
    const order = [...table.keys()];
    const present = new Set(files.filter((f) => f.includes("/")).map((f) => f.split("/")[0]!));
    present.delete("testing");
    expect([...present].filter((room) => !table.has(room))).toEqual([]);
    for (const [room, may] of table) {
      for (const other of may)
        expect(order.indexOf(other), `${room} → ${other}`).toBeLessThan(order.indexOf(room));
    }
  });

  it("have no arrow that the table lacks", () => {
    expect(strayArrows(sources)).toEqual([]);
  });

  it("would be caught breaking the plan", () => {
    const planted = new Map([
      ["engine/planted.ts", 'import { x } from "../gpu/device.ts";\nawait import("../app/App.tsx");'],
    ]);
    expect(strayArrows(planted)).toHaveLength(2);
  });

  it("import files by their whole name", () => {
    const bare = [...sources].flatMap(([file, text]) =>
      importsOf(text)
        .filter(([, target]) => !/\.(ts|tsx|json|css|svg|mjs)(\?.*)?$/.test(target!))
        .map(([, target]) => `${file}: ${target}`),
    );
    expect(bare).toEqual([]);
  });

  it("stay small: files up to 300 lines, shaders 200; a reason at the top (`Long because`) lifts it to 500", () => {
    const shaders = join(src, "../shaders");
    const lines = (text: string) => text.split("\n").length - 1;
    const long = [...sources].map(([f, text]) => [f, text, 300] as const);
    for (const f of readdirSync(shaders, { recursive: true, encoding: "utf8" }).filter((n) =>
      n.endsWith(".wgsl"),
    )) {
      long.push([`shaders/${f}`, readFileSync(join(shaders, f), "utf8"), 200 as 300]);
    }
    const over = long.filter(
      ([, text, most]) => lines(text) > (/Long because/.test(text.slice(0, 1500)) ? 500 : most),
    );
    expect(over.map(([f, text]) => `${f}: ${lines(text)} lines`)).toEqual([]);
  });

  it("below the worker read no clock and draw nothing at random", () => {
    const below = new Set([
      "config",
      "random",
      "engine",
      "gpu",
      "data",
      "models",
      "methods",
      "run",
      "share",
      "train",
    ]);
    const bad = [...sources]
      .filter(([f]) => below.has(f.split("/")[0]!) && !isTest(f))
      .filter(([, text]) => /\b(Math\.random|Date\.now|performance\.now)\b\(/.test(text));
    expect(bad.map(([f]) => f)).toEqual([]);
  });
});
