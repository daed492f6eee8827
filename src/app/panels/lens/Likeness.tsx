/** How alike the layers attend: L × L, the figure printed in each cell. */
import { useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Lens } from "../../../run/messages.ts";
import { fixed } from "../../format.ts";
import { colourOf } from "../stage/colour.ts";

/** Cells with their figure; from here on only the colour and the title say it. */
const PRINTED = 8;

const css = (word: number): string => `rgb(${word & 255} ${(word >>> 8) & 255} ${(word >>> 16) & 255})`;

export function Likeness({ look }: { readonly look: Lens }): ReactNode {
  const [how, setHow] = useState<"js" | "cosine">("js");
  const scheme = useComputedColorScheme("light");
  const rows = look[how];
  const L = rows.length;
  if (L < 2) return null;
  const order = Array.from({ length: L }, (_, k) => L - 1 - k);
  return (
    <figure>
      <figcaption className="lens-caption">
        <span>Layer against layer</span>
        <select
          aria-label="Measure of likeness"
          value={how}
          onChange={(event) => setHow(event.currentTarget.value as typeof how)}
        >
          <option value="js">difference, bits (Jensen-Shannon)</option>
          <option value="cosine">cosine</option>
        </select>
      </figcaption>
      <table className="lens-grid">
        <thead>
          <tr>
            <th>
              <span className="hidden">Layer</span>
            </th>
            {Array.from({ length: L }, (_, k) => (
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
                  style={{
                    background: css(colourOf(value, 1, "sequential", scheme, l + m)),
                    color: value > 0.5 ? "var(--paper)" : "var(--ink)",
                  }}
                  title={`Layers ${l + 1} and ${m + 1}: ${fixed(value, 3)}`}
                >
                  <span className={L > PRINTED ? "hidden" : undefined}>{fixed(value, 2)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
