/**
 * The pinned tile, opened in the rail: every weight a cell, its value under the pointer or by keys, and how the sizes are spread.
 * An attention map has the text on both axes and a sentence for the cell.
 */
import { useComputedColorScheme } from "@mantine/core";
import { type CSSProperties, useEffect, useRef, useState } from "react";
import { type Anatomy, LIFE, type OpenedPart, type Part } from "../../run/messages.ts";
import { count, rough, whole } from "../format.ts";
import { attendsOf } from "../store/catalog.ts";
import { type AppState, useRun, useSlow } from "../store/store.ts";
import { FirstLayer } from "./FirstLayer.tsx";
import { type Entry, MapReader } from "./MapReader.tsx";
import { type MapOf, mapSentence } from "./map-words.ts";
import { PrunePart } from "./PrunePart.tsx";
import { RailHead } from "./RailHead.tsx";
import { Sensitivity } from "./Sensitivity.tsx";
import { visible } from "./stage/Crown.tsx";
import { limitOf, paintTile } from "./stage/paint.ts";

const viewOf = (state: AppState) => state.view;

export function findPart(anatomy: Anatomy | null, id: string | null): { tier: string; part: Part } | null {
  for (const tier of anatomy?.tiers ?? []) {
    const part = [...tier.left, ...tier.right].find((p) => p.id === id);
    if (part !== undefined) return { tier: tier.name, part };
  }
  return null;
}

export function Opened() {
  const pinned = useRun((s) => s.pinned);
  const anatomy = useRun((s) => s.state?.anatomy ?? null);
  const view = useSlow(viewOf, 250);
  const found = findPart(anatomy, pinned);
  if (found === null) return null;
  const { tier, part } = found;
  const opened = view?.opened?.part === part.id ? view.opened : null;
  return (
    <section className="rail-section opened" aria-label={`${tier} ${part.name}`}>
      <RailHead>
        {tier} {part.name}
      </RailHead>
      {opened === null ? (
        <p className="soft">Reading it from the GPU.</p>
      ) : (
        <Matrix
          part={part}
          opened={opened}
          scale={view?.weightScale ?? 1}
          step={view?.step ?? 0}
          text={view?.text ?? []}
        />
      )}
    </section>
  );
}

/** How large its weights are, with the line to cut by, and how sensitive the loss is to it. */
export function OpenedWeights() {
  const pinned = useRun((s) => s.pinned);
  const anatomy = useRun((s) => s.state?.anatomy ?? null);
  const view = useSlow(viewOf, 250);
  const part = findPart(anatomy, pinned)?.part;
  const opened = view?.opened?.part === part?.id ? view?.opened : null;
  if (part?.kind !== "weight" || opened == null) return null;
  return (
    <>
      {opened.image === null ? null : (
        <FirstLayer
          key={part.id}
          mask={opened.image}
          weightScale={view?.weightScale ?? 1}
          step={view?.step ?? 0}
        />
      )}
      <section className="rail-section opened" aria-label="Sizes of its weights">
        <PrunePart key={part.id} opened={opened} />
        <Sensitivity path={part.path} />
      </section>
    </>
  );
}

/** Pixels of the map, on paper twice as many; on the page it is as wide as the rail. */
const WIDTH = 284;

interface MatrixProps {
  readonly part: Part;
  readonly opened: OpenedPart;
  readonly scale: number;
  readonly step: number;
  readonly text: readonly string[];
}

