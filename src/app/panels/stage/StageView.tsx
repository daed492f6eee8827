/**
 * The network, drawn as an espalier: tiers on wires up a trunk, a left arm that reads, a right arm that makes. SVG for
 * frame, arms and words; one canvas behind it for all tiles; a grid of buttons over it, so that what can be seen can be
 * focused, named and pressed. Knows no model: it draws an anatomy.
 */
import { useEffect, useMemo, useRef, useState } from "react";
import type { Anatomy, RunView } from "../../../run/messages.ts";
import type { Scheme } from "../../tokens.ts";
import { shownAreas } from "./areas.ts";
import { type Births, freshness } from "./births.ts";
import { Crown } from "./Crown.tsx";
import { type Died, diedIn, FLASH } from "./cuts.ts";
import { type Heading, layoutHeaded } from "./headed.ts";
import type { Box, PlacedPart, PlacedTier, StageLayout } from "./layout.ts";
import { PartGrid } from "./PartGrid.tsx";
import { limitOf, paintTile } from "./paint.ts";
import { footOf } from "./post-names.ts";
import { RoomWords } from "./RoomWords.tsx";
import { RootImage } from "./RootImage.tsx";
import { TierArms, TierDrawing } from "./TierDrawing.tsx";
import { TierName } from "./TierName.tsx";
import { type Motion, useMotion } from "./use-motion.ts";

export interface StageViewProps {
  readonly anatomy: Anatomy;
  readonly view: RunView | null;
  readonly step: number;
  readonly budget: number;
  readonly births: Births;
  /** Newborn tier id → the tier it was copied from. */
  readonly copies: Readonly<Record<string, string>>;
  /** Parameter path → the share of it that each cut left. */
  readonly scars: ReadonlyMap<string, readonly number[]>;
  /** Which tiers ran in the last step, "1" or "0" each, where steps leave out layers. */
  readonly ran?: string | undefined;
  readonly pinned: string | null;
  readonly hovered: string | null;
  readonly scheme: Scheme;
  readonly reduced: boolean;
  readonly width: number;
  readonly height: number;
  readonly heading?: Heading | null;
  /** Height of the crown, where it is not to be that of the model. */
  readonly crown?: number;
  /** How much larger than its own pixels the drawing is shown. */
  readonly zoom: number;
  /** Null: growing is possible; else the sentence why not. */
  readonly growRefused: string | null;
  onHover(part: string | null): void;
  onPin(part: string | null): void;
  onGrow(): void;
}

