/**
 * The kernel page: every op on this device, against its float64 reference and against the device's own peak, and the WGSL
 * that does it, to be read, changed and checked again. Whoever has a GPU that none of its authors has can tell them here
 * what is wrong on it.
 */
import { type ReactNode, useEffect, useState } from "react";
import { bytes, whole } from "../../format.ts";
import { Icon } from "../../Icons.tsx";
import { routeHash } from "../../route.ts";
import { bytesText, flopsText } from "../../store/kernel-figures.ts";
import { byWhat } from "../../store/kernel-report.ts";
import { check, listKernels, reportNow, stop, useKernels } from "../../store/kernels.ts";
import { useRun } from "../../store/store.ts";
import { KernelDetail } from "./KernelDetail.tsx";
import { KernelTable } from "./KernelTable.tsx";
import { StepTime } from "./StepTime.tsx";
import { Tiles } from "./Tiles.tsx";
import "./kernels.css";

export function Kernels({ id }: { readonly id: string | null }): ReactNode {
  const none = useRun((s) => s.noDevice);
  const device = useRun((s) => s.device);
  const missing = useKernels((s) => s.ops.length === 0);
  useEffect(() => {
    if (device !== null && missing) listKernels();
  }, [device, missing]);
  const op = useKernels((s) => s.ops.find(({ name }) => name === id) ?? null);
  return (
    <main className="kernels" id="network" tabIndex={-1} data-chosen={op === null ? undefined : ""}>
      <header className="kernels-head">
        <h1 className="title">Kernels</h1>
        <p className="kernels-about">
          Every number here is computed by these shaders. Each op is run on this device and held against a
          float64 reference; speed is held against what this device can do at most.
        </p>
        {none === null ? <Tools /> : <p role="alert">{none} The kernels need one to run on.</p>}
      </header>
      {none === null ? (
        <>
          <Facts />
          <div className="kernels-body">
            <div className="kernels-list">
              <KernelTable chosen={id} />
            </div>
            <section className="kernels-detail" aria-label={op === null ? "The run" : `Kernel ${op.name}`}>
              {op === null ? (
                <>
                  <Hint id={id} loading={missing} />
                  <StepTime />
                  <Tiles />
                </>
              ) : (
                <KernelDetail key={op.name} op={op} />
              )}
            </section>
          </div>
        </>
      ) : null}
    </main>
  );
}

function Hint({ id, loading }: { readonly id: string | null; readonly loading: boolean }): ReactNode {
  if (loading) return <p className="soft">Waiting for the device.</p>;
  return (
    <p className="soft">{id === null ? "Choose an op to see its shader." : `There is no op called ${id}.`}</p>
  );
}

function Tools(): ReactNode {
  const running = useKernels((s) => s.running);
  const said = useKernels((s) => s.said);
  const listed = useKernels((s) => s.ops.length > 0);
  const training = useRun((s) => s.phase === "running");
  const busy = running !== null && running.total > 0;
  return (
    <div className="kernels-tools">
      {busy ? (
        <button type="button" className="button filled" disabled={running.stopping} onClick={stop}>
          <Icon name="pause" />
          {running.stopping ? "Stopping" : "Stop"}
        </button>
      ) : (
        <button type="button" className="button filled" disabled={!listed} onClick={() => check(null)}>
          <Icon name="check" />
          Check all
        </button>
      )}
      <CopyReport />
      {busy ? (
        <div className="kernels-progress">
          <progress
            aria-label="Samples checked"
            value={running.done}
            max={running.total}
            className="kernels-bar"
          />
          <span className="caption soft mono">
            {whole(running.done)} of {whole(running.total)}
          </span>
          {training ? <span className="caption soft">The run waits, and goes on unharmed.</span> : null}
        </div>
      ) : null}
      <p className="caption soft" role="status">
        {said}
      </p>
    </div>
  );
}

function CopyReport(): ReactNode {
  const [word, setWord] = useState("Copy report");
  const [closed, setClosed] = useState<string | null>(null);
  const listed = useKernels((s) => s.ops.length > 0);
  const copy = async (): Promise<void> => {
    const text = reportNow();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      setClosed(text);
      return;
    }
    setClosed(null);
    setWord("Copied");
    setTimeout(() => setWord("Copy report"), 2000);
  };
  return (
    <>
      <button
        type="button"
        className="button edged kernels-copy"
        disabled={!listed}
        onClick={() => void copy()}
      >
        <Icon name={word === "Copied" ? "check" : "paper"} />
        {word}
      </button>
      {closed === null ? null : (
        <label className="kernels-report caption">
          The clipboard is closed to this page. Copy the report from here:
          <textarea
            readOnly
            value={closed}
            rows={6}
            className="mono"
            onFocus={(e) => e.currentTarget.select()}
          />
        </label>
      )}
    </>
  );
}

function Facts(): ReactNode {
  const device = useRun((s) => s.device);
  const held = useRun((s) => s.state?.heldBytes ?? null);
  const planned = useRun((s) => s.state?.plannedBytes ?? null);
  const peaks = useKernels((s) => s.peaks);
  return (
    <dl className="kernels-facts">
      <div>
        <dt>{device?.software ? "Processor" : "GPU"}</dt>
        <dd>{device?.name ?? "not yet known"}</dd>
      </div>
      <div>
        <dt>Peak</dt>
        <dd>
          {peaks === null ? (
            <span className="soft">measured with the first timed sample</span>
          ) : (
            <>
              <span className="mono">{flopsText(peaks.flops)}</span>
              <span className="mono">{bytesText(peaks.bytes)}</span>
              <span className="soft">{byWhat(peaks.by)}</span>
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>Memory</dt>
        <dd>
          {held === null || planned === null ? (
            <span className="soft">no run yet</span>
          ) : (
            <>
              <span className="mono">{bytes(held)}</span>
              <span className="soft">
                planned <span className="mono">{bytes(planned)}</span>
              </span>
            </>
          )}
        </dd>
      </div>
      <div className="kernels-why">
        <dt>Elsewhere</dt>
        <dd>
          <a href={routeHash.play}>Back to the run</a>
        </dd>
      </div>
    </dl>
  );
}
