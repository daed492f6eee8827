/**
 * The run on the page beside an LSTM of as many parameters (run/equal-lstm.ts): begin it, go back and forth between the two,
 * say what came of it, and the link that does the same elsewhere. The two are runs like any others, kept as such; what
 * stands here is that they belong together. The curve of the one that is not on the page lies over the other's.
 */
import type { RunConfig } from "../../run/config.ts";
import { type EqualLstm, equalApplies, equalLstm, equalName, equalResult } from "../../run/equal-lstm.ts";
import { decodeLink } from "../../share/link.ts";
import { compact, count, fixed, loss, whole } from "../format.ts";
import type { Route } from "../route.ts";
import { startRun } from "./actions.ts";
import { keepAgainst } from "./behind.ts";
import { catalog, labelOf } from "./catalog.ts";
import { send } from "./client.ts";
import { openConfig, openLink } from "./links.ts";
import { type BesideLink, besideNow } from "./pair.ts";
import { openSaved } from "./saves.ts";
import { type AppState, getRun, notify, setRun } from "./store.ts";
import { pointsOf } from "./tried.ts";

/** The LSTM of so many layers, or why not. */
export function equalNow(state: AppState, layers: number): EqualLstm | string {
  const { config, state: now, vocab, phase } = state;
  if (config === null || now === null || vocab < 2) return "The network is being prepared.";
  if (phase === "diverged") return "The network's loss is not a number. Go back to a good state first.";
  if (now.given != null) {
    return `This run began with the weights of ${now.given}; an LSTM from a seed would be no fair comparison.`;
  }
  return equalLstm({ config, recipe: now.recipe, arch: now.arch, active: now.active, vocab }, layers);
}

export const equalWords = (lstm: EqualLstm, active: number): string =>
  `${equalName(lstm)}: ${whole(lstm.params)} parameters against ${whole(active)}.`;

/** The network of a config in its own words: "LSTM of 57 cells". */
function nameOf({ model }: RunConfig): string {
  const cells = (model.blocks as readonly number[]).reduce((sum, n) => sum + n, 0);
  return equalName({ cells, layers: Number(model.layers) });
}

/** "H-LSTM", "LSTM in 3 blocks"; of a preset its title. */
export function firstName({ preset, baseName, config, state }: AppState): string {
  const blocks = ((state?.arch ?? config?.model)?.blocks as readonly number[] | undefined) ?? [];
  const id = config?.model.id ?? "";
  if (preset !== null && baseName !== "") return baseName;
  return `${labelOf(catalog.models, id)}${id === "lstm" ? ` in ${count(blocks.length, "block")}` : ""}`;
}

/** Begins the LSTM from step 0 with the curve of the present run over it, which is kept. */
export async function compareWithLstm(layers: number): Promise<void> {
  const state = getRun();
  const lstm = equalNow(state, layers);
  if (typeof lstm === "string" || state.state === null) return;
  await begin(lstm.config, equalWords(lstm, state.state.active));
}

async function begin(config: RunConfig, words: string): Promise<void> {
  const page = getRun();
  const { run, baseName, state, config: own, draft, base, preset } = page;
  if (run === null || state === null || own === null) return;
  const first = { run, name: firstName(page), config: { ...own, recipe: state.recipe } };
  const name = nameOf(config);
  keepAgainst(first.name);
  setRun({ draft: config, base: config, baseName: name, preset: null, besideLink: null });
  await startRun(config, true);
  const begun = getRun().run;
  // A text of one's own that is not in this browser: it has been asked for, and the run is the one there was.
  if (begun === run || begun === null) setRun({ draft, base, baseName, preset });
  else setRun({ pair: { first, lstm: { run: begun, name, config }, words } });
}

/** To the other one, as it was left; this one's curve lies over it. */
export async function swapBeside(): Promise<void> {
  const state = getRun();
  const pair = besideNow(state);
  if (pair === null) return;
  const saved = state.saved.find(({ run }) => run === pair.other.run);
  if (saved === undefined) {
    const text = `${pair.other.name} is not kept in this browser.`;
    return notify({ id: "beside", tone: "warn", text, actions: [] });
  }
  keepAgainst(pair.mine.name);
  await openSaved(saved);
}