export function StageView(props: StageViewProps) {
  const { anatomy, view, width, height, births, step, budget, scheme, heading = null, crown } = props;
  const layout = useMemo(
    () => layoutHeaded(anatomy, width, height, heading, crown),
    [anatomy, width, height, heading, crown],
  );
  const shape = layout.tiers.flatMap((t) => t.parts.map((p) => p.part.id)).join(" ");
  const motion = useMotion(layout, shape, props.reduced);
  const canvas = useRef<HTMLCanvasElement>(null);
  const died = useDied(view, props.reduced);
  const areas = useMemo(() => shownAreas(anatomy, view), [anatomy, view]);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const ratio = Math.min(3, props.zoom * Math.min(2, window.devicePixelRatio || 1));
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (element.width !== w || element.height !== h) {
      element.width = w;
      element.height = h;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (view === null) return;
    for (const tier of layout.tiers) {
      const dy = motion.offset(tier.tier.id);
      for (const placed of tier.parts) {
        const tile = view.tiles[placed.part.id];
        if (tile === undefined) continue;
        const box = { ...placed, y: placed.y + dy };
        const limit = limitOf(placed.part, tile, view.weightScale);
        const unfold = motion.unfold(placed.part.id);
        const life = { died: died.get(placed.part.id) ?? null, hatched: false, step: view.step };
        paintTile(context, box, placed.part, tile, limit, scheme, unfold, placed.side === "left", life);
      }
    }
  }, [view, layout, width, height, scheme, motion, props.zoom, died]);

  return (
    <div
      className="stage-drawing"
      style={{ width, height, ...(props.zoom === 1 ? {} : { transform: `scale(${props.zoom})` }) }}
    >
      {/* Wires and arms lie behind the tiles, so that no line runs over a value. */}
      <svg className="stage-svg" width={width} height={height} aria-hidden="true" focusable="false">
        <title>Frame of the network</title>
        <Frame layout={layout} motion={motion} />
        {layout.tiers.map((tier) => (
          <TierArms
            key={tier.tier.id}
            tier={tier}
            layout={layout}
            motion={motion}
            left={props.ran?.[anatomy.tiers.indexOf(tier.tier)] === "0"}
            {...{ births, step, budget }}
          />
        ))}
      </svg>
      <canvas ref={canvas} className="stage-canvas" style={{ width, height }} />
      <svg className="stage-svg" width={width} height={height} aria-hidden="true" focusable="false">
        <title>Names and edges of the network's parts</title>
        {layout.tiers.map((tier) => (
          <TierDrawing
            key={tier.tier.id}
            tier={tier}
            layout={layout}
            motion={motion}
            {...{ births, step, budget, view, scars: props.scars }}
          />
        ))}
        {layout.tiers.map((tier) => (
          <TierName key={tier.tier.id} {...{ tier, layout, motion }} />
        ))}
        <Copies {...{ layout, step, births, copies: props.copies, tiers: layout.tiers }} />
        <Pin layout={layout} pinned={props.pinned} hovered={props.hovered} />
        <g className="stage-crown">
          <Crown layout={layout} view={view} />
        </g>
      </svg>
      {layout.image === null || view?.picture == null ? null : (
        <RootImage box={layout.image} picture={view.picture} scheme={scheme} areas={areas} />
      )}
      <PartGrid
        layout={layout}
        view={view}
        pinned={props.pinned}
        growRefused={props.growRefused}
        births={births}
        step={step}
        onHover={props.onHover}
        onPin={props.onPin}
        onGrow={props.onGrow}
      />
    </div>
  );
}

const NONE: Died = new Map();

/** Cells that the newest cut took, for a moment; with less motion there is no flash, only the bar that is shorter. */
function useDied(view: RunView | null, reduced: boolean): Died {
  const last = useRef<RunView | null>(null);
  const [died, setDied] = useState<Died>(NONE);
  useEffect(() => {
    if (view === null || view === last.current) return;
    const found = reduced ? NONE : diedIn(last.current, view);
    last.current = view;
    if (found.size === 0) return;
    setDied(found);
    // Not cleared by the next view: a flash lasts its time.
    setTimeout(() => setDied((now) => (now === found ? NONE : now)), FLASH);
  }, [view, reduced]);
  return died;
}

/** "W_in" with its index set low. */
function Label({ text }: { text: string }) {
  const [name, index] = text.split("_");
  if (index === undefined) return name;
  return (
    <>
      {name}
      <tspan dy={3} fontSize="75%">
        {index}
      </tspan>
    </>
  );
}

