/** Pages of methods and models: text from public/docs/, the paper, and the presets that try it. Drawer and page alike. */
import { Drawer } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import type { CatalogEntry } from "../../run/catalog.ts";
import { presets } from "../../share/presets.ts";
import { routeHash } from "../route.ts";
import { catalog, documented } from "../store/catalog.ts";
import { openPreset } from "../store/links.ts";
import { setRun, useRun } from "../store/store.ts";
import { Markdown } from "./Markdown.tsx";

type Text = { readonly id: string; readonly text: string | null };

const texts = new Map<string, string>();

async function load(folder: string, id: string): Promise<string | null> {
  const response = await fetch(new URL(`docs/${folder}/${id}.md`, document.baseURI));
  // A server that answers every path with the start page has no such file.
  const html = response.headers.get("content-type")?.includes("text/html") ?? false;
  return response.ok && !html ? response.text() : null;
}

function useText(id: string): string | null | undefined {
  const [loaded, setLoaded] = useState<Text | null>(null);
  useEffect(() => {
    const page = documented(id);
    if (page === null) return setLoaded({ id, text: null });
    const known = texts.get(id);
    if (known !== undefined) return setLoaded({ id, text: known });
    let gone = false;
    load(page.folder, id)
      .catch(() => null)
      .then((text) => {
        if (text !== null) texts.set(id, text);
        if (!gone) setLoaded({ id, text });
      });
    return () => {
      gone = true;
    };
  }, [id]);
  return loaded?.id === id ? loaded.text : undefined;
}

function Doc({ id }: { readonly id: string }): ReactNode {
  const text = useText(id);
  const page = documented(id);
  const paper = page?.entry.paper;
  const tries = presets.filter(
    (preset) =>
      !preset.tiny &&
      (preset.config.model.id === id ||
        preset.config.recipe.some((e) => e.action.id === id || e.trigger.id === id) ||
        (preset.config.optim.id === id && page?.folder === "methods")),
  );
  return (
    <article className="doc">
      {text === undefined ? null : text === null ? (
        <>
          <h1 className="title">{page?.entry.label ?? "No such page"}</h1>
          <p>{page ? page.entry.summary : `There is no page called ${id}.`}</p>
        </>
      ) : (
        <Markdown source={text} />
      )}
      {paper ? (
        <p className="paper">
          {paper.authors}, {paper.year}. <em>{paper.title}</em>.{" "}
          {paper.arxiv === undefined ? null : (
            <a href={`https://arxiv.org/abs/${paper.arxiv}`} target="_blank" rel="noreferrer">
              arXiv {paper.arxiv}
            </a>
          )}
        </p>
      ) : null}
      {tries.length > 0 ? (
        <div className="row wrap try">
          {tries.slice(0, 3).map((preset) => (
            <button
              key={preset.id}
              type="button"
              className="button edged"
              onClick={() => {
                setRun({ doc: null });
                location.hash = routeHash.play;
                openPreset(preset.id);
              }}
            >
              Try it: {preset.title}
            </button>
          ))}
        </div>
      ) : null}
    </article>
  );
}

export function DocDrawer(): ReactNode {
  const doc = useRun((s) => s.doc);
  return (
    <Drawer
      opened={doc !== null}
      onClose={() => setRun({ doc: null })}
      position="right"
      size={440}
      title={
        doc === null ? (
          ""
        ) : (
          <a href={routeHash.method(doc)} className="caption">
            Open as a page
          </a>
        )
      }
      closeButtonProps={{ "aria-label": "Close" }}
      transitionProps={{ duration: 160 }}
      overlayProps={{ backgroundOpacity: 0.15 }}
    >
      {doc === null ? null : <Doc id={doc} />}
    </Drawer>
  );
}

const SECTIONS: readonly (readonly [string, readonly CatalogEntry[]])[] = [
  ["Growing", catalog.actions],
  ["When to grow", catalog.triggers],
  ["Optimizers", catalog.optims],
  ["Models", catalog.models],
];

export function Methods({ id }: { readonly id: string | null }): ReactNode {
  return (
    <main className="methods" id="network" tabIndex={-1}>
      <nav aria-label="Methods">
        {SECTIONS.map(([title, entries]) => (
          <section key={title}>
            <h2 className="heading">{title}</h2>
            <ul>
              {entries.map((entry) => (
                <li key={entry.id}>
                  <a href={routeHash.method(entry.id)} aria-current={entry.id === id ? "page" : undefined}>
                    {entry.label}
                  </a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </nav>
      <div className="methods-text">
        {id === null ? (
          <>
            <h1 className="title">Methods</h1>
            <p className="read">
              How the network grows, when, and by what its weights are moved. Each page has the formula, what
              is the paper's and what is ours.
            </p>
          </>
        ) : (
          <Doc key={id} id={id} />
        )}
      </div>
    </main>
  );
}
