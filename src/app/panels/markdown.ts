/**
 * The Markdown that the methods pages use, as a tree: headings, paragraphs, lists, fenced code, tables, quotes, rules, and
 * pictures of our own.
 * Our own pages are the only input, but everything becomes text nodes all the same: no HTML passes through.
 */
export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "paragraph" | "quote"; readonly text: string }
  | { readonly kind: "code"; readonly text: string; readonly language: string }
  /** A file beside the page. */
  | { readonly kind: "image"; readonly alt: string; readonly file: string }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly Item[] }
  | {
      readonly kind: "table";
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | { readonly kind: "rule" };

export interface Item {
  readonly text: string;
  readonly items: readonly Item[];
}

export type Span =
  | { readonly kind: "text" | "code" | "sub" | "sup"; readonly text: string }
  | { readonly kind: "strong" | "em"; readonly spans: readonly Span[] }
  | { readonly kind: "link"; readonly href: string; readonly spans: readonly Span[] };

const BULLET = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;
/** Only a picture beside the page, on a line of its own. Anything else that looks like one stays text. */
const IMAGE = /^!\[([^\]]*)\]\(([\w-]+\.svg)\)\s*$/;
const TABLE_RULE = /^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$/;

export function parseMarkdown(source: string): readonly Block[] {
  const lines = source.replaceAll("\r\n", "\n").split("\n");
  const blocks: Block[] = [];
  let at = 0;
  const line = (): string => lines[at] ?? "";
  while (at < lines.length) {
    const text = line();
    const fence = /^\s*(`{3,}|~{3,})(\S*)/.exec(text);
    const image = IMAGE.exec(text);
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(text);
    if (text.trim() === "") {
      at++;
    } else if (image) {
      blocks.push({ kind: "image", alt: image[1] ?? "", file: image[2] as string });
      at++;
    } else if (fence) {
      const body: string[] = [];
      for (
        at++;
        at < lines.length &&
        !line()
          .trim()
          .startsWith(fence[1] as string);
        at++
      )
        body.push(line());
      at++;
      blocks.push({ kind: "code", text: body.join("\n"), language: fence[2] ?? "" });
    } else if (heading) {
      blocks.push({ kind: "heading", level: (heading[1] as string).length, text: heading[2] ?? "" });
      at++;
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(text)) {
      blocks.push({ kind: "rule" });
      at++;
    } else if (text.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "")) {
      const head = cells(text);
      const rows: string[][] = [];
      for (at += 2; at < lines.length && line().includes("|"); at++) rows.push(cells(line()));
      blocks.push({ kind: "table", head, rows });
    } else if (/^\s*>/.test(text)) {
      const body: string[] = [];
      for (; at < lines.length && /^\s*>/.test(line()); at++) body.push(line().replace(/^\s*>\s?/, ""));
      blocks.push({ kind: "quote", text: body.join(" ") });
    } else if (BULLET.test(text)) {
      const body: string[] = [];
      for (; at < lines.length && (BULLET.test(line()) || (/^\s+\S/.test(line()) && body.length > 0)); at++) {
        // A line that continues an item belongs to it.
        if (BULLET.test(line())) body.push(line());
        else body[body.length - 1] += ` ${line().trim()}`;
      }
      blocks.push({ kind: "list", ordered: /^\s*\d/.test(text), items: nest(body) });
    } else if (/^(?: {4}|\t)/.test(text)) {
      const body: string[] = [];
      for (; at < lines.length && (/^(?: {4}|\t)/.test(line()) || line().trim() === ""); at++) {
        body.push(line().replace(/^(?: {4}|\t)/, ""));
      }
      blocks.push({ kind: "code", text: body.join("\n").trimEnd(), language: "" });
    } else {
      const body: string[] = [];
      for (; at < lines.length && line().trim() !== "" && !startsBlock(line()); at++)
        body.push(line().trim());
      // A line that looks like the start of a block but is none must not stop the reading.
      if (body.length === 0) body.push(lines[at++]?.trim() ?? "");
      blocks.push({ kind: "paragraph", text: body.join(" ") });
    }
  }
  return blocks;
}

function startsBlock(text: string): boolean {
  return /^(#{1,6}\s|\s*(`{3,}|~{3,})|\s*>)/.test(text) || BULLET.test(text) || IMAGE.test(text);
}

function cells(row: string): string[] {
  const inner = row.trim().replace(/^\|/, "").replace(/\|$/, "");
  // A bar inside code or escaped is not an edge.
  return (inner.match(/(?:`[^`]*`|\\\||[^|])+/g) ?? []).map((cell) => cell.replaceAll("\\|", "|").trim());
}

function nest(lines: readonly string[]): Item[] {
  const root: { text: string; items: Item[] } = { text: "", items: [] };
  const open = [{ indent: -1, node: root }];
  for (const line of lines) {
    const match = BULLET.exec(line);
    if (!match) continue;
    const indent = (match[1] ?? "").length;
    while (open.length > 1 && indent <= (open[open.length - 1]?.indent ?? 0)) open.pop();
    const node = { text: match[3] ?? "", items: [] as Item[] };
    (open[open.length - 1]?.node ?? root).items.push(node);
    open.push({ indent, node });
  }
  return root.items;
}

const INLINE =
  /(`+)(.+?)\1|\*\*(.+?)\*\*|\[([^\]]+)\]\(([^)\s]+)\)|<(https?:\/\/[^>\s]+)>|(?<![\w*])[*_](?=\S)(.+?)(?<=\S)[*_](?![\w*])/;

/** A symbol as formulas write it: one or two letters, then what stands over them, under them or both. */
const SYMBOL =
  /(?<![\w^])[A-Za-z\u0370-\u03ff]{1,2}['′]?(?=[_^])(?:\^(?:\(([^()\s]{1,6})\)|(\w)))?(?:_([A-Za-z0-9]{1,6}))?(?![\w^])/g;

/** Text with its symbols set as such: "W_x of n_d cells". Names of files and parameters stand in code. */
function symbols(text: string): readonly Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(SYMBOL)) {
    const [whole, group, letter, under] = match;
    const over = group ?? letter;
    if (over === undefined && under === undefined) continue;
    spans.push({ kind: "text", text: text.slice(at, match.index) + whole.replace(/[_^].*/, "") });
    if (over !== undefined) spans.push({ kind: "sup", text: over });
    if (under !== undefined) spans.push({ kind: "sub", text: under });
    at = match.index + whole.length;
  }
  if (at < text.length) spans.push({ kind: "text", text: text.slice(at) });
  return spans;
}

export function parseInline(text: string): readonly Span[] {
  const spans: Span[] = [];
  let rest = text;
  for (let match = INLINE.exec(rest); match; match = INLINE.exec(rest)) {
    if (match.index > 0) spans.push(...symbols(rest.slice(0, match.index)));
    const [whole, , code, strong, label, href, bare, em] = match;
    if (code !== undefined) spans.push({ kind: "code", text: code.trim() });
    else if (strong !== undefined) spans.push({ kind: "strong", spans: parseInline(strong) });
    else if (label !== undefined) spans.push({ kind: "link", href: href ?? "", spans: parseInline(label) });
    else if (bare !== undefined)
      spans.push({ kind: "link", href: bare, spans: [{ kind: "text", text: bare }] });
    else spans.push({ kind: "em", spans: parseInline(em ?? "") });
    rest = rest.slice(match.index + whole.length);
  }
  spans.push(...symbols(rest));
  return spans;
}
