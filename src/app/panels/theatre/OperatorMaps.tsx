/** The learned matrices of an operator as heat maps, in their groups. A ring's slots are chosen from, one at a time. */
import { useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { FitView, OperatorPart, Tile } from "../../../run/messages.ts";
import { rough, whole } from "../../format.ts";
import { paintTile } from "../stage/paint.ts";

const RATIO = 2;
/** Sides of a map on the page, in pixels. */
const SIDE = { least: 22, most: 76 };
/** Rows and columns of a small table: cells are drawn this large. */
const CELL = 11;

/** Pixels of a side of so many entries. */
const sideOf = (entries: number): number => Math.min(SIDE.most, Math.max(SIDE.least, entries * CELL));

const largest = ({ data }: Tile): number =>
  data.reduce((most, value) => (Math.abs(value) > most ? Math.abs(value) : most), 1e-9);

export function OperatorMaps({ fit }: { readonly fit: FitView }): ReactNode {
  const groups = [...new Set(fit.parts.map(({ post }) => post))];
  const [drifted, setDrifted] = useState(false);
  const tiles = drifted && fit.drift !== null ? fit.drift : fit.tiles;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
    <section className="theatre-maps" aria-label="What the operator has learned" tabIndex={0}>
      {groups.map((group) => (
        <Maps key={group} parts={fit.parts.filter(({ post }) => post === group)} tiles={tiles} />
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

function Maps({
  parts,
  tiles,
}: {
  readonly parts: readonly OperatorPart[];
  readonly tiles: FitView["tiles"];
}): ReactNode {
  const [slot, setSlot] = useState(0);
  const first = parts[0]!;
  // One tensor in several pictures: the slots of a ring.
  const ring = parts.length > 1 && parts.every(({ path }) => path === first.path);
  const shown = ring ? [parts[Math.min(slot, parts.length - 1)]!] : parts;
  return (
    <>
      {shown.map((part) => {
        const tile = tiles[part.id];
        return tile === undefined ? null : <HeatMap key={part.id} part={part} tile={tile} />;
      })}
      {ring ? (
        <label className="theatre-slot caption soft">
          {first.path} at bonds{" "}
          <select value={slot} onChange={(event) => setSlot(Number(event.currentTarget.value))}>
            {parts.map(({ id, name }, k) => (
              <option key={id} value={k}>
                {name.replace(/^.*bonds /, "")}
              </option>
            ))}
          </select>
        </label>
      ) : null}
    </>
  );
}

function HeatMap({ part, tile }: { readonly part: OperatorPart; readonly tile: Tile }): ReactNode {
  const scheme = useComputedColorScheme("light");
  const canvas = useRef<HTMLCanvasElement>(null);
  const [w, h] = [sideOf(tile.ofCols), sideOf(tile.ofRows)];
  const most = largest(tile);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.setTransform(RATIO, 0, 0, RATIO, 0, 0);
    context.clearRect(0, 0, w, h);
    paintTile(context, { x: 0, y: 0, w, h }, part, tile, most, scheme, 1, false);
  }, [part, tile, scheme, w, h, most]);
  const size = `${whole(tile.ofRows)} × ${whole(tile.ofCols)}`;
  const words = `${part.name}, ${size}, largest ${rough(most)}, mean size ${rough(tile.mean)}`;
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
      <figcaption>{part.name.replace(/^w of /, "w ").replace(/ at bonds.*$/, "")}</figcaption>
    </figure>
  );
}
