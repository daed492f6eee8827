/** What comes out at the top: the next character's probabilities, with the text being read at the root, or the classes'. */
import type { RunView } from "../../../run/messages.ts";
import { classesIn, guessesIn } from "./crown-room.ts";
import type { StageLayout } from "./layout.ts";

/** A character that can be seen: space as an open box, newline as a hook. */
export const visible = (symbol: string): string =>
  symbol === " " ? "␣" : symbol === "\n" ? "↵" : symbol === "\t" ? "⇥" : symbol;

const probability = (p: number): string => p.toFixed(2).replace(/^0/, "");

export function Crown({ layout, view }: { layout: StageLayout; view: RunView | null }) {
  if (view === null) return null;
  return view.picture === null ? <NextCharacter {...{ layout, view }} /> : <Classes {...{ layout, view }} />;
}

/** A bar over each class, in their order; the image's own class is underlined. */
function Classes({ layout, view }: { layout: StageLayout; view: RunView }) {
  const x0 = layout.trunk + 34;
  const base = layout.crown - 8;
  const most = Math.max(0, ...view.next.map(({ probability: p }) => (Number.isFinite(p) ? p : 0)));
  const room = layout.right - x0;
  const { shown, slot } = classesIn(view.next, room);
  const gap = slot < 12 ? 1.5 : slot < 30 ? 2 : 4;
  if (!view.next.every(({ probability: p }) => Number.isFinite(p))) {
    return (
      <text className="stage-note" x={x0} y={base}>
        not a number
      </text>
    );
  }
  return (
    <>
      <text
        className="stage-note"
        // On a phone the bars have less room than these words: then both end at the right edge.
        {...(room < 170 ? { x: layout.right, textAnchor: "end" } : { x: x0 })}
        y={base - 42}
      >
        {shown.length === view.next.length
          ? "what it takes the image for"
          : `the ${shown.length} likeliest of ${view.next.length}`}
      </text>
      {shown.map(({ symbol, probability: p }, i) => {
        const x = x0 + (i + 0.5) * slot;
        const first = p === most;
        const height = Math.max(1, 24 * p);
        return (
          <g key={symbol}>
            <rect
              className={first ? "stage-bar stage-bar-first" : "stage-bar"}
              x={x - slot / 2 + gap}
              y={base - 14 - height}
              width={slot - 2 * gap}
              height={height}
            />
            <text
              className={first ? "stage-mono stage-strong" : "stage-mono stage-soft"}
              x={x}
              y={base}
              textAnchor="middle"
            >
              {short(symbol, slot)}
            </text>
            {symbol === view.picture?.label ? (
              <path className="stage-true" d={`M${x - slot / 2 + gap} ${base + 4}h${slot - 2 * gap}`} />
            ) : null}
          </g>
        );
      })}
    </>
  );
}

/** As much of a class's name as stands under its bar. */
const short = (name: string, width: number): string =>
  name.slice(0, Math.max(1, Math.floor((width - 2) / 7.3)));

function NextCharacter({ layout, view }: { layout: StageLayout; view: RunView }) {
  const x0 = layout.trunk + 34;
  const y = layout.crown - 22;
  const room = layout.right - x0;
  const known = view.next.every((guess) => Number.isFinite(guess.probability));
  const { count: places, slot, under } = guessesIn(room);
  const shown = (known ? view.next : []).slice(0, places);
  // As much of it as stands between "next after" and the edge.
  const told = Math.max(1, Math.min(12, Math.floor((room - 62) / 7.3)));
  // BERT is asked at the first place that is hidden: what follows it is hidden as well.
  const hidden = view.text.indexOf("▢");
  const read = hidden < 0 ? view.text : view.text.slice(0, hidden + 1);
  const before = read.slice(-told).join("");
  // The text stands under the columns that show it, a character a column; without such columns along the wire.
  const gates = layout.tiers[0]?.parts.find((p) => p.part.kind === "activation" && p.part.strips.length > 0);
  const left = gates?.x ?? x0;
  const width = gates?.w ?? Math.min(room, 260);
  const count = gates === undefined ? Math.min(view.text.length, Math.floor(width / 8)) : view.text.length;
  const pitch = width / Math.max(1, count);
  const every = Math.max(1, Math.ceil(6.2 / pitch));
  return (
    <>
      <text className="stage-note" x={x0} y={y - 18}>
        {hidden < 0 ? "next after" : "hidden in"}{" "}
        <tspan className="stage-mono">{[...before].map(visible).join("").replaceAll("␣", " ")}</tspan>
      </text>
      {known ? null : (
        <text className="stage-note" x={x0} y={y + 5}>
          not a number
        </text>
      )}
      {shown.map((guess, index) => {
        const x = x0 + index * slot;
        const bar = Math.max(1, guess.probability * (under ? slot - 6 : slot - 48));
        const place = under ? { x, y: y + 9, height: 3 } : { x: x + 13, y: y - 4, height: 9 };
        return (
          <g key={guess.symbol}>
            <text className="stage-mono stage-strong" x={x} y={y + 5}>
              {visible(guess.symbol)}
            </text>
            <rect
              className={index === 0 ? "stage-bar stage-bar-first" : "stage-bar"}
              {...place}
              width={bar}
            />
            <text className="stage-mono stage-soft" x={under ? x + 9 : x + 17 + bar} y={y + 5}>
              {probability(guess.probability)}
            </text>
          </g>
        );
      })}
      {view.text.slice(-count).map((symbol, index) =>
        (count - 1 - index) % every === 0 ? (
          <text
            // biome-ignore lint/suspicious/noArrayIndexKey: a place in the window is its identity
            key={index}
            className={index === count - 1 ? "stage-text stage-strong" : "stage-text"}
            x={left + (index + 0.5) * pitch}
            y={layout.root + (gates === undefined ? 36 : 18)}
            textAnchor="middle"
          >
            {symbol === " " ? "·" : visible(symbol)}
          </text>
        ) : null,
      )}
    </>
  );
}
