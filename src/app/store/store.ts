/**
 * All state of the page in one store of three slices: the session (folded from the worker's messages), the draft (what
 * the controls say the next run is) and the desk (what is pinned, folded, open). Panels subscribe to the least they
 * draw; what happens is in `actions.ts`, so this file holds values only.
 */
import { createContext, useContext, useEffect, useState } from "react";
import { createStore, type StoreApi, useStore } from "zustand";
import { checkConfig } from "../../run/check.ts";
import type { RunConfig } from "../../run/config.ts";
import type { TryAsked } from "../../run/tries.ts";
import { parseRoute, type Route } from "../route.ts";
import type { KeptCurve } from "./behind.ts";
import type { Beside, BesideLink } from "./pair.ts";
import type { Told } from "./previews.ts";
import type { Scene } from "./scene.ts";
import type { Axis } from "./series.ts";
import { emptySession, type Session } from "./session.ts";
import type { SavedRun } from "./storage.ts";
import type { TryLink } from "./tries.ts";

export interface Draft {
  /** What the controls show. */
  readonly draft: RunConfig;
  /** What "changed" and "back to" refer to: the preset, or the link that was opened. */
  readonly base: RunConfig;
  readonly baseName: string;
  readonly preset: string | null;
  /** A config names a text, or images, that are not in this browser: the drop zone asks for them. */
  readonly missingText: {
    readonly kind: "text" | "images";
    readonly name: string;
    readonly sha256: string;
    /** What was to be done with it. */
    readonly retry: () => void;
  } | null;
}

export interface Notice {
  /** The same id is not shown again once closed. */
  readonly id: string;
  readonly tone: "plain" | "warn" | "bad";
  readonly text: string;
  readonly actions: readonly { readonly label: string; readonly run: () => void }[];
}

export type Dialog =
  | { readonly kind: "reset" }
  | {
      readonly kind: "replace";
      readonly title: string;
      readonly config: RunConfig;
      readonly preset: string | null;
      readonly tryLink: TryLink | null;
    };

export interface Desk {
  readonly route: Route;
  /** Part id of the stage that the rail speaks of. */
  readonly pinned: string | null;
  readonly hover: string | null;
  /** What the surgeon's table is open on, as a popover at the part. */
  readonly surgery: string | null;
  /** Mark whose record the rail shows. */
  readonly openMark: string | null;
  /** The growth that is shown side by side on the stage: see scene.ts. */
  readonly scene: Scene | null;
  /** Step under the linked cursor of all charts; null while no pointer or key is on one. */
  readonly cursor: number | null;
  readonly axis: Axis;
  readonly logY: boolean;
  readonly smoothing: number;
  readonly yardsticks: boolean;
  readonly table: boolean;
  /** Curves of earlier runs, to stand behind this one's. */
  readonly kept: readonly KeptCurve[];
  /** The sentence of the field that is wrong, while it is in sight. */
  readonly faultInSight: string | null;
  readonly controlsFolded: boolean;
  readonly railFolded: boolean;
  readonly projector: boolean;
  /** The stage shows units and edges, where the network is small enough. */
  readonly graph: boolean;
  /** The bridging gradient past the pinned layer is shown. */
  readonly bridgeOn: boolean;
  readonly keysOn: boolean;
  readonly help: boolean;
  readonly dialog: Dialog | null;
  /** Methods page opened as a drawer. */
  readonly doc: string | null;
  readonly notices: readonly Notice[];
  readonly closed: ReadonlySet<string>;
  /** Play was pressed before the run could begin. */
  readonly playSoon: boolean;
  readonly copied: boolean;
  /** What the network is asked to write while it trains. */
  readonly sampling: { readonly prompt: string; readonly temperature: number; readonly length: number };
  /** The image that is looked at: one of the validation part by its number, or one's own, a byte a pixel. */
  readonly picture: number | Uint8Array;
  readonly saved: readonly SavedRun[];
  /** The lens is open, on the mean maps of this layer. */
  readonly lensOn: boolean;
  readonly lensLayer: number;
  /** Of an operator in training, the matrix that is seen beside FPI's; null: the map that widens the trunk. */
  readonly besideFpi: string | null;
  /** Nodes of the present run that are kept in this browser. */
  readonly keptNodes: ReadonlySet<string>;
  /** What is asked of the next comparison; null: twice the size of the network there is. */
  readonly tryAsked: TryAsked | null;
  /** A link that names a comparison was opened, and it has not begun. */
  readonly tryLink: TryLink | null;
  /** A run and the LSTM it is compared with, the one last begun. */
  readonly pair: Beside | null;
  readonly besideLink: BesideLink | null;
  /** Predictions of actions, of the network as it stood at `place`: see previews.ts. */
  readonly told: { readonly place: string; readonly of: Readonly<Record<string, Told>> };
}

