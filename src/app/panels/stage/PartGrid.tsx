/**
 * The stage for hands, keys and ears: one tab stop, rows are tiers (top first, as drawn), cells are the tier itself, under
 * its caption, and its parts from left to right; arrows move, Enter pins, the first bare wire grows. Transparent buttons
 * over the drawing: targets at least 24 px.
 */
import type { RunView } from "../../../run/messages.ts";
import type { Births } from "./births.ts";
import { type Box, colsOf, type PlacedPart, type PlacedTier, rowsOf, type StageLayout } from "./layout.ts";
import { surgeryOn } from "./surgery.ts";
import { captionOf } from "./TierName.tsx";
import { useGrid } from "./use-grid.ts";

export interface PartGridProps {
  readonly layout: StageLayout;
  readonly view: RunView | null;
  readonly pinned: string | null;
  readonly births: Births;
  readonly step: number;
  readonly growRefused: string | null;
  onHover(part: string | null): void;
  onPin(part: string | null): void;
  onGrow(): void;
}

const decimals = (value: number): string => Number(value.toPrecision(2)).toString().replace(/^0\./, ".");

/** "Block 2 reads block 1. 16,384 weights, 88 percent kept, mean size .07, 2,282 steps old." */
export function partName(
  tier: string,
  placed: PlacedPart,
  view: RunView | null,
  born: number | undefined,
  step: number,
): string {
  const { part } = placed;
  const tile = view?.tiles[part.id];
  const count = (rowsOf(part) * colsOf(part)).toLocaleString("en");
  const said = [`${tier} ${part.name}.`];
  if (part.kind === "weight") {
    said.push(`${count} weights`);
    if (tile !== undefined) {
      if (tile.kept < 1) said[said.length - 1] += `, ${Math.round(tile.kept * 100)} percent kept`;
      said[said.length - 1] += `, mean size ${decimals(tile.mean)}`;
    }
    said[said.length - 1] += `, ${(step - (born ?? 0)).toLocaleString("en")} steps old.`;
  } else if (tile !== undefined) {
    said.push(`Mean ${decimals(tile.mean)}.`);
    if (tile.silent !== undefined) said.push(`${tile.silent} of ${tile.ofRows} units silent on this text.`);
  }
  return said.join(" ");
}

/** Where a tier is pressed: its caption, or its ring on the trunk where there is no room for captions. */
export function tierTarget(placed: PlacedTier, layout: StageLayout): Box {
  const left = Math.min(...placed.parts.filter(({ side }) => side === "left").map(({ x }) => x));
  if (!layout.captions || !Number.isFinite(left)) {
    return { x: layout.trunk - 12, y: placed.wire - 12, w: 24, h: 24 };
  }
  const top = Math.min(...placed.parts.map(({ y }) => y));
  const { x, anchor, width } = captionOf(placed, left, layout);
  const w = Math.max(24, width + 8);
  return { x: (anchor === "end" ? x - w : x) - 4, y: top - 24, w, h: 24 };
}

