/**
 * The first of bert2BERT's two stages of training (arXiv 2110.07143 §3.4; transformer-growth §3.5): after a growth each step
 * trains a sub-model of the lowest l_b, 2 l_b, …, L layers, drawn anew, and updates only the top l_b of those; then training goes
 * on as ever. What stands below is computed, so that gradients are exact, and stays as it is; what stands above is left out.
 */
import type { StructureMethod } from "../types.ts";
import type { Together } from "./rule.ts";
import { appliesTo, canDrop, dropPlan } from "./shared.ts";

const schema = {
  block: {
    kind: "int",
    label: "Layers a sub-model",
    symbol: "l_b",
    help: "Sub-models have so many layers, twice as many, and so on; so many are updated. 0: a quarter of the layers. The paper has 3 of 12.",
    default: 0,
    min: 0,
    max: 12,
    unit: "layers",
  },
  share: {
    kind: "float",
    label: "First stage",
    help: "Part of the budget that it takes. The paper found that more than a little does harm.",
    default: 0.1,
    min: 0,
    max: 1,
  },
} as const;

const blockOf = (block: number, layers: number): number =>
  block === 0 ? Math.ceil(layers / 4) : Math.min(block, layers);

/** Depths of the sub-models: the last one is the whole, also where l_b does not divide L. */
export function subModels(block: number, layers: number): readonly number[] {
  const size = blockOf(block, layers);
  return Array.from({ length: Math.ceil(layers / size) }, (_, k) => Math.min(layers, size * (k + 1)));
}

/** Which layers run and which are updated, by one draw of a step. */
export function stageOne(block: number, layers: number, draw: number): Together {
  const depths = subModels(block, layers);
  const depth = depths[Math.min(depths.length - 1, Math.floor(draw * depths.length))]!;
  const below = depth - blockOf(block, layers);
  const of = (test: (layer: number) => boolean) => Array.from({ length: layers }, (_, layer) => test(layer));
  return { ran: of((layer) => layer < depth), updated: of((layer) => layer < depth && layer >= below) };
}

export const twoStage: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "drop",
  id: "two-stage",
  label: "Two-stage training",
  summary:
    "For a while each step trains the top of a sub-model of the lowest layers; then the whole network.",
  schema,
  paper: {
    title: "bert2BERT: Towards Reusable Pretrained Language Models",
    authors: "Chen, Yin, Shang, Jiang, Qin, Wang, Wang, Chen, Liu, Liu",
    year: 2022,
    arxiv: "2110.07143",
  },
  applies: appliesTo,
  can: (model, at) => canDrop(model, at, { least: 0 }),
  drops: {
    chances({ block, share }, layers, x) {
      const depths = subModels(block, layers);
      const deeper = (layer: number) => depths.filter((depth) => depth > layer).length / depths.length;
      const keep = Array.from({ length: layers }, (_, layer) => (x < share ? deeper(layer) : 1));
      return { keep, scale: keep.map(() => 1) };
    },
    together: ({ block, share }, layers, x, draw) => (x < share ? stageOne(block, layers, draw) : null),
    scaled: () => false,
    least: () => 0,
    zeroGrad: () => false,
  },
  plan: async (at, c) => dropPlan(at, c),
};
