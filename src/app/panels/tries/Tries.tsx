/**
 * "Try them all": one source, one target, every way there is, as many FLOPs for each. The run on the play page is the
 * source; it waits as it stands while the arms take turns, and is never changed by them.
 */
import { type ReactNode, useId, useState } from "react";
import { TRY_FIELDS, type TryAsked, triesApply } from "../../../run/tries.ts";
import { FieldInput } from "../../controls/FieldInput.tsx";
import { whole } from "../../format.ts";
import { Icon } from "../../Icons.tsx";
import { routeHash } from "../../route.ts";
import { catalog } from "../../store/catalog.ts";
import { copyRoute, openPreset } from "../../store/links.ts";
import { type AppState, getRun, useRun, useSlow } from "../../store/store.ts";
import {
  askedNow,
  beginLinked,
  beginTries,
  holdTries,
  setAsked,
  triesFault,
  triesLink,
} from "../../store/tries.ts";
import { sayTries } from "../../store/tries-say.ts";
import { TriesFigure } from "./TriesFigure.tsx";
import { TriesTable } from "./TriesTable.tsx";
import "../kernels/kernels.css";
import "./tries.css";

export function Tries(): ReactNode {
  const able = useRun((s) => triesApply(s.config?.model.id ?? s.draft.model.id));
  const none = useRun((s) => s.noDevice);
  const tried = useRun((s) => s.tried !== null);
  return (
    <main className="tries" id="network" tabIndex={-1}>
      <h1 className="title">Try them all</h1>
      <p className="tries-about">
        From one trained network to one larger one by every way there is. Each has the same floating-point
        operations; what training an operator takes is charged to it.
      </p>
      {none !== null ? (
        <p role="alert">{none}</p>
      ) : able !== true ? (
        <NotHere why={able} />
      ) : (
        <>
          <Source />
          {tried ? <Verdict /> : null}
          {tried ? <TriesFigure /> : null}
          <TriesTable />
          <p className="caption soft tries-notes">
            All arms draw the same batches and keep the run's seed, optimizer and schedule, laid over their
            own budget. Where the target is wider, stacking copies layers that FPI has widened; FPI's own new
            layers begin silent. Evaluated twenty times each. Seconds are by this machine's clock, preparing
            kernels included.
          </p>
        </>
      )}
    </main>
  );
}

function NotHere({ why }: { readonly why: string }): ReactNode {
  const small = useRun((s) => s.device?.software ?? false);
  return (
    <section className="tries-source" aria-label="What can be compared">
      <p>{why}</p>
      <p className="row wrap">
        {(["gpt", "bert", "vit"] as const).map((id) => (
          <button
            key={id}
            type="button"
            className="button edged"
            onClick={() => openPreset(small ? `${id}-tiny` : id)}
          >
            Open {catalog.models.find((model) => model.id === id)?.label}
          </button>
        ))}
      </p>
    </section>
  );
}

/** One sentence a selector: state changes with every step, sentences seldom. */
const sourceOf = (s: AppState): string => {
  if (s.tryLink !== null && s.tried === null && s.clock.step < s.tryLink.at) {
    return `This link trains ${s.baseName === "Opened link" ? "its network" : s.baseName} to step ${whole(s.tryLink.at)}, then tries them all.`;
  }
  const step = s.tried?.state.step ?? s.clock.step;
  const size = s.tried?.state.from ?? s.state?.size ?? "";
  return `The source: ${s.baseName === "" ? "the run" : s.baseName} at step ${whole(step)}, ${size}.`;
};

const running = (s: AppState): string => s.tried?.state.phase ?? "none";

