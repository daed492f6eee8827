/** What the rail shows one of: apart from its panels, since the page asks before they have been loaded. */
import type { AppState } from "../store/store.ts";

export type RailMode = "record" | "part" | "rest";

export function railMode(state: Pick<AppState, "openMark" | "pinned" | "marks">): RailMode {
  if (state.openMark !== null && state.marks.some((mark) => mark.id === state.openMark)) return "record";
  return state.pinned === null ? "rest" : "part";
}
