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

/** An evaluation: steps and FLOPs that count, and the loss. */
export interface Point {
  readonly step: number;
  readonly flops: number;
  readonly loss: number;
}

/** What a run is told event by event, and the figures it comes to. */
export interface Meter {
  hear(event: RunEvent): void;
  tested(accuracy: number): void;
  figures(): Figures;
  /** Where other arms are held against it. */
  curve?(): readonly Point[];
}

export interface Row {
  readonly arm: string;
  readonly seed: number;
  readonly figures: Figures;
  readonly curve?: readonly Point[];
}

export interface Trial {
  readonly id: string;
  readonly title: string;
  /** What the paper says, where, and what is compared here. Sentences. */
  readonly claim: readonly string[];
  readonly columns: readonly Column[];
  /** Arms that the verdict can do without. */
  readonly controls?: readonly string[];
  /** "small" costs at most 400 GFLOP a seed, all arms together. */
  arms(scale: Scale): readonly Arm[];
  /** Sizes and settings of a scale that the table needs to be believed. */
  sizes(scale: Scale): readonly string[];
  meter(config: RunConfig): Meter;
  /** A row's figures where they rest on other arms of its seed: from the curves of `rows`, in whatever order they came. */
  settle?(row: Row, rows: readonly Row[]): Figures;
  /** One sentence, from all rows. */
  verdict(rows: readonly Row[]): string;
}
