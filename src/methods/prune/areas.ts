/**
 * Areas of a partial-area convolution (NeST, grow-prune §3.7): each slice, the kernel from one map to another, is used only
 * where it says something. On a calibration batch A = mean |x_c ∗ K_oc| at each place; the share γ of the places of each slice
 * that is lowest among those still on goes. Or a rectangle is erased, or painted back, by hand.
 *
 * A place that is off is a dormant entry of the area, 0 by its age as any pruned weight: selection, undo and the record are
 * those of every pruning. A slice left with no place goes with its kernel; each map keeps one slice.
 */
import type { Schema, Values } from "../../config/schema.ts";
import { and } from "../../engine/ops/binary.ts";
import { convAreaMean } from "../../engine/ops/conv2d-area-mean.ts";
import { maskLines } from "../../engine/ops/mask-lines.ts";
import { maskSelect } from "../../engine/ops/mask-select.ts";
import { maskTiles, type Tiles } from "../../engine/ops/mask-tiles.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { Model } from "../../models/types.ts";
import { filled } from "../grow/tools.ts";
import { NEST } from "../papers.ts";
import { regionsOf } from "../target.ts";
import type { Side, StructureAt, StructureMethod, StructurePlan, StructureState } from "../types.ts";
import { drop } from "./amounts.ts";
import { aboveBackground } from "./background.ts";
import { tilesIn } from "./survey.ts";

const place = (label: string, help: string) =>
  ({ kind: "int", label, help, default: 0, min: 0, max: 1023 }) as const;

/** All maps at once. */
const EVERY = -1;
const mapOf = (label: string, help: string) => ({ ...place(label, `${help} −1: all of them.`), min: EVERY });

const schema = {
  mode: {
    kind: "choice",
    label: "What happens",
    help: "least: the places where a slice says least go. erase, paint: a rectangle of a slice is switched off, or on again.",
    default: "least",
    options: ["least", "erase", "paint"],
  },
  share: {
    kind: "float",
    label: "Share",
    symbol: "γ",
    help: "For least: of all places of a slice's map, at each event.",
    default: 0.02,
    min: 0,
    max: 0.9999,
  },
  target: {
    kind: "path",
    label: "Layer",
    help: "A convolution. Empty: for least all of them, else the first.",
    default: "",
  },
  execution: {
    kind: "choice",
    label: "Execution",
    help: "How a network without areas so far runs with them. Both give the same result.",
    default: "skip",
    options: ["mask", "skip"],
  },
  map: mapOf("Map", "For a rectangle: number of the map that is made, from 0."),
  reads: mapOf("Reads", "For a rectangle: number of the map that is read, from 0."),
  top: place("Top", "For a rectangle: its first row."),
  left: place("Left", "For a rectangle: its first column."),
  height: { ...place("Height", "For a rectangle: its rows."), default: 4, min: 1 },
  width: { ...place("Width", "For a rectangle: its columns."), default: 4, min: 1 },
} as const satisfies Schema;

type Choice = Values<typeof schema>;

/** What a method may read of a network (1 MiB) holds so many. */
const MOST_PLACES = 2 ** 18;

const not = (why: string): string => `Not pruned: ${why}.`;

export const areas: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "prune",
  id: "areas",
  label: "Partial areas",
  summary:
    "Switches off the places of a feature map where a kernel says least; or those that are erased by hand.",
  schema,
  paper: NEST,
  applies: (model) => "areas" in model.schema || `not for ${model.label}: it has no feature maps`,
  can(model, from, c) {
    const chosen = layersOf(model, withAreas(model, from, c), c);
    return typeof chosen === "string" ? not(chosen) : true;
  },
  plan: planAreas,
};

/** A convolution and its area. */
interface Layer {
  readonly kernel: ParamSpec;
  readonly area: ParamSpec;
  /** Slices, and places of each. */
  readonly slices: number;
  readonly places: number;
}

/** The network as it is once it has areas. */
function withAreas(model: Model, from: Side, { execution }: Choice): Side {
  if (from.arch.areas !== "off") return from;
  const arch = { ...from.arch, areas: execution };
  return { ...from, arch, specs: model.params(arch, from.data) };
}

