/**
 * What the page knows about the run in the worker: everything in it is folded from WorkerMessages by `reduce.ts`, so a
 * recorded list of messages brings back the same page. Nothing here is set by a control.
 */
import type { RunConfig } from "../../run/config.ts";
import type { RunEvent, StructureKind, StructurePreview } from "../../run/events.ts";
import type { TilesState } from "../../run/kernels.ts";
import type {
  BlocksOff,
  FitPoint,
  FitView,
  Lens,
  RunCommand,
  RunState,
  RunView,
  SensitivityCurve,
  WorkerMessage,
} from "../../run/messages.ts";
import type { DropStep } from "./drop-figures.ts";
import type { LensPoint } from "./lens-figures.ts";
import { type Clock, emptySeries, type Series } from "./series.ts";
import type { Tried } from "./tried.ts";

export type { Clock } from "./series.ts";

export type StructureDone = Extract<RunEvent, { type: "structure/done" }>;

/** How an event of this kind is marked: what makes the network larger, what takes away, what does neither. */
export function markOf(does: StructureKind): "growth" | "cut" | "change" {
  if (does === "grow" || does === "insert") return "growth";
  return does === "swap" || does === "freeze" || does === "drop" ? "change" : "cut";
}

/** Of an action that did not happen: refused, or given up while its operator was being trained. */
export const refusedMark = ({ givenUp, message }: Extract<RunEvent, { type: "structure/refused" }>) =>
  ({ kind: givenUp ? "given-up" : "refused", label: message }) as const;

/** A thing that happened, drawn on a dotted line through all rows of the score. */
export interface Mark {
  /** `run:seq` of its event. */
  readonly id: string;
  readonly kind:
    | "growth"
    | "cut"
    | "change"
    | "undo"
    | "redo"
    | "edit"
    | "refused"
    | "given-up"
    | "diverged"
    | "stopped";
  readonly clock: Clock;
  /** Node of the history it made; null when it made none. */
  readonly node: string | null;
  /** Short, for the lane: "+64 cells, loss 1.93 → 1.93". */
  readonly label: string;
  readonly done: StructureDone | null;
  /** Tiers before the event, and those that were not there before: filled by the next state. Null while not known. */
  readonly tiersBefore: readonly string[] | null;
  readonly born: readonly { readonly id: string; readonly name: string }[] | null;
  /** Tier id → name, right after. */
  readonly tierNames: Readonly<Record<string, string>>;
  /** What was predicted of it when it was asked for; null when nobody had asked. */
  readonly predicted: StructurePreview | null;
  /** Of a growth by a trained operator: how it stood when it was committed, as far as it was watched. */
  readonly fit?: Fit;
}

/** A structural action that was asked for by hand and has not been answered. */
export interface Asked {
  readonly method: string;
  readonly predicted: StructurePreview | null;
}

/** Weights after a structural event: the staircase. */
export interface Size {
  readonly clock: Clock;
  readonly params: number;
  readonly active: number;
  /** Id of the mark whose event made it so; null for the size at the start. */
  readonly by: string | null;
}

/** A part of the run that is no longer on its line: undone, or left for another branch. */
export interface Branch {
  /** Unique within the session. */
  readonly id: string;
  /** Node the line led from when it was left. */
  readonly node: string;
  readonly label: string;
  /** Branch it leaves from; null: the line of the run. */
  readonly parent: string | null;
  readonly joinStep: number;
  readonly endStep: number;
  readonly train: Series;
  readonly evals: Series;
  readonly marks: readonly Mark[];
  readonly sizes: readonly Size[];
  /** Nothing has been trained since it was left: drawn dashed, ahead of *now*. */
  readonly ahead: boolean;
}

export interface Sample {
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
  readonly temperature: number;
}

export interface Gauge {
  readonly trigger: string;
  readonly label: string;
  readonly limit: number;
  /** At most 120, oldest first. */
  readonly points: readonly { readonly step: number; readonly value: number }[];
}

/** An operator in training: how it was seen last, and both losses since it began. */
export interface Fit {
  readonly view: FitView;
  readonly points: readonly FitPoint[];
}

export interface Growing {
  readonly method: string;
  readonly kernels: number;
}

