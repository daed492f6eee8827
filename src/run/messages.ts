/**
 * The two closed unions that cross between the page (or a command line) and the worker that hosts one trainer.
 * `RunCommand` goes in, `WorkerMessage` comes out.
 */

import type { OwnImages } from "../data/own-images.ts";
import type { Anatomy } from "../models/types.ts";
import type { BlocksOff } from "./blocks-off.ts";
import type { Choice, RecipeEntry, RunConfig } from "./config.ts";
import type { RunEvent, StructurePreview } from "./events.ts";
import type { FitView } from "./fit.ts";
import type { DeviceFacts, DevicePeaks, KernelOp, KernelResult, StepTimes, TilesState } from "./kernels.ts";
import type { TriesState, TryAsked } from "./tries.ts";
import type { RunView } from "./view.ts";

/** How a network is drawn: the page, which may not know the models' room, takes it from here. */
export type { Anatomy, Part, Tier } from "../models/types.ts";
export type { BlocksOff } from "./blocks-off.ts";
export type { Besides, Bond, Feeds, FitPoint, FitView, OperatorPart } from "./fit.ts";
export type { AttentionFigure, Carry, Lens } from "./lens.ts";
export type {
  AreaMaps,
  BridgeMap,
  GraphLayer,
  ImageMask,
  OpenedPart,
  Picture,
  RunView,
  Tile,
} from "./view.ts";
export { LIFE } from "./view.ts";

