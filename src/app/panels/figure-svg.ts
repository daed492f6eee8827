/**
 * The pictures of the methods pages as a tree: the few shapes and attributes that `npm run figures` writes, and nothing
 * else. A file with anything that is not such markup is no picture; elements that are not listed go with all inside them.
 */
export type FigureNode =
  | string
  | {
      readonly tag: string;
      readonly attributes: Readonly<Record<string, string>>;
      readonly children: readonly FigureNode[];
    };

const SHAPES = new Set(["g", "path", "rect", "circle", "line", "text", "title", "desc"]);

/** As React calls them. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(["d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r"].map((name) => [name, name])),
  ...{ width: "width", height: "height", transform: "transform", class: "className" },
  "stroke-opacity": "strokeOpacity",
};

export interface FigureTree {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly desc: string;
  readonly shapes: readonly FigureNode[];
}

const TOKEN = /<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<>]*")*)\s*(\/?)>|([^<]+)/y;
const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&amp;": "&",
};

const plain = (text: string): string => text.replace(/&(?:lt|gt|quot|amp);/g, (found) => ENTITIES[found]!);

interface Open {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: FigureNode[];
}

/** Null: it is none. */
export function parseFigure(source: string): FigureTree | null {
  const root: Open = { tag: "", attributes: {}, children: [] };
  const open: Open[] = [root];
  TOKEN.lastIndex = 0;
  let size = "";
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source);
    if (match === null) return null;
    const [, end, tag = "", listed = "", empty, text] = match;
    const top = open.at(-1)!;
    if (text !== undefined) {
      if (text.trim() !== "") top.children.push(plain(text));
      continue;
    }
    if (end === "/") {
      if (open.length === 1 || top.tag !== tag) return null;
      open.pop();
      continue;
    }
    const attributes: Record<string, string> = {};
    for (const [, name = "", value = ""] of listed.matchAll(/([\w:-]+)="([^"]*)"/g)) {
      const known = ATTRIBUTES[name];
      if (known !== undefined) attributes[known] = plain(value);
      if (tag === "svg" && name === "viewBox") size = value;
    }
    const node: Open = { tag, attributes, children: [] };
    if (tag === "svg" || SHAPES.has(tag)) top.children.push(node);
    if (empty !== "/") open.push(node);
  }
  const [svg] = root.children;
  const [, width, height] = /^0 0 (\d+) (\d+)$/.exec(size) ?? [];
  if (open.length !== 1 || root.children.length !== 1 || typeof svg !== "object" || svg.tag !== "svg")
    return null;
  if (width === undefined || height === undefined) return null;
  const said = (tag: string): string => {
    const found = svg.children.find((node) => typeof node === "object" && node.tag === tag);
    return typeof found === "object" && typeof found.children[0] === "string" ? found.children[0] : "";
  };
  const shapes = svg.children.filter(
    (node) => typeof node === "object" && node.tag !== "title" && node.tag !== "desc",
  );
  return { width: Number(width), height: Number(height), title: said("title"), desc: said("desc"), shapes };
}