export type AppState = Session & Draft & Desk;

const KEYS_ON = "espalier.keys";

/** The first config is only what the controls show until the worker has said what device there is. */
function initialDraft(): Draft {
  const checked = checkConfig({});
  if (!checked.ok) throw new Error(checked.message);
  return { draft: checked.config, base: checked.config, baseName: "", preset: null, missingText: null };
}

function initialDesk(): Desk {
  const inPage = typeof location !== "undefined";
  return {
    route: inPage ? parseRoute(location.hash) : { page: "play", link: null },
    pinned: null,
    hover: null,
    surgery: null,
    openMark: null,
    scene: null,
    cursor: null,
    axis: "step",
    logY: true,
    smoothing: 0.9,
    yardsticks: false,
    table: false,
    kept: [],
    faultInSight: null,
    controlsFolded: false,
    railFolded: false,
    projector: false,
    graph: false,
    bridgeOn: false,
    keysOn: !inPage || localStorage.getItem(KEYS_ON) !== "off",
    help: false,
    dialog: null,
    doc: null,
    notices: [],
    closed: new Set(),
    playSoon: false,
    copied: false,
    sampling: { prompt: "the ", temperature: 0.7, length: 120 },
    picture: 0,
    saved: [],
    lensOn: false,
    lensLayer: 0,
    besideFpi: null,
    keptNodes: new Set(),
    tryAsked: null,
    tryLink: null,
    pair: null,
    besideLink: null,
    told: { place: "", of: {} },
  };
}

export const runStore = createStore<AppState>()(() => ({
  ...emptySession(),
  ...initialDraft(),
  ...initialDesk(),
}));

export const getRun = runStore.getState;
export const setRun = runStore.setState;

/** The state as a place of the page sees it: the store itself, or its follower (later.ts). */
export const StateHere = createContext<StoreApi<AppState>>(runStore);

/** What a component draws of the state. The selector's result is stable while nothing changed. */
export function useRun<T>(selector: (state: AppState) => T): T {
  return useStore(useContext(StateHere), selector);
}

export function setKeysOn(on: boolean): void {
  localStorage.setItem(KEYS_ON, on ? "on" : "off");
  setRun({ keysOn: on });
}

/**
 * Like `useRun`, at most four times a second: for what every step changes (charts, readouts). The selector must be a
 * module-level function or memoised, and its result stable while nothing changed.
 */
export function useSlow<T>(selector: (state: AppState) => T, every = 250): T {
  const [value, setValue] = useState(() => selector(getRun()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const take = (): void => {
      timer = undefined;
      last = performance.now();
      setValue(() => selector(getRun()));
    };
    take();
    const stop = runStore.subscribe(() => {
      timer ??= setTimeout(take, Math.max(0, last + every - performance.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [selector, every]);
  return value;
}

/** A notice under the run bar. The same id replaces itself, and comes back although it was closed before. */
export function notify(notice: Notice): void {
  setRun(({ notices, closed }) => ({
    notices: [...notices.filter(({ id }) => id !== notice.id), notice],
    closed: new Set([...closed].filter((id) => id !== notice.id)),
  }));
}

export function closeNotice(id: string): void {
  setRun(({ notices, closed }) => ({
    notices: notices.filter((notice) => notice.id !== id),
    closed: new Set([...closed, id]),
  }));
}
