// biome-ignore-all lint/suspicious/noArrayIndexKey: a page's blocks, rows and words never move
/** Draws the Markdown tree. Links between our own pages become routes; others say that they leave the site. */
import { type ReactNode, useMemo } from "react";
import { routeHash } from "../route.ts";
import { Figure } from "./Figure.tsx";
import { type Block, type Item, parseInline, parseMarkdown, type Span } from "./markdown.ts";

/** `folder`: of the page under docs/, where its pictures lie. */
export function Markdown({
  source,
  folder,
}: {
  readonly source: string;
  readonly folder: string;
}): ReactNode {
  const blocks = useMemo(() => parseMarkdown(source), [source]);
  return (
    <div className="prose">
      {blocks.map((block, i) => (
        <BlockView key={i} block={block} folder={folder} />
      ))}
    </div>
  );
}

function BlockView({ block, folder }: { readonly block: Block; readonly folder: string }): ReactNode {
  switch (block.kind) {
    case "heading":
      return <Heading level={block.level} text={block.text} />;
    case "paragraph":
      return (
        <p>
          <Inline text={block.text} />
        </p>
      );
    case "quote":
      return (
        <blockquote>
          <Inline text={block.text} />
        </blockquote>
      );
    case "code":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        <pre className={block.language === "math" ? "math" : ""} tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case "image":
      return <Figure path={`${folder}/${block.file}`} alt={block.alt} />;
    case "list":
      return <List items={block.items} ordered={block.ordered} />;
    case "table":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        <section className="table-scroll" aria-label="Table" tabIndex={0}>
          <table>
            <thead>
              <tr>
                {block.head.map((cell, i) => (
                  <th key={`${i}${cell}`} scope="col">
                    <Inline text={cell} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, r) => (
                <tr key={r}>
                  {row.map((cell, i) => (
                    <td key={`${i}${cell}`}>
                      <Inline text={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      );
    case "rule":
      return <hr />;
    default:
      return block satisfies never;
  }
}

function Heading({ level, text }: { readonly level: number; readonly text: string }): ReactNode {
  const inner = <Inline text={text} />;
  if (level === 1) return <h1 className="title">{inner}</h1>;
  return level === 2 ? <h2>{inner}</h2> : <h3>{inner}</h3>;
}

function List({ items, ordered }: { readonly items: readonly Item[]; readonly ordered: boolean }): ReactNode {
  const inner = items.map((item, i) => (
    <li key={`${i}${item.text}`}>
      <Inline text={item.text} />
      {item.items.length > 0 ? <List items={item.items} ordered={false} /> : null}
    </li>
  ));
  return ordered ? <ol>{inner}</ol> : <ul>{inner}</ul>;
}

export function Inline({ text }: { readonly text: string }): ReactNode {
  return <Spans spans={useMemo(() => parseInline(text), [text])} />;
}

function Spans({ spans }: { readonly spans: readonly Span[] }): ReactNode {
  return spans.map((span, i) => {
    const key = `${i}${span.kind}`;
    switch (span.kind) {
      case "text":
        return span.text;
      case "code":
        return <code key={key}>{span.text}</code>;
      case "sub":
        return <sub key={key}>{span.text}</sub>;
      case "sup":
        return <sup key={key}>{span.text}</sup>;
      case "strong":
        return (
          <b key={key}>
            <Spans spans={span.spans} />
          </b>
        );
      case "em":
        return (
          <em key={key}>
            <Spans spans={span.spans} />
          </em>
        );
      case "link":
        return (
          <PageLink key={key} href={span.href}>
            <Spans spans={span.spans} />
          </PageLink>
        );
      default:
        return span satisfies never;
    }
  });
}

/**
 * "../models/lstm.md" and "#/methods/lstm" → the page of lstm, "#1.…" → a run to try. Only web addresses leave the site;
 * anything else is plain text.
 */
function PageLink({ href, children }: { readonly href: string; readonly children: ReactNode }): ReactNode {
  const page = /([\w-]+)\.md(?:#.*)?$/.exec(href)?.[1];
  if (page !== undefined && !href.includes("://")) return <a href={routeHash.method(page)}>{children}</a>;
  if (/^#\d+\.[\w-]+$/.test(href)) {
    return (
      <a className="button edged" href={href}>
        {children}
      </a>
    );
  }
  if (/^#\/[\w./-]+$/.test(href)) return <a href={href}>{children}</a>;
  if (!/^https?:\/\//.test(href)) return children;
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}
