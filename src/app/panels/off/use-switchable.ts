/** What the panels of layers that are off share: which layers there are, and what is known of the network without them. */

import { switchable } from "../../../run/blocks-off.ts";
import type { BlocksOff } from "../../../run/messages.ts";
import { useRun } from "../../store/store.ts";

export interface Switchable {
  /** In order; or the clause why none can be switched off. */
  readonly names: readonly string[] | string;
  /** Of the network as it is built now. */
  readonly known: BlocksOff | null;
  readonly busy: boolean;
  /** There is a run to ask. */
  readonly open: boolean;
}

/** Null: this network has no such layers. */
export function useSwitchable(): Switchable | null {
  const arch = useRun((s) => s.state?.arch ?? null);
  const found = useRun((s) => s.blocksOff);
  const busy = useRun((s) => s.progress?.label === "blocks-off");
  const open = useRun((s) => s.phase === "paused" || s.phase === "running" || s.phase === "ended");
  const names = arch === null ? null : switchable(arch);
  if (names === null) return null;
  return { names, known: found?.layers === names.length ? found : null, busy, open };
}
