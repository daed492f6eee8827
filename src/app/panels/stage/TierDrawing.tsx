/** One tier: its arms, rings, caption and the edges of its tiles. A newborn weight is bright; a settled one is a hairline. */
import type { RunView } from "../../../run/messages.ts";
import { type Births, freshness, isNewborn } from "./births.ts";
import type { PlacedPart, PlacedTier, StageLayout } from "./layout.ts";
import { CAPTION_OVER, captionOf, hasLetters } from "./TierName.tsx";
import type { Motion } from "./use-motion.ts";

interface TierProps {
  readonly tier: PlacedTier;
  readonly layout: StageLayout;
  readonly motion: Motion;
  readonly births: Births;
  readonly step: number;
  readonly budget: number;
  readonly view?: RunView | null;
  /** It was left out of the last step. */
  readonly left?: boolean;
  readonly scars?: ReadonlyMap<string, readonly number[]>;
}

const isYoung = ({ tier, births, step, budget }: TierProps): boolean =>
  tier.parts.length > 0 && tier.parts.every((p) => isNewborn(births[p.part.id], step, budget));

/** From the trunk outwards, both ways, and the rings where the tier reads and writes. */
export function TierArms(props: TierProps) {
  const { tier, layout, motion } = props;
  const dy = motion.offset(tier.tier.id);
  const y = tier.wire + dy;
  const single = tier.ringLeft === tier.ringRight;
  const arms = (["left", "right"] as const).map((side) => {
    const own = tier.parts.filter((p) => p.side === side);
    const ring = single ? tier.ringLeft + dy + 7 : (side === "left" ? tier.ringLeft : tier.ringRight) + dy;
    const reach = side === "left" ? Math.min(...own.map((p) => p.x)) : Math.max(...own.map((p) => p.x + p.w));
    return { side, ring, reach, near: layout.trunk + (side === "left" ? -26 : 26) };
  });
  const young = isYoung(props);
  return (
    <g className={young ? "stage-newborn" : props.left ? "stage-left" : ""}>
      {arms.map(({ side, ring, reach, near }) => {
        if (!Number.isFinite(reach)) return null;
        const bend = (layout.trunk + near) / 2;
        return (
          <path
            key={side}
            className="stage-arm"
            d={`M${reach} ${y}H${near}C${bend} ${y} ${bend} ${ring} ${layout.trunk} ${ring}`}
          />
        );
      })}
      {[...new Set(arms.map((arm) => arm.ring))].map((ring) => (
        <circle key={ring} className="stage-ring" cx={layout.trunk} cy={ring} r={young ? 5 : 4} />
      ))}
    </g>
  );
}

/** Letters and the edges of the tiles. */
export function TierDrawing(props: TierProps) {
  const { tier, layout, motion, births, step, budget, view } = props;
  const dy = motion.offset(tier.tier.id);
  const leftEdge = Math.min(...tier.parts.filter((p) => p.side === "left").map((p) => p.x));
  return (
    <g>
      <Halos {...{ tier, dy, births, step }} />
      {tier.parts.map((p) => (
        <PartEdge key={p.part.id} placed={p} dy={dy} born={births[p.part.id]} step={step} budget={budget} />
      ))}
      {tier.parts.map((p) => (
        <KeptBar key={p.part.id} placed={p} dy={dy} view={view ?? null} scars={props.scars} />
      ))}
      {tier.parts.map((p) =>
        // A part that starts at zero says so until its first update: an empty frame would look like nothing drawn.
        p.part.kind === "weight" && view?.tiles[p.part.id]?.mean === 0 ? (
          <text
            key={p.part.id}
            className="stage-zero"
            x={p.x + p.w / 2}
            y={p.y + p.h / 2 + dy + 4}
            textAnchor="middle"
          >
            0
          </text>
        ) : null,
      )}
      {layout.captions &&
        tier.parts.map((p) => (
          <Silent
            key={p.part.id}
            placed={p}
            dy={dy}
            view={view ?? null}
            // Where the caption's note stands over this side, there is no room for both.
            under={Number.isFinite(leftEdge) && captionOf(tier, leftEdge, layout).noteAt !== null}
          />
        ))}
      {stripLetters(tier, dy)}
    </g>
  );
}

