/**
 * The silhouette of a config by the stage's own rule: a wire a tier, arms left and right of the trunk, what is still to
 * grow as dotted wires. No numbers of a run are drawn, since there is none yet.
 */
import type { ReactNode } from "react";
import type { RunConfig } from "../../run/config.ts";
import { taskOf } from "../../run/data-shape.ts";
import { growths } from "../store/draft.ts";

interface Shape {
  readonly tiers: readonly { readonly left: readonly number[]; readonly right: readonly number[] }[];
  readonly room: number;
}

const MOST_ROOM = 3;

/** Arms of each tier as widths relative to each other. */
export function shapeOf(config: RunConfig): Shape {
  const { model } = config;
  const grows = growths(config).length > 0;
  if ("heads" in model) {
    const layers = Number(model.layers);
    return {
      tiers: Array.from({ length: layers }, () => ({ left: [8, 8, 8, 30, 8], right: [32, 32] })),
      room: grows ? Math.min(MOST_ROOM, Number(model.maxLayers) - layers) : 0,
    };
  }
  if (taskOf(config.data.id) === "classify") return { tiers: imageTiers(config), room: 0 };
  const blocks = Array.isArray(model.blocks) ? (model.blocks as readonly number[]) : [64];
  const layers = Number(model.layers ?? 1);
  const full = model.connectivity === "fully-connected";
  const tiers = Array.from({ length: layers }, () =>
    blocks.map((_, block) => ({
      // From the trunk outwards: x, then the blocks that this one reads.
      left: [12, ...blocks.slice(0, full ? blocks.length : block + 1).map((cells) => 12 + cells / 6)],
      right: [54],
    })),
  ).flat();
  return { tiers, room: grows ? MOST_ROOM : 0 };
}

/** A tier a layer: what it reads on the left, its maps or units on the right, the readout without them. */
function imageTiers({ model }: RunConfig): Shape["tiers"] {
  const numbers = (value: unknown) => (Array.isArray(value) ? (value as readonly number[]) : []);
  const wide = (units: number) => 10 + 14 * Math.log10(units);
  return [
    ...numbers(model.channels).map((maps) => ({ left: [14], right: [wide(maps)] })),
    ...numbers(model.widths).map((units) => ({ left: [wide(units) + 8], right: [wide(units) + 14] })),
    { left: [22], right: [] },
  ];
}

const WIDTH = 280;
const PITCH = 24;
const TILE = 15;
const TRUNK = 140;

export function Plate({ config }: { readonly config: RunConfig }): ReactNode {
  const { tiers, room } = shapeOf(config);
  const rows = Math.max(5, tiers.length + room);
  const height = rows * PITCH + 8;
  const y = (tier: number): number => height - 12 - tier * PITCH;
  return (
    <svg className="plate-drawing" viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true">
      {Array.from({ length: room }, (_, i) => (
        <path
          key={y(tiers.length + i)}
          d={`M8 ${y(tiers.length + i)}H${WIDTH - 8}`}
          className="wire dotted"
        />
      ))}
      <path d={`M${TRUNK} ${height - 4}V${y(tiers.length - 1) - 12}`} className="trunk" />
      {tiers.map(({ left, right }, tier) => {
        let from = TRUNK - 12;
        let to = TRUNK + 12;
        return (
          <g key={y(tier)}>
            <path d={`M8 ${y(tier)}H${WIDTH - 8}`} className="wire" />
            {left.map((width) => {
              from -= width + 2;
              return (
                <rect
                  key={from}
                  x={from}
                  y={y(tier) - TILE / 2}
                  width={width}
                  height={TILE}
                  className="reads"
                />
              );
            })}
            {right.map((width) => {
              to += width + 2;
              return (
                <rect
                  key={to}
                  x={to - width - 2}
                  y={y(tier) - TILE / 2}
                  width={width}
                  height={TILE}
                  className="makes"
                />
              );
            })}
            <circle cx={TRUNK} cy={y(tier)} r={3.2} className="ring" />
          </g>
        );
      })}
    </svg>
  );
}
