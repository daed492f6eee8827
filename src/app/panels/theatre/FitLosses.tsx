/** Loss of the larger network while its operator is trained, and of the frozen source on the same batches. */
import type { ReactNode } from "react";
import type { FitPoint } from "../../../run/messages.ts";
import { loss as say, whole } from "../../format.ts";

const HEIGHT = 104;
const LABELS = 98;

interface Point {
  readonly step: number;
  readonly loss: number;
}

export function FitLosses({
  points,
  steps,
  width,
}: {
  readonly points: readonly FitPoint[];
  readonly steps: number;
  readonly width: number;
}): ReactNode {
  const target = points.filter(({ loss }) => Number.isFinite(loss));
  const source: readonly Point[] = points.flatMap(({ step, source: at }) =>
    at === null || !Number.isFinite(at) ? [] : [{ step, loss: at }],
  );
  const last = target.at(-1);
  if (last === undefined) return null;
  const all = [...target, ...source].map(({ loss }) => loss);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(1e-3, most - least) * 0.08;
  const [low, high] = [least - room, most + room];
  const x = (step: number) => 2 + ((step - 1) / Math.max(1, steps - 1)) * (width - LABELS - 4);
  const y = (value: number) => 4 + ((high - value) / (high - low)) * (HEIGHT - 22);
  const path = (line: readonly Point[]) =>
    line.map((point, k) => `${k === 0 ? "M" : "L"}${x(point.step)} ${y(point.loss)}`).join("");
  const under = source.at(-1);
  const ends = [
    { name: "larger network", at: last, ink: "theatre-target" },
    ...(under === undefined ? [] : [{ name: "source", at: under, ink: "theatre-source" }]),
  ].sort((a, b) => y(a.at.loss) - y(b.at.loss));
  // Labels stand 13 px apart at least.
  const places = ends.map(({ at }) => Math.max(10, Math.min(HEIGHT - 24, y(at.loss) + 4)));
  if (places.length === 2 && places[1]! - places[0]! < 13) {
    places[1] = Math.min(HEIGHT - 20, places[0]! + 13);
    places[0] = places[1]! - 13;
  }
  const now = ends.map(({ name, at }) => `${name} ${say(at.loss)}`).join(", ");
  return (
    <svg
      className="theatre-losses"
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={`Loss at operator step ${whole(last.step)} of ${whole(steps)}: ${now}. It began at ${say(target[0]!.loss)}.`}
    >
      <line className="theatre-axis" x1={2} x2={width - LABELS - 2} y1={HEIGHT - 16} y2={HEIGHT - 16} />
      <text className="axis-text mono" x={2} y={HEIGHT - 4}>
        1
      </text>
      <text className="axis-text mono" x={width - LABELS - 2} y={HEIGHT - 4} textAnchor="end">
        {whole(steps)}
      </text>
      <path className="theatre-target" d={path(target)} />
      <path className="theatre-source" d={path(source)} />
      {ends.map(({ name, at, ink }, k) => (
        <g key={name}>
          <circle className={ink} cx={x(at.step)} cy={y(at.loss)} r={2} />
          <text className="theatre-label" x={width - LABELS + 4} y={places[k]}>
            {name.replace("larger network", "larger")} <tspan className="mono">{say(at.loss)}</tspan>
          </text>
        </g>
      ))}
    </svg>
  );
}