/** At the end of the arm: units inside gates that do nothing on this text. */
function Silent({ placed, dy, view, under }: Omit<BarProps, "scars"> & { readonly under: boolean }) {
  const tile = view?.tiles[placed.part.id];
  if (!tile?.silent) return null;
  return (
    <text
      className="stage-caption"
      x={placed.x + placed.w}
      y={placed.y + dy + (under ? placed.h + 12 : -CAPTION_OVER)}
      textAnchor="end"
    >
      {tile.silent} of {tile.ofRows} units silent
    </text>
  );
}

interface BarProps {
  readonly placed: PlacedPart;
  readonly dy: number;
  readonly view: RunView | null;
  readonly scars: TierProps["scars"];
}

/** Under a tile that has lost weights: the share kept, and a tick for each past cut, its scar. */
function KeptBar({ placed, dy, view, scars }: BarProps) {
  const { part, x, w, h } = placed;
  const tile = view?.tiles[part.id];
  if (part.kind !== "weight" || tile === undefined || tile.life == null || tile.kept >= 1) return null;
  const y = placed.y + dy + h + 2;
  return (
    <g className="stage-kept">
      <rect className="stage-kept-all" x={x} y={y} width={w} height={3} />
      <rect className="stage-kept-left" x={x} y={y} width={w * tile.kept} height={3} />
      {(scars?.get(part.path) ?? []).map((share, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cuts keep their order
        <path key={index} className="stage-scar" d={`M${x + w * share} ${y - 1.5}v6`} />
      ))}
    </g>
  );
}

/** Letters of the strips at the arm's end: i f g o. */
function stripLetters(tier: PlacedTier, dy: number) {
  const far = tier.parts
    .filter((p) => p.side === "left" && p.part.strips.length > 0)
    .sort((a, b) => a.x - b.x)[0];
  if (far === undefined || !hasLetters(far)) return null;
  const { strips } = far.part;
  return strips.map((letter, index) => (
    <text
      key={letter}
      className="stage-letter"
      x={far.x - 7}
      y={far.y + dy + ((index + 0.5) * far.h) / strips.length + 3.5}
      textAnchor="end"
    >
      {letter}
    </text>
  ));
}

interface EdgeProps {
  readonly placed: PlacedPart;
  readonly dy: number;
  readonly born: number | undefined;
  readonly step: number;
  readonly budget: number;
}

/** From a tile to the middle of its halo, which ends before the next tile (layout: GAP) and does not touch its own. */
const HALO = 3.25;

/** Round each newborn weight, sinking over 50 updates. Of equal age they are one shape: where two meet it is no brighter. */
function Halos({
  tier,
  dy,
  births,
  step,
}: Pick<TierProps, "tier" | "births" | "step"> & { readonly dy: number }) {
  const fresh = tier.parts
    .map((placed) => ({ placed, left: freshness(births[placed.part.id], step) }))
    .filter(({ placed, left }) => placed.part.kind === "weight" && left > 0);
  return [...new Set(fresh.map(({ left }) => left))].map((age) => (
    <g key={age} style={{ opacity: age * 0.28 }}>
      {fresh
        .filter(({ left }) => left === age)
        .map(({ placed: { part, x, y, w, h } }) => (
          <rect
            key={part.id}
            className="stage-halo"
            x={x - HALO}
            y={y + dy - HALO}
            width={w + 2 * HALO}
            height={h + 2 * HALO}
          />
        ))}
    </g>
  ));
}

/** The hairline round a tile; a newborn weight has a ring, a dot and a tint that sinks over 50 updates. */
function PartEdge({ placed, dy, born, step, budget }: EdgeProps) {
  const { x, w, h, part } = placed;
  const y = placed.y + dy;
  const young = part.kind === "weight" && isNewborn(born, step, budget);
  const fresh = part.kind === "weight" ? freshness(born, step) : 0;
  return (
    <>
      {fresh > 0 && (
        <rect className="stage-tint" x={x} y={y} width={w} height={h} style={{ opacity: fresh * 0.13 }} />
      )}
      <rect className={young ? "stage-edge stage-edge-new" : "stage-edge"} x={x} y={y} width={w} height={h} />
      {young && <circle className="stage-dot" cx={x + w} cy={y} r={4} />}
    </>
  );
}
