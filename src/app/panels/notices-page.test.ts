/** The page of licences names what the site really contains: a data set or a library that joins has to be added to it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { catalog } from "../store/catalog.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const notices = read("public/docs/notices.md");
const cells = (line: string): readonly string[] => line.split("|").map((cell) => cell.trim());
const rows = notices.split("\n").filter((line) => line.startsWith("|"));

describe("the page of licences", () => {
  it.each(catalog.data)("has $label with its licence", ({ label, licence }) => {
    expect(rows.map(cells)).toContainEqual([
      "",
      label,
      expect.stringMatching(/ \d+\.\d+\.\d+$/),
      licence,
      "",
    ]);
  });

  // Asked for by Recharts as a peer, and no line of it is in the site.
  const absent = ["react-is"];
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
  const built = Object.entries(dependencies).filter(([name]) => !absent.includes(name));
  it.each(built)("has %s %s", (name, version) => {
    const font = /ibm-plex-(\w+)$/.exec(name)?.[1];
    if (font) expect(notices.toLowerCase()).toMatch(new RegExp(`ibm plex .*${font}.*ofl-1.1`));
    else expect(notices).toContain(`${name} ${version}`);
  });
});
