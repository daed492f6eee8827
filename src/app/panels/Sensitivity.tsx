/**
 * How sensitive each matrix is (grow-prune §2.3): the loss on the probe batch if that matrix alone were thinned out, with
 * no training afterwards. Nothing of the run changes. The opened part's own matrix is drawn over the others.
 */
import type { ReactNode } from "react";
import { fixed, loss as lossText, whole } from "../format.ts";
import { requestScan } from "../store/client.ts";
import type { Session } from "../store/session.ts";
import { useRun } from "../store/store.ts";

const WIDTH = 284;
const HEIGHT = 96;
const LEFT = 40;
const BOTTOM = 16;

export function Sensitivity({ path }: { readonly path: string }): ReactNode {
  const scan = useRun((s) => s.scan);
  const busy = useRun((s) => s.progress?.label === "scan");
  const open = useRun((s) => s.phase === "paused" || s.phase === "running" || s.phase === "ended");
  return (
    <div className="sensitivity">
      {scan !== null && <Curves scan={scan} path={path} />}
      <button type="button" className="button small edged" disabled={!open || busy} onClick={requestScan}>
        {busy ? "Trying each matrix" : scan === null ? "Sensitivity scan" : "Scan again"}
      </button>
    </div>
  );
}

type Scan = NonNullable<Session["scan"]>;

function Curves({ scan, path }: { readonly scan: Scan; readonly path: string }): ReactNode {
  const values = scan.curves
    .flatMap(({ points }) => points.map((point) => point.loss))
    .filter(Number.isFinite);
  const low = Math.min(...values);
  const high = Math.max(low + 1e-9, ...values);
  const x = (kept: number): number => LEFT + (1 - kept) * (WIDTH - LEFT - 4);
  const y = (value: number): number =>
    8 + (1 - (Math.min(value, high) - low) / (high - low)) * (HEIGHT - BOTTOM - 8);
  const line = (points: Scan["curves"][number]["points"]): string =>
    points.map(({ kept, loss }, i) => `${i === 0 ? "M" : "L"}${x(kept)} ${y(loss)}`).join("");
  const own = scan.curves.find((curve) => curve.path === path);
  const half = own?.points.find(({ kept }) => kept === 0.5);
  const now = own?.points[0];
  return (
    <figure>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Loss when one matrix alone is thinned out, from all kept to 5 percent, ${whole(scan.curves.length)} matrices`}
      >
        {scan.curves.map((curve) =>
          curve === own ? null : (
            <path key={curve.path} className="sensitivity-other" d={line(curve.points)} />
          ),
        )}
        {own && <path className="sensitivity-own" d={line(own.points)} />}
        <text x={LEFT - 6} y={16} className="axis-text mono" textAnchor="end">
          {lossText(high)}
        </text>
        <text x={LEFT - 6} y={HEIGHT - BOTTOM} className="axis-text mono" textAnchor="end">
          {lossText(low)}
        </text>
        <text x={LEFT} y={HEIGHT - 2} className="axis-text mono">
          100 % kept
        </text>
        <text x={WIDTH - 4} y={HEIGHT - 2} className="axis-text mono" textAnchor="end">
          5 %
        </text>
      </svg>
      <figcaption className="caption soft">
        {half && now
          ? `With half of ${path} the loss would be ${lossText(half.loss)}, now ${lossText(now.loss)} (+${fixed(half.loss - now.loss, 3)}). `
          : ""}
        Other matrices in grey. Step {whole(scan.step)}, without training afterwards.
      </figcaption>
    </figure>
  );
}
