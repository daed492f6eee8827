/**
 * What can be chosen, as data: the page, the link and the command line see schemas and labels through this, never a
 * method's code.
 */
import type { Schema } from "../config/schema.ts";
import type { ImageYardstick, TextYardstick } from "../data/types.ts";
import type { StructureKind } from "../methods/types.ts";
import type { Model, Task } from "../models/types.ts";

export type { Task } from "../models/types.ts";

export interface CatalogEntry {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly schema: Schema;
  readonly paper: {
    readonly title: string;
    readonly authors: string;
    readonly year: number;
    readonly arxiv?: string;
  } | null;
  /** Grow methods and optimizers: model id → true or the sentence why not. */
  readonly applies: Readonly<Record<string, true | string>>;
}

export interface ModelEntry extends CatalogEntry {
  readonly task: Task;
  /** Whom a place of it may read, where it attends at all. */
  readonly attends?: NonNullable<Model["attends"]>;
}

export interface ActionEntry extends CatalogEntry {
  readonly does: StructureKind;
}

export interface DatasetEntry extends CatalogEntry {
  /** Models of this task can learn it. */
  readonly task: Task;
  /** Characters of a text, or images. */
  readonly count: number;
  /** Distinct symbols, or classes. */
  readonly symbols: number;
  /** Bytes served. */
  readonly bytes: number;
  readonly licence: string;
  readonly source: string;
  /** Bits per character of n-gram models on the validation part, or shares of test images told right (0 to 1). */
  readonly yardsticks: readonly (TextYardstick | ImageYardstick)[];
}

export interface Catalog {
  readonly data: readonly DatasetEntry[];
  readonly models: readonly ModelEntry[];
  readonly optims: readonly CatalogEntry[];
  readonly schedules: readonly CatalogEntry[];
  readonly triggers: readonly CatalogEntry[];
  readonly actions: readonly ActionEntry[];
}
