/** Under an action that prunes: training on by so many steps, and cutting and training in rounds until the loss says no. */
import { type ReactNode, useState } from "react";
import type { Choice } from "../../run/config.ts";
import { count } from "../format.ts";
import { retrain, roundsOf, startRounds, stopRounds, useRounds } from "../store/in-rounds.ts";
import { type Asked, against, ROUND_FIELDS, sayRounds } from "../store/rounds.ts";
import { useRun } from "../store/store.ts";
import { Row } from "./Row.tsx";

const NAMES = ["retrain", "most", "allowed"] as const;

export function InRounds({ action }: { readonly action: Choice }): ReactNode {
  const [asked, setAsked] = useState<Asked>({ retrain: 100, most: 6, allowed: 2 });
  const { on, says, of } = useRounds();
  // What came of other rounds is said where they were asked for.
  const mine = of === roundsOf(action) && (on || says !== "");
  const standing = useRun((s) => s.phase === "paused");
  const not = against(asked, standing);
  const ready = not === null && !on;
  const why = not ?? sayRounds(asked);
  return (
    <section className="in-rounds" aria-label="Cut and retrain">
      <h3>Cut and retrain</h3>
      {NAMES.map((name) => (
        <Row
          key={name}
          field={ROUND_FIELDS[name]}
          value={asked[name]}
          onSet={(value) => setAsked((old) => ({ ...old, [name]: Number(value) }))}
        />
      ))}
      <p className="group-note" aria-live="polite">
        {mine ? says : why}
      </p>
      <p className="group-note">
        To roll back by hand: Undo leads to just before the newest change, Go back in the history to any
        other.
      </p>
      <div className="row wrap">
        <button
          type="button"
          className="button small"
          aria-disabled={!ready}
          onClick={() => {
            if (ready) void retrain(asked.retrain, action);
          }}
        >
          Retrain {count(asked.retrain, "step")}
        </button>
        {/* One button: whoever began the rounds by key has the focus on what stops them. */}
        <button
          type="button"
          className="button small edged"
          aria-disabled={!on && !ready}
          title={on ? undefined : why}
          onClick={() => {
            if (on) stopRounds();
            else if (ready) void startRounds({ ...asked, action });
          }}
        >
          {on ? "Stop" : "Run iterative"}
        </button>
      </div>
    </section>
  );
}
