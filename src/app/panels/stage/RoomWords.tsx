/** What could be added, in words on its bare wire: before the trunk where there is room, else behind it; never across it. */
import type { StageLayout } from "./layout.ts";

/** Pixels of a letter, and of a line. */
const LETTER = 6.1;
const LINE = 14;

/** The sentence in as few lines as fit in so many pixels; a word longer than that has a line of its own. */
export function linesOf(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && (last.length + 1 + word.length) * LETTER <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

interface RoomWordsProps {
  readonly label: string;
  readonly y: number;
  readonly layout: Pick<StageLayout, "trunk" | "left" | "right">;
}

export function RoomWords({ label, y, layout: { trunk, left, right } }: RoomWordsProps) {
  if (trunk - left > 260) {
    return (
      <text className="stage-note" x={left + 8} y={y + 15}>
        {label}
      </text>
    );
  }
  const lines = linesOf(label, right - trunk - 20);
  // Over the wire; what takes more lines under it, where no heading reaches.
  const top = lines.length > 1 ? y + LINE : y - 6;
  return lines.map((line, i) => (
    <text key={line} className="stage-note" x={trunk + 20} y={top + LINE * i}>
      {line}
    </text>
  ));
}
