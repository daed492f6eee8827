// biome-ignore-all lint/suspicious/noArrayIndexKey: the shapes of a picture never move
/** A picture of a methods page, drawn in the page so that it takes the page's colours; its alternative text until then. */
import { createElement, type ReactNode, useEffect, useId, useState } from "react";
import "./figure.css";
import { type FigureNode, type FigureTree, parseFigure } from "./figure-svg.ts";

const known = new Map<string, FigureTree>();

async function load(path: string): Promise<FigureTree | null> {
  const response = await fetch(new URL(`docs/${path}`, document.baseURI));
  return response.ok ? parseFigure(await response.text()) : null;
}

/** `path`: under docs/. */
export function Figure({ path, alt }: { readonly path: string; readonly alt: string }): ReactNode {
  const [tree, setTree] = useState<FigureTree | null>(known.get(path) ?? null);
  const id = useId();
  useEffect(() => {
    const before = known.get(path) ?? null;
    setTree(before);
    if (before !== null) return;
    let gone = false;
    load(path)
      .catch(() => null)
      .then((loaded) => {
        if (loaded !== null) known.set(path, loaded);
        if (!gone) setTree(loaded);
      });
    return () => {
      gone = true;
    };
  }, [path]);
  if (tree === null) return <p className="figure-alt">{alt}</p>;
  return (
    <svg
      className="figure"
      viewBox={`0 0 ${tree.width} ${tree.height}`}
      role="img"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-desc`}
    >
      <title id={`${id}-title`}>{tree.title}</title>
      <desc id={`${id}-desc`}>{tree.desc}</desc>
      {tree.shapes.map(drawn)}
    </svg>
  );
}

function drawn(node: FigureNode, key: number): ReactNode {
  if (typeof node === "string") return node;
  return createElement(node.tag, { key, ...node.attributes }, ...node.children.map(drawn));
}
