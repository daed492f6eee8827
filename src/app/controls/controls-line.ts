/** The controls in a few words, where they are folded: apart from them, since they come in a chunk of their own. */
import { changes } from "../store/draft.ts";
import { useRun } from "../store/store.ts";

/** "Cascade, 3 changes": the folded controls, and the handle of the sheet. */
export function useControlsLine(): { readonly name: string; readonly changed: number } {
  const name = useRun((s) => s.baseName);
  const changed = useRun((s) => changes(s.base, s.draft).length);
  return { name, changed };
}