export type RunCommand =
  /** First message: shader sources by file name, and where public/data/ is served from. */
  | {
      readonly type: "init";
      readonly shaders: Readonly<Record<string, string>>;
      readonly dataUrl: string;
      /** What a "tiles" message once gave to keep, "" at first. Absent: nothing is timed (worker/tiles.ts). */
      readonly tiles?: string;
    }
  /** What was timed on this device is forgotten and timed again, also where it would not be by itself. */
  | { readonly type: "time-tiles" }
  /** A shader saved in the editor: swapped into the running trainer. */
  | { readonly type: "shaders"; readonly shaders: Readonly<Record<string, string>> }
  /** Replaces what is there. Starts paused. */
  | ({ readonly type: "start"; readonly run: string; readonly config: RunConfig } & GivenData)
  | { readonly type: "pause" | "resume" | "stop"; readonly run: string }
  /**
   * Growth operators are to be seen while they are trained, or no more: answered by "fit". `beside`: which matrix is to be seen
   * beside FPI's (Besides.id).
   */
  | { readonly type: "watch"; readonly run: string; readonly on: boolean; readonly beside?: string | null }
  /** The operator that is being trained (LiGO, Mango) is committed as it stands. */
  | { readonly type: "commit"; readonly run: string }
  /** Exactly `count` steps, then paused. */
  | { readonly type: "step"; readonly run: string; readonly count: number }
  /** A grow method with its values; runs at the next step boundary. */
  | { readonly type: "act"; readonly run: string; readonly action: Choice }
  /** What such an action would do now, without doing it; answered by a message of the same name and number. */
  | { readonly type: "preview"; readonly run: string; readonly request: number; readonly action: Choice }
  | { readonly type: "edit"; readonly run: string; readonly path: string; readonly value: number }
  /** Undo, redo, branch: to any node of the history. `bytes`: the node as it was saved, where the run no longer keeps it. */
  | { readonly type: "goto"; readonly run: string; readonly node: string; readonly bytes?: ArrayBuffer }
  /**
   * The structural action asked for last, taken back: one that still waits is dropped, one that has happened meanwhile is
   * undone. `node`: where the line led from when it was decided; a run that still stands there has nothing to undo.
   */
  | { readonly type: "take-back"; readonly run: string; readonly node: string | null }
  /** To what the run asks (RunState.question); the run goes on where "resume" follows. */
  | { readonly type: "answer"; readonly run: string; readonly of: number; readonly said: "prune" | "grow" }
  /** More budget after the end. */
  | { readonly type: "extend"; readonly run: string; readonly steps: number }
  | {
      readonly type: "sample";
      readonly run: string;
      readonly prompt: string;
      readonly temperature: number;
      readonly length: number;
    }
  /**
   * What to look at: how often (every so many steps; 0: not at all, until asked otherwise), which text stands in the
   * window or which image (by its number in the validation part, or its bytes, one a pixel), which part is opened in full.
   */
  | {
      readonly type: "look";
      readonly run: string;
      readonly every: number;
      readonly text: string;
      readonly picture?: number | Uint8Array;
      readonly part: string | null;
      /** The lens is open, and on the maps of which layer. Absent or null: it costs nothing. */
      readonly lens?: { readonly layer: number | null } | null;
      /** Unit by unit, where the network is small enough to be drawn so. */
      readonly graph?: boolean;
      /** The bridging gradient past this layer. Absent or null: it costs nothing. */
      readonly bridge?: string | null;
    }
  /** How sensitive the loss is to thinning out each matrix: answered by `scanned`; nothing changes. */
  | { readonly type: "scan"; readonly run: string; readonly request: number }
  /** The validation loss without each of these sets of layers: answered by a message of the same name; nothing changes. */
  | {
      readonly type: "blocks-off";
      readonly run: string;
      readonly request: number;
      readonly sets: readonly (readonly string[])[];
    }
  /** The run as bytes; with `node` that state of its history, and no bytes at all when it is no longer kept. */
  | { readonly type: "save"; readonly run: string; readonly request: number; readonly node?: string }
  /**
   * A saved run, gone on with. With `begin`: a run of this config that begins with the weights in the file, which is a saved
   * run or a safetensors file of weights alone, called `name`.
   */
  | ({
      readonly type: "open";
      readonly run: string;
      readonly bytes: ArrayBuffer;
      readonly begin?: { readonly config: RunConfig; readonly name: string };
    } & GivenData)
  /**
   * Checks the kernels of these ops, all where null, on `shaders` laid over those in use; a run waits meanwhile and goes
   * on as it was. Answered by "kernels", then one "kernel" a sample, then "kernels-done". A new one ends the one before.
   */
  | {
      readonly type: "kernels";
      readonly request: number;
      readonly ops: readonly string[] | null;
      readonly shaders: Readonly<Record<string, string>>;
    }
  | { readonly type: "kernels-stop" }
  /** From the run as it stands, which is paused, to one target by every way: answered by "tries" and the arms' events. */
  | { readonly type: "try"; readonly run: string; readonly asked: TryAsked }
  | { readonly type: "try-hold"; readonly run: string; readonly what: "pause" | "resume" | "stop" }
  /** An arm that is done, as a saved run: answered by "saved", without bytes where it is not kept. */
  | { readonly type: "try-save"; readonly run: string; readonly request: number; readonly arm: string }
  /** Where the time of a training step goes. The run stays where it is. */
  | { readonly type: "step-times"; readonly run: string };

/** What no config holds: one's own text when `data.id` is "own", one's own images when it is "own-images". */
export interface GivenData {
  readonly text?: string;
  readonly images?: OwnImages;
}

