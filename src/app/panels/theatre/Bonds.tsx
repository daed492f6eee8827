/** The bonds of a tensor ring: the singular values of the cores at each, and which of its ranks is in use. */
import type { ReactNode } from "react";
import type { Bond } from "../../../run/messages.ts";
import { list, rough } from "../../format.ts";

/** A value of this part of the first or more is in use. */
const USED = 0.01;

export const usedOf = ({ values }: Bond): number =>
  values.filter((value) => value > 0 && value >= USED * values[0]!).length;

/** "Ranks in use: 2 of 2 in R1 and 1 of 2 in R3; the others are under 1 % of the first." */
export function bondsSaid(bonds: readonly Bond[]): string {
  const wide = bonds.filter(({ values }) => values.length > 1);
  if (wide.length === 0) return "Every bond has rank 1: one value each.";
  const parts = wide.map((bond) => `${usedOf(bond)} of ${bond.values.length} in ${bond.name}`);
  const idle = wide.some((bond) => usedOf(bond) < bond.values.length);
  return `Ranks in use: ${list(parts)}${idle ? "; the others are under 1 % of the first" : ""}.`;
}

export function Bonds({ bonds }: { readonly bonds: readonly Bond[] }): ReactNode {
  return (
    <figure className="theatre-bonds">
      <table>
        <caption>Singular values at the bonds</caption>
        <tbody>
          {bonds.map(({ name, between, values }) => (
            <tr key={name}>
              <th scope="row" title={`between ${between.join(" and ")}`}>
                {name}
              </th>
              <td>
                <span className="theatre-values" aria-hidden="true">
                  {values.map((value, k) => (
                    <i
                      // biome-ignore lint/suspicious/noArrayIndexKey: a value is its place
                      key={k}
                      style={{
                        height: `${Math.max(6, 100 * Math.min(1, value / Math.max(values[0]!, 1e-30)))}%`,
                      }}
                    />
                  ))}
                </span>
              </td>
              <td className="mono">{values.map((value) => rough(value)).join(" ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <figcaption className="caption soft">{bondsSaid(bonds)}</figcaption>
    </figure>
  );
}