/** Trunk, posts, bare wires. */
function Frame({ layout, motion }: { layout: StageLayout; motion: Motion }) {
  const { trunk, crown, root, left, right } = layout;
  const grow = layout.room[0];
  return (
    <>
      {layout.posts.map((post) => (
        <g key={post.id}>
          <line className="stage-post" x1={post.x} x2={post.x} y1={root + 2} y2={post.top} />
          <text className="stage-name" x={post.nameAt} y={root + 18} textAnchor="middle">
            <Label text={post.label} />
          </text>
        </g>
      ))}
      {layout.tiers.map((t) => {
        const y = t.wire + motion.offset(t.tier.id);
        return (
          <g key={t.tier.id}>
            <line className="stage-wire" x1={left} x2={right} y1={y} y2={y} />
            <circle className="stage-eye" cx={left} cy={y} r={2} />
            <circle className="stage-eye" cx={right} cy={y} r={2} />
          </g>
        );
      })}
      {layout.room.map((wire) => (
        <g key={wire.y}>
          <line className="stage-room" x1={left} x2={right} y1={wire.y} y2={wire.y} />
          <circle className="stage-eye" cx={left} cy={wire.y} r={2} />
          <circle className="stage-eye" cx={right} cy={wire.y} r={2} />
          {layout.captions && <RoomWords label={wire.label} y={wire.y} layout={layout} />}
          {layout.captions && wire.more !== "" && trunk - left > 260 && (
            <text className="stage-note" x={right - 8} y={wire.y + 15} textAnchor="end">
              {wire.more}
            </text>
          )}
        </g>
      ))}
      <path
        className="stage-trunk"
        d={`M${trunk + 24} ${crown - 22}h-14q-10 0 -10 10V${layout.image === null ? `${root + 4}q0 10 10 10h${footOf(layout) - 10}` : layout.image.y}`}
      />
      {grow && (
        <g className="stage-plus">
          <circle cx={trunk} cy={grow.y} r={11} />
          <path d={`M${trunk - 5} ${grow.y}h10M${trunk} ${grow.y - 5}v10`} />
        </g>
      )}
    </>
  );
}

interface CopiesProps {
  readonly layout: StageLayout;
  readonly tiers: readonly PlacedTier[];
  readonly copies: Readonly<Record<string, string>>;
  readonly births: Births;
  readonly step: number;
}

/** Dotted lines from source to newborn tier, down the right margin, while the copy is news. */
function Copies({ layout, tiers, copies, births, step }: CopiesProps) {
  const wire = new Map(tiers.map((t) => [t.tier.id, t]));
  return Object.entries(copies).map(([to, from], index) => {
    const target = wire.get(to);
    const source = wire.get(from);
    const born = target?.parts.map((p) => births[p.part.id]).find((b) => b !== undefined);
    if (target === undefined || source === undefined || freshness(born, step) === 0) return null;
    const last = layout.width - 3;
    const edge = (t: PlacedTier) => Math.min(last - 6, Math.max(...t.parts.map((p) => p.x + p.w)) + 8);
    const outer = Math.max(edge(target), edge(source));
    // A curve goes three quarters of the way to its controls, which on a phone lie beyond the paper.
    const x = Math.min(layout.right + 18, outer + 24 + 6 * (index % 3), outer + (last - outer) / 0.75);
    return (
      <path
        key={to}
        className="stage-copy"
        d={`M${edge(source)} ${source.wire}C${x} ${source.wire} ${x} ${target.wire} ${edge(target)} ${target.wire}`}
      />
    );
  });
}

function Pin({
  layout,
  pinned,
  hovered,
}: {
  layout: StageLayout;
  pinned: string | null;
  hovered: string | null;
}) {
  const find = (id: string | null): Box | undefined =>
    layout.tiers.flatMap((t) => t.parts).find((p) => p.part.id === id) ??
    around(layout.tiers.find((t) => t.tier.id === id)?.parts ?? [], layout.captions);
  const frame = (p: Box, name: string) => (
    <rect className={name} x={p.x - 4} y={p.y - 4} width={p.w + 8} height={p.h + 8} rx={3} />
  );
  const pin = find(pinned);
  const hover = find(hovered);
  return (
    <>
      {hover && hovered !== pinned && frame(hover, "stage-hover")}
      {pin && frame(pin, "stage-pin")}
    </>
  );
}

/** The box around a tier's parts, its caption and the letters of its strips; none for a tier without parts. */
function around(parts: readonly PlacedPart[], captioned: boolean): Box | undefined {
  if (parts.length === 0) return undefined;
  const letters = parts.some(({ part }) => part.strips.length > 0) ? 16 : 3;
  const x = Math.min(...parts.map((p) => p.x)) - letters;
  const y = Math.min(...parts.map((p) => p.y)) - (captioned ? 17 : 3);
  const right = Math.max(...parts.map((p) => p.x + p.w)) + 3;
  const bottom = Math.max(...parts.map((p) => p.y + p.h)) + 3;
  return { x, y, w: right - x, h: bottom - y };
}
