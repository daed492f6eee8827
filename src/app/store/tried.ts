/**
 * "Try them all" as the page keeps it: where the arms stand, and the validation curve of each, counted from the source. An
 * operator's training is steps, FLOPs and seconds of its arm, so a curve begins where they end.
 */
import type { RunEvent } from "../../run/events.ts";
import { armIn, type TriesState } from "../../run/tries.ts";
import type { TryCurve } from "../../run/tries-result.ts";
import { append, emptySeries, rowAt, type Series } from "./series.ts";
import type { Session } from "./session.ts";

export interface Tried {
  readonly state: TriesState;
  /** By arm. */
  readonly curves: Readonly<Record<string, Series>>;
  /** Steps of each arm's operator, as its growth has told them. */
  readonly operators: Readonly<Record<string, number>>;
}

/** The first state of a comparison makes it; the page has forgotten the one before when it asked for this. */
export const told = (tried: Tried | null, state: TriesState): Tried =>
  tried === null ? { state, curves: {}, operators: {} } : { ...tried, state };

export function heardTries(session: Session, events: readonly RunEvent[]): Session {
  let { tried } = session;
  for (const event of events) {
    const arm = session.run === null ? null : armIn(session.run, event.run);
    if (arm !== null && tried !== null) tried = heard(tried, arm, event);
  }
  return tried === session.tried ? session : { ...session, tried };
}

function heard(tried: Tried, arm: string, event: RunEvent): Tried {
  if (event.type === "structure/done") {
    const steps = event.extra.operatorSteps ?? 0;
    return { ...tried, operators: { ...tried.operators, [arm]: steps } };
  }
  if (event.type !== "eval") return tried;
  const step = event.step - tried.state.step + (tried.operators[arm] ?? 0);
  const { tokens, flops, loss, wall: seconds, accuracy = Number.NaN } = event;
  const row = { step, tokens, flops, seconds, loss, accuracy };
  return { ...tried, curves: { ...tried.curves, [arm]: append(tried.curves[arm] ?? emptySeries(), [row]) } };
}

export const pointsOf = (series: Series | undefined): TryCurve["points"] =>
  series === undefined ? [] : Array.from({ length: series.length }, (_, i) => rowAt(series, i));

export const curvesOf = ({ state, curves }: Tried): readonly TryCurve[] =>
  state.arms.map(({ id, label }) => ({ id, label, points: pointsOf(curves[id]) }));

/** Kept with a run that was left while it was compared: what stood is shown, nothing goes on. */
export function asKept(tried: Tried | null, trimmed: (series: Series) => Series): Tried | null {
  if (tried === null) return null;
  const { state } = tried;
  const going = state.phase === "running" || state.phase === "paused";
  const arms = state.arms.map((arm) => ({
    ...arm,
    kept: false,
    phase: ["waiting", "growing", "training"].includes(arm.phase) ? ("stopped" as const) : arm.phase,
  }));
  return {
    ...tried,
    state: {
      ...state,
      arms,
      ...(going
        ? {
            phase: "stopped",
            message: "The page was left meanwhile. Started again, it comes to the same curves.",
          }
        : {}),
    },
    curves: Object.fromEntries(Object.entries(tried.curves).map(([id, series]) => [id, trimmed(series)])),
  };
}

/** Another one where there is more to keep of it. */
export const triedKey = (tried: Tried | null): string =>
  tried === null
    ? ""
    : `${tried.state.phase}${tried.state.step}${Object.values(tried.curves).map(({ length }) => length)}`;
