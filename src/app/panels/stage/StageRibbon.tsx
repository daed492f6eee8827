/** Where a network stands that is grown, swapped and pruned in this order (H-LSTM, grow-prune §5.5). */
import type { ReactNode } from "react";
import { useRun } from "../../store/store.ts";

const STAGES = [
  { id: "seed", label: "Seed" },
  { id: "grow", label: "Grow" },
  { id: "swap", label: "Swap" },
  { id: "prune", label: "Prune" },
  { id: "final", label: "Final" },
] as const;

export function StageRibbon(): ReactNode {
  const stage = useRun((s) => s.state?.stage ?? null);
  if (stage === null) return null;
  return (
    <ol className="stage-ribbon" aria-label="Stage of growing and pruning">
      {STAGES.map(({ id, label }) => (
        <li key={id} aria-current={id === stage ? "step" : undefined}>
          {label}
        </li>
      ))}
    </ol>
  );
}