function layersOf(model: Model, side: Side, { target, mode }: Choice): readonly Layer[] | string {
  const regions = regionsOf(model, side, target);
  if (typeof regions === "string") return regions;
  const kernels = side.specs.filter(
    (spec) => spec.area !== undefined && regions.some((region) => region.spec.path === spec.path),
  );
  if (kernels.length === 0) return `"${target}" is no convolution`;
  return kernels.slice(0, mode === "least" ? undefined : 1).map((kernel) => {
    const area = side.specs.find(({ path }) => path === kernel.area!.path)!;
    return { kernel, area, slices: area.shape[0]! * area.shape[1]!, places: area.shape[2]! * area.shape[3]! };
  });
}

async function planAreas(at: StructureAt, c: Choice): Promise<StructurePlan | string> {
  if (!(c.share >= 0 && c.share < 1)) return not("choose 0 ≤ γ < 1");
  const to = withAreas(at.model, at.from, c);
  const chosen = layersOf(at.model, to, c);
  if (typeof chosen === "string") return not(chosen);
  if (sum(chosen.map(({ slices, places }) => slices * places)) > MOST_PLACES) {
    return not(`there are more than ${MOST_PLACES.toLocaleString("en")} places; choose one layer`);
  }
  return c.mode === "least" ? planLeast(at, c, to, chosen) : planRectangle(at, c, to, chosen[0]!);
}

const isNew = (old: Params, { area }: Layer): boolean => !old.has(area.path);

/** The areas' ages; those of a network that has none yet are all on. */
const ageOf = (t: Trace, old: StructureState, layer: Layer): Tensor =>
  isNew(old.age, layer) ? filled(t, layer.area.shape, 1, "u32") : old.age.get(layer.area.path)!;

/** Places that are on, of each slice of each layer. */
async function countsOf(at: StructureAt, layers: readonly Layer[]): Promise<readonly (readonly number[])[]> {
  const seen = await at.look((t, old) =>
    Object.fromEntries(
      layers.map((layer, k) => [`on${k}`, t.call(maskLines, [ageOf(t, old, layer)], { from: 2, to: 4 })[0]!]),
    ),
  );
  return layers.map((_, k) => [...seen[`on${k}`]!]);
}

/** Ages of every place with the score of each slice's places ranked apart. */
function dropped(
  t: Trace,
  score: Tensor,
  age: Tensor,
  { slices, places }: Layer,
  wanted: readonly number[],
): Tensor {
  const ranges = Array.from({ length: slices }, (_, group) => ({
    offset: group * places,
    count: places,
    group,
  }));
  const tiles: Tiles = maskTiles(ranges);
  const words = t.constant({ shape: [slices], dtype: "u32" }, wanted);
  const inputs = [score, age, tilesIn(t, tiles), words];
  return t.call(maskSelect, inputs, { ...tiles.attrs, what: "drop", grace: 0 })[0]!;
}

async function planLeast(
  at: StructureAt,
  c: Choice,
  to: Side,
  layers: readonly Layer[],
): Promise<StructurePlan | string> {
  const counts = await countsOf(at, layers);
  const wanted = layers.map((layer, k) => kept(layer, counts[k]!, drop(c.share, layer.places)));
  const off = sum(wanted.flat());
  if (off === 0) return not("no place is left that could go");
  // A needs the batch, which only a look has: what it decides, which places go, is read and put into the change.
  const ages = (t: Trace, old: StructureState): Params => {
    const applied = at.model.apply(t, at.from.arch, at.from.data, old.params, old.batch(), {
      training: false,
      taps: true,
    });
    return new Map(
      layers.map((layer, k) => {
        const { kernel, area } = layer;
        const given = applied.taps.get(kernel.path.replace(".weight", ".in"))!;
        const input = kernel.layer === 0 ? aboveBackground(t, given) : given;
        const padding = (area.shape[2]! + kernel.shape[2]! - 1 - input.shape[2]!) / 2;
        const [score] = t.call(convAreaMean, [input, old.params.get(kernel.path)!], { padding });
        return [area.path, dropped(t, score!, ageOf(t, old, layer), layer, wanted[k]!)];
      }),
    );
  };
  const seen = await at.look((t, old) => Object.fromEntries(ages(t, old)));
  const emptied = layers.map((_, k) => counts[k]!.map((on, s) => on > 0 && on === wanted[k]![s]!));
  return planOf(to, layers, (path) => seen[path]!, emptied, off);
}

