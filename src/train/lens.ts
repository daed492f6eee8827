/**
 * Attention under the lens (transformer-growth §5): what the maps of every layer and head say over one fixed batch of
 * validation windows, dropout off. The maps are reduced where they are made; a training step knows nothing of it.
 */
import { control } from "../engine/control.ts";
import { arenaLayout } from "../engine/layout.ts";
import { ATTENTION_FIGURES, attentionFigures } from "../engine/ops/attention-figures.ts";
import { attentionLikeness } from "../engine/ops/attention-likeness.ts";
import { concat } from "../engine/ops/layout.ts";
import { reduce } from "../engine/ops/reduce.ts";
import { reshape } from "../engine/ops/reshape.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { Program } from "../engine/types.ts";
import type { AttentionFigure, Lens } from "../run/messages.ts";
import type { Core } from "./core.ts";
import { drawn } from "./feed.ts";
import type { Sized } from "./programs.ts";
import type { Setup } from "./setup.ts";

/** Windows of the batch that is looked at; images where the model reads those. */
const WINDOWS = 16;
const IMAGES = 64;
/** Steps between two looks through the lens. */
export const LENS_EVERY = 50;
/** The batch: the first of one evenly spaced batch. */
const BATCH = control({ drawMode: 1, drawIndex: 0, drawCount: 1 });
/** Taps of a model that attends: P [N, heads, T, T] of each layer, from the trunk outwards. */
const MAPS = /^(.+)\.attention$/;

/**
 * Outputs "figures k" [heads, 9], "offsets k" and the mean map "mean k" [heads, T, T] of layer k; "js" and "cosine"
 * [L, L] over layers. Only what is read leaves the device.
 */
export function lensProgram(setup: Setup, { arch, specs }: Sized): Program {
  const { model, shape } = setup;
  const attrs = { causal: model.attends === "causal" };
  const t = createTrace();
  const params = t.arena("params", "params", arenaLayout(specs));
  const batch = drawn(t, setup, "validation", model.task === "classify" ? IMAGES : WINDOWS);
  const { taps } = model.apply(t, arch, shape, params.at, batch, { training: false, taps: true });
  const maps = [...taps].flatMap(([name, tap]) => (MAPS.test(name) ? [tap] : []));
  const means = maps.map((p, k) => {
    const [figures, offsets] = t.call(attentionFigures, [p], attrs);
    t.output(`figures ${k}`, figures!);
    t.output(`offsets ${k}`, offsets!);
    t.output(`mean ${k}`, t.call(reduce, [p], { axes: [0], keepDims: false, how: "mean" })[0]!);
    const mean = t.call(reduce, [p], { axes: [1], keepDims: false, how: "mean" })[0]!;
    return t.call(reshape, [mean], { shape: [1, ...mean.shape] })[0]!;
  });
  const [js, cosine] = t.call(attentionLikeness, [t.call(concat, means, { axis: 0 })[0]!], attrs);
  t.output("js", js!);
  t.output("cosine", cosine!);
  return plan(t.finish());
}

/** At a step boundary. `layer`: whose mean maps are wanted too. Null for a model that does not attend. */
export async function throughLens(core: Readonly<Core>, layer: number | null): Promise<Lens | null> {
  const { network, setup, step, event } = core;
  const { attends } = setup.model;
  if (attends === undefined) return null;
  const program = await network.lens();
  const { tensors, outputs } = program.program;
  program.run(BATCH);
  const read = async (name: string): Promise<{ data: Float32Array; shape: readonly number[] }> => {
    const bytes = program.read(name);
    const { shape } = tensors[outputs[name]!]!.spec;
    return { data: new Float32Array(await bytes), shape };
  };
  const count = Object.keys(outputs).filter((name) => name.startsWith("figures ")).length;
  const layers = Array.from({ length: count }, (_, k) =>
    Promise.all([read(`figures ${k}`), read(`offsets ${k}`)]),
  );
  const likeness = Promise.all([read("js"), read("cosine")]);
  const chosen = layer === null || layer < 0 || layer >= count ? null : layer;
  const means = chosen === null ? null : read(`mean ${chosen}`);
  setup.backend.submit();
  const [js, cosine] = await likeness;
  const time = setup.model.attends === "causal" ? (await layers[0]!)[1].shape[1]! : null;
  return {
    step,
    event,
    causal: attends === "causal",
    time: time ?? ((await layers[0]!)[1].shape[1]! + 1) / 2,
    layers: (await Promise.all(layers)).map(([figures, offsets]) =>
      rows(figures.data, figures.shape[0]!).map((row, head) => ({
        figures: Object.fromEntries(ATTENTION_FIGURES.map((name, i) => [name, row[i]!])) as Record<
          AttentionFigure,
          number
        >,
        offsets: rows(offsets.data, offsets.shape[0]!)[head]!,
      })),
    ),
    js: rows(js.data, count),
    cosine: rows(cosine.data, count),
    maps:
      means === null ? null : { layer: chosen!, heads: await means.then((m) => rows(m.data, m.shape[0]!)) },
  };
}

const rows = (data: Float32Array, count: number): Float32Array[] =>
  Array.from({ length: count }, (_, k) =>
    data.slice((k * data.length) / count, ((k + 1) * data.length) / count),
  );