export type WorkerMessage =
  | {
      readonly type: "ready";
      readonly device: string;
      readonly software: boolean;
      readonly features: readonly string[];
    }
  /** No WebGPU, no adapter: the page that says what to do. */
  | { readonly type: "no-device"; readonly reason: string }
  | { readonly type: "events"; readonly events: readonly RunEvent[] }
  | { readonly type: "state"; readonly state: RunState }
  | {
      readonly type: "progress";
      readonly what: "data" | "kernels" | "grow" | "scan";
      readonly label: string;
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: "view"; readonly view: RunView }
  /** An operator in training, seen a few times a second while "watch" is on. */
  | { readonly type: "fit"; readonly fit: FitView }
  | {
      readonly type: "scanned";
      readonly run: string;
      readonly request: number;
      readonly step: number;
      readonly curves: readonly SensitivityCurve[];
    }
  | { readonly type: "blocks-off"; readonly run: string; readonly request: number; readonly found: BlocksOff }
  | { readonly type: "saved"; readonly run: string; readonly request: number; readonly bytes: ArrayBuffer }
  | { readonly type: "tries"; readonly run: string; readonly tries: TriesState }
  /** `outcome` null: the action would be refused, `message` says why. */
  | {
      readonly type: "preview";
      readonly run: string;
      readonly request: number;
      readonly outcome: StructurePreview | null;
      readonly message: string;
    }
  /** These shaders are other ones now, in the run too. */
  | { readonly type: "shaders"; readonly changed: readonly string[] }
  | {
      readonly type: "kernels";
      readonly request: number;
      readonly device: DeviceFacts;
      readonly ops: readonly KernelOp[];
      /** Samples that will be checked. */
      readonly total: number;
    }
  /** Measured once a device, before the first sample that is timed. */
  | { readonly type: "peaks"; readonly peaks: DevicePeaks }
  | { readonly type: "kernel"; readonly request: number; readonly result: KernelResult }
  | { readonly type: "kernels-done"; readonly request: number; readonly stopped: boolean }
  | { readonly type: "step-times"; readonly times: StepTimes }
  /** `keep`: for the next `init`; null: nothing new. */
  | { readonly type: "tiles"; readonly tiles: TilesState; readonly keep: string | null }
  /** A command that could not be done: one sentence. Training is as it was. */
  | {
      readonly type: "refused";
      readonly run: string;
      readonly command: RunCommand["type"];
      readonly message: string;
      /** Of an action: which. */
      readonly method?: string;
    }
  | {
      readonly type: "device-lost";
      readonly run: string;
      readonly message: string;
      readonly restored: boolean;
    };

/** Loss on the probe batch with this share of one matrix's active weights kept, the smallest left out. */
export interface SensitivityCurve {
  /** The parameter. */
  readonly path: string;
  readonly points: readonly { readonly kept: number; readonly loss: number; readonly accuracy?: number }[];
}

/** Where a run stands. Sent when it changes, at most ten times a second. */
export interface RunState {
  readonly run: string;
  /** "held": paused while an operator is being trained. */
  readonly phase: "loading" | "compiling" | "paused" | "running" | "growing" | "held" | "ended" | "diverged";
  readonly step: number;
  readonly budgetSteps: number;
  /** The node this run's line leads from, and every node there is, oldest first. */
  readonly now: string;
  readonly nodes: readonly HistoryNode[];
  /** What gave the weights that it began with, which no link carries; absent or null: its seed. */
  readonly given?: string | null;
  /** Config plus everything done by hand on the present line: what a link carries. */
  readonly recipe: readonly RecipeEntry[];
  readonly arch: Choice;
  /** `Model.describe`: "192 cells in 3 blocks". */
  readonly size: string;
  readonly anatomy: Anatomy;
  readonly params: number;
  readonly active: number;
  /** Forward, per token or image: what the kernels do, and what the weights in use need. Never one figure. */
  readonly flops: { readonly executed: number; readonly active: number };
  /** Bytes of GPU memory: the plan's own figure and what is really held. */
  readonly plannedBytes: number;
  readonly heldBytes: number;
  /** Of a model that is grown, swapped and pruned in this order (H-LSTM): where it stands. Null: another model. */
  readonly stage?: "seed" | "grow" | "swap" | "prune" | "final" | null;
  /**
   * By which action training steps leave out layers, since which part of the budget, and at which part gates were frozen
   * (null or absent: they are drawn). Absent or null: every layer runs.
   */
  readonly dropping?: {
    readonly action: Choice;
    readonly since: number;
    readonly held?: number | null;
  } | null;
  /** An action waits for gradients, which `closes` − `opened` training steps gather. */
  readonly gathering?: { readonly method: string; readonly opened: number; readonly closes: number } | null;
  /** Pruning waits for a goal that was not reached, and the person is asked; `grows`: there is growth to go on with. */
  readonly question?: { readonly of: number; readonly text: string; readonly grows: boolean } | null;
  /** Grow methods that can act now, with the sentence why not. */
  readonly can: Readonly<Record<string, true | string>>;
}

export interface HistoryNode {
  readonly id: string;
  readonly parent: string | null;
  readonly step: number;
  readonly label: string;
  /** Loss on the probe batch there. */
  readonly loss: number | null;
  /** Its state can still be brought back. */
  readonly restorable: boolean;
}
