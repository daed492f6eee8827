/** What the rail shows one of: apart from its panels, since the page asks before they have been loaded. */
import type { AppState } from "../store/store.ts";
import { markWith } from "../store/tree.ts";

export type RailMode = "record" | "part" | "rest";

export function railMode(state: Pick<AppState, "openMark" | "pinned" | "marks" | "branches">): RailMode {
  if (state.openMark !== null && markWith(state, state.openMark) !== null) return "record";
  return state.pinned === null ? "rest" : "part";
}