/** What came of it so far, in sentences; [] while there is nothing to say. */
export function sayBeside(state: Pick<AppState, "pair" | "run" | "kept" | "evals">): readonly string[] {
  const pair = besideNow(state);
  const over = pair && state.kept.find(({ run, over }) => over && run === pair.other.run);
  if (!pair || !over) return [];
  const result = equalResult(
    { name: pair.mine.name, points: pointsOf(state.evals) },
    { name: pair.other.name, points: pointsOf(over.evals) },
  );
  if (result === null) return ["No evaluation in common yet."];
  const names = [pair.mine.name, pair.other.name] as const;
  const { step, losses, lower, since, flops } = result;
  const said = `At step ${whole(step)}: ${names[0]} ${loss(losses[0])}, ${names[1]} ${loss(losses[1])}.`;
  const other = lower === 0 ? 1 : 0;
  return [
    said,
    lower === null
      ? "A tie: less than one evaluation apart."
      : `${names[lower]} is lower by ${fixed(Math.abs(losses[0] - losses[1]), 3)}; at step ${whole(since)} it was where ${names[other]} is now.`,
    `To there it took ${compact(flops[0])} FLOPs, ${names[1]} ${compact(flops[1])}. One seed is one seed.`,
  ];
}

/** What the address names; false, with the reason told, where that is no run. */
export async function openPlay(route: Extract<Route, { page: "play" }>): Promise<boolean> {
  if (route.link === null) return false;
  if (route.beside === undefined) return openLink(route.link);
  const [first, lstm] = await Promise.all([decodeLink(route.link), decodeLink(route.beside)]);
  const refuse = (text: string): false => {
    notify({ id: "link", tone: "bad", text, actions: [] });
    return false;
  };
  if (!first.ok) return refuse(first.message);
  if (!lstm.ok)
    return refuse(lstm.message.replace("was not opened:", "was not opened, for what it compares with:"));
  const fault = besideFault(first.config, lstm.config);
  if (fault !== null) return refuse(`This link was not opened: ${fault}.`);
  setRun({ besideLink: { first: first.config, lstm: lstm.config, armed: false } });
  openConfig(first.config, "Opened link", null);
  return true;
}

function besideFault(first: RunConfig, lstm: RunConfig): string | null {
  if (!equalApplies(first.model.id)) return `model.id is "${first.model.id}", which no LSTM is compared with`;
  if (lstm.model.id !== "lstm") return `what it compares with is "${lstm.model.id}", allowed is "lstm"`;
  const apart = (["data", "seed", "batch", "context"] as const).find(
    (key) => JSON.stringify(first[key]) !== JSON.stringify(lstm[key]),
  );
  return apart === undefined ? null : `its two runs have another ${apart}, so that their losses say nothing`;
}

/** The link that the run on the page came by, as long as its LSTM has not begun. */
export const linkedBeside = ({ besideLink: link, base }: AppState): BesideLink | null =>
  link !== null && link.first === base ? link : null;

export const sayLinked = ({ lstm }: BesideLink): string => nameOf(lstm);

/** The one button of an opened link: trains what is on the page to its end, then the LSTM. */
export function beginLinkedBeside(): void {
  const link = linkedBeside(getRun());
  if (link === null) return;
  const { phase } = getRun();
  setRun({ besideLink: { ...link, armed: true } });
  if (phase === "paused") send({ type: "resume" });
  else if (phase === "loading" || phase === "compiling") setRun({ playSoon: true });
  else lstmWhenTrained();
}

/** Called with each state of the run. */
export function lstmWhenTrained(): void {
  const state = getRun();
  const link = linkedBeside(state);
  if (link?.armed !== true || state.phase !== "ended" || state.state === null) return;
  // Once: the next state may come before the LSTM is there.
  setRun({ besideLink: null });
  const layers = Number(link.lstm.model.layers);
  const now = equalNow(state, layers);
  const counted = typeof now === "string" ? null : now;
  const same = counted !== null && nameOf(counted.config) === nameOf(link.lstm);
  void begin(link.lstm, same ? equalWords(counted, state.state.active) : `${nameOf(link.lstm)}.`);
}

/** Not of an LSTM that is as it began: it would be held against itself. One of the two that are compared is offered the other. */
export const besideOffered = (state: AppState): boolean => {
  const { config, draft, state: now } = state;
  if (!equalApplies(config?.model.id ?? draft.model.id)) return false;
  if (besideNow(state) !== null || linkedBeside(state) !== null) return true;
  const { id, layers, blocks } = now?.arch ?? config?.model ?? draft.model;
  const plain = id === "lstm" && layers === 1 && Array.isArray(blocks) && blocks.length === 1;
  return !plain || (now !== null && now.active < now.params);
};