function Source(): ReactNode {
  const said = useRun(sourceOf);
  const fault = useRun(triesFault);
  const linked = useRun((s) => s.tryLink !== null && s.tried === null);
  const armed = useRun((s) => s.tryLink?.armed ?? false);
  const phase = useRun(running);
  const message = useRun((s) => s.tried?.state.message ?? "");
  const refusal = useRun((s) => (s.refusal?.about === "try" ? s.refusal.message : null));
  const on = phase === "running" || phase === "paused";
  return (
    <section className="tries-source" aria-label="Source and target">
      <p>
        {said} <a href={routeHash.play}>Back to it</a>
      </p>
      {on ? <Asked /> : <Fields />}
      <div className="row wrap">
        {on ? (
          <>
            <button
              type="button"
              className="button filled tries-hold"
              onClick={() => holdTries(phase === "running" ? "pause" : "resume")}
            >
              <Icon name={phase === "running" ? "pause" : "play"} />
              {phase === "running" ? "Pause" : "Resume"}
            </button>
            <button type="button" className="button edged" onClick={() => holdTries("stop")}>
              Stop
            </button>
          </>
        ) : linked ? (
          <button type="button" className="button filled" disabled={armed} onClick={beginLinked}>
            <Icon name="grow" />
            {armed ? "Training the source" : "Train the source, then try them all"}
          </button>
        ) : (
          <button type="button" className="button filled" disabled={fault !== null} onClick={beginTries}>
            <Icon name="grow" />
            {phase === "none" ? "Try them all" : "Try them all again"}
          </button>
        )}
        <CopyLink />
        <span className="caption soft" role="status">
          {on
            ? phase === "paused"
              ? "Paused. The curves wait."
              : "Your run waits as it stands."
            : (refusal ?? (linked ? "" : (fault ?? message)))}
        </span>
      </div>
    </section>
  );
}

function CopyLink(): ReactNode {
  const copied = useRun((s) => s.copied);
  const able = useRun((s) => s.tried !== null || s.clock.step > 0);
  return (
    <button
      type="button"
      className="button edged copy-link"
      disabled={!able}
      onClick={() => void copyRoute(triesLink)}
    >
      <Icon name={copied ? "check" : "link"} />
      {copied ? "Copied" : "Copy link"}
    </button>
  );
}

let known: { readonly key: string; readonly asked: TryAsked } | null = null;

/** The same object as long as it says the same. */
function asked(state: AppState): TryAsked {
  const now = askedNow(state);
  const key = JSON.stringify(now);
  if (known?.key !== key) known = { key, asked: now };
  return known.asked;
}

function Asked(): ReactNode {
  const to = useRun((s) => s.tried?.state.to ?? "");
  const { steps, operator } = useRun((s) => s.tried?.state.asked) ?? askedNow(getRun());
  return (
    <p className="soft">
      To {to}; {whole(steps)} steps' worth of FLOPs each, operators {whole(operator)} steps.
    </p>
  );
}

function Fields(): ReactNode {
  const values = useRun(asked);
  return (
    <div className="tries-fields">
      {(Object.keys(TRY_FIELDS) as (keyof TryAsked)[]).map((name) => (
        <Row key={name} name={name} value={values[name]} />
      ))}
    </div>
  );
}

function Row({ name, value }: { readonly name: keyof TryAsked; readonly value: number }): ReactNode {
  const id = useId();
  const field = TRY_FIELDS[name];
  const [unread, setUnread] = useState<string | null>(null);
  const fits = value >= field.min && value <= field.max;
  const fault = unread ?? (fits ? null : `allowed are ${field.min} to ${whole(field.max)}`);
  return (
    <div
      className="field"
      data-error={fault !== null || undefined}
      title={"help" in field ? field.help : undefined}
    >
      <div className="field-label">
        <label htmlFor={id} id={`${id}-label`}>
          {field.label}
          {"symbol" in field ? <span className="plate symbol"> {field.symbol}</span> : null}
        </label>
      </div>
      <FieldInput
        id={id}
        field={field}
        value={value}
        onSet={(next) => setAsked({ [name]: Number(next) })}
        onFault={setUnread}
        describedBy={fault === null ? undefined : `${id}-note`}
        invalid={fault !== null}
      />
      {fault === null ? null : (
        <p className="field-note error" id={`${id}-note`}>
          {fault}
        </p>
      )}
    </div>
  );
}

const triedOf = (s: AppState): AppState["tried"] => s.tried;

/** Said when there is something new to say. */
function Verdict(): ReactNode {
  const tried = useSlow(triedOf, 500);
  const said = tried === null ? [] : sayTries(tried);
  return (
    <div className="tries-verdict" role="status" aria-live="polite">
      {said.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}