function Matrix({ part, opened, scale, step, text }: MatrixProps) {
  const { tile } = opened;
  const scheme = useComputedColorScheme("light");
  const canvas = useRef<HTMLCanvasElement>(null);
  const attends = useRun(attendsOf);
  const [at, setAt] = useState<Entry | null>(null);
  const square = part.kind === "attention";
  const height = square ? WIDTH : Math.max(80, Math.min(320, (tile.rows / tile.cols) * WIDTH));

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    canvas.current.width = 2 * WIDTH;
    canvas.current.height = height * 2;
    const box = { x: 0, y: 0, w: 2 * WIDTH, h: height * 2 };
    const life = { died: null, hatched: true, step };
    paintTile(context, box, part, tile, limitOf(part, tile, scale), scheme, 1, false, life);
  }, [part, tile, scale, scheme, height, step]);

  const say = (entry: Entry | null): string =>
    sentence(part, tile, entry, entry === null ? null : (tile.data[entry[0] * tile.cols + entry[1]] ?? 0), {
      attends,
      time: tile.cols,
      text,
    });
  return (
    <>
      <div className={square ? "opened-square" : undefined}>
        {square && (
          <>
            <p className="opened-name across">reads from</p>
            <p className="opened-name down">at</p>
            <TextAxis className="opened-down" places={tile.rows} text={text} />
          </>
        )}
        <MapReader
          rows={tile.rows}
          cols={tile.cols}
          label={`${part.name}, ${whole(tile.ofRows)} × ${whole(tile.ofCols)}`}
          {...{ at, onAt: setAt, say }}
        >
          <canvas ref={canvas} style={square ? { aspectRatio: 1 } : { height }} />
        </MapReader>
        {square && <TextAxis className="opened-across" places={tile.cols} text={text} />}
      </div>
      <p className="mono">{say(at)}</p>
      {tile.silent === undefined ? null : (
        <p className="caption soft">
          {whole(tile.silent)} of {count(tile.ofRows, "unit")} are 0 at every place of this text.
        </p>
      )}
      {part.kind === "weight" && tile.life !== null && part.strips.length > 1 ? (
        <p className="caption soft">In use: {sayGates(part.strips, tile.life)}.</p>
      ) : null}
    </>
  );
}

/** "i 49 %, f 52 %, g 47 %, o 50 %": gates usually keep different shares. Strips lie one above the other. */
export function sayGates(strips: readonly string[], life: ArrayLike<number>): string {
  const each = life.length / strips.length;
  const share = (gate: number): number => {
    let used = 0;
    for (let i = gate * each; i < (gate + 1) * each; i++) if (life[i] !== LIFE.dormant) used++;
    return Math.round((100 * used) / Math.max(1, each));
  };
  return strips.map((name, gate) => `${name} ${share(gate)} %`).join(", ");
}

/** Pixels a character needs to be told from the next. */
const APART = 7;

/** The text along an edge, each character at its own place; the place before the text is the start token's. */
function TextAxis({
  className,
  places,
  text,
}: {
  readonly className: string;
  readonly places: number;
  readonly text: readonly string[];
}) {
  const every = Math.max(1, Math.ceil((APART * places) / WIDTH));
  return (
    <div className={className} aria-hidden="true">
      {text.map((symbol, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a place in the window is its identity
          key={index}
          style={{ "--at": `${((places - text.length + index + 0.5) / places) * 100}%` } as CSSProperties}
        >
          {index % every === 0 ? (symbol === " " ? "·" : visible(symbol)) : null}
        </span>
      ))}
    </div>
  );
}

function sentence(
  part: Part,
  tile: OpenedPart["tile"],
  at: Entry | null,
  value: number | null,
  of: MapOf,
): string {
  if (at === null || value === null) {
    const pooled = tile.rows < tile.ofRows || tile.cols < tile.ofCols ? ", pooled by the largest" : "";
    return `${whole(tile.ofRows)} × ${whole(tile.ofCols)}, mean |value| ${rough(tile.mean)}${pooled}`;
  }
  if (part.kind === "attention") return mapSentence(of, at, value, "this head");
  const place = `row ${whole(at[0] + 1)}, column ${whole(at[1] + 1)}`;
  const life = tile.life?.[at[0] * tile.cols + at[1]];
  if (life === LIFE.dormant) return `${place}: dormant`;
  return `${place}: ${rough(value, 3)}${aged(life)}`;
}

/** What an age adds to a value, when there is something to say. */
function aged(life: number | undefined): string {
  if (life === LIFE.frozen) return ", frozen";
  if (life === undefined || life > LIFE.young) return "";
  return life === LIFE.newest ? ", newborn" : `, ${life - LIFE.newest} updates old`;
}
