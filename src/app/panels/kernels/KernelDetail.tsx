/** One op: its samples with all their figures, and the files its kernels are made of. */
import { type ReactNode, useState } from "react";
import type { KernelOp, KernelSample } from "../../../run/kernels.ts";
import { rough } from "../../format.ts";
import { Icon } from "../../Icons.tsx";
import { routeHash } from "../../route.ts";
import {
  compilerSentence,
  figuresOf,
  filesOfOp,
  percent,
  shortTime,
  speedOf,
} from "../../store/kernel-figures.ts";
import { allTexts, check, useKernels } from "../../store/kernels.ts";
import { Bar, Mark } from "./KernelTable.tsx";
import { ShaderEditor } from "./ShaderEditor.tsx";

export function KernelDetail({ op }: { readonly op: KernelOp }): ReactNode {
  const results = useKernels((s) => (s.found[op.name] === undefined ? s.results : s.found));
  const onTrial = useKernels((s) => s.found[op.name] !== undefined);
  const peaks = useKernels((s) => s.peaks);
  const busy = useKernels((s) => s.running !== null);
  const { standing } = figuresOf(op, results, peaks);
  return (
    <>
      <a className="kernels-back" href={routeHash.kernels}>
        All kernels
      </a>
      <div className="kernels-op">
        <h2 className="name plate">{op.name}</h2>
        <Mark standing={standing} />
        {onTrial ? <span className="caption soft">the changed text</span> : null}
        <button type="button" className="button edged small" disabled={busy} onClick={() => check([op.name])}>
          <Icon name="check" size={14} />
          Check this op
        </button>
      </div>
      <div className="kernels-samples">
        <table className="kernels-table">
          <caption className="hidden">Samples of {op.name}</caption>
          <thead>
            <tr>
              <th scope="col">Sample</th>
              <th scope="col">Max error</th>
              <th scope="col">Allowed</th>
              <th scope="col">Time</th>
              <th scope="col">Speed</th>
              <th scope="col">Of the peak</th>
            </tr>
          </thead>
          <tbody>
            {op.samples.map((sample, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an op's samples are known by their place
              <SampleRow key={i} op={op.name} index={i} sample={sample} />
            ))}
          </tbody>
        </table>
      </div>
      <Source op={op} />
    </>
  );
}

function SampleRow({
  op,
  index,
  sample,
}: {
  readonly op: string;
  readonly index: number;
  readonly sample: KernelSample;
}): ReactNode {
  const result = useKernels((s) => (s.found[op] ?? s.results[op])?.[index] ?? null);
  const peaks = useKernels((s) => s.peaks);
  const speed = result?.time == null ? null : speedOf(result.time, peaks);
  const failed = result !== null && result.off !== null;
  return (
    <>
      <tr data-failed={failed ? "" : undefined}>
        <th scope="row">
          <span className="soft">#{index}</span> <span className="mono">{sample.inputs}</span>
        </th>
        <td className="mono">
          {result === null ? (
            <span className="soft">–</span>
          ) : result.error === null ? (
            "did not run"
          ) : (
            <>
              {rough(result.error)}
              <Bar part={result.error / result.tolerance} tone={failed ? "cut" : "plain"} />
            </>
          )}
        </td>
        <td className="mono">{result === null ? "" : rough(result.tolerance)}</td>
        <td className="mono">{result?.time == null ? "" : shortTime(result.time.seconds)}</td>
        <td className="mono">{speed?.text}</td>
        <td className="mono">
          {speed?.share == null ? null : (
            <>
              {percent(speed.share)}
              <Bar part={speed.share} tone="leaf" />
            </>
          )}
        </td>
      </tr>
      {failed ? (
        <tr className="kernels-off">
          <td colSpan={6}>{result.error === null ? compilerSentence(result.off!) : result.off}</td>
        </tr>
      ) : null}
    </>
  );
}

function Source({ op }: { readonly op: KernelOp }): ReactNode {
  const edited = useKernels((s) => s.edited);
  const used = useKernels((s) => s.used);
  const files = filesOfOp(op, allTexts({ edited, used }));
  const [chosen, setChosen] = useState(files[0] ?? "");
  const file = files.includes(chosen) ? chosen : (files[0] ?? "");
  if (file === "") return <p className="soft">This op is a view: it has no kernel.</p>;
  return (
    <div className="kernels-source">
      <div className="tabs" role="tablist" aria-label="Files">
        {files.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            aria-selected={each === file}
            className="mono"
            onClick={() => setChosen(each)}
          >
            {each}.wgsl
            {edited[each] !== undefined || used[each] !== undefined ? (
              <span className="kernels-dot">
                <span className="hidden">, changed</span>
              </span>
            ) : null}
          </button>
        ))}
      </div>
      <ShaderEditor key={file} file={file} />
    </div>
  );
}
