/**
 * What a link of version 1 may leave out. FROZEN: links in the world rely on every value here. A default that changes
 * means version 2, with a file of its own beside this one; a method added since stays out and is written whole. A field added
 * since to what stands here is entered with the value that links without it always had.
 */
import type { FrozenDefaults } from "./migrations.ts";

export const DEFAULTS_1: FrozenDefaults = {
  config: {
    seed: 1,
    data: {
      id: "moby-dick",
    },
    model: {
      id: "lstm",
      blocks: [128],
      layers: 1,
      input: "embedding",
      embed: 64,
      connectivity: "cascade",
      maxCells: 256,
      dropout: 0,
    },
    optim: {
      id: "adamw",
      lr: 0.002,
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      weightDecay: 0,
      clip: 1,
    },
    schedule: {
      id: "constant",
      warmup: 0,
    },
    batch: 32,
    context: 64,
    budget: {
      unit: "steps",
      amount: 3000,
    },
    eval: {
      every: 100,
      batches: 4,
    },
    recipe: [],
  },
  choices: {
    data: {
      dinosaurs: {},
      lodash: {},
      "moby-dick": {},
      names: {},
      pronounce: {},
      sonnets: {},
    },
    model: {
      gpt: {
        layers: 2,
        width: 64,
        heads: 4,
        ffn: 4,
        maxLayers: 12,
        eps: 1e-5,
        dropout: 0,
        tied: false,
      },
      lstm: {
        blocks: [128],
        layers: 1,
        input: "embedding",
        embed: 64,
        connectivity: "cascade",
        maxCells: 256,
        dropout: 0,
      },
    },
    optim: {
      adamw: {
        lr: 0.002,
        beta1: 0.9,
        beta2: 0.999,
        eps: 1e-8,
        weightDecay: 0,
        clip: 1,
      },
      lion: {
        lr: 0.0004,
        beta1: 0.9,
        beta2: 0.99,
        weightDecay: 0,
        clip: 1,
      },
      sgd: {
        lr: 0.1,
        momentum: 0.9,
        nesterov: false,
        weightDecay: 0,
        clip: 1,
      },
    },
    schedule: {
      constant: {
        warmup: 0,
      },
      cosine: {
        warmup: 0.1,
        floor: 0.1,
      },
      linear: {
        warmup: 0.1,
        floor: 0,
      },
      triangle: {},
    },
    trigger: {
      at: {
        fraction: 0.5,
      },
      every: {
        steps: 500,
        times: 3,
      },
      manual: {},
      plateau: {
        beta: 0.98,
        window: 200,
        every: 50,
        cooldown: 300,
        patience: 1,
        threshold: 0.03,
      },
      step: {
        step: 0,
      },
    },
    action: {
      cascade: {
        cells: 64,
        noise: 0.1,
        donor: "newest",
        handoff: "none",
        rho: 0.7,
        freezeOld: false,
      },
      "fully-connected": {
        cells: 64,
        noise: 0.1,
        donor: "newest",
        handoff: "none",
        rho: 0.7,
      },
      identity: {
        count: 1,
        position: "top",
        others: "copy",
        slots: "reset",
      },
      stack: {
        map: "stack",
        to: 0,
        sources: [],
        slots: "reset",
        rewarm: 20,
      },
    },
  },
};
