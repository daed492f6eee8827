/** What a person can do about trying them all: begin, hold, open an arm; and the link that begins it elsewhere. */
import type { RunConfig } from "../../run/config.ts";
import { armsOf, TRY_FIELDS, type TryAsked, targetFault, triesApply, triesDefault } from "../../run/tries.ts";
import { decodeLink, encodeLink } from "../../share/link.ts";
import { routeHash } from "../route.ts";
import { requestArm, send } from "./client.ts";
import { noGivenWeights, openConfig } from "./links.ts";
import { openBytes } from "./saves.ts";
import { type AppState, getRun, notify, setRun } from "./store.ts";

/** The network's values, as the run has them now; without their id. */
function archNow({ state, config, draft }: AppState): { readonly config: RunConfig; readonly arch: object } {
  const { id: _, ...arch } = state?.arch ?? config?.model ?? draft.model;
  return { config: config ?? draft, arch };
}

/** What would be asked for: what the person set, else twice the size. */
export function askedNow(state: AppState): TryAsked {
  const { config, arch } = archNow(state);
  return state.tryAsked ?? triesDefault(config, arch as never);
}

export function setAsked(change: Partial<TryAsked>): void {
  setRun((state) => ({ tryAsked: { ...askedNow(state), ...change } }));
}

/** Null: it can begin. Else why not. */
export function triesFault(state: AppState): string | null {
  const { config, arch } = archNow(state);
  const able = triesApply(config.model.id);
  if (able !== true) return able;
  if (state.phase === "diverged") return "The network's loss is not a number. Go back to a good state first.";
  if (state.phase === "none" || state.phase === "loading" || state.phase === "compiling")
    return "The network is being prepared.";
  const asked = askedNow(state);
  const fault = targetFault(config, arch as never, asked);
  if (fault !== null) return fault;
  return state.clock.step === 0
    ? "Nothing has been trained yet: there is no source to grow from. Press Play first."
    : null;
}

/** Who takes part, before it begins. */
export function armsNow(state: AppState): ReturnType<typeof armsOf> {
  const { config, arch } = archNow(state);
  return triesApply(config.model.id) === true ? armsOf(config, arch as never, askedNow(state)) : [];
}

/** Begins from the run as it stands, which waits meanwhile. */
export function beginTries(): void {
  const state = getRun();
  if (triesFault(state) !== null) return;
  const asked = askedNow(state);
  setRun({ tried: null, playSoon: false, tryLink: null });
  send({ type: "try", asked });
}

export const holdTries = (what: "pause" | "resume" | "stop"): void => send({ type: "try-hold", what });

/** The button of the play page: there, and begun, unless there is one to look at. */
export function tryThemAll(): void {
  location.hash = routeHash.compare;
  if (getRun().tried === null) beginTries();
}

/** What a link asks for: the run of its config, trained to a step, then tried. */
export interface TryLink {
  readonly at: number;
  readonly asked: TryAsked;
  /** The person has said yes: it begins when the step is reached. */
  readonly armed: boolean;
}

const KEYS = { at: "at", width: "d", layers: "l", steps: "n", operator: "o", rate: "r" } as const;

export async function triesLink(): Promise<string> {
  const state = getRun();
  noGivenWeights(state.state);
  const { config } = archNow(state);
  const at = state.tried?.state.step ?? state.clock.step;
  const asked = state.tried?.state.asked ?? askedNow(state);
  const recipe = (state.state?.recipe ?? config.recipe).filter(
    ({ trigger }) => trigger.id !== "step" || Number(trigger.step) <= at,
  );
  const query = new URLSearchParams({ c: await encodeLink({ ...config, recipe }), [KEYS.at]: String(at) });
  for (const [name, value] of Object.entries(asked)) query.set(KEYS[name as keyof TryAsked], String(value));
  return `${routeHash.compare}?${query}`;
}

/** Opens the run that such a link names; false, with the reason told, where it is none. */
export async function openTriesLink(link: string, text: string): Promise<boolean> {
  const refuse = (message: string): false => {
    notify({ id: "link", tone: "bad", text: message, actions: [] });
    return false;
  };
  const opened = await decodeLink(link);
  if (!opened.ok) return refuse(opened.message);
  const query = new URLSearchParams(text);
  const number = (name: string): number => Number(query.get(name) ?? Number.NaN);
  const at = number(KEYS.at);
  if (!(Number.isInteger(at) && at >= 1))
    return refuse("This link was not opened: at is no number of steps.");
  const asked: Record<string, number> = {};
  for (const [name, field] of Object.entries(TRY_FIELDS)) {
    const value = number(KEYS[name as keyof TryAsked]);
    const { min, max, kind } = field;
    if (!(value >= min && value <= max) || (kind === "int" && !Number.isInteger(value))) {
      return refuse(
        `This link was not opened: ${field.label.toLowerCase()} is ${value}, allowed are ${min} to ${max}.`,
      );
    }
    asked[name] = value;
  }
  const able = triesApply(opened.config.model.id);
  if (able !== true) return refuse(`This link was not opened: ${able}`);
  openConfig(opened.config, "Opened link", null, { at, asked: asked as TryAsked, armed: false });
  return true;
}

/** The one button of an opened link. */
export function beginLinked(): void {
  const { tryLink, clock } = getRun();
  if (tryLink === null) return;
  setRun({ tryLink: { ...tryLink, armed: true }, tryAsked: tryLink.asked });
  if (clock.step < tryLink.at) send({ type: "step", count: tryLink.at - clock.step });
  else beginTries();
}

/** Called with each state of the run: the source that a link names is trained. */
export function beginWhenTrained(): void {
  const { tryLink, clock, phase } = getRun();
  if (tryLink?.armed !== true || clock.step < tryLink.at) return;
  if (phase === "paused" || phase === "ended") beginTries();
}

/** An arm that is done, opened as a run of its own; the run it was grown from is kept. */
export async function openArm(arm: string): Promise<void> {
  const { tried, baseName } = getRun();
  const label = tried?.state.arms.find(({ id }) => id === arm)?.label ?? arm;
  const bytes = await requestArm(arm);
  if (bytes === null || bytes.byteLength === 0) {
    notify({
      id: "open",
      tone: "warn",
      text: `${label} is no longer kept. Try them all again.`,
      actions: [],
    });
    return;
  }
  location.hash = routeHash.play;
  await openBytes(bytes, `${baseName || "Run"}, ${label}`);
}