export interface Session {
  /** Id of the run in the worker; messages of any other are dropped. */
  readonly run: string | null;
  readonly device: {
    readonly name: string;
    readonly software: boolean;
    readonly features: readonly string[];
  } | null;
  /** Which kernels of equal bits run on it; null: not told. */
  readonly tiles: TilesState | null;
  /** Why there is no device: shows the page that says what to do. */
  readonly noDevice: string | null;
  /** As the run was started. */
  readonly config: RunConfig | null;
  readonly vocab: number;
  readonly budgetSteps: number;
  readonly phase: RunState["phase"] | "none";
  readonly state: RunState | null;
  readonly progress: Extract<WorkerMessage, { type: "progress" }> | null;
  readonly growing: Growing | null;
  readonly fit: Fit | null;
  /** The state that the run was asked to go to, until it is there or says why not. */
  readonly moving: string | null;
  /** Asked for by hand and not answered yet, oldest first. */
  readonly asked: readonly Asked[];
  readonly clock: Clock;
  /** Per second of training, over the last second or more; null while not known. */
  readonly rate: { readonly steps: number; readonly tokens: number } | null;
  readonly rateFrom: Clock | null;
  readonly train: Series;
  readonly evals: Series;
  readonly sizes: readonly Size[];
  readonly marks: readonly Mark[];
  readonly branches: readonly Branch[];
  /** Node that the line leads from, as far as the messages have told. */
  readonly at: string | null;
  /** Node → the node it was made from. */
  readonly parents: Readonly<Record<string, string>>;
  /** Nodes to go to by Redo, the next one last. */
  readonly redo: readonly string[];
  /** Newest last, at most 24. */
  readonly samples: readonly Sample[];
  readonly view: RunView | null;
  /** The network as it was last seen before the newest growth that says what fed what, and the mark of that growth. */
  readonly source: { readonly mark: string; readonly view: RunView } | null;
  /** The last look through the lens, and what is kept of all of them on this line, oldest first. */
  readonly lens: Lens | null;
  readonly lensSeries: readonly LensPoint[];
  readonly gauge: Gauge | null;
  /** The last steps in which layers could be left out, oldest first. */
  readonly drops: readonly DropStep[];
  /** The last sensitivity scan of this run, and the step it was made at. */
  readonly scan: { readonly step: number; readonly curves: readonly SensitivityCurve[] } | null;
  /** The last evaluations with layers off; those of the same weights stand together. */
  readonly blocksOff: BlocksOff | null;
  /** The comparison made from this run, last begun. */
  readonly tried: Tried | null;
  /** Live settings as last changed in this run: path → value. */
  readonly live: Readonly<Record<string, number>>;
  readonly ended: { readonly reason: string; readonly message: string } | null;
  /** A command or growth that was not done, for the place it belongs to. */
  readonly refusal: {
    readonly id: string;
    readonly about: RunCommand["type"] | "growth";
    readonly message: string;
  } | null;
  readonly lost: { readonly message: string; readonly restored: boolean } | null;
  /** Said by the run itself, newest last, at most 8. */
  readonly said: readonly { readonly id: string; readonly text: string }[];
}

/** The request that this event answers, and those that still wait. */
export function answered(
  { asked }: Session,
  { by, method }: { readonly by: string; readonly method: string },
): readonly [Asked | undefined, readonly Asked[]] {
  const at = by === "hand" ? asked.findIndex((each) => each.method === method) : -1;
  return [asked[at], asked.filter((_, index) => index !== at)];
}

/** The newest request of this method is the one that was refused: older ones wait, or are under way. */
export function withoutNewest(asked: Session["asked"], method: string | undefined): Session["asked"] {
  const at = asked.findLastIndex((each) => each.method === method);
  return asked.filter((_, index) => index !== at);
}

export const START: Clock = { step: 0, tokens: 0, flops: 0, seconds: 0 };

/** The clock of a row. */
export function clockOf({ step, tokens, flops, seconds }: Clock): Clock {
  return { step, tokens, flops, seconds };
}

/** The clock of a row, at a step that may lie a little beyond it. */
export function cutClock(row: Clock, step: number): Clock {
  return { step, tokens: row.tokens, flops: row.flops, seconds: row.seconds };
}

/** Before anything was started; a new run begins from this with its id and the device kept. */
export function emptySession(): Session {
  return {
    run: null,
    device: null,
    tiles: null,
    noDevice: null,
    config: null,
    vocab: 0,
    budgetSteps: 0,
    phase: "none",
    state: null,
    progress: null,
    growing: null,
    fit: null,
    moving: null,
    asked: [],
    clock: START,
    rate: null,
    rateFrom: null,
    train: emptySeries(),
    evals: emptySeries(),
    sizes: [],
    marks: [],
    branches: [],
    at: null,
    parents: {},
    redo: [],
    samples: [],
    view: null,
    source: null,
    lens: null,
    lensSeries: [],
    gauge: null,
    drops: [],
    scan: null,
    blocksOff: null,
    tried: null,
    live: {},
    ended: null,
    refusal: null,
    lost: null,
    said: [],
  };
}

/** What a page shows from the moment a run is asked for until the worker answers. */
export function startedSession(old: Session, run: string, config: RunConfig | null): Session {
  return {
    ...emptySession(),
    device: old.device,
    tiles: old.tiles,
    noDevice: old.noDevice,
    run,
    config,
    phase: "loading",
  };
}
