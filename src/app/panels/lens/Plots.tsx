/** Mass by offset, a small plot a layer; and the layers' uniformity over training, growths marked. */
import type { ReactNode } from "react";
import type { Lens } from "../../../run/messages.ts";
import { fixed, whole } from "../../format.ts";
import { offsetsByChance } from "../../store/lens-figures.ts";
import { useRun } from "../../store/store.ts";

const WIDTH = 284;
const HEIGHT = 40;
/** Places from the query that are drawn: nearly all mass that is not spread evenly lies there. */
const NEAR = 16;

interface Curve {
  readonly place: number;
  readonly mass: number;
}

/** Out of all offsets those that are drawn, nearest first; both ways where the model sees ahead. */
function near(offsets: ArrayLike<number>, time: number, causal: boolean): Curve[] {
  const reach = Math.min(NEAR, time - 1);
  return causal
    ? Array.from({ length: reach + 1 }, (_, k) => ({ place: -(reach - k), mass: offsets[reach - k]! }))
    : Array.from({ length: 2 * reach + 1 }, (_, k) => ({
        place: k - reach,
        mass: offsets[time - 1 + k - reach]!,
      }));
}

export function Offsets({ look }: { readonly look: Lens }): ReactNode {
  const { layers, time, causal } = look;
  if (time < 3) return null;
  const chance = near(offsetsByChance(time, causal), time, causal);
  const all = layers.map((heads) => heads.map(({ offsets }) => near(offsets, time, causal)));
  const most = Math.max(...all.flat(2).map(({ mass }) => (Number.isFinite(mass) ? mass : 0)), 1e-9);
  const first = chance[0]!.place;
  const x = (place: number) => 20 + ((place - first) / (chance.at(-1)!.place - first)) * (WIDTH - 24);
  const y = (mass: number) => 4 + (1 - Math.min(1, mass / most)) * (HEIGHT - 6);
  const line = (curve: readonly Curve[]) =>
    curve.map(({ place, mass }, k) => `${k === 0 ? "M" : "L"}${x(place)} ${y(mass)}`).join("");
  return (
    <figure>
      <figcaption className="lens-caption">
        <span>Mass by distance from the query, up to {fixed(most, 2)}</span>
      </figcaption>
      {all
        .map((heads, k) => ({ heads, k }))
        .reverse()
        .map(({ heads, k }) => {
          const peak = heads.flat().reduce((best, one) => (one.mass > best.mass ? one : best));
          return (
            <svg
              key={k}
              viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
              role="img"
              aria-label={`Layer ${k + 1}: most at distance ${Math.abs(peak.place)}, ${fixed(peak.mass, 2)}`}
            >
              <text x={0} y={HEIGHT - 4} className="axis-text mono">
                L{k + 1}
              </text>
              <path className="lens-chance" d={line(chance)} />
              {heads.map((curve, head) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a head is its place
                <path key={head} className="lens-head-line" d={line(curve)} />
              ))}
            </svg>
          );
        })}
      <p className="caption soft lens-ends">
        <span>{Math.abs(first)} back</span>
        <span>{causal ? "itself" : `${chance.at(-1)!.place} ahead`}</span>
      </p>
    </figure>
  );
}

const TALL = 72;

/** Uniformity of each layer at every look since the lens was opened. */
export function OverTime(): ReactNode {
  const points = useRun((s) => s.lensSeries);
  if (points.length < 2) return null;
  const from = points[0]!.step;
  const to = points.at(-1)!.step;
  const x = (step: number) => 24 + ((step - from) / Math.max(1, to - from)) * (WIDTH - 44);
  const y = (value: number) => 4 + (1 - value) * (TALL - 8);
  const layers = Math.max(...points.map((point) => point.layers.length));
  const grown = points.filter((point, k) => k > 0 && point.event !== points[k - 1]!.event);
  const line = (layer: number) =>
    points
      .filter((point) => Number.isFinite(point.layers[layer]?.uniformity))
      .map((point, k) => `${k === 0 ? "M" : "L"}${x(point.step)} ${y(point.layers[layer]!.uniformity)}`)
      .join("");
  const last = points.at(-1)!.layers;
  return (
    <figure>
      <figcaption className="lens-caption">
        <span>
          Entropy over training, steps {whole(from)} to {whole(to)}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${TALL}`}
        role="img"
        aria-label={`Entropy of ${layers} layers, now ${last.map(({ uniformity }) => fixed(uniformity, 2)).join(", ")}`}
      >
        {[0, 1].map((value) => (
          <g key={value}>
            <line className="lens-hair" x1={24} x2={WIDTH - 20} y1={y(value)} y2={y(value)} />
            <text x={16} y={y(value) + 4} className="axis-text mono" textAnchor="end">
              {value}
            </text>
          </g>
        ))}
        {grown.map(({ step, event }) => (
          <line key={event} className="lens-chance" x1={x(step)} x2={x(step)} y1={4} y2={TALL - 4} />
        ))}
        {Array.from({ length: layers }, (_, layer) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
          <path key={layer} className="lens-head-line" d={line(layer)} />
        ))}
        {last.map(({ uniformity }, layer) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
          <text key={layer} x={WIDTH - 16} y={y(uniformity) + 4} className="axis-text mono">
            {layer + 1}
          </text>
        ))}
      </svg>
    </figure>
  );
}
