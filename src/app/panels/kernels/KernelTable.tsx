/** The ops: what the check found, in a row each. A row's name opens its shader. */
import type { ReactNode } from "react";
import type { DevicePeaks, KernelOp } from "../../../run/kernels.ts";
import { count, rough } from "../../format.ts";
import { routeHash } from "../../route.ts";
import { figuresOf, percent, type Results, type Standing } from "../../store/kernel-figures.ts";
import { useKernels } from "../../store/kernels.ts";

const WORDS: Readonly<Record<Standing, string>> = {
  passed: "passed",
  failed: "failed",
  part: "in part",
  unchecked: "not checked",
};

/** A share as a hairline bar: of the tolerance used up, of the peak reached. */
export function Bar({
  part,
  tone,
}: {
  readonly part: number;
  readonly tone: "leaf" | "cut" | "plain";
}): ReactNode {
  // 0 of 0, where equality is asked for, is nothing used up.
  const shown = Number.isNaN(part) ? 0 : Math.min(1, Math.max(0, part));
  return (
    <span className="kernels-share" data-tone={tone} aria-hidden="true">
      <span style={{ width: `${100 * shown}%` }} />
    </span>
  );
}

export function Mark({ standing }: { readonly standing: Standing }): ReactNode {
  return (
    <span className="kernels-mark" data-standing={standing}>
      <span aria-hidden="true">{{ passed: "●", failed: "✕", part: "◐", unchecked: "○" }[standing]}</span>
      {WORDS[standing]}
    </span>
  );
}

export function KernelTable({ chosen }: { readonly chosen: string | null }): ReactNode {
  const ops = useKernels((s) => s.ops);
  const results = useKernels((s) => s.results);
  const peaks = useKernels((s) => s.peaks);
  const groups = [
    ["Of the engine", ops.filter(({ ofMethod }) => !ofMethod)],
    ["Brought along by a method", ops.filter(({ ofMethod }) => ofMethod)],
  ] as const;
  if (ops.length === 0) return null;
  return (
    <table className="kernels-table">
      <caption className="hidden">Ops and what was found on this device</caption>
      <thead>
        <tr>
          <th scope="col">Op</th>
          <th scope="col">Check</th>
          <th scope="col">Max error</th>
          <th scope="col">Speed</th>
          <th scope="col">Of the peak</th>
        </tr>
      </thead>
      {groups.map(([title, list]) =>
        list.length === 0 ? null : (
          <tbody key={title}>
            <tr className="kernels-group">
              <th scope="rowgroup" colSpan={5}>
                {title}
              </th>
            </tr>
            {list.map((op) => (
              <Row key={op.name} op={op} results={results} peaks={peaks} chosen={op.name === chosen} />
            ))}
          </tbody>
        ),
      )}
    </table>
  );
}

interface RowProps {
  readonly op: KernelOp;
  readonly results: Results;
  readonly peaks: DevicePeaks | null;
  readonly chosen: boolean;
}

function Row({ op, results, peaks, chosen }: RowProps): ReactNode {
  const { standing, checked, worst, fastest } = figuresOf(op, results, peaks);
  const error = worst?.error ?? null;
  return (
    <tr data-chosen={chosen ? "" : undefined}>
      <th scope="row">
        <a href={routeHash.kernel(op.name)} aria-current={chosen ? "true" : undefined}>
          {op.name}
        </a>
      </th>
      <td>
        <Mark standing={standing} />
        <span className="caption soft">
          {standing === "part" ? `${checked} of ${op.samples.length}` : count(op.samples.length, "sample")}
        </span>
      </td>
      <td className="mono">
        {worst === null ? null : error === null ? (
          "did not run"
        ) : (
          <>
            <span title={`allowed ${rough(worst.tolerance)}`}>{rough(error)}</span>
            <Bar part={error / worst.tolerance} tone={standing === "failed" ? "cut" : "plain"} />
          </>
        )}
      </td>
      <td className="mono">{fastest?.text}</td>
      <td className="mono">
        {fastest?.share == null ? null : (
          <>
            {percent(fastest.share)}
            <Bar part={fastest.share} tone="leaf" />
          </>
        )}
      </td>
    </tr>
  );
}
