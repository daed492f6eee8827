/** One H-LSTM layer against a stack of two LSTM layers with more weights (grow-prune §5.7, target a). */
import { COLUMNS, complete, outcome, usual, whole } from "./common.ts";
import type { Arm, Scale, Trial } from "./types.ts";

const SIZES = {
  small: { cells: 48, width: 48, embed: 24, lr: 5e-3, batch: 16, context: 32, steps: 500, every: 50 },
  paper: { cells: 128, width: 128, embed: 32, lr: 3e-3, batch: 32, context: 64, steps: 3000, every: 100 },
} as const;

function arms(scale: Scale): readonly Arm[] {
  const { cells, width, embed, lr, batch, context, steps, every } = SIZES[scale];
  const arm = (id: string, label: string, model: object): Arm => ({
    id,
    label,
    config: complete({
      data: { id: "moby-dick" },
      model: { blocks: [cells], embed, ...model },
      optim: { id: "adamw", lr, clip: 1 },
      ...{ batch, context },
      budget: { amount: steps },
      eval: { every, batches: 16 },
    }),
  });
  return [
    arm("one", "LSTM, 1 layer", { id: "lstm" }),
    arm("two", "LSTM, 2 layers", { id: "lstm", layers: 2 }),
    arm("hlstm", "H-LSTM, 1 layer", { id: "hlstm", gateLayers: 1, gateWidth: width }),
  ];
}

export const hlstm: Trial = {
  id: "hlstm",
  title: "An H-LSTM against two LSTM layers, on Moby-Dick",
  claim: [
    "Dai, Yin and Jha (arXiv 1805.11797, abstract) get the accuracy of stacked LSTMs from fewer external layers by giving the gates",
    "hidden layers of their own. Here: validation loss after as many steps, at no more weights than two stacked layers.",
  ],
  columns: [COLUMNS.params, COLUMNS.loss, COLUMNS.flops],
  arms,
  sizes(scale) {
    const { cells, width, embed, lr, batch, context, steps } = SIZES[scale];
    return [
      `${cells} cells, embedding of ${embed}, gates of one hidden layer of ${width}; ${whole(steps)} steps of ${batch} windows of ${context} characters, AdamW at ${lr}.`,
    ];
  },
  meter: usual,
  verdict: (rows) =>
    `At no more weights no worse than two layers: ${outcome(
      rows,
      ({ two, hlstm }) => hlstm!.params! <= two!.params! && hlstm!.loss! <= two!.loss!,
    )}`,
};
