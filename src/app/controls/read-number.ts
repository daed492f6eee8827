/**
 * A number as people type it: "1e-3", ".5", "−.25" and "1,000" as the page itself writes them. Anything else is no number,
 * and is said to be none: leaving letters out would make 199 of "1e99".
 */
const WRITTEN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const THOUSANDS = /^([+-]?\d{1,3})((?:,\d{3})+)(\.\d*)?$/;

/** Null: no number, or none that can be held. */
export function readNumber(text: string): number | null {
  const plain = text
    .trim()
    .replace(/[−–]/g, "-")
    .replace(THOUSANDS, (all) => all.replaceAll(",", ""));
  if (!WRITTEN.test(plain)) return null;
  const number = Number(plain);
  return Number.isFinite(number) ? number : null;
}

const shown = (text: string): string =>
  text.trim().length > 24 ? `${text.trim().slice(0, 24)}…` : text.trim();

/** Under a field whose text is no number; `holds`: what it is meanwhile. */
export const noNumber = (text: string, holds: string): string =>
  `“${shown(text)}” is not a number. ${holds} holds.`;
