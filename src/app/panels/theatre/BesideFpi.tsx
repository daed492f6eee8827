/**
 * One learned matrix beside the one that bert2BERT FPI with the same layer map has in its place, on one scale, and how far
 * apart they are. While the operator is trained any can be chosen: its own, or one of the larger network's (a slice of M2).
 */
import type { ReactNode } from "react";
import type { FitView } from "../../../run/messages.ts";
import { rough } from "../../format.ts";
import { useRun } from "../../store/store.ts";
import { lookBeside } from "../../store/watching.ts";
import { Bonds } from "./Bonds.tsx";
import { HeatMap, largest } from "./OperatorMaps.tsx";

/** Pixels of a side. */
const SIDE = 56;

/** What stands beside the cores: one of them against FPI's, and what passes through the bonds of a ring. */
export function Compared({
  fit,
  live = false,
}: {
  readonly fit: FitView;
  readonly live?: boolean;
}): ReactNode {
  return (
    <div className="theatre-compared">
      <BesideFpi fit={fit} live={live} />
      {fit.bonds == null ? null : <Bonds bonds={fit.bonds} />}
    </div>
  );
}

function BesideFpi({ fit, live }: { readonly fit: FitView; readonly live: boolean }): ReactNode {
  const asked = useRun((s) => s.besideFpi);
  const { beside } = fit;
  if (beside == null && !live) return null;
  const made = fit.anatomies[1].tiers.flatMap((tier) =>
    [...tier.left, ...tier.right].flatMap(({ kind, id, name }) =>
      kind === "weight" ? [{ id, name: `${tier.name} ${name}` }] : [],
    ),
  );
  const there = [...fit.parts, ...made].some(({ id }) => id === asked);
  const wanted = there ? asked : (beside?.id ?? "");
  const waits = live && there && beside?.id !== asked;
  return (
    <figure className="theatre-beside">
      {live ? (
        <label className="caption soft">
          Beside FPI{" "}
          <select value={wanted ?? ""} onChange={(event) => lookBeside(event.currentTarget.value)}>
            {wanted === "" ? <option value="">being made</option> : null}
            <optgroup label="The operator">
              {fit.parts.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </optgroup>
            <optgroup label="The larger network's weights (M2)">
              {made.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </optgroup>
          </select>
        </label>
      ) : (
        <p className="caption soft">{beside!.part.name} beside FPI</p>
      )}
      {beside === null ? null : <Pair beside={beside} />}
      <figcaption className="caption soft">
        {beside === null || waits ? "FPI's is being made." : besideSaid(beside.distance)}
      </figcaption>
    </figure>
  );
}

/** "Apart by .31 of FPI’s size." */
export const besideSaid = (distance: number): string => `Apart by ${rough(distance)} of FPI’s size.`;

function Pair({ beside }: { readonly beside: NonNullable<FitView["beside"]> }): ReactNode {
  const { part, learned, fpi } = beside;
  const scale = Math.max(largest(learned), largest(fpi));
  const map = (tile: typeof fpi, caption: string) => (
    <HeatMap
      part={{ ...part, name: `${part.name}, ${caption}` }}
      tile={tile}
      most={SIDE}
      scale={scale}
      caption={caption}
    />
  );
  return (
    <div className="theatre-pair">
      {map(learned, "learned")}
      {map(fpi, "FPI")}
    </div>
  );
}
