/** What a method says of its own event: its sentences, its figures, and the matrices whose counts of weights changed. */
import type { ReactNode } from "react";
import { FIGURES } from "../../run/figures.ts";
import { plain, rough, whole } from "../format.ts";
import type { StructureDone } from "../store/session.ts";
import { FiguresTable } from "./FiguresTable.tsx";

function saidOf(key: string, value: number): readonly [string, string] | null {
  const figure = FIGURES[key];
  if (figure === null) return null;
  const { label, as } = figure ?? { label: key, as: "number" };
  if (as === "share") return [label, `${rough(100 * value)} %`];
  return [label, as === "count" ? whole(value) : plain(Number(value.toPrecision(3)))];
}

export function RecordNotes({ done }: { readonly done: StructureDone }): ReactNode {
  const figures = Object.entries(done.extra).flatMap(([key, value]) => {
    const said = saidOf(key, value);
    return said === null ? [] : [said];
  });
  return (
    <>
      {done.notes.map((note) => (
        <p key={note} className="record-note">
          {note}
        </p>
      ))}
      {figures.length === 0 ? null : <FiguresTable label="Figures of the method" rows={figures} />}
    </>
  );
}

/** Active weights of each parameter, before and after, where they differ. */
export function RecordCounts({ done }: { readonly done: StructureDone }): ReactNode {
  const rows = Object.entries(done.counts);
  if (rows.length === 0) return null;
  return (
    <details className="record-counts">
      <summary className="caption">Weights in use, matrix by matrix</summary>
      <FiguresTable
        columns={["before", "after"]}
        rows={rows.map(([path, [before, after]]) => [path, whole(before), whole(after)])}
      />
    </details>
  );
}
