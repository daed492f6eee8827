/** The learned matrices of an operator as heat maps, in their groups. A ring's slots are chosen from, one at a time. */
import { useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { FitView, OperatorPart, Tile } from "../../../run/messages.ts";
import { rough, whole } from "../../format.ts";
import { paintTile } from "../stage/paint.ts";
import { LIST, mapSide, sideOf, WIRED } from "./map-size.ts";

const RATIO = 2;

export const largest = ({ data }: Tile): number =>
  data.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 1e-9);

/** Matrices between layers, as rows and columns show: they stand on the wires between the trees. */
export function betweenLayers(fit: FitView): readonly OperatorPart[] {
  const [after, before] = [fit.feeds.layers.length, fit.feeds.layers[0]?.length ?? 0];
  return fit.parts.filter(({ id }) => {
    const tile = fit.tiles[id];
    if (tile === undefined) return false;
    const { ofRows: r, ofCols: c } = tile;
    return (r === after && c === before) || (r === before && c === after);
  });
}

/** Those that stand on the wires between the trees. */
export function OnWires({
  fit,
  parts,
}: {
  readonly fit: FitView;
  readonly parts: readonly OperatorPart[];
}): ReactNode {
  return parts.map((part) => {
    const tile = fit.tiles[part.id];
    return tile === undefined ? null : <HeatMap key={part.id} part={part} tile={tile} most={WIRED} />;
  });
}

interface OperatorMapsProps {
  readonly fit: FitView;
  /** Those that stand elsewhere. */
  readonly without?: ReadonlySet<string>;
  /** The room there is for them. */
  readonly width?: number;
  readonly height?: number;
}

export function OperatorMaps({
  fit,
  without,
  width = 300,
  height = Number.POSITIVE_INFINITY,
}: OperatorMapsProps): ReactNode {
  const parts = fit.parts.filter(({ id }) => without?.has(id) !== true);
  const groups = [...new Set(parts.map(({ post }) => post))];
  const [drifted, setDrifted] = useState(false);
  const tiles = drifted && fit.drift !== null ? fit.drift : fit.tiles;
  const sizes = groups
    .flatMap((group) => shownOf(parts, group, 0))
    .flatMap(({ id }) => {
      const tile = fit.tiles[id];
      return tile === undefined ? [] : [[tile.ofRows, tile.ofCols] as const];
    });
  // The switch stands behind the last one.
  if (fit.drift !== null) sizes.push([1, 12]);
  const lists = groups.some((group) => ringed(parts.filter(({ post }) => post === group)));
  const most =
    height === Number.POSITIVE_INFINITY ? 76 : mapSide(sizes, width, height, lists ? LIST : undefined);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    <section className="theatre-maps" aria-label="What the operator has learned" tabIndex={0}>
      {groups.map((group) => (
        <Maps key={group} {...{ parts, group, tiles, most }} />
      ))}
      {fit.drift === null ? null : (
        <label className="theatre-slot caption soft">
          <input type="checkbox" checked={drifted} onChange={() => setDrifted(!drifted)} /> change since the
          start
        </label>
      )}
    </section>
  );
}

/** One tensor in several pictures: the slots of a ring, of which one is shown. */
const ringed = (parts: readonly OperatorPart[]): boolean =>
  parts.length > 1 && parts.every(({ path, name }) => path === parts[0]!.path && / at bonds /.test(name));

function shownOf(all: readonly OperatorPart[], group: string, slot: number): readonly OperatorPart[] {
  const parts = all.filter(({ post }) => post === group);
  return ringed(parts) ? [parts[Math.min(slot, parts.length - 1)]!] : parts;
}

function Maps({
  parts,
  group,
  tiles,
  most,
}: {
  readonly parts: readonly OperatorPart[];
  readonly group: string;
  readonly tiles: FitView["tiles"];
  readonly most: number;
}): ReactNode {
  const [slot, setSlot] = useState(0);
  const own = parts.filter(({ post }) => post === group);
  // Under its map, as the name of any other is: which of its slots it is is chosen there.
  const chooser = ringed(own) ? (
    <label title="Bonds to the left and to the right">
      {own[0]!.path}{" "}
      <select
        value={slot}
        aria-label={`Bonds of ${own[0]!.path}`}
        onChange={(event) => setSlot(Number(event.currentTarget.value))}
      >
        {own.map(({ id, name }, k) => (
          <option key={id} value={k}>
            {name.replace(/^.*bonds /, "")}
          </option>
        ))}
      </select>
    </label>
  ) : undefined;
  return shownOf(parts, group, slot).map((part) => {
    const tile = tiles[part.id];
    // One place for all slots: the list keeps the focus while it is chosen from.
    const key = chooser === undefined ? part.id : group;
    return tile === undefined ? null : <HeatMap key={key} {...{ part, tile, most }} caption={chooser} />;
  });
}

export function HeatMap({
  part,
  tile,
  most: side,
  scale,
  caption,
}: {
  readonly part: OperatorPart;
  readonly tile: Tile;
  readonly most: number;
  /** The end of its colours, where it is not its own largest value. */
  readonly scale?: number;
  readonly caption?: ReactNode;
}): ReactNode {
  const scheme = useComputedColorScheme("light");
  const canvas = useRef<HTMLCanvasElement>(null);
  const [w, h] = [sideOf(tile.ofCols, side), sideOf(tile.ofRows, side)];
  const own = largest(tile);
  const most = scale ?? own;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.setTransform(RATIO, 0, 0, RATIO, 0, 0);
    context.clearRect(0, 0, w, h);
    paintTile(context, { x: 0, y: 0, w, h }, part, tile, most, scheme, 1, false);
  }, [part, tile, scheme, w, h, most]);
  const size = `${whole(tile.ofRows)} × ${whole(tile.ofCols)}`;
  const words = `${part.name}, ${size}, largest ${rough(own)}, mean size ${rough(tile.mean)}`;
  return (
    <figure className="theatre-map" title={words}>
      <canvas
        ref={canvas}
        width={w * RATIO}
        height={h * RATIO}
        style={{ width: w, height: h }}
        role="img"
        aria-label={words}
      />
      <figcaption>{caption ?? part.name.replace(/^w of /, "w ").replace(/ at bonds.*$/, "")}</figcaption>
    </figure>
  );
}
