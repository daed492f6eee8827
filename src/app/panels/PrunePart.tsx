/**
 * The sizes of the opened part's weights with a line to drag: what lies to its left would be cut. How many and what share
 * is said at once, what it would do to the loss as soon as the network has been asked; then the real figure.
 */
import { type ReactNode, useEffect, useState } from "react";
import type { OpenedPart } from "../../run/messages.ts";
import { count, rough, signed, whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { act } from "../store/actions.ts";
import { beforeAsking } from "../store/can.ts";
import { askPreview, toldOf } from "../store/previews.ts";
import { useRun } from "../store/store.ts";
import { takenBy } from "./prune-line.ts";

/** Steps of the line from one end to the other: as fine as a pixel of the rail. */
const STEPS = 280;
/** How long the line must lie still before the network is asked, in milliseconds. */
const STILL = 250;

const actionOf = (part: string, n: number) => ({ id: "magnitude", mode: "count", count: n, target: part });

export function PrunePart({ opened }: { readonly opened: OpenedPart }): ReactNode {
  const [at, setAt] = useState(0);
  const [before, setBefore] = useState<{ readonly change: number; readonly marks: number } | null>(null);
  const open = useRun((s) => s.phase === "paused" || s.phase === "running");
  const last = useRun((s) => s.marks.findLast(({ done }) => done?.method === "magnitude")?.done ?? null);
  const cuts = useRun((s) => s.marks.filter(({ done }) => done?.method === "magnitude").length);
  const { max, counts } = opened.histogram;
  const threshold = (at / STEPS) * max;
  const taken = takenBy(opened, threshold);
  const action = actionOf(opened.part, taken.count);
  const told = useRun((s) => toldOf(s, action));
  const known =
    told === null || told === "asking"
      ? null
      : told.outcome === null
        ? told.message
        : told.outcome.lossAfter - told.outcome.lossBefore;

  // The network is asked for a run that stands: while it trains, weights and answer would be those of another step.
  const first = useRun(beforeAsking);
  const standing = first === null;
  const wanted = standing && taken.count > 0 && told === null;
  useEffect(() => {
    if (!wanted) return;
    const timer = setTimeout(() => void askPreview(actionOf(opened.part, taken.count)), STILL);
    return () => clearTimeout(timer);
  }, [wanted, taken.count, opened.part]);

  const prune = (): void => {
    if (taken.count === 0 || !open) return;
    setBefore(typeof known === "number" ? { change: known, marks: cuts } : null);
    act(action);
    setAt(0);
  };
  const most = Math.max(1, ...counts);
  const total = counts.reduce((sum, n) => sum + n, 0);
  const said = `drop |w| under ${rough(threshold)}: ${taken.exact ? "" : "about "}${whole(taken.count)}, ${Math.round(taken.share * 100)} %`;
  return (
    <figure className="opened-sizes" aria-label={`Sizes of ${whole(total)} weights, from 0 to ${rough(max)}`}>
      <div className="prune-line">
        <div className="histogram">
          {counts.map((n, index) => (
            <i
              // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its place
              key={index}
              className={(index + 0.5) / counts.length <= at / STEPS ? "cut" : ""}
              style={{ height: `${(n / most) * 100}%` }}
            />
          ))}
        </div>
        {at > 0 && <b style={{ left: `${(at / STEPS) * 100}%` }} />}
        <input
          id="prune-line"
          type="range"
          min={0}
          max={STEPS}
          value={at}
          aria-label="Threshold on the size of weights"
          aria-valuetext={said}
          disabled={!open || max === 0}
          onChange={(event) => setAt(Number(event.currentTarget.value))}
          onKeyDown={(event) => {
            if (event.key === "Enter") prune();
          }}
        />
      </div>
      <figcaption className="opened-axis">
        0<b>|w|</b>
        {rough(max)}
      </figcaption>
      {at === 0 ? (
        <p className="caption soft">
          {before !== null && last !== null && cuts > before.marks
            ? `Loss ${signed(last.lossAfter - last.lossBefore)} on the probe batch, ${signed(before.change)} was predicted.`
            : "Drag the line from the left to cut the smallest."}
        </p>
      ) : (
        <>
          <p className="mono prune-says">{said}</p>
          <p className="caption soft" aria-live="polite">
            {expected(known, first)}
          </p>
          <button
            type="button"
            className="button small edged"
            disabled={!open || taken.count === 0}
            onClick={prune}
          >
            <Icon name="prune" size={14} />
            Prune {count(taken.count, "weight")}
          </button>
        </>
      )}
    </figure>
  );
}

function expected(known: number | string | null, first: string | null): string {
  if (typeof known === "string") return known;
  if (known !== null) return `Predicted loss change on the probe batch ${signed(known)}.`;
  return first === null ? "Asking the network." : `${first} to see what it would do to the loss.`;
}
