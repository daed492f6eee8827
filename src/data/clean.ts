/** How a text becomes what the models read: one rule for all built-in texts, so that figures of one are comparable. */
import { fnv1a } from "../random/threefry.ts";

/** Plain printable ASCII and newlines: typographic quotes and dashes are spelt out, anything else is dropped. */
export function cleanText(text: string): string {
  const plain = text
    .replace(/\r/g, "")
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/—/g, "--")
    .replace(/[^\x20-\x7e\n]/g, "")
    .replace(/ +$/gm, "");
  return `${plain.trim()}\n`;
}

/** Joins the lines of each paragraph (a text that was wrapped at a column); paragraphs stay a blank line apart. */
export function joinParagraphs(text: string): string {
  const paragraphs = text.split(/\n{2,}/).map((paragraph) => paragraph.replace(/\s+/g, " "));
  return `${paragraphs.join("\n\n").trim()}\n`;
}

/**
 * A list in an order that says nothing: by hash, ties by the alphabet. The lists arrive sorted, and a window over a
 * sorted list would show the model fifty names with one first letter.
 */
export function scattered(entries: readonly string[]): string[] {
  const keyed = entries.map((entry) => [fnv1a(`order ${entry}`), entry] as const);
  return keyed.sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1)).map(([, entry]) => entry);
}
