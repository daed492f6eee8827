/**
 * Attention under the lens (transformer-growth §5): what the maps of every layer and head say over one fixed batch of
 * validation windows, dropout off. The maps are reduced where they are made; a training step knows nothing of it.
 */
import { control } from "../engine/control.ts";
import { arenaLayout } from "../engine/layout.ts";
import { ATTENTION_FIGURES, attentionFigures } from "../engine/ops/attention-figures.ts";
import { attentionLikeness, compared } from "../engine/ops/attention-likeness.ts";
import { concat } from "../engine/ops/layout.ts";
import { reduce } from "../engine/ops/reduce.ts";
import { reshape } from "../engine/ops/reshape.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { Program, Tensor } from "../engine/types.ts";
import type { AttentionFigure, Carry, Lens } from "../run/messages.ts";
import type { Core } from "./core.ts";
import { drawn } from "./feed.ts";
import type { Sized } from "./programs.ts";
import type { Setup } from "./setup.ts";

/** Windows of the batch that is looked at; images where the model reads those. */
const WINDOWS = 16;
const IMAGES = 64;
/** Steps between two looks through the lens. */
export const LENS_EVERY = 50;
/** Heads of the whole network up to which each is compared with each, and terms of a comparison across an event. */
const MOST_HEADS = 64;
const MOST_TERMS = 2 ** 23;
/** Numbers of all mean maps together up to which they are read, to be compared across the next event. */
const MOST_MAPS = 2 ** 18;
/** The batch: the first of one evenly spaced batch. */
const BATCH = control({ drawMode: 1, drawIndex: 0, drawCount: 1 });
/** Taps of a model that attends: P [N, heads, T, T] of each layer, from the trunk outwards. */
const MAPS = /^(.+)\.attention$/;

/**
 * Outputs "figures k" [heads, 9], "offsets k" and the mean map "mean k" [heads, T, T] of layer k; "js" and "cosine"
 * [L, L] over layers; "heads" [L heads, L heads], the divergence of any two heads' mean maps. Only what is read leaves the
 * device.
 */
export function lensProgram(setup: Setup, { arch, specs }: Sized): Program {
  const { model, shape } = setup;
  const causal = model.attends === "causal";
  const t = createTrace();
  const params = t.arena("params", "params", arenaLayout(specs));
  const batch = drawn(t, setup, "validation", model.task === "classify" ? IMAGES : WINDOWS);
  const { taps } = model.apply(t, arch, shape, params.at, batch, { training: false, taps: true });
  const maps = [...taps].flatMap(([name, tap]) => (MAPS.test(name) ? [tap] : []));
  const ofHeads: Tensor[] = [];
  const means = maps.map((p, k) => {
    const grid = gridOf(setup, p.shape[2]!);
    const [figures, offsets] = t.call(attentionFigures, [p], { causal, grid });
    t.output(`figures ${k}`, figures!);
    t.output(`offsets ${k}`, offsets!);
    const head = t.call(reduce, [p], { axes: [0], keepDims: false, how: "mean" })[0]!;
    t.output(`mean ${k}`, head);
    const [heads, ...map] = head.shape;
    ofHeads.push(t.call(reshape, [head], { shape: [heads!, 1, ...map] })[0]!);
    const mean = t.call(reduce, [p], { axes: [1], keepDims: false, how: "mean" })[0]!;
    return t.call(reshape, [mean], { shape: [1, ...mean.shape] })[0]!;
  });
  const [js, cosine] = t.call(attentionLikeness, [t.call(concat, means, { axis: 0 })[0]!], { causal });
  t.output("js", js!);
  t.output("cosine", cosine!);
  if (ofHeads.reduce((sum, { shape }) => sum + shape[0]!, 0) <= MOST_HEADS) {
    const all = t.call(concat, ofHeads, { axis: 0 })[0]!;
    t.output("heads", t.call(attentionLikeness, [all], { causal })[0]!);
  }
  return plan(t.finish());
}

/** Side of the square of patches behind the class token; 0 where the places are not patches. */
const gridOf = ({ model }: Setup, time: number): number =>
  model.attends === "grid" ? Math.round(Math.sqrt(time - 1)) : 0;

/** Mean maps [heads, T, T] of all layers at one look, kept until the next. */
export interface MeanMaps {
  readonly step: number;
  readonly event: number;
  readonly time: number;
  readonly layers: readonly (readonly Float32Array[])[];
}

/**
 * At a step boundary. `layer`: whose mean maps are wanted too. Null for a model that does not attend. `maps` is null where
 * they are too many to be read each time.
 */
