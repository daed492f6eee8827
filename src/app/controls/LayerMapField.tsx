/**
 * The layer map of a growth, drawn: layers there are at the left, those afterwards at the right, a line from each to the
 * layer it copies. A line is dragged from the right to another layer at the left, or moved by the arrow keys and digits on
 * the layer afterwards. Whatever rule the map came from, it is a map by hand from then on.
 */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import type { LayerMap } from "../../run/layer-map.ts";
import { BOX, connected, dropped, layerAt, PITCH, resized, sourceAfter, WIDTH } from "./layer-map.ts";
import "./layer-map.css";

const TALL = 16;

interface Drag {
  readonly m: number;
  readonly x: number;
  readonly y: number;
}

interface LayerMapFieldProps {
  readonly map: LayerMap;
  /** Layers there are. */
  readonly layers: number;
  readonly onSet: (sources: readonly number[]) => void;
}

export function LayerMapField({ map, layers, onSet }: LayerMapFieldProps): ReactNode {
  const { sources, most, manual } = map;
  const box = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const rows = Math.max(layers, sources.length);
  const height = rows * PITCH;
  const top = (k: number): number => (rows - 1 - k) * PITCH + (PITCH - TALL) / 2;
  const middle = (k: number): number => top(k) + TALL / 2;
  const over = drag === null ? null : layerAt(drag.y, rows, layers);
  const place = (event: PointerEvent): { readonly x: number; readonly y: number } => {
    const at = box.current!.getBoundingClientRect();
    return { x: ((event.clientX - at.left) / at.width) * WIDTH, y: event.clientY - at.top };
  };
  const line = (x1: number, y1: number, x2: number, y2: number): string =>
    `M${x1} ${y1}C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`;
  return (
    <fieldset className="layer-map">
      <legend className="caption soft">
        Now at the left, afterwards at the right{manual ? ", by hand" : ""}
      </legend>
      <div className="layer-map-plan" ref={box} style={{ height }}>
        <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          {sources.map((source, m) =>
            source === null || drag?.m === m ? null : (
              <path
                // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
                key={m}
                className="layer-map-line"
                d={line(BOX, middle(source - 1), WIDTH - BOX, middle(m))}
              />
            ),
          )}
          {drag === null ? null : (
            <path
              className="layer-map-line layer-map-drawn"
              d={line(Math.max(BOX, drag.x), drag.y, WIDTH - BOX, middle(drag.m))}
            />
          )}
        </svg>
        {Array.from({ length: layers }, (_, k) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
            key={k}
            className="layer-map-now mono"
            data-over={over === k || undefined}
            style={{ top: top(k), height: TALL }}
          >
            {k + 1}
          </span>
        ))}
        {sources.map((source, m) => (
          <Afterwards
            // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
            key={m}
            {...{ m, source, layers }}
            top={(rows - 1 - m) * PITCH}
            onSource={(next) => onSet(connected(sources, m, next, layers))}
            onDrag={(event) => setDrag(event === null ? null : { m, ...place(event) })}
            onDrop={(event) => {
              setDrag(null);
              const next = dropped(sources, m, place(event), layers);
              if (next !== null) onSet(next);
            }}
          />
        ))}
      </div>
      <div className="row">
        <button
          type="button"
          className="button small"
          aria-disabled={sources.length >= most}
          onClick={() => {
            if (sources.length < most) onSet(resized(sources, 1, layers));
          }}
        >
          One layer more
        </button>
        <button
          type="button"
          className="button small"
          aria-disabled={sources.length <= layers}
          onClick={() => {
            if (sources.length > layers) onSet(resized(sources, -1, layers));
          }}
        >
          One fewer
        </button>
      </div>
    </fieldset>
  );
}

interface AfterwardsProps {
  readonly m: number;
  readonly source: number | null;
  readonly layers: number;
  readonly top: number;
  readonly onSource: (source: number) => void;
  readonly onDrag: (event: PointerEvent | null) => void;
  readonly onDrop: (event: PointerEvent) => void;
}

/** A layer afterwards: its row takes keys, and the line is dragged from it. */
function Afterwards({ m, source, layers, top, onSource, onDrag, onDrop }: AfterwardsProps): ReactNode {
  const held = useRef(false);
  const press = (event: KeyboardEvent): void => {
    const next = sourceAfter(event.key, source, layers);
    if (next === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    onSource(next);
  };
  const leave = (): void => {
    held.current = false;
    onDrag(null);
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      className="layer-map-after mono"
      aria-label={`Layer ${m + 1} afterwards copies`}
      aria-valuemin={1}
      aria-valuemax={layers}
      aria-valuenow={source ?? 1}
      aria-valuetext={source === null ? "no layer, it is new" : `layer ${source}`}
      style={{ top, height: PITCH }}
      onKeyDown={press}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        held.current = true;
        onDrag(event);
      }}
      onPointerMove={(event) => {
        if (held.current) onDrag(event);
      }}
      onPointerUp={(event) => {
        if (!held.current) return;
        held.current = false;
        onDrop(event);
      }}
      onPointerCancel={leave}
    >
      <span style={{ height: TALL }}>{m + 1}</span>
    </div>
  );
}
