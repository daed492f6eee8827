/** The chart in words: losses at some thirty steps and every event, for whoever cannot or will not read curves. */
import type { ReactNode } from "react";
import { loss, whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { nearest, rowAt } from "../store/series.ts";
import { setRun } from "../store/store.ts";
import { isOfImages } from "../store/units.ts";
import { right } from "./AccuracyRow.tsx";
import { type ScoreData, sayMark } from "./score-data.ts";

const ROWS = 30;

export function ScoreTable({ data }: { readonly data: ScoreData }): ReactNode {
  const { train, evals, marks } = data;
  const classes = isOfImages(data.config);
  const every = Math.max(1, Math.ceil(train.length / ROWS));
  const steps: number[] = [];
  for (let i = train.length - 1; i >= 0; i -= every) steps.push(rowAt(train, i).step);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section className="score-table" aria-label="Losses as a table" tabIndex={0}>
      <div className="row spread">
        <p className="caption soft">{data.summary}</p>
        <button type="button" className="button small" onClick={() => setRun({ table: false })}>
          <Icon name="close" size={12} />
          Close the table
        </button>
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">step</th>
            <th scope="col">training loss</th>
            <th scope="col">validation loss</th>
            {classes ? <th scope="col">told right</th> : null}
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => {
            const row = nearest(train, "step", step);
            const judged = nearest(evals, "step", step);
            return (
              <tr key={step}>
                <th scope="row">{whole(step)}</th>
                <td>{row ? loss(row.loss) : ""}</td>
                <td>{judged ? `${loss(judged.loss)} at ${whole(judged.step)}` : ""}</td>
                {classes ? <td>{judged?.accuracy === undefined ? "" : right(judged.accuracy)}</td> : null}
              </tr>
            );
          })}
        </tbody>
      </table>
      {marks.length > 0 ? (
        <ul>
          {marks.map((mark) => (
            <li key={mark.id}>{sayMark(mark)}.</li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
