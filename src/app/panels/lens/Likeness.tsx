/** How alike layers attend, the figure printed in each cell: layer against layer, and across the last event. */
import { useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Lens } from "../../../run/messages.ts";
import { fixed, whole } from "../../format.ts";
import { colourOf } from "../stage/colour.ts";

/** Columns up to which cells print their figure; beyond, only the colour and the title say it. */
const PRINTED = 8;

const MEASURES = {
  js: "difference, bits (Jensen-Shannon)",
  cosine: "cosine",
  matched: "most like head (1 = the same)",
} as const;

type Measure = keyof typeof MEASURES;

/** A cell of this colour, and black or white upon it, whichever stands out more: 4.58 to 1 at least. */
function inked(word: number): { readonly background: string; readonly color: string } {
  const [r, g, b] = [0, 8, 16].map((shift) => (word >>> shift) & 255);
  const linear = [r!, g!, b!].map((v) => (v <= 10 ? v / 3295 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
  const dark = (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05);
  return { background: `rgb(${r} ${g} ${b})`, color: dark ? "black" : "white" };
}

export function Likeness({ look }: { readonly look: Lens }): ReactNode {
  const [chosen, setHow] = useState<Measure>("js");
  const offered = (Object.keys(MEASURES) as Measure[]).filter((each) => look[each] !== null);
  const how = offered.includes(chosen) ? chosen : "js";
  const rows = look[how]!;
  if (rows.length < 2) return null;
  return (
    <figure>
      <figcaption className="lens-caption">
        <span>Layer against layer</span>
        <select
          aria-label="Measure of likeness"
          value={how}
          onChange={(event) => setHow(event.currentTarget.value as Measure)}
        >
          {offered.map((each) => (
            <option key={each} value={each}>
              {MEASURES[each]}
            </option>
          ))}
        </select>
      </figcaption>
      <Cells rows={rows} title={(l, m) => `Layers ${l} and ${m}`} />
    </figure>
  );
}

/** What the layers after an event have from those before it. */
export function CarryOver({ look }: { readonly look: Lens }): ReactNode {
  const { carry } = look;
  if (carry === null) return null;
  return (
    <figure>
      <figcaption className="lens-caption">
        <span>
          Across the event: layers at step {whole(carry.after)} (down) against those at step{" "}
          {whole(carry.before)} (across), most like head, 1 = the same
        </span>
      </figcaption>
      <Cells rows={carry.matched} title={(l, m) => `Layer ${l} after, layer ${m} before`} />
    </figure>
  );
}

/** Figures of 0 to 1, the trunk at the foot. */
function Cells({
  rows,
  title,
}: {
  readonly rows: readonly Float32Array[];
  readonly title: (row: number, column: number) => string;
}): ReactNode {
  const scheme = useComputedColorScheme("light");
  const columns = rows[0]?.length ?? 0;
  const order = Array.from(rows, (_, k) => rows.length - 1 - k);
  return (
    <table className="lens-grid">
      <thead>
        <tr>
          <th>
            <span className="hidden">Layer</span>
          </th>
          {Array.from({ length: columns }, (_, k) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
            <th key={k} scope="col">
              L{k + 1}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {order.map((l) => (
          <tr key={l}>
            <th scope="row">L{l + 1}</th>
            {Array.from(rows[l]!, (value, m) => (
              <td
                // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
                key={m}
                style={inked(colourOf(value, 1, "sequential", scheme, l + m))}
                title={`${title(l + 1, m + 1)}: ${fixed(value, 3)}`}
              >
                <span className={columns > PRINTED ? "hidden" : undefined}>{fixed(value, 2)}</span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