export function PartGrid(props: PartGridProps) {
  const { layout, view, pinned, births, step } = props;
  const rows = [...layout.tiers].reverse().map((tier) => ({
    tier,
    cells: [...tier.parts].sort((a, b) => a.x - b.x),
  }));
  const grow = layout.room[0];
  const lines = (grow === undefined ? 0 : 1) + rows.length;
  const cellsIn = (row: number) =>
    grow !== undefined && row === 0 ? 1 : 1 + (rows[row - (grow === undefined ? 0 : 1)]?.cells.length ?? 0);
  const { props: gridProps, setPlace, tab } = useGrid("The network, a row a tier", lines, cellsIn);

  return (
    <div {...gridProps}>
      {grow !== undefined && (
        // biome-ignore lint/a11y/useSemanticElements: see above
        // biome-ignore lint/a11y/useFocusableInteractive: the cell inside takes the focus
        <div role="row">
          {/* biome-ignore lint/a11y/useFocusableInteractive: the button inside takes the focus */}
          {/* biome-ignore lint/a11y/useSemanticElements: see above */}
          <div role="gridcell">
            <button
              type="button"
              className="stage-hit stage-hit-grow"
              data-place="0 0"
              tabIndex={tab(0, 0)}
              style={{ left: layout.left, top: grow.y - 14, width: layout.right - layout.left, height: 28 }}
              aria-label={props.growRefused ?? `Grow here: ${grow.label}`}
              title={props.growRefused ?? "Grow here"}
              onFocus={() => setPlace([0, 0])}
              onClick={props.onGrow}
            />
          </div>
        </div>
      )}
      {rows.map(({ tier, cells }, index) => {
        const row = index + (grow === undefined ? 0 : 1);
        return (
          // biome-ignore lint/a11y/useSemanticElements: see above
          // biome-ignore lint/a11y/useFocusableInteractive: the cells inside take the focus
          <div role="row" key={tier.tier.id} aria-label={`${tier.tier.name}, ${tier.tier.note}`}>
            <TierCell
              {...{ tier, layout, pinned }}
              place={`${row} 0`}
              tab={tab(row, 0)}
              onFocus={() => {
                setPlace([row, 0]);
                props.onHover(tier.tier.id);
              }}
              onHover={props.onHover}
              onPin={props.onPin}
            />
            {cells.map((placed, index) => {
              const { part } = placed;
              const cell = index + 1;
              const grown = Math.max(0, (24 - placed.h) / 2);
              return (
                // biome-ignore lint/a11y/useSemanticElements: see above
                // biome-ignore lint/a11y/useFocusableInteractive: the button inside takes the focus
                <div role="gridcell" key={part.id} aria-selected={pinned === part.id}>
                  <button
                    type="button"
                    className="stage-hit"
                    data-place={`${row} ${cell}`}
                    data-part={part.id}
                    tabIndex={tab(row, cell)}
                    style={{
                      left: placed.x,
                      top: placed.y - grown,
                      width: Math.max(24, placed.w),
                      height: placed.h + 2 * grown,
                    }}
                    aria-label={partName(tier.tier.name, placed, view, births[part.id], step)}
                    aria-pressed={pinned === part.id}
                    onMouseEnter={() => props.onHover(part.id)}
                    onMouseLeave={() => props.onHover(null)}
                    onFocus={() => {
                      setPlace([row, cell]);
                      props.onHover(part.id);
                    }}
                    onBlur={() => props.onHover(null)}
                    onClick={() => props.onPin(pinned === part.id ? null : part.id)}
                    {...surgeryOn(part.id)}
                  />
                </div>
              );
            })}
          </div>
        );
      })}
    </div>
  );
}

interface TierCellProps {
  readonly tier: PlacedTier;
  readonly layout: StageLayout;
  readonly pinned: string | null;
  readonly place: string;
  readonly tab: number;
  onFocus(): void;
  onHover(part: string | null): void;
  onPin(part: string | null): void;
}

/** The layer or block as a whole. */
function TierCell({ tier, layout, pinned, place, tab, onFocus, onHover, onPin }: TierCellProps) {
  const { id, name, note } = tier.tier;
  const box = tierTarget(tier, layout);
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    // biome-ignore lint/a11y/useFocusableInteractive: the button inside takes the focus
    <div role="rowheader" aria-selected={pinned === id}>
      <button
        type="button"
        className="stage-hit stage-hit-tier"
        data-place={place}
        data-part={id}
        tabIndex={tab}
        style={{ left: box.x, top: box.y, width: box.w, height: box.h }}
        aria-label={`${name} as a whole, ${note}`}
        aria-pressed={pinned === id}
        onMouseEnter={() => onHover(id)}
        onMouseLeave={() => onHover(null)}
        onFocus={onFocus}
        onBlur={() => onHover(null)}
        onClick={() => onPin(pinned === id ? null : id)}
        {...surgeryOn(id)}
      />
    </div>
  );
}
