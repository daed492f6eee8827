/** Steps, steps a second, characters or images a second: four times a second, in a width that never moves the bar. */
import type { ReactNode } from "react";
import { compact, rough, whole } from "../format.ts";
import { useLayout } from "../layout.ts";
import { operatorLearns } from "../store/operator.ts";
import { type AppState, useSlow } from "../store/store.ts";
import { unitOf } from "../store/units.ts";

const pick = (s: AppState): string => {
  // While an operator is trained the run itself makes no steps.
  const running = (s.phase === "running" || s.phase === "growing") && !operatorLearns(s);
  const steps = running && s.rate ? (s.rate.steps < 10 ? rough(s.rate.steps) : whole(s.rate.steps)) : "";
  const tokens = running && s.rate ? compact(s.rate.tokens) : "";
  const word = s.phase === "paused" && s.clock.step > 0 ? "paused" : s.phase === "ended" ? "done" : "";
  return [whole(s.clock.step), steps, tokens, word, unitOf(s.config)].join("\t");
};

export function Readouts(): ReactNode {
  const [step = "", steps = "", tokens = "", word = "", unit = ""] = useSlow(pick).split("\t");
  const layout = useLayout();
  return (
    <div className="readouts">
      <span>
        <b className="mono">{step}</b> steps{word === "" ? "" : `, ${word}`}
      </span>
      <span className="hidden" role="status">
        {word === "paused" ? `Paused at step ${step}.` : ""}
      </span>
      {steps === "" ? null : (
        <span>
          <b className="mono">{steps}</b> steps/s
        </span>
      )}
      {tokens === "" || layout === "medium" ? null : (
        <span>
          <b className="mono">{tokens}</b> {unit}s/s
        </span>
      )}
    </div>
  );
}
