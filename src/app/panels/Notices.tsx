/**
 * The second line under the bar: one notice at a time, the most pressing first, with its action and Close. What follows
 * from the session (ended, diverged, device lost, refused) is derived here, the rest was put into the store.
 */
import type { ReactNode } from "react";
import { bytes, duration, fixed, whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { answer, continueSteps, goBack, playPause } from "../store/actions.ts";
import { catalog, find } from "../store/catalog.ts";
import { send } from "../store/client.ts";
import { operatorLearns } from "../store/operator.ts";
import { lastRow } from "../store/series.ts";
import { type AppState, closeNotice, type Notice, useRun } from "../store/store.ts";

/** All notices of this moment, the most pressing first. */
export function noticesOf(state: AppState): readonly Notice[] {
  const all: Notice[] = [];
  const { lost, ended, refusal, clock, evals, config, budgetSteps, said, state: run } = state;
  if (lost) {
    all.push({
      id: `lost:${lost.message}`,
      tone: lost.restored ? "warn" : "bad",
      text: lost.message,
      actions: [],
    });
  }
  const question = run?.question;
  if (question) {
    all.push({
      id: `question:${question.of}`,
      tone: "warn",
      text: question.text,
      actions: [
        { label: "Prune anyway", run: () => answer(question.of, "prune") },
        { label: question.grows ? "Keep growing" : "Train on", run: () => answer(question.of, "grow") },
        { label: "Stop", run: () => send({ type: "stop" }) },
      ],
    });
  }
  if (ended && (ended.reason === "diverged" || ended.reason === "failed")) {
    const lr = state.draft.optim.lr;
    all.push({
      id: `run:ended:${clock.step}`,
      tone: "bad",
      text: ended.message,
      actions:
        ended.reason === "failed" || run === null
          ? []
          : [
              { label: "Go back", run: () => goBack(false) },
              ...(typeof lr === "number"
                ? [{ label: "Go back with half the rate", run: () => goBack(true) }]
                : []),
            ],
    });
  }
  if (refusal && refusal.about !== "growth" && refusal.about !== "act") {
    all.push({ id: refusal.id, tone: "bad", text: refusal.message, actions: [] });
  }
  const put = [...state.notices].reverse();
  // What device this is was said once; whatever happens later is more pressing.
  all.push(...put.filter(({ id }) => id !== "software"));
  if (ended?.reason === "budget") {
    const last = lastRow(evals);
    const share = last?.accuracy ?? Number.NaN;
    const right = Number.isNaN(share) ? "" : `, ${fixed(100 * share, 1)} % right`;
    const judged = last ? ` Validation loss ${fixed(last.loss, 2)}${right}.` : "";
    const more = continueSteps(config, budgetSteps);
    // The schedule has run its course: what comes after it is trained at its last value.
    const rate = config !== null && config.schedule.id !== "constant" ? " at the schedule's last rate" : "";
    all.push({
      id: `run:ended:${clock.step}`,
      tone: "plain",
      text: `Done: ${whole(clock.step)} steps in ${duration(clock.seconds)}.${judged} Continue for ${whole(more)} more${rate}?`,
      actions: [{ label: "Continue", run: playPause }],
    });
  }
  for (const { id, text } of [...said].reverse()) all.push({ id, tone: "plain", text, actions: [] });
  all.push(...put.filter(({ id }) => id === "software"));
  return all.filter(({ id }) => !state.closed.has(id));
}

let cached: { readonly key: string; readonly notice: Notice | null } = { key: "", notice: null };

/** The same object while its words are the same: steps go by under a notice without redrawing it. */
function top(state: AppState): Notice | null {
  const notice = noticesOf(state)[0] ?? null;
  const key = notice === null ? "" : `${notice.id}\n${notice.text}\n${notice.actions.length}`;
  if (key !== cached.key) cached = { key, notice };
  return cached.notice;
}

export function Notices(): ReactNode {
  const notice = useRun(top);
  const message = useRun(progressLine);
  const learning = useRun(operatorLearns);
  const passing = useRun((s) => s.state !== null && s.view !== null) && !learning;
  const part = useRun((s) => (s.progress ? s.progress.done / Math.max(1, s.progress.total) : 0));
  return (
    <>
      {notice === null ? null : (
        <div className="notice" data-tone={notice.tone} role={notice.tone === "bad" ? "alert" : "status"}>
          <p>{notice.text}</p>
          {notice.actions.map((action) => (
            <button key={action.label} type="button" className="button small edged" onClick={action.run}>
              {action.label}
            </button>
          ))}
          <button
            type="button"
            className="icon-button"
            aria-label="Close the notice"
            onClick={() => closeNotice(notice.id)}
          >
            <Icon name="close" size={14} />
          </button>
        </div>
      )}
      {message === "" ? null : (
        <div className={`progress-line${passing ? " passing" : ""}`} role={learning ? undefined : "status"}>
          <span className="progress-part" style={{ transform: `scaleX(${part})` }} />
          {/* Step by step would be read out without end: that it learns is said once. */}
          {learning && (
            <span className="hidden" role="status">
              The operator is being trained through the larger network. It can be committed as it stands.
            </span>
          )}
          <p className="caption">{message}</p>
          {learning && (
            <button type="button" className="button small edged" onClick={() => send({ type: "commit" })}>
              Commit it now
            </button>
          )}
        </div>
      )}
    </>
  );
}

/** "Loading Moby-Dick, 468 kB." · "Preparing the GPU: 14 of 23 kernels. This happens once." */
function progressLine(state: AppState): string {
  const { progress, growing } = state;
  if (operatorLearns(state)) {
    const at = `step ${whole(progress!.done)} of ${whole(progress!.total)}`;
    return state.phase === "held"
      ? `The operator's training is paused at ${at}. Undo gives it up.`
      : `Training the operator through the larger network: ${at}.`;
  }
  if (growing) {
    const grows = (find(catalog.actions, growing.method)?.does ?? "grow") === "grow";
    return `${grows ? "Growing" : "Changing the network"} at the next step. Preparing ${growing.kernels} kernels.`;
  }
  if (progress === null) return "";
  if (progress.what === "kernels") {
    return `Preparing the GPU: ${progress.done} of ${progress.total} kernels. This happens once.`;
  }
  if (progress.what === "grow") return "";
  if (progress.what === "scan") {
    return progress.label === "scan" ? "Trying each matrix." : "Evaluating with layers off.";
  }
  const data = catalog.data.find((entry) => entry.id === progress.label);
  return data ? `Loading ${data.label}, ${bytes(data.bytes)}.` : "Reading your text.";
}
