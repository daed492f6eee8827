import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseInline, parseMarkdown } from "./markdown.ts";

describe("Markdown", () => {
  it("knows the blocks of the methods pages", () => {
    const blocks = parseMarkdown(
      "# Title\n\ntwo lines\nof text\n\n- a\n- b\n  more of b\n  - c\n\n1. x\n2. y\n\n```math\na | b\n```\n\n| h | k |\n|---|---|\n| 1 | `a|b` |\n\n> said\n> so\n\n---\n",
    );
    expect(blocks).toEqual([
      { kind: "heading", level: 1, text: "Title" },
      { kind: "paragraph", text: "two lines of text" },
      {
        kind: "list",
        ordered: false,
        items: [
          { text: "a", items: [] },
          { text: "b more of b", items: [{ text: "c", items: [] }] },
        ],
      },
      {
        kind: "list",
        ordered: true,
        items: [
          { text: "x", items: [] },
          { text: "y", items: [] },
        ],
      },
      { kind: "code", text: "a | b", language: "math" },
      { kind: "table", head: ["h", "k"], rows: [["1", "`a|b`"]] },
      { kind: "quote", text: "said so" },
      { kind: "rule" },
    ]);
  });

  it("sets the symbols of formulas, and no name of a file or parameter", () => {
    expect(parseInline("W_x of n_d cells, b^l_u and W^(l+1)[:, u]")).toEqual([
      { kind: "text", text: "W" },
      { kind: "sub", text: "x" },
      { kind: "text", text: " of n" },
      { kind: "sub", text: "d" },
      { kind: "text", text: " cells, b" },
      { kind: "sup", text: "l" },
      { kind: "sub", text: "u" },
      { kind: "text", text: " and W" },
      { kind: "sup", text: "l+1" },
      { kind: "text", text: "[:, u]" },
    ]);
    for (const text of ["weight_ih_l0", "train_log", "10^-5", "a_b_c", "x ^ y", "ends_"]) {
      expect(parseInline(text)).toEqual([{ kind: "text", text }]);
    }
    expect(parseInline("`W_x`")).toEqual([{ kind: "code", text: "W_x" }]);
  });

  it("knows spans, and leaves products and paths alone", () => {
    expect(parseInline("a **b** `c*d` [e](f.md) _g_")).toEqual([
      { kind: "text", text: "a " },
      { kind: "strong", spans: [{ kind: "text", text: "b" }] },
      { kind: "text", text: " " },
      { kind: "code", text: "c*d" },
      { kind: "text", text: " " },
      { kind: "link", href: "f.md", spans: [{ kind: "text", text: "e" }] },
      { kind: "text", text: " " },
      { kind: "em", spans: [{ kind: "text", text: "g" }] },
    ]);
    expect(parseInline("snake_case_name and 2 * 3 * 4")).toEqual([
      { kind: "text", text: "snake_case_name and 2 * 3 * 4" },
    ]);
  });

  it("reads any text to its end, HTML as text", () => {
    expect(parseMarkdown("<script>alert(1)</script>")).toEqual([
      { kind: "paragraph", text: "<script>alert(1)</script>" },
    ]);
    expect(parseMarkdown("```\nnever closed")).toEqual([
      { kind: "code", text: "never closed", language: "" },
    ]);
    expect(parseMarkdown("#no heading\n\n|x|\n")).toHaveLength(2);
  });

  it("shows pictures beside the page, and no others", () => {
    expect(parseMarkdown("text\n![What is seen](stack.svg)\nmore")).toEqual([
      { kind: "paragraph", text: "text" },
      { kind: "image", alt: "What is seen", file: "stack.svg" },
      { kind: "paragraph", text: "more" },
    ]);
    for (const file of ["https://example.org/a.svg", "../a.svg", "a.png", "javascript:a.svg", "/a.svg"]) {
      expect(parseMarkdown(`![a](${file})`)).toEqual([{ kind: "paragraph", text: `![a](${file})` }]);
    }
  });

  const root = new URL("../../../public/docs/", import.meta.url);
  const pages = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".md"),
  );
  it.each(pages)("%s begins with its one title", (name) => {
    const blocks = parseMarkdown(readFileSync(new URL(name, root), "utf8"));
    expect(blocks[0]?.kind).toBe("heading");
    expect(blocks.filter((block) => block.kind === "heading" && block.level === 1)).toHaveLength(1);
  });
});
