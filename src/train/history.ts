/**
 * The tree of a run: a node before and after every structural event, where it was left, and the last good state of a run
 * that diverged. Undo is going up, a branch is a second child. The newest nodes keep copies of all arrays on the device,
 * so that going back takes no longer than a step; the start can always be made again from the seed.
 */
import type { Values } from "../config/schema.ts";
import type { HistoryNode } from "../run/messages.ts";
import { type Arrays, disposeArrays } from "./arrays.ts";
import type { DropState, DropWatch } from "./drop.ts";
import type { LineState } from "./line.ts";
import type { Spent } from "./schedule-budget.ts";
import type { Live } from "./setup.ts";

/** Nodes whose arrays stay on the device. */
export const KEPT_NODES = 8;

/** Everything of a run besides its arrays. Plain data. */
export interface Position {
  readonly spent: Spent;
  /** Budget granted beyond the planned one, in its unit. */
  readonly extra: number;
  /** Optimizer updates since the slots were last reset. */
  readonly updates: number;
  /** Updates over which the learning rate rises again since that reset; 0: it was not told to. */
  readonly rewarm: number;
  /** Structural events on this line so far: the number of the next one, and with the seed the key of its draws. */
  readonly event: number;
  readonly arch: Values;
  readonly live: Live;
  readonly line: LineState;
  /** The scoring window that is open. */
  readonly window: ScoreWindow | null;
  /** Step of the last evaluation; −1 before the first. */
  readonly evaluated: number;
  /** Updates skipped in a row because a gradient was not finite. */
  readonly skipped: number;
  /** Layer dropping; null, or absent in runs saved before there was any: every layer runs, and has been updated as often. */
  readonly drop?: DropState | null;
  readonly watch?: DropWatch;
}

/** An action waits for it: `closes` steps completed, the entry of the recipe acts. */
export interface ScoreWindow {
  /** Index of the recipe's entry. */
  readonly index: number;
  /** Steps completed when it was opened. */
  readonly opened: number;
  readonly closes: number;
}

export interface Place {
  readonly id: string;
  readonly parent: string | null;
  readonly label: string;
  readonly loss: number | null;
  /** Null once dropped, and for nodes of a run that was loaded. */
  readonly position: Position | null;
  readonly step: number;
  readonly arrays: Arrays | null;
}

/** A node as a snapshot keeps it. */
export type PlaceRecord = Pick<Place, "id" | "parent" | "label" | "loss" | "step">;

export const START = "start";

export class History {
  #places: Place[];
  #made: number;
  /** Ids of the nodes with arrays, the least recently visited first. */
  #kept: string[] = [];
  now: string;
  /** What gave the weights that the run began with; null: its seed. */
  given: string | null = null;

  constructor(records?: {
    readonly nodes: readonly PlaceRecord[];
    readonly made: number;
    readonly now: string;
  }) {
    this.#places = records
      ? records.nodes.map((node) => ({ ...node, position: null, arrays: null }))
      : [{ id: START, parent: null, label: "start", loss: null, position: null, step: 0, arrays: null }];
    this.#made = records?.made ?? 0;
    this.now = records?.now ?? START;
  }

  /** What is held on the device. */
  get arrays(): readonly Arrays[] {
    return this.#places.flatMap(({ arrays }) => (arrays === null ? [] : [arrays]));
  }

  get(id: string): Place | undefined {
    return this.#places.find((place) => place.id === id);
  }

  /** A new child of `parent`. The arrays belong to the history from now on. */
  add(place: Omit<Place, "id" | "step"> & { readonly position: Position }): Place {
    this.#made++;
    const made: Place = { ...place, id: `n${this.#made}`, step: place.position.spent.steps };
    this.#places.push(made);
    if (made.arrays !== null) this.#kept.push(made.id);
    this.#drop();
    return made;
  }

  /** The start of a run that its seed cannot make again: kept as long as the run. The arrays belong to the history. */
  begin(given: string, position: Position, arrays: Arrays): void {
    this.given = given;
    this.#places = this.#places.map((place) => (place.id === START ? { ...place, position, arrays } : place));
  }

  /** A node whose state was kept elsewhere has it again. The arrays belong to the history from now on. */
  refill(id: string, position: Position, arrays: Arrays): void {
    const at = this.#places.findIndex((place) => place.id === id);
    this.#places[at] = { ...this.#places[at]!, position, arrays };
    this.#kept.push(id);
    this.#drop();
  }

  #drop(): void {
    while (this.#kept.length > KEPT_NODES) {
      const old = this.#places.findIndex(({ id }) => id === this.#kept[0]);
      disposeArrays(this.#places[old]!.arrays!);
      this.#places[old] = { ...this.#places[old]!, arrays: null, position: null };
      this.#kept.shift();
    }
  }

  /** The run stands at this node: the last one whose arrays may go. */
  visit(id: string): void {
    this.now = id;
    if (!this.#kept.includes(id)) return;
    this.#kept = [...this.#kept.filter((other) => other !== id), id];
  }

  /** The start can be made again from the seed; every other node needs its arrays. */
  restorable(place: Place): boolean {
    return place.id === START || place.arrays !== null;
  }

  /** Newest node on the present line that can be brought back and lies at or before `step`. */
  lastGood(step: number): Place {
    let at = this.get(this.now);
    while (at !== undefined && at.id !== START && (at.step > step || !this.restorable(at))) {
      at = at.parent === null ? undefined : this.get(at.parent);
    }
    return at ?? this.#places[0]!;
  }

  get nodes(): readonly HistoryNode[] {
    return this.#places.map((place) => ({ ...record(place), restorable: this.restorable(place) }));
  }

  save(): { readonly nodes: readonly PlaceRecord[]; readonly made: number; readonly now: string } {
    return { nodes: this.#places.map(record), made: this.#made, now: this.now };
  }

  dispose(): void {
    for (const { arrays } of this.#places) if (arrays !== null) disposeArrays(arrays);
    this.#places = [];
  }
}

function record({ id, parent, label, loss, step }: Place): PlaceRecord {
  return { id, parent, label, loss, step };
}
