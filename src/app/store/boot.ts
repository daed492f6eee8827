/**
 * What happens without a press: the first run once the device is known, routes as the hash changes, a Play that was
 * pressed early, keeping the run in this browser, and controls that follow live settings back after an undo.
 */
import type { WorkerMessage } from "../../run/messages.ts";
import { presets } from "../../share/presets.ts";
import { parseRoute } from "../route.ts";
import { tellHidden } from "./actions.ts";
import { onMessage, send, startClient } from "./client.ts";
import { actsNow, withValue } from "./draft.ts";
import { openLink, openNow, openPreset, presetOf } from "./links.ts";
import { keepCurrent, refreshSaved } from "./saves.ts";
import { getRun, notify, setRun } from "./store.ts";

const DEFAULT_PRESET = "char-lstm";
/** A run is kept each minute of training, so that a closed tab costs at most that much. */
const KEEP_EVERY = 60_000;

export function boot(): void {
  onMessage(follow);
  window.addEventListener("hashchange", navigate);
  document.addEventListener("visibilitychange", visibility);
  setInterval(() => {
    if (getRun().phase === "running") void keepCurrent();
  }, KEEP_EVERY);
  void refreshSaved();
  startClient();
}

function navigate(): void {
  const route = parseRoute(location.hash);
  setRun({ route, doc: null });
  if (route.page === "play" && route.link !== null) void openLink(route.link);
}

function follow(message: WorkerMessage): void {
  switch (message.type) {
    case "ready":
      if (getRun().run === null) void first();
      break;
    case "state": {
      const { playSoon, phase } = getRun();
      if (playSoon && phase === "paused") {
        setRun({ playSoon: false });
        send({ type: "resume" });
      }
      if (phase === "paused" || phase === "ended") void keepCurrent();
      syncLive();
      break;
    }
    default:
  }
}

/** What a link names, else the preset that suits the device. */
async function first(): Promise<void> {
  const { route, device } = getRun();
  if (route.page === "play" && route.link !== null) {
    if (await openLink(route.link)) {
      if (device?.software) tellSoftware(false);
      return;
    }
  }
  const software = device?.software ?? false;
  const preset = presetOf(software ? `${DEFAULT_PRESET}-tiny` : DEFAULT_PRESET) ?? presets[0];
  if (preset) openNow(preset.config, preset.title, preset.id);
  if (software) tellSoftware(true);
}

function tellSoftware(tinyChosen: boolean): void {
  const chosen = tinyChosen ? " A tiny preset was chosen for it." : "";
  notify({
    id: "software",
    tone: "warn",
    text: `No GPU found, so this runs on the processor, about 100 times slower.${chosen}`,
    actions: [
      ...(tinyChosen
        ? []
        : [
            {
              label: "Use a tiny preset",
              run: () => openPreset(tinyOf(getRun().preset) ?? `${DEFAULT_PRESET}-tiny`),
            },
          ]),
      { label: "Why?", run: () => setRun({ help: true }) },
    ],
  });
}

function tinyOf(preset: string | null): string | null {
  if (preset === null) return null;
  return presetOf(preset.endsWith("-tiny") ? preset : `${preset}-tiny`)?.id ?? null;
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

let hiddenAt: number | null = null;

function visibility(): void {
  const { phase, clock } = getRun();
  if (document.hidden) {
    hiddenAt = phase === "running" ? clock.step : null;
    return;
  }
  if (hiddenAt !== null) tellHidden(clock.step - hiddenAt);
  hiddenAt = null;
}
