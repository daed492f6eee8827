/** Where Undo leads: kept by itself, since the button, the key and the tests ask without doing it. */
import type { Session } from "./session.ts";

/** The state before the last structural event of this line, or null when there was none. */
export function undoTarget({ marks }: Pick<Session, "marks">): string | null {
  for (let i = marks.length - 1; i >= 0; i--) {
    const parent = marks[i]?.done?.parent;
    if (parent !== undefined) return parent;
  }
  return null;
}