export async function throughLens(
  core: Readonly<Core>,
  layer: number | null,
): Promise<{ readonly lens: Lens; readonly maps: MeanMaps | null } | null> {
  const { network, setup, step, event } = core;
  if (setup.model.attends === undefined) return null;
  const program = await network.lens();
  const { tensors, outputs } = program.program;
  const shapeOf = (name: string) => tensors[outputs[name]!]!.spec.shape;
  program.run(BATCH);
  const read = async (name: string): Promise<Float32Array[]> => {
    const bytes = program.read(name);
    return rows(new Float32Array(await bytes), shapeOf(name)[0]!);
  };
  const count = Object.keys(outputs).filter((name) => name.startsWith("figures ")).length;
  const each = Array.from({ length: count }, (_, k) => k);
  const [headCount, time] = shapeOf("mean 0") as [number, number];
  const chosen = layer === null || layer < 0 || layer >= count ? null : layer;
  const whole = count * headCount * time ** 2 <= MOST_MAPS;
  const wanted = (k: number) => whole || k === chosen;
  const reading = Promise.all([
    Promise.all(each.map((k) => Promise.all([read(`figures ${k}`), read(`offsets ${k}`)]))),
    Promise.all([read("js"), read("cosine"), "heads" in outputs ? read("heads") : null]),
    Promise.all(each.map((k) => (wanted(k) ? read(`mean ${k}`) : []))),
  ]);
  setup.backend.submit();
  const [layers, [js, cosine, heads], means] = await reading;
  const lens: Lens = {
    step,
    event,
    causal: setup.model.attends === "causal",
    time,
    grid: gridOf(setup, time),
    layers: layers.map(([figures, offsets]) =>
      figures.map((row, head) => ({
        figures: Object.fromEntries(ATTENTION_FIGURES.map((name, i) => [name, row[i]!])) as Record<
          AttentionFigure,
          number
        >,
        offsets: offsets[head]!,
      })),
    ),
    js,
    cosine,
    matched:
      heads &&
      byLayers(
        layers.map(([figures]) => figures.length),
        layers.map(([figures]) => figures.length),
        (a, b) => heads[a]![b]!,
      ),
    carry: null,
    maps: chosen === null ? null : { layer: chosen, heads: means[chosen]! },
  };
  return { lens, maps: whole ? { step, event, time, layers: means } : null };
}

/**
 * What the heads after an event have from those before it: for each the likeness of the most like one. It needs no map of
 * the event's own, so that it tells stacking, inserting and a learned operator by the same measure. Null where windows are
 * not the same, or the terms too many.
 */
export function carriedOver(before: MeanMaps, after: MeanMaps, causal: boolean): Carry | null {
  const counts = ({ layers }: MeanMaps) => layers.map((heads) => heads.length);
  const [from, to] = [before.layers.flat(), after.layers.flat()];
  const { time } = after;
  if (time !== before.time || from.length * to.length * time ** 2 > MOST_TERMS) return null;
  const first = causal ? 1 : 0;
  const matched = byLayers(counts(after), counts(before), (a, b) => {
    let sum = 0;
    for (let q = first; q < time; q++) {
      const row = (map: Float32Array) => map.subarray(q * time, q * time + (causal ? q + 1 : time));
      sum += compared(row(to[a]!), row(from[b]!))[0];
    }
    return sum / (time - first);
  });
  return { event: after.event, before: before.step, after: after.step, matched };
}

/** HM [layers, others] from the divergence in bits of head `a` of all and head `b` of all others. */
function byLayers(
  heads: readonly number[],
  others: readonly number[],
  divergence: (a: number, b: number) => number,
): Float32Array[] {
  const starts = (counts: readonly number[]) =>
    counts.map((_, k) => counts.slice(0, k).reduce((a, b) => a + b, 0));
  const [at, otherAt] = [starts(heads), starts(others)];
  return heads.map((count, l) =>
    Float32Array.from(others, (otherCount, m) => {
      let sum = 0;
      for (let h = 0; h < count; h++) {
        let best = 0;
        for (let o = 0; o < otherCount; o++) {
          best = Math.max(best, 1 - divergence(at[l]! + h, otherAt[m]! + o));
        }
        sum += best / count;
      }
      return sum;
    }),
  );
}

const rows = (data: Float32Array, count: number): Float32Array[] =>
  Array.from({ length: count }, (_, k) =>
    data.slice((k * data.length) / count, ((k + 1) * data.length) / count),
  );
