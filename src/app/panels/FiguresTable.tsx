/** Figures of an event as a small table: one row a figure, a column for each state it is told of. */
import type { ReactNode } from "react";

/** [name, value in each column]; a value that is words runs over lines. */
export type FigureRow = readonly [name: string, ...values: readonly string[]];

interface FiguresTableProps {
  readonly rows: readonly FigureRow[];
  /** Names of the columns; none: a row has one value, which its name explains. */
  readonly columns?: readonly string[];
  /** Rows whose values are words. */
  readonly words?: readonly string[];
  readonly label?: string;
}

export function FiguresTable({ rows, columns = [], words = [], label }: FiguresTableProps): ReactNode {
  return (
    <table className="figures" aria-label={label}>
      {columns.length === 0 ? null : (
        <thead>
          <tr>
            <td />
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
      )}
      <tbody>
        {rows.map(([name, ...values]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {values.map((value, column) => (
              <td
                // biome-ignore lint/suspicious/noArrayIndexKey: a value is its column
                key={column}
                className={words.includes(name) ? "words" : undefined}
              >
                {value}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
