/**
 * A trial: a claim of a paper put to the test at a scale that fits. Several arms, each a config; the same seeds for all;
 * one row an arm and seed; a verdict that says what came out, also where it was not what the paper says.
 */
import type { RunConfig } from "../../run/config.ts";
import type { RunEvent } from "../../run/events.ts";

export const SCALES = ["small", "paper"] as const;
export type Scale = (typeof SCALES)[number];

export interface Arm {
  readonly id: string;
  readonly label: string;
  readonly config: RunConfig;
}

/** A cell of the table: a number, or nothing where there is none. */
export type Figures = Readonly<Record<string, number | null>>;

export interface Column {
  readonly id: string;
  readonly label: string;
  show(value: number): string;
}

/** What a run is told event by event, and the figures it comes to. */
export interface Meter {
  hear(event: RunEvent): void;
  tested(accuracy: number): void;
  figures(): Figures;
}

export interface Row {
  readonly arm: string;
  readonly seed: number;
  readonly figures: Figures;
}

export interface Trial {
  readonly id: string;
  readonly title: string;
  /** What the paper says, where, and what is compared here. Sentences. */
  readonly claim: readonly string[];
  readonly columns: readonly Column[];
  /** "small" costs at most 400 GFLOP a seed, all arms together. */
  arms(scale: Scale): readonly Arm[];
  /** Sizes and settings of a scale that the table needs to be believed. */
  sizes(scale: Scale): readonly string[];
  /** `rows`: those that were measured before, for an arm that is held against another of its seed. */
  meter(config: RunConfig, rows: readonly Row[]): Meter;
  /** One sentence, from all rows. */
  verdict(rows: readonly Row[]): string;
}
