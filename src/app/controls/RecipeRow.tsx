/**
 * A recipe entry as a row: glyph, sentence, handle, remove. The handle drags with a pointer and moves with ↑ and ↓. What
 * was done by hand in the run that a link carries (edits, growths at a step, left-out events) is listed under them.
 */
import { type DragEvent, type ReactNode, useState } from "react";
import type { RecipeEntry } from "../../run/config.ts";
import { GLYPHS } from "../charts/marks.ts";
import { Icon } from "../Icons.tsx";
import { editDraft } from "../store/actions.ts";
import { catalog, find } from "../store/catalog.ts";
import { markOf } from "../store/session.ts";
import { sayEntry } from "./say-entry.ts";

/** As on the timeline: growth, cut, other change. */
function glyphOf({ action }: RecipeEntry): string {
  return GLYPHS[markOf(find(catalog.actions, action.id)?.does ?? "grow")];
}

interface RecipeRowProps {
  readonly entry: RecipeEntry;
  /** Place in the recipe. */
  readonly index: number;
  /** Place among the rows, and the recipe's places of all rows. */
  readonly place: number;
  readonly places: readonly number[];
  readonly open: boolean;
  readonly onOpen: () => void;
  readonly children: ReactNode;
}

function swap(from: number, to: number): void {
  editDraft((draft) => {
    const recipe = [...draft.recipe];
    const [a, b] = [recipe[from], recipe[to]];
    if (a === undefined || b === undefined) return draft;
    recipe[from] = b;
    recipe[to] = a;
    return { ...draft, recipe };
  });
}

export function RecipeRow({
  entry,
  index,
  place,
  places,
  open,
  onOpen,
  children,
}: RecipeRowProps): ReactNode {
  const [over, setOver] = useState(false);
  const move = (by: number): void => {
    const to = places[place + by];
    if (to !== undefined) swap(index, to);
  };
  const drop = (event: DragEvent): void => {
    setOver(false);
    const from = Number(event.dataTransfer.getData("application/x-recipe"));
    if (!Number.isNaN(from) && from !== index) swap(from, index);
  };
  return (
    <li
      className="recipe-row"
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div className="row">
        <span className="glyph" aria-hidden="true">
          {glyphOf(entry)}
        </span>
        <button type="button" className="recipe-say" aria-expanded={open} onClick={onOpen}>
          {sayEntry(entry)}
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={`Move: ${sayEntry(entry)}`}
          title="Drag, or move with ↑ and ↓"
          draggable
          onDragStart={(event) => event.dataTransfer.setData("application/x-recipe", String(index))}
          onKeyDown={(event) => {
            if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
            event.preventDefault();
            move(event.key === "ArrowUp" ? -1 : 1);
          }}
        >
          <Icon name="drag" size={14} />
        </button>
        <RemoveEntry index={index} entry={entry} />
      </div>
      {open ? <div className="recipe-fields">{children}</div> : null}
    </li>
  );
}

function RemoveEntry({ index, entry }: { readonly index: number; readonly entry: RecipeEntry }): ReactNode {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Remove: ${sayEntry(entry)}`}
      onClick={() => editDraft((draft) => ({ ...draft, recipe: draft.recipe.filter((_, i) => i !== index) }))}
    >
      <Icon name="close" size={12} />
    </button>
  );
}

/** Edits and left-out events: nothing to set, but they can be taken out. */
export function HandRows({ recipe }: { readonly recipe: readonly RecipeEntry[] }): ReactNode {
  const rows = recipe
    .map((entry, index) => ({ entry, index }))
    .filter(({ entry }) => find(catalog.actions, entry.action.id) === null);
  if (rows.length === 0) return null;
  return (
    <ul className="recipe">
      {rows.map(({ entry, index }) => (
        <li key={`${index}:${entry.action.id}`} className="recipe-row row">
          <span className="glyph" aria-hidden="true">
            {entry.action.id === "edit" ? "◇" : "△"}
          </span>
          <span className="recipe-say">{sayEntry(entry)}</span>
          <RemoveEntry index={index} entry={entry} />
        </li>
      ))}
    </ul>
  );
}
