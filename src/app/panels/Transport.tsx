/** The phone's transport: under the thumb, always there. */
import type { ReactNode } from "react";
import { Icon } from "../Icons.tsx";
import { growNow, playPause, stepOnce, undo } from "../store/actions.ts";
import { useRun } from "../store/store.ts";
import { Ring, useCanUndo, usePlay } from "./RunBar.tsx";

/** `onControls`: where the controls are no sheet, the way to them. */
export function Transport({ onControls }: { readonly onControls?: () => void }): ReactNode {
  const { label, icon, disabled, part } = usePlay();
  const phase = useRun((s) => s.phase);
  const canUndo = useCanUndo();
  return (
    <nav className="thumb" aria-label="Transport" data-five={onControls ? true : undefined}>
      <button type="button" className="button filled" disabled={disabled} onClick={playPause} id="play">
        {icon === "ring" ? <Ring part={part} /> : <Icon name={icon} />}
        {label}
      </button>
      <button type="button" className="button" onClick={stepOnce} disabled={phase !== "paused"}>
        <Icon name="step" />
        Step
      </button>
      <button
        type="button"
        className="button"
        onClick={growNow}
        disabled={phase !== "paused" && phase !== "running"}
      >
        <Icon name="grow" />
        Grow
      </button>
      <button type="button" className="button" onClick={undo} disabled={!canUndo}>
        <Icon name="undo" />
        Undo
      </button>
      {onControls ? (
        <button type="button" className="button" onClick={onControls}>
          <Icon name="fold" />
          Controls
        </button>
      ) : null}
    </nav>
  );
}
