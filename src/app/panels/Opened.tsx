/**
 * The pinned tile, opened in the rail: every weight a cell, its value under the pointer, and how the sizes are spread.
 * An attention map has the text on both axes and a sentence for the cell.
 */
import { useComputedColorScheme } from "@mantine/core";
import { type CSSProperties, type PointerEvent, useEffect, useRef, useState } from "react";
import { type Anatomy, LIFE, type OpenedPart, type Part } from "../../run/messages.ts";
import { count, rough, whole } from "../format.ts";
import { type AppState, useRun, useSlow } from "../store/store.ts";
import { FirstLayer } from "./FirstLayer.tsx";
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
  const [at, setAt] = useState<readonly [number, number] | null>(null);
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

  const point = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const r = Math.floor(((event.clientY - box.top) / box.height) * tile.rows);
    const c = Math.floor(((event.clientX - box.left) / box.width) * tile.cols);
    setAt([Math.max(0, Math.min(tile.rows - 1, r)), Math.max(0, Math.min(tile.cols - 1, c))]);
  };
  const value = at === null ? null : (tile.data[at[0] * tile.cols + at[1]] ?? 0);
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
        <div
          className="opened-map"
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setAt(null)}
        >
          <canvas ref={canvas} style={square ? { aspectRatio: 1 } : { height }} />
          {at !== null && (
            <span
              className="opened-cell"
              style={{
                left: `${(at[1] / tile.cols) * 100}%`,
                top: `${(at[0] / tile.rows) * 100}%`,
                width: `${100 / tile.cols}%`,
                height: `${100 / tile.rows}%`,
              }}
            />
          )}
        </div>
        {square && <TextAxis className="opened-across" places={tile.cols} text={text} />}
      </div>
      <p className="mono">{sentence(part, tile, at, value, text)}</p>
      {opened.silent === null ? null : (
        <p className="caption soft">
          {whole(opened.silent)} of {count(tile.ofRows, "unit")} are 0 at every place of this text.
        </p>
      )}
    </>
  );
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
  at: readonly [number, number] | null,
  value: number | null,
  text: readonly string[],
): string {
  if (at === null || value === null) {
    const pooled = tile.rows < tile.ofRows || tile.cols < tile.ofCols ? ", pooled by the largest" : "";
    return `${whole(tile.ofRows)} × ${whole(tile.ofCols)}, mean |value| ${rough(tile.mean)}${pooled}`;
  }
  if (part.kind === "attention") {
    const name = (place: number) => {
      const symbol = text[place - (tile.cols - text.length)];
      // [BOS] has no letters of its own.
      return symbol === undefined || symbol === "" ? "the start" : `“${visible(symbol)}” at ${place + 1}`;
    };
    if (at[1] > at[0]) return `At ${name(at[0])}: nothing later can be read.`;
    return `At ${name(at[0])} this head puts ${rough(value)} on ${name(at[1])}.`;
  }
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
