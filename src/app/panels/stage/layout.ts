/**
 * Where everything on the stage stands (design: drawing rules). Pure arithmetic from an anatomy and a size, so that the
 * rules can be tested without a browser: tiers up the trunk, columns that read the same thing over each other, one scale
 * of columns for the whole tree, and what is left out first when the room is short.
 */
import type { Anatomy, Part, Tier } from "../../../run/messages.ts";
import { LETTER, named } from "./post-names.ts";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface PlacedPart extends Box {
  readonly part: Part;
  readonly side: "left" | "right";
}

export interface PlacedTier {
  readonly tier: Tier;
  /** The wire's height. */
  readonly wire: number;
  readonly parts: readonly PlacedPart[];
  /** Heights of the rings where the left and the right arm join the trunk. */
  readonly ringLeft: number;
  readonly ringRight: number;
}

export interface PlacedPost {
  readonly id: string;
  readonly label: string;
  readonly x: number;
  readonly top: number;
  /** Middle of its name: beside what stands at the root, not behind it. */
  readonly nameAt: number;
}

export interface StageLayout {
  readonly width: number;
  readonly height: number;
  readonly trunk: number;
  /** Top and bottom of the trunk. */
  readonly crown: number;
  readonly root: number;
  readonly tiers: readonly PlacedTier[];
  readonly posts: readonly PlacedPost[];
  /** Dotted wires, lowest first; the last one says how many more there could be. */
  readonly room: readonly { readonly y: number; readonly label: string; readonly more: string }[];
  readonly captions: boolean;
  readonly left: number;
  readonly right: number;
  /** Where the image that is looked at stands, under the trunk; null for a text. */
  readonly image: Box | null;
}

const GAP = 6;
const ARM = 26;
/** Left of the farthest tile stand the letters of its strips. */
const LETTERS = 14;
const CROWN = 56;
/** The crown where it holds a bar over each class. */
const CLASSES = 76;
const ROOT = 46;
/** Sides of the image at the root, a whole number of pixels a pixel of 28, and its distance from the trunk's end. */
const IMAGE = { large: 84, small: 56, gap: 8 };
/** Pixels a tier needs to have its caption over it. */
const CAPTIONED = 52;

export const rowsOf = (part: Part): number => extent(part, part.rows);
export const colsOf = (part: Part): number => extent(part, part.cols);

