/** The small networks of the figures: large enough to learn something in a few hundred steps, small enough to be seen whole. */

/** First names: 28 symbols, bigram 2.41 nats. */
const text = {
  seed: 1,
  data: { id: "names" },
  batch: 8,
  context: 12,
  eval: { every: 10, batches: 8 },
};

export const lstm = (steps: number, change: object = {}, more: object = {}) => ({
  ...text,
  model: { id: "lstm", blocks: [12], embed: 8, maxCells: 64, ...change },
  optim: { id: "adamw", lr: 1e-2, clip: 1 },
  budget: { unit: "steps", amount: steps },
  ...more,
});

export const hlstm = (steps: number, change: object = {}, more: object = {}) => ({
  ...lstm(steps),
  model: { id: "hlstm", blocks: [8], embed: 8, gateLayers: 1, gateWidth: 12, ...change },
  ...more,
});

export const gpt = (steps: number, change: object = {}, more: object = {}) => ({
  ...text,
  model: { id: "gpt", layers: 2, width: 16, heads: 2, ...change },
  optim: { id: "adamw", lr: 3e-3, beta2: 0.99, clip: 1 },
  budget: { unit: "steps", amount: steps },
  ...more,
});

/** Digits of 14 × 14 pixels; the first 1,000 of them. */
const digits = {
  seed: 1,
  data: { id: "mnist", images: 1000 },
  optim: { id: "adamw", lr: 5e-3, clip: 0 },
  batch: 20,
  eval: { every: 10, batches: 10 },
};

export const mlp = (steps: number, change: object = {}, more: object = {}) => ({
  ...digits,
  model: { id: "mlp", widths: [16], halve: true, ...change },
  budget: { unit: "steps", amount: steps },
  ...more,
});

export const cnn = (steps: number, change: object = {}, more: object = {}) => ({
  ...digits,
  model: { id: "cnn", channels: [4, 6], kernel: 3, widths: [16], halve: true, ...change },
  budget: { unit: "steps", amount: steps },
  ...more,
});

/** An action after so many steps. */
export const after = (step: number, action: object) => ({ trigger: { id: "step", step }, action });
