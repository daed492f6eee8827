/** Pages of methods and models: text from public/docs/, the paper, and the presets that try it. Drawer and page alike. */
import { Drawer } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import type { ActionEntry, CatalogEntry } from "../../run/catalog.ts";
import { presets } from "../../share/presets.ts";
import { shownOn } from "../../share/shown.ts";
import { routeHash } from "../route.ts";
import { catalog, documented } from "../store/catalog.ts";
import { openPreset } from "../store/links.ts";
import { setRun, useRun } from "../store/store.ts";
import { Markdown } from "./Markdown.tsx";

type Text = { readonly id: string; readonly text: string | null };

const texts = new Map<string, string>();

interface Page {
  readonly path: string;
  readonly label: string;
  readonly summary: string;
  readonly entry: CatalogEntry | null;
  readonly method: boolean;
}

/** The page of a catalog entry, or one of the few that stand for themselves. */
function pageOf(id: string): Page | null {
  const { folder, entry } = documented(id) ?? {};
  if (entry) {
    const { label, summary } = entry;
    return { path: `${folder}/${id}`, label, summary, entry, method: folder === "methods" };
  }
  const shown = reproduced(id);
  if (shown !== null) {
    const label = "How it came out here";
    return {
      path: `reproduce/${shown}`,
      label,
      summary: "That page did not load.",
      entry: null,
      method: false,
    };
  }
  if (id !== "notices") return null;
  const summary = "The licences of the data, the fonts and the libraries did not load.";
  return { path: id, label: "Licences", summary, entry: null, method: false };
}

/** "reproduce.nest" → "nest": what `npm run reproduce` printed. */
const reproduced = (id: string): string | null => /^reproduce\.([\w-]+)$/.exec(id)?.[1] ?? null;

async function load(path: string): Promise<string | null> {
  const response = await fetch(new URL(`docs/${path}.md`, document.baseURI));
  // A server that answers every path with the start page has no such file.
  const html = response.headers.get("content-type")?.includes("text/html") ?? false;
  return response.ok && !html ? response.text() : null;
}

function useText(id: string): string | null | undefined {
  const [loaded, setLoaded] = useState<Text | null>(null);
  useEffect(() => {
    const page = pageOf(id);
    if (page === null) return setLoaded({ id, text: null });
    const known = texts.get(id);
    if (known !== undefined) return setLoaded({ id, text: known });
    let gone = false;
    load(page.path)
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
  const page = pageOf(id);
  const paper = page?.entry?.paper;
  const software = useRun((s) => s.device?.software ?? false);
  const tries = presets.filter(
    (preset) =>
      // What this device can train while you watch.
      preset.tiny === software &&
      (shownOn(preset.id) === (reproduced(id) ?? "") ||
        preset.config.model.id === id ||
        preset.config.recipe.some((e) => e.action.id === id || e.trigger.id === id) ||
        (preset.config.optim.id === id && page?.method)),
  );
  return (
    <article className="doc">
      {text === undefined ? null : text === null ? (
        <>
          <h1 className="title">{page?.label ?? "No such page"}</h1>
          <p>{page ? page.summary : `There is no page called ${id}.`}</p>
        </>
      ) : (
        <Markdown source={text} folder={page?.path.replace(/[^/]*$/, "").replace(/\/$/, "") ?? ""} />
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

const PARTS: readonly (readonly [string, readonly ActionEntry["does"][]])[] = [
  ["Growing", ["grow", "insert"]],
  ["Pruning", ["prune", "compact", "remove"]],
  ["Dropping layers", ["drop"]],
  ["Other surgery", ["freeze", "swap"]],
];

/** Every entry in one section, by what it does and by its name. */
const SECTIONS: readonly (readonly [string, readonly CatalogEntry[]])[] = [
  ...PARTS.map(([title, does]) => {
    const entries = catalog.actions.filter((entry) => does.includes(entry.does));
    return [title, entries.sort((a, b) => a.label.localeCompare(b.label, "en"))] as const;
  }),
  ["When to act", catalog.triggers],
  ["Optimizers", catalog.optims],
  ["Models", catalog.models],
];

function Index(): ReactNode {
  return (
    <>
      <h1 className="title">Methods</h1>
      <p className="read">
        How the network grows and is pruned, when, and by what its weights are moved. Each page has the
        formula, what is the paper's and what is ours.
      </p>
      {SECTIONS.map(([title, entries]) => (
        <section key={title}>
          <h2 className="heading">{title}</h2>
          <dl className="index">
            {entries.map((entry) => (
              <div key={entry.id}>
                <dt>
                  <a href={routeHash.method(entry.id)}>{entry.label}</a>
                </dt>
                <dd>{entry.summary}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </>
  );
}

export function Methods({ id }: { readonly id: string | null }): ReactNode {
  return (
    <main className="methods" id="network" tabIndex={-1}>
      <nav aria-label="Methods" data-chosen={id === null ? undefined : true}>
        <a className="all" href={routeHash.methods} aria-current={id === null ? "page" : undefined}>
          All methods
        </a>
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
        <a href={routeHash.method("notices")} aria-current={id === "notices" ? "page" : undefined}>
          Licences
        </a>
      </nav>
      <div className="methods-text">{id === null ? <Index /> : <Doc key={id} id={id} />}</div>
    </main>
  );
}
