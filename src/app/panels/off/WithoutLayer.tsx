/** Of a selected layer: what an evaluation says without it. Training goes on with it. */
import type { ReactNode } from "react";
import { whole } from "../../format.ts";
import { foundOf, layersSaid, offSentence } from "../../store/blocks-off.ts";
import { requestBlocksOff } from "../../store/client.ts";
import { useSwitchable } from "./use-switchable.ts";

export function WithoutLayer({ at }: { readonly at: string | null }): ReactNode {
  const layers = useSwitchable();
  if (layers === null || at === null || typeof layers.names === "string") return null;
  const { names, known, busy, open } = layers;
  if (!names.includes(at)) return null;
  const found = foundOf(known, [at]);
  return (
    <div className="without-layer">
      <button
        type="button"
        className="button small edged"
        aria-disabled={!open || busy}
        onClick={() => {
          if (open && !busy) requestBlocksOff([[at]]);
        }}
      >
        Evaluate without {layersSaid([at], names)}
      </button>
      <p className="caption soft" aria-live="polite">
        {busy
          ? "Evaluating."
          : known === null || found === null
            ? "For an evaluation only: training keeps it."
            : `Step ${whole(known.step)}. ${offSentence(known, found, names)}`}
      </p>
    </div>
  );
}
