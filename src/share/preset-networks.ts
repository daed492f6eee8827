/**
 * The networks that presets start from, each with what it is trained on and how, and a small one that a processor can
 * train while you watch. What is done to them while they train stands with the presets.
 */

/** AdamW 2e-3, clip 1, batch 32, T 64 are the defaults of every config. */
export const charLstm = { model: { id: "lstm", blocks: [128], embed: 64 }, budget: { amount: 3000 } };

/** A warm-up of 50 steps, then along a cosine to a tenth. */
export const gpt = (steps: number) => ({
  model: { id: "gpt", layers: 2, width: 64, heads: 4 },
  optim: { id: "adamw", lr: 3e-3, beta1: 0.9, beta2: 0.99, weightDecay: 0.01, clip: 1 },
  schedule: { id: "cosine", warmup: 50 / steps, floor: 0.1 },
  batch: 16,
  budget: { amount: steps },
});

export const names = {
  data: { id: "names" },
  model: { id: "lstm", blocks: [64], embed: 32 },
  context: 32,
  budget: { amount: 2000 },
};

/** grow-prune §5.3. Dropout begins when a million characters were seen, which is at step 489. */
export const hlstm = {
  model: { id: "hlstm", blocks: [128], embed: 32, gateLayers: 1, gateWidth: 128 },
  optim: { id: "adamw", lr: 3e-3, clip: 1 },
  budget: { amount: 3000 },
  recipe: [{ trigger: { id: "step", step: 489 }, action: { id: "edit", path: "model.dropout", value: 0.1 } }],
};

export const bert = (steps: number) => ({
  ...gpt(steps),
  model: { id: "bert", layers: 2, width: 64, heads: 4 },
});

/** transformer-growth §1: 17 places, batch 128. */
export const vit = {
  data: { id: "mnist" },
  model: { id: "vit", layers: 3, width: 48, heads: 3, patch: "7" },
  optim: { id: "adamw", lr: 2e-3, beta1: 0.9, beta2: 0.99, weightDecay: 0.01, clip: 1 },
  schedule: { id: "cosine", warmup: 0.03, floor: 0.1 },
  batch: 128,
  budget: { amount: 1650 },
  eval: { every: 110, batches: 39 },
};

/** H 32, batch 16, T 32, AdamW 1e-2: under the bigram yardstick of Moby-Dick well before step 300. */
export const tiny = {
  model: { id: "lstm", blocks: [32], embed: 32 },
  optim: { id: "adamw", lr: 1e-2, clip: 1 },
  batch: 16,
  context: 32,
  eval: { every: 50, batches: 4 },
};

export const tinyHlstm = {
  ...tiny,
  model: { id: "hlstm", blocks: [32], embed: 32, gateLayers: 1, gateWidth: 32 },
  budget: { amount: 400 },
};

export const tinyGpt = {
  ...gpt(400),
  model: { id: "gpt", layers: 2, width: 32, heads: 2 },
  context: 32,
  eval: tiny.eval,
};

/** Three epochs of 55,000 digits; all 5,000 of validation are looked at, five times an epoch. Values: grow-prune §2.2. */
export const mlp = {
  data: { id: "mnist" },
  model: { id: "mlp", widths: [300, 100] },
  optim: { id: "adamw", lr: 1e-3, clip: 0 },
  batch: 100,
  budget: { amount: 1650 },
  eval: { every: 110, batches: 50 },
};

/** One file of 5,000 digits, 14 × 14: over nine tenths right within 100 steps. */
export const tinyMlp = {
  ...mlp,
  data: { id: "mnist", images: 5000 },
  model: { id: "mlp", widths: [32], halve: true },
  optim: { id: "adamw", lr: 5e-3, clip: 0 },
  batch: 50,
  budget: { amount: 400 },
  eval: { every: 25, batches: 20 },
};

/** The depth is what there is to leave out. */
export const deep = (steps: number, layers: number) => ({
  ...gpt(steps),
  model: { ...gpt(steps).model, layers },
});
export const tinyDeep = { ...tinyGpt, model: { ...tinyGpt.model, layers: 6 } };

export const tinyBert = { ...tinyGpt, model: { ...tinyGpt.model, id: "bert" } };

/** One file of 5,000 digits. */
export const tinyVit = {
  ...vit,
  data: { id: "mnist", images: 5000 },
  model: { id: "vit", layers: 2, width: 32, heads: 2, patch: "7" },
  batch: 32,
  budget: { amount: 300 },
  eval: { every: 25, batches: 20 },
};

/** Caffe's LeNet-5, as Han et al. and NeST have it: 431,080 weights. Two epochs. */
export const cnn = {
  ...mlp,
  model: { id: "cnn", channels: [20, 50], kernel: 5, widths: [500] },
  budget: { amount: 1100 },
};

/** 14 × 14, three by three kernels: a twentieth of the work of the first layer alone. */
export const tinyCnn = {
  ...tinyMlp,
  model: { id: "cnn", channels: [6, 12], kernel: 3, widths: [32], halve: true },
  budget: { amount: 300 },
};
