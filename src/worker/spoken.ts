/** What went wrong, in words for a person. */
import { NoRoom } from "../engine/no-room.ts";

/** A device's own words about memory help nobody; a smaller size does. */
export function spoken(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof NoRoom) return `${message} Try batch 16, or width 64.`;
  return /out of memory|allocation|exceeds the max buffer|larger than the maximum/i.test(message)
    ? "This GPU has no room for that. Try batch 16, or width 64."
    : message;
}
