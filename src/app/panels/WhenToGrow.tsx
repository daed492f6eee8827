/**
 * When to grow: the rule's gauge against its limit, and the button that does not wait for it. The gauge is what the
 * trigger itself judged by, so the mark under the line and the growth are one event.
 */
import { Select } from "@mantine/core";
import type { ReactNode } from "react";
import type { Choice } from "../../run/config.ts";
import { triesApply } from "../../run/tries.ts";
import { setMethod } from "../controls/Entries.tsx";
import { sayTrigger } from "../controls/say-entry.ts";
import { count, fixed, plain, whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { growNow } from "../store/actions.ts";
import { canNow } from "../store/can.ts";
import { catalog, find, growthActions, labelOf } from "../store/catalog.ts";
import { growths, handGrowth } from "../store/draft.ts";
import type { Mark } from "../store/session.ts";
import { type AppState, getRun, setRun, useRun, useSlow } from "../store/store.ts";
import { tryThemAll } from "../store/tries.ts";

const gaugeOf = (s: AppState): AppState["gauge"] => s.gauge;

export function WhenToGrow(): ReactNode {
  const entry = useRun((s) => (s.config ? growths(s.config)[0]?.entry : undefined));
  const budget = useRun((s) => s.budgetSteps);
  return (
    <section className="rail-section" aria-labelledby="when-title">
      <div className="row spread wrap when">
        <h2 className="heading" id="when-title">
          When to grow
        </h2>
        <span className="caption soft">{entry ? whenGrown(entry.trigger, budget) : "by hand"}</span>
      </div>
      <GaugeChart />
      <Countdown />
      <GrowNow />
    </section>
  );
}

/** "at step 80, 20 % of the budget", "when the loss stops falling, checked every 10 steps" */
export function whenGrown(trigger: Choice, budgetSteps: number): string {
  const said = sayTrigger(trigger);
  if (trigger.id === "at" && budgetSteps > 0) {
    return `at step ${whole(Number(trigger.fraction) * budgetSteps)}, ${said.replace(/^at /, "")}`;
  }
  return typeof trigger.every === "number" ? `${said}, checked every ${count(trigger.every, "step")}` : said;
}

/**
 * The step at which a plateau is judged next: the first multiple of E that lies W + 1 and C steps or more after the last
 * event (grow-prune §4.3). Null: the rule judges otherwise.
 */
export function judgedAt(trigger: Choice, step: number, lastEvent: number): number | null {
  const { id, every, window, cooldown } = trigger;
  if (id !== "plateau" || typeof every !== "number") return null;
  const rested = lastEvent + Math.max(Number(window) + 1, Number(cooldown));
  return Math.max(Math.floor(step / every) + 1, Math.ceil(rested / every)) * every;
}

const stepOf = (s: AppState): number => s.clock.step;

const isStructural = ({ done, kind }: Mark): boolean => done !== null || kind === "undo" || kind === "redo";

/** How far it is to the next judgement. */
function Countdown(): ReactNode {
  const trigger = useRun((s) => s.state?.recipe.find(({ trigger: { id } }) => id === "plateau")?.trigger);
  const last = useRun((s) => s.marks.findLast(isStructural)?.clock.step ?? 0);
  const step = useSlow(stepOf);
  const at = trigger === undefined ? null : judgedAt(trigger, step, last);
  const ended = useRun((s) => s.phase === "ended" || (at !== null && at > s.budgetSteps));
  if (at === null || ended) return null;
  return (
    <p className="caption soft">
      Judged next at step <span className="mono">{whole(at)}</span>, in{" "}
      <span className="mono">{whole(at - step)}</span>.
    </p>
  );
}

const WIDTH = 284;
const HEIGHT = 74;
const LEFT = 34;
/** Judgements shown: the latest. */
const SHOWN = 60;

/** What the rule does at its limit; a plateau is judged by what the loss has gained, the others by an evaluation. */
const AT_LIMIT: Readonly<Record<string, string>> = {
  "until-good": "Grows while it is short of",
  until: "Acts again once it is back at",
};

export const atLimit = (trigger: string): string => AT_LIMIT[trigger] ?? "Grows when it falls under";

function GaugeChart(): ReactNode {
  const gauge = useSlow(gaugeOf);
  if (gauge === null || gauge.points.length === 0) return null;
  const { limit, label, trigger } = gauge;
  // The score has them all, on the run's own x.
  const points = gauge.points.slice(-SHOWN);
  const values = points.map((point) => point.value).filter(Number.isFinite);
  const judged = Object.hasOwn(AT_LIMIT, trigger);
  const room = judged ? 0.05 * Math.abs(limit) : 0;
  const high = Math.max(...values, judged ? limit + room : limit * 2, 1e-9);
  const low = Math.min(...values, judged ? limit - room : 0);
  const last = points[points.length - 1];
  const first = points[0];
  if (last === undefined || first === undefined) return null;
  const span = Math.max(1, last.step - first.step);
  const x = (step: number): number => LEFT + ((step - first.step) / span) * (WIDTH - LEFT - 70);
  const y = (value: number): number => HEIGHT - 8 - ((value - low) / (high - low)) * (HEIGHT - 18);
  const path = points.map(({ step, value }, i) => `${i === 0 ? "M" : "L"}${x(step)} ${y(value)}`).join("");
  return (
    <figure className="gauge">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${label} ${fixed(last.value, 3)}, limit ${plain(Number(limit.toPrecision(3)))}`}
      >
        <text x={LEFT - 6} y={y(high) + 8} className="axis-text mono" textAnchor="end">
          {fixed(high, 2)}
        </text>
        <path d={`M${LEFT} ${y(limit)}H${WIDTH}`} className="gauge-limit" />
        <text x={LEFT - 6} y={y(limit) + 4} className="axis-text mono" textAnchor="end">
          {plain(Number(limit.toPrecision(3)))}
        </text>
        <path d={path} fill="none" stroke="var(--ink)" strokeWidth={1.4} />
        <circle cx={x(last.step)} cy={y(last.value)} r={3.6} fill="var(--ink)" />
        <text
          x={x(last.step) + 8}
          // Off the line of the limit, on the value's own side of it.
          y={Math.min(HEIGHT - 1, Math.max(12, y(last.value) + (last.value < limit ? 15 : -6)))}
          className="line-label mono"
        >
          {fixed(last.value, 3)}
        </text>
      </svg>
      <figcaption className="caption soft">
        {label} <span className="mono">{fixed(last.value, 3)}</span>. {atLimit(trigger)}{" "}
        <span className="mono">{plain(Number(limit.toPrecision(3)))}</span>.
      </figcaption>
    </figure>
  );
}

/** What was said to another action, "Not compacted: …", stands where that was asked for. */
export const ofGrowth = ({ about, message }: NonNullable<AppState["refusal"]>): boolean =>
  (about === "growth" || about === "act") && !/^Not (?!grown|inserted)\w+:/.test(message);

const DONE = "The run is done: continue it, then grow.";

function GrowNow(): ReactNode {
  const model = useRun((s) => s.config?.model ?? s.draft.model);
  const draft = useRun((s) => s.draft);
  const phase = useRun((s) => s.phase);
  const growing = useRun((s) => s.growing);
  const refusal = useRun((s) => (s.refusal !== null && ofGrowth(s.refusal) ? s.refusal.message : null));
  const action = handGrowth({ ...draft, model });
  const can = useRun((s) => (action ? canNow(s, action) : undefined));
  const ready = phase === "running" || phase === "paused" || phase === "ended";
  if (action === null) return <p className="caption soft">No growth is known for this model.</p>;
  const reason = phase === "ended" ? DONE : typeof can === "string" ? can : null;
  const options = growthActions.map((entry) => {
    const applies = entry.applies[model.id] ?? true;
    return {
      value: entry.id,
      label: applies === true ? entry.label : `${entry.label}: ${applies}`,
      disabled: applies !== true,
    };
  });
  return (
    <>
      <div className="grow-row">
        <button
          type="button"
          className="button edged"
          onClick={growNow}
          disabled={!ready || phase === "ended"}
        >
          <Icon name="grow" />
          Grow now
          <span className="kbd" aria-hidden="true">
            G
          </span>
        </button>
        <Select
          size="xs"
          aria-label="Growth method"
          allowDeselect={false}
          data={options}
          value={action.id}
          onChange={(id) => {
            if (id === null) return;
            const { draft: now } = getRun();
            setMethod(growths(now)[0]?.index ?? now.recipe.length, id);
          }}
        />
        <button
          type="button"
          className="icon-button"
          aria-label={`How ${labelOf(catalog.actions, action.id)} works`}
          onClick={() => setRun({ doc: action.id })}
        >
          <Icon name="paper" size={13} />
        </button>
      </div>
      {triesApply(model.id) === true ? (
        <button type="button" className="button edged try-all" onClick={tryThemAll} disabled={!ready}>
          <Icon name="branch" />
          Try them all
        </button>
      ) : null}
      <p className="caption soft grow-note" aria-live="polite">
        {growing
          ? `Growing at the next step. Preparing ${growing.kernels} kernels.`
          : (refusal ?? reason ?? find(catalog.actions, action.id)?.summary ?? "")}
      </p>
    </>
  );
}
