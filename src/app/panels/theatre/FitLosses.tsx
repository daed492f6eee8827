/** Loss of the larger network while its operator is trained, and of the frozen source on the same batches. */
import type { ReactNode } from "react";
import type { FitPoint } from "../../../run/messages.ts";
import { loss as say, whole } from "../../format.ts";
import { type LossPoint, trailing } from "./trailing.ts";

const HEIGHT = 104;
/** What the names at the lines' ends take, and the figures of the scale. */
const LABELS = 98;
const FIGURES = 38;

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
  const source: readonly LossPoint[] = points.flatMap(({ step, source: at }) =>
    at === null || !Number.isFinite(at) ? [] : [{ step, loss: at }],
  );
  if (target.length === 0) return null;
  const all = [...target, ...source].map(({ loss }) => loss);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = Math.max(1e-3, most - least) * 0.08;
  const [low, high] = [least - room, most + room];
  const [left, right] = [FIGURES, width - LABELS - 2];
  const x = (step: number) => left + ((step - 1) / Math.max(1, steps - 1)) * (right - left);
  const y = (value: number) => 4 + ((high - value) / (high - low)) * (HEIGHT - 22);
  const path = (line: readonly LossPoint[]) =>
    line.map((point, k) => `${k === 0 ? "M" : "L"}${x(point.step)} ${y(point.loss)}`).join("");
  const lines = [
    { name: "larger network", raw: target as readonly LossPoint[], ink: "theatre-target" },
    { name: "source", raw: source, ink: "theatre-source" },
  ].filter(({ raw }) => raw.length > 0);
  const ends = lines
    .map((line) => ({ ...line, mean: trailing(line.raw) }))
    .map((line) => ({ ...line, at: line.mean.at(-1)! }))
    .sort((a, b) => y(a.at.loss) - y(b.at.loss));
  // Labels stand 15 px apart at least.
  const places = ends.map(({ at }) => Math.max(12, Math.min(HEIGHT - 24, y(at.loss) + 4)));
  if (places.length === 2 && places[1]! - places[0]! < 15) {
    places[1] = Math.min(HEIGHT - 20, places[0]! + 15);
    places[0] = places[1]! - 15;
  }
  const now = ends.map(({ name, at }) => `${name} ${say(at.loss)}`).join(", ");
  const last = target.at(-1)!;
  return (
    <svg
      className="theatre-losses"
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={`Loss at operator step ${whole(last.step)} of ${whole(steps)}: ${now}. It began at ${say(target[0]!.loss)}.`}
    >
      {[most, least].map((value, k) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the upper and the lower end of the scale
        <g key={k}>
          <line className="theatre-axis" x1={left} x2={right} y1={y(value)} y2={y(value)} />
          <text className="axis-text mono" x={left - 6} y={y(value) + 4} textAnchor="end">
            {say(value).slice(0, 5)}
          </text>
        </g>
      ))}
      <text className="axis-text mono" x={left} y={HEIGHT - 2}>
        1
      </text>
      <text className="axis-text mono" x={right} y={HEIGHT - 2} textAnchor="end">
        {whole(steps)}
      </text>
      {ends.map(({ name, raw, mean, ink }) => (
        <g key={name}>
          <path className={`${ink} theatre-raw`} d={path(raw)} />
          <path className={ink} d={path(mean)} />
        </g>
      ))}
      {ends.map(({ name, at, ink }, k) => (
        <g key={name}>
          <circle className={ink} cx={x(at.step)} cy={y(at.loss)} r={2.2} />
          <path className={ink} d={`M${right + 4} ${places[k]! - 4}h12`} />
          <text className="theatre-label" x={right + 20} y={places[k]}>
            {name.replace("larger network", "larger")} <tspan className="mono">{say(at.loss)}</tspan>
          </text>
        </g>
      ))}
    </svg>
  );
}
