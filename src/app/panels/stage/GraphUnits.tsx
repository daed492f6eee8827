/**
 * The units of a graph for hands, keys and ears: a button each; where a row is gates, a button for what one block has of each.
 */
import { useMemo } from "react";
import type { Anatomy, GraphLayer, RunView } from "../../../run/messages.ts";
import { whole } from "../../format.ts";
import type { Edge, GraphLayout } from "./graph.ts";
import { surgeryOn } from "./surgery.ts";
import { useGrid } from "./use-grid.ts";

interface GraphUnitsProps {
  readonly anatomy: Anatomy;
  readonly view: RunView;
  readonly pinned: string | null;
  readonly layout: GraphLayout;
  readonly edges: readonly Edge[];
  onPin(id: string | null): void;
}

/** One tab stop; arrows go from unit to unit, the last row first, as drawn. */
export function GraphUnits({ anatomy, view, pinned, layout, edges, onPin }: GraphUnitsProps) {
  const layers = [...(view.graph ?? [])].map((layer, index) => ({ layer, index })).reverse();
  const reads = useMemo(() => {
    const counts = new Map<string, number>();
    for (const { layer, unit } of edges)
      counts.set(`${layer} ${unit}`, (counts.get(`${layer} ${unit}`) ?? 0) + 1);
    return counts;
  }, [edges]);
  const hits = layers.map(({ layer, index }) => hitsOf(anatomy, layer, index, layout, reads));
  const { props, setPlace, tab } = useGrid(
    "Units, a row a layer",
    layers.length,
    (row) => hits[row]?.length ?? 0,
  );
  return (
    <div {...props}>
      {layers.map(({ layer }, r) => {
        const tier = anatomy.tiers.find(({ id }) => id === layer.tier);
        return (
          // biome-ignore lint/a11y/useSemanticElements: see above
          // biome-ignore lint/a11y/useFocusableInteractive: the cells inside take the focus
          <div role="row" key={`${layer.tier} ${layer.sources}`} aria-label={`${tier?.name}, ${tier?.note}`}>
            {hits[r]?.map(({ id, key, says, box }, c) => (
              // biome-ignore lint/a11y/useSemanticElements: see above
              // biome-ignore lint/a11y/useFocusableInteractive: the button inside takes the focus
              <div role="gridcell" key={key} aria-selected={pinned === id}>
                <button
                  type="button"
                  className={layer.gates === undefined ? "stage-hit graph-unit" : "stage-hit graph-gate"}
                  data-place={`${r} ${c}`}
                  data-part={id}
                  tabIndex={tab(r, c)}
                  style={box}
                  aria-label={says}
                  aria-pressed={pinned === id}
                  onFocus={() => setPlace([r, c])}
                  onClick={() => onPin(pinned === id ? null : id)}
                  {...surgeryOn(id)}
                />
              </div>
            ))}
          </div>
        );
      })}
    </div>
  );
}

interface Hit {
  /** What a press selects: the unit, or the tier that makes the gate's units. */
  readonly id: string;
  readonly key: string;
  readonly says: string;
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
}

/** Buttons of one row. */
function hitsOf(
  { tiers }: Anatomy,
  layer: GraphLayer,
  index: number,
  { rows, radius }: GraphLayout,
  reads: ReadonlyMap<string, number>,
): readonly Hit[] {
  const { gates, made, units, sources } = layer;
  const spots = rows[index + 1] ?? [];
  const nameOf = (tier: string) => tiers.find(({ id }) => id === tier)?.name ?? "";
  const readBy = (unit: number) => reads.get(`${index} ${unit}`) ?? 0;
  if (gates === undefined || made === undefined) {
    const size = Math.max(10, 2 * radius + 4);
    return spots.map(({ x, y }, unit) => ({
      id: `${layer.tier}#${unit}`,
      key: String(unit),
      says: `${nameOf(layer.tier)} unit ${unit + 1}, reads ${whole(readBy(unit))} of ${whole(sources)}`,
      box: { left: x - size / 2, top: y - size / 2, width: size, height: size },
    }));
  }
  const each = units / gates.length;
  return gates.flatMap((gate, g) =>
    made.flatMap(({ tier, from, to }): readonly Hit[] => {
      const [a, b] = [spots[g * each + from], spots[g * each + to - 1]];
      if (a === undefined || b === undefined) return [];
      let read = 0;
      for (let unit = from; unit < to; unit++) read += readBy(g * each + unit);
      return [
        {
          id: tier,
          key: `${gate} ${tier}`,
          says: `Gate ${gate}, ${nameOf(tier)}: ${to - from} units read by ${whole(read)} edges`,
          box: { left: a.x - 6, top: a.y - 12, width: b.x - a.x + 12, height: 24 },
        },
      ];
    }),
  );
}
