/**
 * The bridging gradient past a layer (NeST), when it is asked for: what a connection from each unit below it to each unit
 * above would gain, and the pairs that a newborn would join. Asked of the network only while this stands open.
 */
import { useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef } from "react";
import type { BridgeMap, Part } from "../../run/messages.ts";
import { count, rough, whole } from "../format.ts";
import { catalog, find } from "../store/catalog.ts";
import { selectionOf } from "../store/selection.ts";
import { type AppState, setRun, useRun, useSlow } from "../store/store.ts";
import { paintTile } from "./stage/paint.ts";

/** Pixels of the page, at most; on paper twice as many. */
const WIDTH = 284;
const HEIGHT = 200;

const bridgeOf = (state: AppState) => (state.view?.run === state.run ? (state.view?.bridge ?? null) : null);

const LOOK: Part = {
  ...{ id: "", name: "", post: "", strips: [], kind: "weight", path: "" },
  ...{ slice: [], rows: [], cols: [] },
};

export function Bridging(): ReactNode {
  const title = useId();
  const pinned = useRun((s) => s.pinned);
  const anatomy = useRun((s) => s.state?.anatomy ?? null);
  const model = useRun((s) => s.config?.model.id ?? "");
  const on = useRun((s) => s.bridgeOn);
  const map = useSlow(bridgeOf, 250);
  const selection = selectionOf(anatomy, pinned);
  // Whoever can grow neurons has layers to look past; the readout is none, nor are feature maps.
  const able = find(catalog.actions, "neurons")?.applies[model] === true;
  const tier = selection?.tier ?? anatomy?.tiers.find(({ left }) => left.some(({ id }) => id === pinned));
  const hidden =
    tier !== undefined && tier !== null && tier !== anatomy?.tiers.at(-1) && tier.left[0]?.area === undefined;
  if (!able || selection === null || selection.unit !== null || !hidden || selection.target === "")
    return null;
  const shown = map?.target === pinned ? map : null;
  return (
    <section className="rail-section bridging" aria-labelledby={title}>
      <div className="row spread">
        <h2 id={title}>Bridging gradient</h2>
        <button
          type="button"
          className="button small"
          aria-expanded={on}
          onClick={() => setRun({ bridgeOn: !on })}
        >
          {on ? "Hide" : "Show"}
        </button>
      </div>
      {on ? (
        shown === null ? (
          <p className="caption soft">Not here, or not yet: it comes with the next look.</p>
        ) : (
          <Heat map={shown} />
        )
      ) : null}
    </section>
  );
}

function Heat({ map }: { readonly map: BridgeMap }): ReactNode {
  const scheme = useComputedColorScheme("light");
  const canvas = useRef<HTMLCanvasElement>(null);
  const { rows, cols, ofRows, ofCols, data, most, pairs, step } = map;
  const height = Math.max(60, Math.min(HEIGHT, (ofRows / ofCols) * WIDTH));
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    canvas.current.width = 2 * WIDTH;
    canvas.current.height = 2 * height;
    const box = { x: 0, y: 0, w: 2 * WIDTH, h: 2 * height };
    const tile = { rows, cols, data, ofRows, ofCols, mean: 0, kept: 1, age: null, life: null };
    paintTile(context, box, LOOK, tile, Math.max(most, 1e-12), scheme, 1, false);
  }, [rows, cols, ofRows, ofCols, data, most, height, scheme]);
  const best = pairs[0];
  const words =
    best === undefined || most === 0
      ? "No connection past this layer would lower the loss."
      : `B at step ${whole(step)}, ${whole(ofRows)} above × ${whole(ofCols)} below, to ±${rough(most)}. The ${count(pairs.length, "strongest pair")} framed: first ${whole(best.col + 1)} below to ${whole(best.row + 1)} above, ${rough(best.value, 2)}. A newborn joins such pairs.`;
  return (
    <>
      <div className="bridging-map">
        <canvas ref={canvas} role="img" aria-label={words} style={{ height }} />
        {pairs.map(({ row, col }) => (
          <span
            key={`${row} ${col}`}
            style={{ left: `${((col + 0.5) / ofCols) * 100}%`, top: `${((row + 0.5) / ofRows) * 100}%` }}
          />
        ))}
      </div>
      <p className="caption soft">{words}</p>
    </>
  );
}