/** How many places of each slice go. Each map keeps a slice, and that slice a place. */
function kept({ area }: Layer, counts: readonly number[], each: number): readonly number[] {
  const wanted = counts.map((on) => Math.min(each, on));
  const [made, channels] = area.shape as [number, number];
  for (let o = 0; o < made; o++) {
    const slices = Array.from({ length: channels }, (_, m) => o * channels + m);
    if (slices.some((s) => counts[s]! > wanted[s]!)) continue;
    const most = slices.reduce((best, s) => (counts[s]! > counts[best]! ? s : best), slices[0]!);
    if (counts[most]! > 0) wanted[most] = counts[most]! - 1;
  }
  return wanted;
}

/** The new areas are known to the host: at most a few hundred thousand places, read and written once. */
function planOf(
  to: Side,
  layers: readonly Layer[],
  agesOf: (path: string) => ArrayLike<number>,
  emptied: readonly (readonly boolean[])[],
  off: number,
): StructurePlan {
  const removed = sum(emptied.map((slices) => slices.filter(Boolean).length));
  return {
    arch: to.arch,
    preserving: false,
    change(t, old) {
      const params = new Map<string, Tensor>();
      const age = new Map<string, Tensor>();
      for (const spec of to.specs) {
        if (!old.params.has(spec.path)) {
          params.set(spec.path, filled(t, spec.shape, 1, "f32"));
          age.set(spec.path, filled(t, spec.shape, 1, "u32"));
        }
      }
      layers.forEach(({ area, kernel }, k) => {
        const ages = Array.from(agesOf(area.path));
        age.set(area.path, t.constant({ shape: area.shape, dtype: "u32" }, ages));
        params.set(
          area.path,
          t.constant(
            { shape: area.shape, dtype: "f32" },
            ages.map((a) => (a === 0 ? 0 : 1)),
          ),
        );
        if (!emptied[k]!.some(Boolean)) return;
        const shape = [kernel.shape[0]!, kernel.shape[1]!, 1, 1];
        const words = emptied[k]!.map((gone) => (gone ? 0 : 0xffffffff));
        const mask = t.constant({ shape, dtype: "u32" }, words);
        age.set(kernel.path, t.call(and, [old.age.get(kernel.path)!, mask], {})[0]!);
      });
      return { params, age };
    },
    figures: { places: off, slices: removed },
  };
}

async function planRectangle(
  at: StructureAt,
  c: Choice,
  to: Side,
  layer: Layer,
): Promise<StructurePlan | string> {
  const [made, channels, rows, columns] = layer.area.shape as [number, number, number, number];
  if (c.map >= made || c.reads >= channels) {
    return not(`there is no slice from map ${c.reads} to map ${c.map}: ${channels} are read, ${made} made`);
  }
  if (c.top >= rows || c.left >= columns)
    return not(`the rectangle lies outside of ${rows} × ${columns} places`);
  const { ages } = await at.look((t, old) => ({ ages: ageOf(t, old, layer) }));
  const now = Array.from(ages);
  const all = (one: number, count: number) =>
    one === EVERY ? Array.from({ length: count }, (_, i) => i) : [one];
  const maps = all(c.map, made);
  const slices = maps.flatMap((o) => all(c.reads, channels).map((m) => o * channels + m));
  const erase = c.mode === "erase";
  let changed = 0;
  for (const slice of slices) {
    for (let y = c.top; y < Math.min(rows, c.top + c.height); y++) {
      for (let x = c.left; x < Math.min(columns, c.left + c.width); x++) {
        const i = slice * layer.places + y * columns + x;
        if ((now[i] === 0) === erase) continue;
        now[i] = erase ? 0 : 1;
        changed++;
      }
    }
  }
  if (changed === 0) return not(`everything there is ${erase ? "off" : "on"} already`);
  const on = Array.from({ length: layer.slices }, (_, s) =>
    now.slice(s * layer.places, (s + 1) * layer.places).some((a) => a !== 0),
  );
  const empty = maps.find((o) => !on.slice(o * channels, (o + 1) * channels).includes(true));
  if (empty !== undefined) return not(`it would empty the last slice of map ${empty}`);
  const emptied = on.map((there, s) => !there && slices.includes(s));
  return planOf(to, [layer], () => now, [emptied], erase ? changed : -changed);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
