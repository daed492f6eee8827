/** What a tier is called: over its tiles with what it holds, or, where tiers stand too close for that, on its wire. */
import type { PlacedPart, PlacedTier, StageLayout } from "./layout.ts";
import type { Motion } from "./use-motion.ts";

export interface Caption {
  readonly group: string;
  readonly name: string;
  readonly note: string;
  readonly x: number;
  readonly anchor: "start" | "end";
  readonly width: number;
  /** Where the note stands by itself, behind the trunk; null: with the name. */
  readonly noteAt: number | null;
}

/**
 * Over the farthest tile; where the words would run over the trunk, against it; where there is no room for all of them
 * before it, the note stands behind it.
 */
export function captionOf(
  { tier }: PlacedTier,
  left: number,
  layout: Pick<StageLayout, "trunk" | "left">,
): Caption {
  const { group, name, note } = tier;
  const { trunk } = layout;
  const widthOf = (...words: readonly string[]) => words.filter(Boolean).join(" ").length * CAPTION_LETTER;
  const width = widthOf(group, name, note);
  const words = { group, name, note, width, noteAt: null };
  if (left >= trunk || left + width <= trunk - 10) return { ...words, x: left, anchor: "start" };
  const at = { x: trunk - 10, anchor: "end" } as const;
  if (width <= trunk - 10 - layout.left) return { ...words, ...at };
  return { ...words, ...at, width: widthOf(group, name), noteAt: trunk + 12 };
}

/** Pixels from a tile up to the words over it: a halo takes 5, the letters that hang down 3. */
export const CAPTION_OVER = 9;

/** Pixels of a letter of a caption. */
const CAPTION_LETTER = 6.2;

/** Pixels that they take before the tile. */
const LETTER_ROOM = 15;

export const hasLetters = ({ h, part }: PlacedPart): boolean => part.strips.length > 0 && h >= 40;

interface TierNameProps {
  readonly tier: PlacedTier;
  readonly layout: StageLayout;
  readonly motion: Motion;
}

/** Drawn after all tiers: no glow of a newborn lies over the name of the tier beside it. */
export function TierName({ tier, layout, motion }: TierNameProps) {
  const dy = motion.offset(tier.tier.id);
  const leftEdge = Math.min(...tier.parts.filter((p) => p.side === "left").map((p) => p.x));
  if (!layout.captions) {
    const name = nameOnWire(tier, layout);
    return name === "" ? null : (
      <text className="stage-caption stage-caption-name" x={layout.left + NAME_AT} y={tier.wire + dy - 4}>
        {name}
      </text>
    );
  }
  if (!Number.isFinite(leftEdge)) return null;
  const top = Math.min(...tier.parts.map((p) => p.y)) + dy;
  return <CaptionWords caption={captionOf(tier, leftEdge, layout)} y={top - CAPTION_OVER} />;
}

/** Height of a line of names. */
const LINE = 13;

/** From the eye at the wire's left end to a name on it. */
const NAME_AT = 6;

/**
 * Where tiers stand too close for captions: its name over the bare wire before its farthest tile; its number where there is
 * no more room than that and all tiers are of a kind.
 */
export function nameOnWire(
  { tier, parts }: PlacedTier,
  { left, tiers }: Pick<StageLayout, "left" | "tiers">,
): string {
  const read = parts.filter(({ side }) => side === "left").sort((a, b) => a.x - b.x)[0];
  const [first, second] = tiers;
  const pitch = first && second ? first.wire - second.wire : LINE;
  if (read === undefined || pitch < LINE) return "";
  const room = read.x - (hasLetters(read) ? LETTER_ROOM : 3) - (left + NAME_AT);
  const kind = tier.name.replace(/\d+$/, "");
  const alike = tiers.every((each) => each.tier.name.replace(/\d+$/, "") === kind);
  const names = alike ? [tier.name, tier.name.slice(kind.length)] : [tier.name];
  return names.find((name) => name.length * CAPTION_LETTER <= room + 1) ?? "";
}

function CaptionWords({ caption, y }: { readonly caption: Caption; readonly y: number }) {
  const { group, name, note, x, anchor, noteAt } = caption;
  return (
    <>
      <text className="stage-caption" x={x} y={y} textAnchor={anchor}>
        {group !== "" && <tspan className="stage-group">{group} </tspan>}
        <tspan className="stage-caption-name">{name}</tspan>
        {noteAt === null && <tspan dx={6}>{note}</tspan>}
      </text>
      {noteAt !== null && (
        <text className="stage-caption" x={noteAt} y={y}>
          {note}
        </text>
      )}
    </>
  );
}
