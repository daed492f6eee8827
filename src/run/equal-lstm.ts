/**
 * The LSTM of as many parameters that an H-LSTM, or a network that grew in blocks of cells, is held against (grow-prune
 * §5.5): the number of cells whose count comes nearest, on the same data, from the same seed, with the same batches,
 * optimizer and budget. It has its size from the first step on, and no gates but plain ones.
 */
import type { Values } from "../config/schema.ts";
import { activeCount, cellsOf } from "../models/layers/blocks.ts";
import type { DataShape } from "../models/types.ts";
import { checkConfig } from "./check.ts";
import type { Choice, RecipeEntry, RunConfig } from "./config.ts";
import { dataShape } from "./data-shape.ts";
import { models } from "./registries.ts";

/** A run as it stands: the weights in use now are what the LSTM is given. */
export interface Measured {
  readonly config: RunConfig;
  /** With all that was done by hand. */
  readonly recipe: readonly RecipeEntry[];
  readonly arch: Choice;
  readonly active: number;
  /** Symbols of the data. */
  readonly vocab: number;
}

export interface EqualLstm {
  readonly config: RunConfig;
  /** Of each layer. */
  readonly cells: number;
  readonly layers: number;
  readonly params: number;
}

/** Most layers that are compared: the paper's stacked LSTMs. */
export const EQUAL_LAYERS = 2;
const LEAST_CELLS = 4;
/** Cells of one block, and of a layer, at most: the schema's own bounds. */
const BLOCK = 256;
const MOST_CELLS = 2 * BLOCK;

/** Whether a model is one that LSTMs are compared with: its cells stand in blocks. */
export const equalApplies = (modelId: string): boolean => "blocks" in (models.get(modelId)?.schema ?? {});

const lstm = () => models.get("lstm")!;

function lstmArch(arch: Choice, layers: number, cells: number): Values {
  const plain = arch.id === "lstm";
  return {
    blocks: cells > BLOCK ? [BLOCK, cells - BLOCK] : [cells],
    layers,
    input: arch.input ?? "embedding",
    embed: arch.embed!,
    connectivity: "fully-connected",
    maxCells: Math.max(Number(arch.maxCells), cells),
    // Of an H-LSTM it leaves out units inside the gates, of which there are none here.
    dropout: plain ? arch.dropout! : 0,
  };
}

/** The cells a layer whose LSTM has nearest `goal` parameters, the fewer of two as near. */
function nearest(goal: number, count: (cells: number) => number): number {
  let [low, high] = [LEAST_CELLS, MOST_CELLS];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (count(middle) <= goal) low = middle;
    else high = middle - 1;
  }
  const more = Math.min(low + 1, MOST_CELLS);
  return Math.abs(count(more) - goal) < Math.abs(count(low) - goal) ? more : low;
}

/** Rates, decay, clipping and more budget are the run's; what was done to its structure, and dropout in gates, are not. */
const isKept =
  (plain: boolean) =>
  ({ action }: RecipeEntry): boolean =>
    action.id === "extend" || (action.id === "edit" && (plain || String(action.path).startsWith("optim.")));

/** Or one sentence why there is none. */
export function equalLstm(run: Measured, layers: number): EqualLstm | string {
  const { arch, active, config } = run;
  const data: DataShape = dataShape(config, run.vocab);
  const count = (cells: number): number =>
    activeCount(lstm().params(lstmArch(arch, layers, cells) as never, data));
  const stacked = layers === 1 ? "" : `${layers} layers of `;
  const [least, most] = [count(LEAST_CELLS), count(MOST_CELLS)];
  const whole = (n: number): string => n.toLocaleString("en");
  if (active < least || active > most) {
    const bound = active < least ? LEAST_CELLS : MOST_CELLS;
    return `No LSTM has as many: ${stacked}${bound} cells are ${whole(count(bound))} parameters, this network has ${whole(active)}.`;
  }
  const cells = nearest(active, count);
  const params = count(cells);
  const isPlain = arch.id === "lstm" || arch.gateLayers === 0;
  const same = isPlain && arch.layers === layers && cellsOf(arch.blocks as readonly number[]) === cells;
  if (same && params === active && (config.model.blocks as readonly number[]).length === 1) {
    return `This is an LSTM of ${whole(params)} parameters itself: there is nothing to compare it with.`;
  }
  const model = { id: "lstm", ...lstmArch(arch, layers, cells) } as Choice;
  const recipe = run.recipe.filter(isKept(arch.id === "lstm"));
  const checked = checkConfig({ ...config, model, recipe });
  return checked.ok ? { config: checked.config, cells, layers, params } : `No LSTM: ${checked.message}.`;
}

/** "LSTM of 57 cells", "LSTM of 2 layers of 38 cells" */
export const equalName = ({ cells, layers }: Pick<EqualLstm, "cells" | "layers">): string =>
  layers === 1 ? `LSTM of ${cells} cells` : `LSTM of ${layers} layers of ${cells} cells`;

/** An evaluation of one of the two. */
export interface EqualPoint {
  readonly step: number;
  readonly flops: number;
  readonly loss: number;
}

export interface EqualSide {
  readonly name: string;
  readonly points: readonly EqualPoint[];
}

export interface EqualResult {
  /** The last step at which both were evaluated. */
  readonly step: number;
  readonly losses: readonly [number, number];
  readonly flops: readonly [number, number];
  /** 0 or 1: which is lower; null: less than one evaluation apart, a tie. */
  readonly lower: 0 | 1 | null;
  /** Step at which the lower one was first where the other is now. */
  readonly since: number;
}

/** Losses that read the same are the same. */
const FIGURE = 5e-4;

/** Null while they have no evaluation in common beyond the first. */
export function equalResult(one: EqualSide, other: EqualSide): EqualResult | null {
  const theirs = new Map(other.points.map((point) => [point.step, point]));
  const a = one.points.findLast(({ step }) => step > 0 && theirs.has(step));
  const b = a === undefined ? undefined : theirs.get(a.step);
  if (a === undefined || b === undefined) return null;
  const lower = a.loss <= b.loss ? 0 : 1;
  const [side, goal] = lower === 0 ? [one, b.loss] : [other, a.loss];
  const since = side.points.find(({ loss }) => loss <= goal)?.step ?? a.step;
  const tie = Math.abs(a.loss - b.loss) < FIGURE || since >= a.step;
  return {
    step: a.step,
    losses: [a.loss, b.loss],
    flops: [a.flops, b.flops],
    lower: tie ? null : lower,
    since,
  };
}
