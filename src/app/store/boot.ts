/**
 * What happens without a press: the first run once the device is known, routes as the hash changes, a Play that was
 * pressed early, keeping the run in this browser, and controls that follow live settings back after an undo.
 */
import type { WorkerMessage } from "../../run/messages.ts";
import { presets } from "../../share/presets.ts";
import { parseRoute } from "../route.ts";
import { tellHidden } from "./actions.ts";
import { lstmWhenTrained, openPlay } from "./beside.ts";
import { lookNow, onMessage, send, startClient } from "./client.ts";
import { actsNow, withValue } from "./draft.ts";
import { DEFAULT_PRESET, openNow, presetOf, tellSoftware } from "./links.ts";
import { keepCurrent, keepNodes, openHere, refreshSaved, restorePage } from "./saves.ts";
import { passScene } from "./scene.ts";
import { type AppState, getRun, runStore, setRun } from "./store.ts";
import { beginWhenTrained, openTriesLink } from "./tries.ts";
import { watchNow } from "./watching.ts";
import { tellWindows } from "./windows.ts";

/** A run is kept each minute of training, so that a closed tab costs at most that much. */
const KEEP_EVERY = 60_000;

export function boot(): void {
  onMessage(follow);
  window.addEventListener("hashchange", navigate);
  document.addEventListener("visibilitychange", visibility);
  setInterval(() => {
    if (getRun().phase === "running") void keepCurrent(true);
  }, KEEP_EVERY);
  setInterval(sampleIfDue, 500);
  runStore.subscribe(lookWhereAsked);
  void refreshSaved();
  tellWindows();
  startClient();
}

function navigate(): void {
  const route = parseRoute(location.hash);
  setRun({ route, doc: null });
  if (route.page === "play" && route.link !== null) void openPlay(route);
  if (route.page === "compare" && route.link !== null) void openTriesLink(route.link, route.query);
}

function follow(message: WorkerMessage): void {
  switch (message.type) {
    case "ready":
      if (getRun().run === null) void first();
      break;
    case "events":
      showGrowth();
      sampleCame(message);
      break;
    case "state": {
      restorePage(message.state);
      focusPlay();
      const { playSoon, phase } = getRun();
      if (playSoon && phase === "paused") {
        setRun({ playSoon: false });
        send({ type: "resume" });
      }
      if (phase === "paused" || phase === "ended") void keepCurrent(true);
      if (phase === "paused" || phase === "ended" || phase === "running") void keepNodes();
      if (phase === "ended") setTimeout(sampleNow, SETTLED);
      syncLive();
      beginWhenTrained();
      lstmWhenTrained();
      break;
    }
    case "tries":
      if (message.tries.phase === "done" || message.tries.phase === "stopped") void keepCurrent();
      break;
    default:
  }
}

let focused = false;

/** A first visit needs one press, and this is it; whoever has begun to do something keeps their place. */
function focusPlay(): void {
  if (focused || getRun().phase !== "paused") return;
  focused = true;
  if (document.activeElement === document.body) document.querySelector<HTMLElement>("#play")?.focus();
}

/** What a link names, else the preset that suits the device. */
async function first(): Promise<void> {
  const { route, device } = getRun();
  if (await openHere()) {
    if (device?.software) tellSoftware(false);
    return;
  }
  if ((route.page === "play" || route.page === "compare") && route.link !== null) {
    if (await (route.page === "play" ? openPlay(route) : openTriesLink(route.link, route.query))) {
      if (device?.software) tellSoftware(false);
      return;
    }
  }
  const software = device?.software ?? false;
  const preset = presetOf(software ? `${DEFAULT_PRESET}-tiny` : DEFAULT_PRESET) ?? presets[0];
  if (preset) openNow(preset.config, preset.title, preset.id);
  if (software) tellSoftware(true);
}

