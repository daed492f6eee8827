/**
 * The few shapes that figures are made of, as text: pieces with a size that stand beside or under each other. Colours are
 * classes; `src/app/panels/figure.css` says what they are, in the page and inside the file alike.
 */

/** Drawn from (0, 0) to (width, height). */
export interface Piece {
  readonly width: number;
  readonly height: number;
  readonly body: string;
}

/** The page's drawer and a phone both come close to it, so that 11 px of type stay near 11. */
export const WIDTH = 360;
const MARGIN = 8;
export const INNER = WIDTH - 2 * MARGIN;

export const n = (value: number): string => String(Math.round(value * 100) / 100 || 0);

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

export const moved = (x: number, y: number, body: string): string =>
  body === "" ? "" : `<g transform="translate(${n(x)} ${n(y)})">${body}</g>`;

export const text = (x: number, y: number, words: string, classes = ""): string =>
  `<text x="${n(x)}" y="${n(y)}"${classes === "" ? "" : ` class="${classes}"`}>${escaped(words)}</text>`;

export const rect = (classes: string, x: number, y: number, width: number, height: number): string =>
  `<rect class="${classes}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}"/>`;

export const line = (classes: string, x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="${classes}" x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}"/>`;

export const path = (classes: string, d: string): string =>
  d === "" ? "" : `<path class="${classes}" d="${d}"/>`;

/** Beside each other; `foot`: their lower edges in one line instead of their upper ones. */
export function row(pieces: readonly Piece[], gap = 14, foot = false): Piece {
  const height = Math.max(...pieces.map((piece) => piece.height));
  let x = 0;
  const body = pieces.map((piece) => {
    const at = moved(x, foot ? height - piece.height : 0, piece.body);
    x += piece.width + gap;
    return at;
  });
  return { width: x - gap, height, body: body.join("") };
}

export function column(pieces: readonly Piece[], gap = 12): Piece {
  let y = 0;
  const body = pieces.map((piece) => {
    const at = moved(0, y, piece.body);
    y += piece.height + gap;
    return at;
  });
  return { width: Math.max(...pieces.map(({ width }) => width)), height: y - gap, body: body.join("") };
}

/** Lines of at most `chars` letters. */
export function wrapped(words: string, chars: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= chars)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Words over several lines of the figure's width, or of `chars` letters. */
export function words(said: string, classes = "soft", chars = 58): Piece {
  const lines = wrapped(said, chars);
  const body = lines.map((one, i) => text(0, 10 + 14 * i, one, classes)).join("");
  return { width: INNER, height: 14 * lines.length, body };
}

/** A heading over a piece. A name longer than the piece is wide goes on beyond it. */
export const named = (name: string, piece: Piece, classes = "head"): Piece => ({
  width: piece.width,
  height: piece.height + 17,
  body: text(0, 10, name, classes) + moved(0, 17, piece.body),
});

export interface Sheet {
  /** What the picture is of. */
  readonly title: string;
  /** What can be seen on it, for whoever cannot; with the figures. */
  readonly desc: string;
  readonly pieces: readonly Piece[];
}

/** The whole file. `style` goes into it for whoever opens it alone; `said` is the line under the picture. */
export function sheetSvg({ title, desc, pieces }: Sheet, said: string, style: string): string {
  const whole = column([...pieces, words(said)], 14);
  const height = Math.ceil(whole.height + 2 * MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="figure" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<desc>${escaped(desc)}</desc>`,
    `<style>${style}</style>`,
    own(rect("paper", 0, 0, WIDTH, height)),
    own(moved(MARGIN, MARGIN, whole.body)),
    "</svg>",
    "",
  ].join("\n");
}

/** Classes of the page have plain names, and some are the same: those of a picture begin with f-. */
const own = (body: string): string =>
  body.replace(/ class="([^"]+)"/g, (_, names: string) => ` class="f-${names.replaceAll(" ", " f-")}"`);
