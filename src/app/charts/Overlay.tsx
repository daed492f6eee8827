/** What goes through all rows of the score: gridline figures, baselines, direct labels, planned events, the cursor. */
import type { ReactNode } from "react";
import { fixed, loss } from "../format.ts";
import { planned } from "../store/draft.ts";
import { nearest } from "../store/series.ts";
import type { Mark } from "../store/session.ts";
import { useRun } from "../store/store.ts";
import { crossed, freePlace, type Span } from "./label-place.ts";
import { GLYPHS, grouped } from "./marks.ts";
import type { Rows } from "./Score.tsx";
import { apart, type Frame, inPixels, linearTicks, type Scale, xTick, yTick } from "./scale.ts";
import { markX, type ScoreData } from "./score-data.ts";

interface OverlayProps {
  readonly data: ScoreData;
  readonly frame: Frame;
  readonly rows: Rows;
  readonly x: Scale;
  readonly y: Scale;
  readonly small: boolean;
}

export function Overlay(props: OverlayProps): ReactNode {
  const { data, frame, rows, x, y, small } = props;
  const most = Math.max(2, Math.floor((frame.width - frame.left - frame.right) / 120));
  const ticks = linearTicks(data.max, most, data.axis === "step" ? 1 : 0);
  const right = frame.width - frame.right;
  return (
    <>
      {data.y.ticks.map((tick) => (
        <text key={tick} x={frame.left - 8} y={y(tick) + 4} className="axis-text mono" textAnchor="end">
          {yTick(tick)}
        </text>
      ))}
      {ticks.map((tick) => (
        <text key={tick} x={x(tick)} y={rows.axis} className="axis-text mono" textAnchor="middle">
          {xTick(data.axis, tick)}
        </text>
      ))}
      {data.levels.map(({ label, value }, i) => (
        <g key={label}>
          <path d={`M${frame.left} ${y(value)}L${right} ${y(value)}`} className="level" />
          {small ? (
            <text x={right} y={y(value) + 14} className="axis-text" textAnchor="end">
              {shortLevel(label)}
            </text>
          ) : i === 0 ? (
            <text x={right + 10} y={y(value) + 4} className="axis-text">
              {label}
            </text>
          ) : (
            // At the left, where no curve has come down to it: at the right stand the names of the lines.
            <text x={frame.left + 6} y={y(value) - 4} className="axis-text">
              {label}
            </text>
          )}
        </g>
      ))}
      <Marks {...props} />
      <Labels {...props} />
      <Cursor {...props} />
    </>
  );
}

/** "guessing, ln 80 = 4.38" → "guessing 4.38" */
const shortLevel = (label: string): string => label.replace(/, .* =/, "");

function Marks({ data, rows, x }: OverlayProps): ReactNode {
  const { config, budgetSteps, clock, axis } = data;
  const open = useRun((s) => s.openMark);
  const steps =
    config && axis === "step" ? planned(config, budgetSteps).filter((step) => step > clock.step) : [];
  return (
    <>
      {data.marks.map((mark) => (
        <path
          key={mark.id}
          d={`M${x(markX(mark, axis))} ${rows.top}L${x(markX(mark, axis))} ${rows.axis - 14}`}
          className={mark.id === open ? "mark-line chosen" : "mark-line"}
          data-kind={mark.kind}
        />
      ))}
      {grouped(data.marks, (mark) => x(markX(mark, axis))).map((group) => {
        const first = group[0] as Mark;
        return (
          <text
            key={first.id}
            x={x(markX(first, axis))}
            y={rows.history + 4}
            className="lane-glyph"
            data-kind={first.kind}
            textAnchor="middle"
          >
            {group.length > 1 ? group.length : GLYPHS[first.kind]}
          </text>
        );
      })}
      {steps.map((step) => (
        <g key={step}>
          <path d={`M${x(step)} ${rows.top}L${x(step)} ${rows.axis - 14}`} className="mark-line planned" />
          <text x={x(step)} y={rows.history + 4} className="lane-glyph leaf" textAnchor="middle">
            △
          </text>
        </g>
      ))}
    </>
  );
}

const LABEL_GAP = 17;
/** As much larger as the type is for a room full of people. */
const PROJECTED = 1.35;
/** Pixels that the cursor's figures take. */
const CURSOR_ROOM = 120;

