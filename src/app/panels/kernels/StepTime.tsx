/** Where the time of the run's training step goes, by segment, where the GPU tells; else the whole by the clock. */
import type { ReactNode } from "react";
import { Icon } from "../../Icons.tsx";
import { percent, shortTime } from "../../store/kernel-figures.ts";
import { measureStep, useKernels } from "../../store/kernels.ts";
import { useRun } from "../../store/store.ts";
import { Bar } from "./KernelTable.tsx";

/** "blocks.0.grad" → "blocks.0, gradient" */
const nameOf = (segment: string): string =>
  segment === "" ? "batch, clipping, update" : segment.replace(/\.grad$/, ", gradient");

export function StepTime(): ReactNode {
  const run = useRun((s) => s.run);
  const ready = useRun((s) => s.state !== null);
  const size = useRun((s) => s.state?.size ?? "");
  const times = useKernels((s) => s.times);
  const timing = useKernels((s) => s.timing);
  const current = times !== null && times.run === run ? times : null;
  const whole = current?.segments.reduce((sum, { seconds }) => sum + seconds, 0) ?? 0;
  return (
    <section className="kernels-step" aria-label="Time of a training step">
      <div className="kernels-op">
        <h2 className="heading">A training step of the run</h2>
        <button
          type="button"
          className="button edged small"
          disabled={!ready || timing}
          onClick={measureStep}
        >
          <Icon name="step" size={14} />
          {timing ? "Measuring" : "Measure"}
        </button>
      </div>
      <p className="caption soft">
        {size === "" ? "There is no run yet." : `${size}. Measured on the side: the run stays where it is.`}
      </p>
      {current === null ? null : current.segments.length === 0 ? (
        <p>
          This browser does not tell GPU times; the whole step took {shortTime(current.wall)} by the clock.
        </p>
      ) : (
        <table className="kernels-table">
          <caption className="hidden">GPU time by segment</caption>
          <thead>
            <tr>
              <th scope="col">Segment</th>
              <th scope="col">GPU time</th>
              <th scope="col">Share</th>
            </tr>
          </thead>
          <tbody>
            {current.segments.map(({ name, seconds }) => (
              <tr key={name}>
                <th scope="row">{nameOf(name)}</th>
                <td className="mono">{shortTime(seconds)}</td>
                <td className="mono">
                  {whole > 0 ? percent(seconds / whole) : null}
                  <Bar part={whole > 0 ? seconds / whole : 0} tone="leaf" />
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">the whole step</th>
              <td className="mono">{shortTime(whole)}</td>
              <td className="caption soft">{shortTime(current.wall)} by the clock</td>
            </tr>
          </tfoot>
        </table>
      )}
    </section>
  );
}
