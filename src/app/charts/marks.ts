/** How events look on a chart, and how many close together become one. */
import type { Mark } from "../store/session.ts";

export const GLYPHS: Readonly<Record<Mark["kind"], string>> = {
  growth: "▲",
  cut: "⊘",
  change: "◆",
  undo: "↺",
  redo: "↻",
  edit: "◇",
  refused: "△",
  // Struck through by its style.
  "given-up": "△",
  diverged: "✕",
  stopped: "✕",
};

/** More marks than this in a hundred pixels become one. */
const CROWD = 12;

/** Marks nearer to each other than this would hide each other. */
const OVER = 4;

/** Marks by hundred pixels; a crowded hundred as one group, and what stands in one place. */
export function grouped(marks: readonly Mark[], px: (mark: Mark) => number): readonly (readonly Mark[])[] {
  const bins = new Map<number, Mark[]>();
  for (const mark of marks) {
    const bin = Math.floor(px(mark) / 100);
    bins.set(bin, [...(bins.get(bin) ?? []), mark]);
  }
  return [...bins.values()].flatMap((bin) => (bin.length > CROWD ? [bin] : heaps(bin, px)));
}

/** What stands in one place together; marks come in the order in which they happened. */
function heaps(bin: readonly Mark[], px: (mark: Mark) => number): readonly (readonly Mark[])[] {
  const groups: Mark[][] = [];
  for (const mark of bin) {
    const last = groups.find((group) => Math.abs(px(group[0]!) - px(mark)) < OVER);
    if (last) last.push(mark);
    else groups.push([mark]);
  }
  return groups;
}