function extent(part: Part, axes: readonly number[]): number {
  return axes.reduce((n, axis) => n * ((part.slice[axis]?.[1] ?? 1) - (part.slice[axis]?.[0] ?? 0)), 1);
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** What a column is as wide as: pixels a matrix column, the text window, the side of an attention map. */
interface Measure {
  readonly scale: number;
  readonly window: number;
  readonly map: number;
  /** Height of a tile at most. */
  readonly tall: number;
}

function widthOf(part: Part, { scale, window, map, tall }: Measure): number {
  if (part.kind === "attention") return map;
  if (part.kind === "activation" && part.form === "row") return clamp(colsOf(part) * 4, 44, window);
  if (part.kind === "activation" && part.form === "board") {
    // Proportions of a board stay; its height is at most a tile's.
    return clamp((tall * colsOf(part)) / rowsOf(part), 28, window);
  }
  if (part.kind === "activation") return part.strips.length > 0 ? window : 44;
  return clamp(colsOf(part) * scale, 28, 120);
}

interface Columns {
  readonly order: readonly string[];
  readonly widths: ReadonlyMap<string, number>;
  readonly total: number;
}

/** The columns of one side: every post once, in the order of the longest arm, as wide as its widest part. */
function columns(tiers: readonly Tier[], side: "left" | "right", measure: Measure): Columns {
  const order: string[] = [];
  const longest = [...tiers].sort((a, b) => b[side].length - a[side].length);
  for (const tier of longest)
    for (const part of tier[side]) if (!order.includes(part.post)) order.push(part.post);
  const widths = new Map<string, number>();
  for (const tier of tiers) {
    for (const part of tier[side]) {
      widths.set(part.post, Math.max(widths.get(part.post) ?? 0, widthOf(part, measure)));
    }
  }
  const total = order.reduce((sum, post) => sum + (widths.get(post) ?? 0) + GAP, 0);
  return { order, widths, total };
}

/** Height of the crown where nothing stands over it. */
export const crownOf = ({ root }: Anatomy): number => (root === "image" ? CLASSES : CROWN);

export function layoutStage(
  anatomy: Anatomy,
  width: number,
  height: number,
  crown = crownOf(anatomy),
): StageLayout {
  const margin = width < 500 ? 12 : 24;
  const narrow = width < 560;
  const count = anatomy.tiers.length;
  const inner = width - 2 * margin - 2 * ARM - LETTERS;
  const side = anatomy.root === "image" ? (height < 420 ? IMAGE.small : IMAGE.large) : 0;
  const root = height - (side === 0 ? ROOT : side + IMAGE.gap + 14);
  // Stacked layers stand a little apart, under their own name.
  const groups = anatomy.tiers.map(
    (_, index) => anatomy.tiers.slice(1, index + 1).filter((t) => t.group !== "").length * 0.35,
  );
  // Bare wires fill the frame while the net is small; fewer where that would take the tiers their captions, and at
  // least the one to grow on.
  const pitchWith = (wires: number): number =>
    clamp((root - crown - 8) / Math.max(1, count + wires + (groups.at(-1) ?? 0)), 6, 132);
  let bare = clamp(5 - count, 1, 3);
  while (bare > 1 && pitchWith(bare) < CAPTIONED) bare--;
  const roomWires = anatomy.room.slice(0, bare);
  const pitch = pitchWith(roomWires.length);
  const captions = pitch >= CAPTIONED;
  const tall = clamp(pitch - (captions ? 30 : 6), 3, 96);
  const map = Math.min(58, tall);

  // What does not fit goes in this order: the readout tile, then the window's length, last the scale of the tiles.
  let tiers = anatomy.tiers;
  let scale = 1.9;
  let window = narrow ? 150 : 300;
  let left = columns(tiers, "left", { scale, window, map, tall });
  let right = columns(tiers, "right", { scale, window, map, tall });
  const tight = () => left.total + right.total > inner;
  if (tight() && narrow) tiers = tiers.map(withoutReadout);
  for (let round = 0; round < 60; round++) {
    left = columns(tiers, "left", { scale, window, map, tall });
    right = columns(tiers, "right", { scale, window, map, tall });
    if (!tight()) break;
    if (window > (narrow ? 96 : 140)) window -= 12;
    else if (scale > 0.1) scale *= 0.92;
    else break;
  }
  if (tight()) {
    tiers = tiers.map(withoutReadout);
    left = columns(tiers, "left", { scale, window, map, tall });
    right = columns(tiers, "right", { scale, window, map, tall });
  }
  // One factor for both sides when even the least sizes do not fit: nothing is ever drawn outside the frame.
  const squeeze = Math.min(1, inner / Math.max(1, left.total + right.total));
  const slack = Math.max(0, inner - (left.total + right.total) * squeeze) / 2;
  const trunk = margin + LETTERS + slack + left.total * squeeze + ARM;

  const slots = Math.max(1, count + roomWires.length + (groups.at(-1) ?? 0));
  const top = root - pitch * slots;

  const xs = new Map<string, number>();
  let at = trunk - ARM;
  for (const post of left.order) {
    at -= (left.widths.get(post) ?? 0) * squeeze;
    xs.set(`left ${post}`, at);
    at -= GAP * squeeze;
  }
  at = trunk + ARM;
  for (const post of right.order) {
    xs.set(`right ${post}`, at);
    at += ((right.widths.get(post) ?? 0) + GAP) * squeeze;
  }

  const rowsMost = Math.max(
    ...tiers
      .flatMap((t) => [...t.left, ...t.right])
      .filter(isWeight)
      .map(rowsOf),
    1,
  );
  const placed = tiers.map((tier, index): PlacedTier => {
    const wire = root - pitch * (index + (groups[index] ?? 0) + 0.5) + (captions ? 8 : 0);
    const place = (part: Part, side: "left" | "right"): PlacedPart => {
      const columnWidth = ((side === "left" ? left : right).widths.get(part.post) ?? 0) * squeeze;
      const own = Math.min(columnWidth, widthOf(part, { scale, window, map, tall }) * squeeze);
      const h =
        part.kind === "attention"
          ? Math.min(own, tall)
          : part.kind === "activation"
            ? activationHeight(part, own, tall)
            : part.strips.length > 0
              ? tall
              : Math.max(Math.min(36, tall), (tall * rowsOf(part)) / rowsMost);
      const column = xs.get(`${side} ${part.post}`) ?? trunk;
      const w = part.kind === "attention" ? h : own;
      // Against the trunk on the left side, so that a narrower tile still joins its arm.
      const x = side === "left" ? column + columnWidth - w : column;
      return { part, side, x, y: wire - h / 2, w, h };
    };
    const parts = [...tier.left.map((p) => place(p, "left")), ...tier.right.map((p) => place(p, "right"))];
    const twoRings = parts.some((p) => p.part.kind === "attention");
    const lift = twoRings ? Math.min(12, tall * 0.22) : 0;
    return { tier, wire, parts, ringLeft: wire + lift, ringRight: wire - lift };
  });

  const posts = named(
    anatomy.posts.flatMap((post): PlacedPost[] => {
      const users = placed.flatMap((t) =>
        t.parts.filter((p) => p.part.post === post.id).map((p) => ({ p, t })),
      );
      // Columns of the window are named by the text that stands under them.
      if (
        users.length === 0 ||
        users.every(({ p }) => p.part.kind === "activation" && p.part.strips.length > 0)
      )
        return [];
      const highest = Math.min(...users.map(({ p }) => p.y));
      const { p } = users[0]!;
      const x = p.x + p.w / 2;
      const half = (post.label.length * LETTER) / 2;
      const clear = side === 0 ? 0 : side / 2 + 10 + half;
      const nameAt = Math.abs(x - trunk) >= clear ? x : trunk + Math.sign(x - trunk) * clear;
      return [{ id: post.id, label: post.label, x, top: highest, nameAt }];
    }),
  );

  const hidden = anatomy.room.length - roomWires.length;
  const room = roomWires.map((wire, index) => ({
    y: root - pitch * (count + (groups.at(-1) ?? 0) + index + 0.5) + (captions ? 8 : 0),
    label: wire.label,
    // One wire more is named: it may be several layers. More of them are counted.
    more:
      index < roomWires.length - 1 || hidden <= 0
        ? ""
        : hidden === 1
          ? (anatomy.room.at(-1)?.label ?? "")
          : `room for ${hidden} more`,
  }));

  return {
    width,
    height,
    trunk,
    crown: Math.min(crown, top + 8),
    root,
    tiers: placed,
    posts,
    room,
    captions,
    left: margin,
    right: width - margin,
    image: side === 0 ? null : { x: trunk - side / 2, y: root + IMAGE.gap, w: side, h: side },
  };
}

/** A row of units is a low line, a board keeps its proportions, gates take the height there is, others are square. */
function activationHeight(part: Part, own: number, tall: number): number {
  if (part.strips.length > 0) return tall;
  if (part.form === "row") return Math.min(tall, 18);
  return Math.min(tall, part.form === "board" ? (own * rowsOf(part)) / colsOf(part) : own);
}

const isWeight = (part: Part) => part.kind === "weight";

/** The readout stands last on the right arm, behind the gates: the first thing to leave a narrow page. */
function withoutReadout(tier: Tier): Tier {
  const weights = tier.right.filter(isWeight);
  const last = tier.right.at(-1);
  return last !== undefined && weights.length === 1 && last.kind === "weight" && tier.right.length > 1
    ? { ...tier, right: tier.right.slice(0, -1) }
    : tier;
}