/** The number stands at the line's end: ink text, led by 12 px of the line. */
function Labels({ data, frame, rows, x, y, small }: OverlayProps): ReactNode {
  const cursor = useRun((s) => s.cursor);
  const gap = useRun((s) => (s.projector ? PROJECTED : 1)) * LABEL_GAP;
  // Under the cursor the figures are the cursor's: the line's end says its own again when it has gone.
  const row = cursor === null ? null : nearest(data.train, "step", cursor);
  if (row !== null && x(data.clock[data.axis]) - x(row[data.axis]) < CURSOR_ROOM) return null;
  if (small) return <SmallLabel {...{ data, frame, rows, x, y, small }} />;
  const shown = data.labels;
  const ys = apart(
    shown.map((label) => y(label.value)),
    gap,
    rows.top + 6,
    rows.plot,
  );
  return shown.map((label, i) => {
    const from = Math.min(x(label.x), frame.width - frame.right);
    const at = ys[i] ?? 0;
    const words = [label.name, label.what].filter(Boolean).join(", ");
    return <LineLabel key={label.id} {...{ label, words, at }} start={from + 10} />;
  });
}

interface LineLabelProps {
  readonly label: ScoreData["labels"][number];
  readonly words: string;
  readonly start: number;
  readonly at: number;
}

function LineLabel({ label, words, start, at }: LineLabelProps): ReactNode {
  return (
    <g>
      <path
        d={`M${start} ${at}h12`}
        stroke={label.colour}
        strokeWidth={label.strong ? 2.4 : 1.6}
        strokeDasharray={label.dash ? "4 3" : undefined}
      />
      <text x={start + 18} y={at + 4} className={label.strong ? "line-label strong" : "line-label"}>
        {words} <tspan className="mono">{loss(label.value)}</tspan>
      </text>
    </g>
  );
}

/** What the label takes on a phone, and a letter of a level's words. */
const SMALL = { width: 90, half: 9 };
const MICRO_LETTER = 5.6;

/**
 * On a phone there is no margin to stand in: the one label stands on the plot, near the right edge to the left of its line's
 * end, at the height next to it where no curve runs. Where there is none it may lie over the raw losses, which are faint.
 */
function SmallLabel({ data, frame, rows, x, y }: OverlayProps): ReactNode {
  const label = data.labels.find(({ id }) => id === "validation");
  if (label === undefined) return null;
  const right = frame.width - frame.right;
  const from = Math.min(x(label.x), right);
  const start = from + 10 + SMALL.width > right ? from - 6 - SMALL.width : from + 10;
  const end = start + SMALL.width;
  const levels = data.levels.flatMap(({ label: words, value }): readonly Span[] => {
    const at = y(value);
    const own: Span = [at, at];
    return end > right - MICRO_LETTER * shortLevel(words).length ? [own, [at + 5, at + 16]] : [own];
  });
  const taken = (faint: boolean): readonly Span[] => [
    ...levels,
    ...data.lines
      .filter(({ id }) => faint || id !== "raw")
      .map(({ points }) => crossed(inPixels(points, x, y), start, end))
      .filter((span) => span !== null),
  ];
  const wanted = y(label.value);
  const place = (faint: boolean): number | null =>
    freePlace(taken(faint), wanted, SMALL.half, rows.top + SMALL.half, rows.plot - SMALL.half);
  const at = place(true) ?? place(false) ?? wanted;
  return <LineLabel {...{ label, start, at }} words="val" />;
}

function Cursor({ data, frame, rows, x, y }: OverlayProps): ReactNode {
  const step = useRun((s) => s.cursor);
  const row = step === null ? null : nearest(data.train, "step", step);
  if (row === null) return null;
  const px = x(row[data.axis]);
  const line = (id: string): number | null => {
    const points = data.lines.find((each) => each.id === id)?.points ?? [];
    let best: number | null = null;
    for (const point of points) if (point.x <= row[data.axis]) best = point.y;
    return best;
  };
  const values = [
    { name: "validation", value: line("validation") },
    { name: "train", value: line("train") },
  ].filter((each): each is { name: string; value: number } => each.value !== null);
  const ys = apart(
    values.map(({ value }) => y(value)),
    15,
    rows.top + 6,
    rows.plot,
  );
  const left = px > frame.width - frame.right - 90;
  const tag = xTick(data.axis, row[data.axis]);
  const half = tag.length * 3.6 + 6;
  return (
    <g>
      <path d={`M${px} ${rows.top - 6}L${px} ${rows.axis - 12}`} stroke="var(--ink)" strokeWidth={1} />
      {values.map(({ name, value }, i) => (
        <g key={name}>
          <circle cx={px} cy={y(value)} r={3} fill="var(--ink)" />
          <text
            x={left ? px - 8 : px + 8}
            y={(ys[i] ?? 0) + 4}
            className="cursor-value mono"
            textAnchor={left ? "end" : "start"}
          >
            {name === "train" ? "train " : "val "}
            {fixed(value, 3)}
          </text>
        </g>
      ))}
      <rect x={px - half} y={rows.axis - 12} width={2 * half} height={16} rx={3} fill="var(--ink)" />
      <text x={px} y={rows.axis} className="cursor-tag mono" textAnchor="middle">
        {tag}
      </text>
    </g>
  );
}
