/** What is known of a recipe that is being carried out: plain data, which history nodes and snapshots keep. */
import type { Short, TriggerState } from "../methods/types.ts";
import type { RecipeEntry } from "../run/config.ts";

export interface LineEntry {
  readonly entry: RecipeEntry;
  readonly state: TriggerState;
  /** The last sentence with which its action was refused: said once, not at every firing. */
  readonly refused: string;
  /** The node just before its newest event; absent before the first. */
  readonly before?: string;
  /** It acts no more. */
  readonly resting?: true;
  /** The config brought it; absent: a person did it in this run. */
  readonly given?: true;
  /** The operator of its next event is committed after so many steps: a person did so. */
  readonly commit?: number;
  /** What a person was asked about the goal it waits for (goals.ts), at which value; open until it is answered. */
  readonly asked?: {
    readonly text: string;
    readonly grows: boolean;
    readonly value: number;
    readonly open: boolean;
  };
}

export interface Due {
  /** Index of the entry. */
  readonly index: number;
  /** Steps completed when it acts. */
  readonly at: number;
  /** It does not act: it goes back to before its newest event. */
  readonly back?: true;
  /** It does not act: the person is asked about the goal it waits for. */
  readonly asks?: Short;
}

/** Plain data: what a history node and a snapshot keep. */
export interface LineState {
  readonly entries: readonly LineEntry[];
  readonly due: readonly Due[];
}

export interface Next {
  readonly index: number;
  readonly entry: RecipeEntry;
  readonly back: boolean;
}

export interface Gauge {
  readonly trigger: string;
  readonly label: string;
  readonly value: number;
  readonly limit: number;
}
