/**
 * Links and presets: what opens a config. Opening never replaces a run that is on without asking, and a link that
 * cannot be opened changes nothing but says why.
 */
import type { RunConfig } from "../../run/config.ts";
import type { RunState } from "../../run/messages.ts";
import { decodeLink, encodeLink } from "../../share/link.ts";
import { presets } from "../../share/presets.ts";
import { runIsOn, startRun } from "./actions.ts";
import { changes } from "./draft.ts";
import { besideAddress } from "./pair.ts";
import { getRun, notify, setRun } from "./store.ts";
import type { TryLink } from "./tries.ts";

export const DEFAULT_PRESET = "char-lstm";

const COPIED_FOR = 2000;

export function presetOf(id: string | null): (typeof presets)[number] | null {
  return presets.find((preset) => preset.id === id) ?? null;
}

/** Asks when something has been trained; else opens at once. */
export function openConfig(
  config: RunConfig,
  title: string,
  preset: string | null,
  tryLink: TryLink | null = null,
): void {
  if (runIsOn()) setRun({ dialog: { kind: "replace", title, config, preset, tryLink } });
  else openNow(config, title, preset, tryLink);
}

export function openNow(
  config: RunConfig,
  title: string,
  preset: string | null,
  tryLink: TryLink | null = null,
): void {
  const asked = tryLink?.asked ?? null;
  setRun({ draft: config, base: config, baseName: title, preset, dialog: null, tryLink, tryAsked: asked });
  void startRun(config);
  // What it says of the run on the page must stay true for the next one.
  if (getRun().notices.some(({ id }) => id === SOFTWARE)) tellSoftware(false);
}

const SOFTWARE = "software";

/** A network and a batch of the size that a processor can train while you watch. */
function isTiny(config: RunConfig): boolean {
  const size = ({ model, batch, context }: RunConfig): string => JSON.stringify([model, batch, context]);
  return presets.some((preset) => preset.tiny && size(preset.config) === size(config));
}

/** `chosen`: a tiny preset was taken because of the device. */
export function tellSoftware(chosen: boolean): void {
  const { base, preset } = getRun();
  const small = presetOf(`${preset?.replace(/-tiny$/, "")}-tiny`) ?? presetOf(`${DEFAULT_PRESET}-tiny`);
  notify({
    id: SOFTWARE,
    tone: "warn",
    text: `No GPU found, so this runs on the processor, about 100 times slower.${chosen ? " A tiny preset was chosen for it." : ""}`,
    actions: [
      ...(small === null || isTiny(base)
        ? []
        : [{ label: "Use a tiny preset", run: () => openPreset(small.id) }]),
      { label: "Why?", run: () => setRun({ help: true }) },
    ],
  });
}

export function openPreset(id: string): void {
  const preset = presetOf(id);
  if (preset) openConfig(preset.config, preset.title, preset.id);
}

/** A preset as it is, named so; any other config is a link. */
export async function openLink(text: string): Promise<boolean> {
  const opened = await decodeLink(text);
  if (!opened.ok) {
    notify({ id: "link", tone: "bad", text: opened.message, actions: [] });
    return false;
  }
  const same = presets.find((preset) => changes(preset.config, opened.config).length === 0);
  openConfig(opened.config, same?.title ?? "Opened link", same?.id ?? null);
  return true;
}

/**
 * The run as it is: its config with everything done by hand, or the controls' config before there is a run. Of two that are
 * compared, both.
 */
export async function currentLink(): Promise<string> {
  const { config, state, draft } = getRun();
  const base = config ?? draft;
  noGivenWeights(state);
  const both = await besideAddress(getRun());
  if (both !== null) return both;
  return encodeLink(state === null ? base : { ...base, recipe: state.recipe });
}

/** Throws one sentence where the run began with weights that no link carries. */
export function noGivenWeights(state: RunState | null): void {
  if (state?.given == null) return;
  throw new Error(
    `This run began with the weights of ${state.given}, which no link carries. Save it to a file instead.`,
  );
}

/** The run up to a step of its present line: what was done by hand later is left out. */
async function linkTo(step: number | null): Promise<string> {
  if (step === null) return currentLink();
  const { config, state } = getRun();
  if (config === null || state === null) return currentLink();
  noGivenWeights(state);
  const recipe = state.recipe.filter(({ trigger }) => trigger.id !== "step" || Number(trigger.step) < step);
  return encodeLink({ ...config, recipe });
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Into the address bar and the clipboard. */
export const copyLink = (): Promise<void> => copyLinkTo(null);

/** Of the place that is open, `#/…`, which carries more than the run. */
export const copyRoute = (made: () => Promise<string>): Promise<void> => copied(made, "");

export const copyLinkTo = (step: number | null): Promise<void> => copied(() => linkTo(step), "#");

async function copied(made: () => Promise<string>, before: string): Promise<void> {
  let link: string;
  try {
    link = await made();
  } catch (error) {
    notify({
      id: "copy",
      tone: "bad",
      text: error instanceof Error ? error.message : String(error),
      actions: [],
    });
    return;
  }
  // Not a navigation: the page already shows this run.
  history.replaceState(null, "", `${before}${link}`);
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    notify({
      id: "copy",
      tone: "warn",
      text: "The clipboard is closed to this page. The link stands in the address bar.",
      actions: [],
    });
    return;
  }
  clearTimeout(timer);
  setRun({ copied: true });
  timer = setTimeout(() => setRun({ copied: false }), COPIED_FOR);
}
