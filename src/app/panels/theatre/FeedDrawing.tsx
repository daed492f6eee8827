/** Lines from what was there to what it feeds, by the map's own coefficients: groups of channels, and layers in small. */
import type { ReactNode } from "react";
import type { Feeds } from "../../../run/messages.ts";
import { linesOf, sayFeeds } from "./feed-lines.ts";
import "./theatre.css";

/** Thickest line, in pixels; the thinnest is a hairline. */
const THICK = 4;
export const thickness = (share: number): number => 0.6 + (THICK - 0.6) * share;

const BAND = 50;
const BAR = 7;

/** Channels of the trunk, a head's size at a time: old ones above, new ones below. */
export function GroupBand({
  rows,
  width,
}: {
  readonly rows: Feeds["groups"];
  readonly width: number;
}): ReactNode {
  if (rows === null || rows[0] === undefined) return null;
  const [after, before] = [rows.length, rows[0].length];
  const each = width / after;
  const start = (width - before * each) / 2;
  const middle = (k: number, from: number) => from + (k + 0.5) * each;
  const bars = (count: number, from: number, y: number) =>
    Array.from({ length: count }, (_, k) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a group is its place
      <rect key={k} className="theatre-bar" x={from + k * each + 1} y={y} width={each - 2} height={BAR} />
    ));
  return (
    <figure className="theatre-band">
      <svg
        width={width}
        height={BAND}
        role="img"
        aria-label={`Channels. ${sayFeeds(rows, "group").join(" ")}`}
      >
        {bars(before, start, 1)}
        {linesOf(rows).map(({ from, to, share }) => (
          <path
            key={`${from} ${to}`}
            className="theatre-line"
            strokeWidth={Math.min(thickness(share), each / 3)}
            d={`M${middle(from, start)} ${BAR + 2}C${middle(from, start)} ${BAND / 2} ${middle(to, 0)} ${BAND / 2} ${middle(to, 0)} ${BAND - BAR - 2}`}
          />
        ))}
        {bars(after, 0, BAND - BAR - 1)}
      </svg>
      <figcaption className="caption soft">
        Channels, {before} heads above, {after} below
      </figcaption>
    </figure>
  );
}

const PITCH = 18;
const BOX = { w: 84, h: 11 };

/** Layers as plain bars, input below: for the record of an event. */
export function LayerLines({ rows }: { readonly rows: Feeds["layers"] }): ReactNode {
  const [after, before] = [rows.length, rows[0]?.length ?? 0];
  const height = Math.max(after, before) * PITCH + 8;
  const width = 300;
  const y = (k: number) => height - 8 - (k + 0.5) * PITCH + PITCH / 2 - BOX.h;
  const x = width - BOX.w - 18;
  const column = (count: number, left: number, label: number) =>
    Array.from({ length: count }, (_, k) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
      <g key={k}>
        <rect className="theatre-bar" x={left} y={y(k)} width={BOX.w} height={BOX.h} />
        <text
          className="axis-text mono"
          x={label}
          y={y(k) + BOX.h - 2}
          textAnchor={label < left ? "end" : "start"}
        >
          {k + 1}
        </text>
      </g>
    ));
  return (
    <svg
      className="theatre-layers"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={sayFeeds(rows, "layer").join(" ")}
    >
      {linesOf(rows).map(({ from, to, share }) => (
        <path
          key={`${from} ${to}`}
          className="theatre-line"
          strokeWidth={thickness(share)}
          d={`M${18 + BOX.w + 3} ${y(from) + BOX.h / 2}C${width / 2} ${y(from) + BOX.h / 2} ${width / 2} ${y(to) + BOX.h / 2} ${x - 3} ${y(to) + BOX.h / 2}`}
        />
      ))}
      {column(before, 18, 13)}
      {column(after, x, x + BOX.w + 5)}
    </svg>
  );
}
