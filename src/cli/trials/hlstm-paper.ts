/** Growing and pruning an H-LSTM, both ways: how many gate connections are left at nearly the same loss (§5.7, target c). */
import type { RunConfig } from "../../run/config.ts";
import { paperWay, reviewWay } from "../../share/recipes.ts";
import { COLUMNS, complete, outcome, usual, whole } from "./common.ts";
import type { Arm, Meter, Scale, Trial } from "./types.ts";

const SIZES = {
  small: {
    // So many cells that embedding and readout, which stay dense, leave room for three times fewer weights in all.
    ...{ cells: 64, width: 64, embed: 24, batch: 16, context: 32, steps: 1000 },
    lr: 5e-3,
    eval: { every: 40, batches: 8 },
    way: {
      grow: { every: 70, times: 4 },
      ...{ swap: 330, settle: 110, lr: 2e-3 },
      // No more cuts than that needs: the rest of the steps is training.
      prune: { share: 0.25, rest: 30, times: 5 },
    },
  },
  paper: {
    ...{ cells: 128, width: 128, embed: 32, batch: 32, context: 64, steps: 4000 },
    lr: 3e-3,
    eval: { every: 50, batches: 8 },
    way: {
      grow: { every: 200, times: 6 },
      ...{ swap: 1400, settle: 150, lr: 1e-3 },
      prune: { share: 0.12, rest: 60 },
    },
  },
} as const;

function arms(scale: Scale): readonly Arm[] {
  const { cells, width, embed, batch, context, steps, lr, eval: evaluation, way } = SIZES[scale];
  const common = {
    data: { id: "moby-dick" },
    optim: { id: "adamw", lr, clip: 1 },
    ...{ batch, context, eval: evaluation },
    budget: { amount: steps },
  };
  const model = { id: "hlstm", blocks: [cells], embed };
  const own = { ...model, gateLayers: 1, gateWidth: width };
  return [
    {
      id: "paper",
      label: "paper",
      config: complete({ ...common, model: own, recipe: paperWay(way) }),
    },
    {
      id: "review",
      label: "seed review",
      config: complete({
        ...common,
        model: { ...model, blocks: [Math.floor(cells / 2)], gateLayers: 0 },
        recipe: reviewWay(way),
      }),
    },
  ];
}

/** Connections inside the gates of an H-LSTM of one layer (grow-prune §5.1), all of them. */
function gatesOf({ blocks, embed, gateLayers, gateWidth }: Readonly<Record<string, unknown>>): number {
  const cells = (blocks as readonly number[]).reduce((sum, n) => sum + n, 0);
  const [layers, width, read] = [Number(gateLayers), Number(gateWidth), Number(embed) + cells];
  return layers === 0 ? 4 * cells * read : 4 * (width * read + (layers - 1) * width ** 2 + cells * width);
}

/** The usual figures; what the network and its gates have if dense and at the end, and the loss after the swap. */
function meter(config: RunConfig): Meter {
  const from = usual();
  const until = config.recipe.find(({ trigger }) => trigger.id === "until")!;
  const start = until.trigger.from as number;
  let reference: number | null = null;
  let [grown, left] = [0, 0];
  let [dense, gates, others] = [0, 0, 0];
  const nodes = new Map<string, number>();
  return {
    ...from,
    hear(event) {
      from.hear(event);
      if (event.type === "eval" && event.step >= start) reference ??= event.loss;
      if (event.type === "structure/done") {
        // What a compaction takes out was dormant, but for biases.
        if (event.kind !== "compact") {
          const outside = event.paramsBefore - event.activeBefore;
          nodes.set(event.parent, event.activeBefore);
          nodes.set(event.node, event.activeAfter);
          left = event.activeAfter;
          if (event.kind !== "prune") grown = event.activeAfter;
          dense = Math.max(dense, event.paramsAfter, outside);
          gates = gatesOf(event.arch);
          others = event.paramsAfter - gates;
        }
      }
      if (event.type === "history/moved") left = nodes.get(event.to) ?? left;
    },
    figures: () => ({ ...from.figures(), dense, grown, left, gates, inside: left - others, reference }),
  };
}

export const hlstmPaper: Trial = {
  id: "hlstm-paper",
  title: "H-LSTM, grown and pruned, on Moby-Dick",
  claim: [
    "Dai, Yin and Jha (arXiv 1805.11797, abstract) report 19.4 times fewer weights for DeepSpeech2 and 10.8 times fewer for translation",
    "by growing from a sparse seed and pruning. Here: at least 3 times fewer weights than the same network dense, at a validation loss at",
    "most 1 % above what it was after the swap to ReLUs and some training: of all weights, and of the connections inside the gates, which",
    "alone are pruned.",
  ],
  columns: [
    { id: "dense", label: "weights if dense", show: whole },
    { id: "grown", label: "active when grown", show: whole },
    { id: "left", label: "active at the end", show: whole },
    { id: "gates", label: "inside the gates if dense", show: whole },
    { id: "inside", label: "inside the gates at the end", show: whole },
    { id: "reference", label: "reference, nats", show: (loss) => loss.toFixed(4) },
    COLUMNS.loss,
    { ...COLUMNS.params, label: "weights after compaction" },
    COLUMNS.flops,
  ],
  arms,
  sizes(scale) {
    const { cells, width, embed, batch, context, steps, lr, way } = SIZES[scale];
    const times = "times" in way.prune ? `, ${way.prune.times} times at most` : "";
    return [
      `${whole(steps)} steps of ${batch} windows of ${context} characters, embedding of ${embed}, AdamW at ${lr}, from the swap at step ${way.swap} on at ${way.lr}.`,
      `Paper: ${cells} cells, gates of ${width} units, a seed of 30 %; ${way.grow.times} times 15 % of what is dormant. Seed review: a plain LSTM of ${Math.floor(cells / 2)} cells`,
      `gains a paired layer at step ${way.grow.every}, grown ${Math.floor(way.grow.times / 2)} times. Both: from step ${way.swap + way.settle} on ${100 * way.prune.share} % a round${times}, ${way.prune.rest} steps or more`,
      "between rounds, while validation comes back to within 1 %; the last cut is taken back when it does not; then compaction.",
    ];
  },
  meter,
  verdict(rows) {
    const came = (arm: string, all: "dense" | "gates", some: "left" | "inside") =>
      outcome(rows, (arms) => {
        const { loss, reference, [all]: dense, [some]: left } = arms[arm]!;
        return dense! / left! >= 3 && loss! <= 1.01 * reference!;
      });
    const both = (what: string, all: "dense" | "gates", some: "left" | "inside") =>
      `At least 3 times fewer ${what} at no more than 1 % of the loss. Paper: ${came("paper", all, some)} Seed review: ${came("review", all, some)}`;
    return `${both("weights", "dense", "left")} ${both("connections inside the gates", "gates", "inside")}`;
  },
};

/** The same table: both ways stand in it. */
export const hlstmReview: Trial = { ...hlstmPaper, id: "hlstm-review" };