/** After an undo the live settings are those of that time: the controls show what the run has. */
function syncLive(): void {
  const { config, state, draft, live } = getRun();
  if (config === null || state === null) return;
  let next = draft;
  const seen: Record<string, number> = {};
  for (const { trigger, action } of state.recipe) {
    if (action.id !== "edit" || trigger.id !== "step" || Number(trigger.step) > state.step) continue;
    seen[String(action.path)] = Number(action.value);
  }
  for (const path of Object.keys(live)) {
    if (!actsNow(path, draft, config)) continue;
    const [group, key] = path.split(".") as ["optim" | "model", string];
    const began = config[group][key];
    const now = seen[path] ?? (typeof began === "number" ? began : undefined);
    // Only a change that the run has lost is taken back; one on its way is not yet in the recipe.
    if (now !== undefined && live[path] !== now && draft[group][key] === live[path]) {
      next = withValue(next, path, now);
    }
  }
  if (next !== draft) setRun({ draft: next });
}

/** Mark whose record came by itself: the next growth may take its place. */
let shown: string | null = null;

/** A growth brings its record into the rail, unless the person looks at something else there. */
function showGrowth(): void {
  const { marks, openMark, pinned, source } = getRun();
  const last = marks[marks.length - 1];
  if (last === undefined || last.done === null || last.id === shown) return;
  // Dropping changes no part: what it does is seen layer by layer, where the rail rests.
  if (last.done.kind === "drop") return;
  if (pinned === null && (openMark === null || openMark === shown)) {
    setRun({ openMark: last.id });
    // Of a run that was opened the growth is past: nothing of it was seen here.
    if (source?.mark === last.id) passScene(last.id);
  }
  shown = last.id;
  // The newborn parts are seen now, and not when the next look is due: on a slow device that is seconds away.
  lookNow();
}

/** Milliseconds between two lines written on their own. */
const SAMPLE_EVERY = 4000;
/** An answer that does not come within this is not waited for any longer. */
const SAMPLE_PATIENCE = 30_000;

/** The last events of a run may come a moment after the state that says it ended. */
const SETTLED = 300;

let asked = { run: "", step: -1, at: Number.NEGATIVE_INFINITY, took: 0, waiting: false };

/**
 * While it trains, the network writes a line every few seconds, at most a fifth of the time. Asked for from here and not
 * by the trainer: what falls due by the clock must not stand in an event stream that a second run is to repeat.
 */
function sampleIfDue(): void {
  const { phase, clock } = getRun();
  if (phase !== "running" || document.hidden || clock.step === 0) return;
  const since = performance.now() - asked.at;
  if (asked.waiting && since > SAMPLE_PATIENCE) asked = { ...asked, waiting: false };
  if (since > Math.max(SAMPLE_EVERY, 5 * asked.took)) sampleNow();
}

function sampleNow(): void {
  const { run, clock, sampling, state } = getRun();
  // What tells images apart writes nothing.
  if (state?.anatomy.root !== "text") return;
  if (asked.run !== run) asked = { ...asked, waiting: false };
  if (run === null || asked.waiting || (asked.run === run && asked.step === clock.step)) return;
  asked = { run, step: clock.step, at: performance.now(), took: asked.took, waiting: true };
  send({ type: "sample", ...sampling });
}

/** Any sample is an answer: how long it took decides when the next one is asked for. */
function sampleCame(message: WorkerMessage): void {
  if (message.type !== "events" || !message.events.some((event) => event.type === "sample")) return;
  if (asked.waiting) asked = { ...asked, took: performance.now() - asked.at, waiting: false };
}

function lookWhereAsked(state: AppState, before: AppState): void {
  if (state.run === null) return;
  const elsewhere =
    state.picture !== before.picture || state.graph !== before.graph || state.bridgeOn !== before.bridgeOn;
  const other = state.pinned !== before.pinned || state.run !== before.run;
  const asked = state.pinned !== null || before.pinned !== null || state.picture !== 0 || state.graph;
  if (elsewhere || (other && asked)) lookNow();
  if (state.run !== before.run || state.route !== before.route) watchNow();
}

let hiddenAt: number | null = null;

function visibility(): void {
  const { phase, clock } = getRun();
  watchNow();
  if (document.hidden) {
    // A tab that is left may not come back.
    void keepCurrent(true);
    hiddenAt = phase === "running" ? clock.step : null;
    return;
  }
  if (hiddenAt !== null) tellHidden(clock.step - hiddenAt);
  hiddenAt = null;
}
