/** Golden values of the optimizers, from selection-optimizers-comparison §9.1: float64, made with that page's formulas. */
import { adamw } from "../methods/optim/adamw.ts";
import { lion } from "../methods/optim/lion.ts";
import { sgd } from "../methods/optim/sgd.ts";

/** Rows of §9.1: θ after each step, and the slots after the last. */
export const GOLDEN = [
  {
    name: "SGD",
    method: sgd,
    c: { momentum: 0.9, nesterov: false },
    lr: 0.1,
    weightDecay: 0.01,
    theta: [
      [0.3995, -0.34975, 0, 0.959],
      [0.3176505, -0.38940025, -0.005, 0.882041],
      [0.21402785, -0.43501085, 0.040505, 0.85275896],
    ],
    slots: [[1.03305, 0.46, -0.455, 0.284]],
  },
  {
    name: "SGD, Nesterov",
    method: sgd,
    c: { momentum: 0.9, nesterov: true },
    lr: 0.1,
    weightDecay: 0.01,
    theta: [
      [0.3095, -0.43975, 0, 0.923],
      [0.2444355, -0.42531025, -0.0095, 0.813677],
      [0.12121656, -0.47628494, 0.0814595, 0.82730332],
    ],
    slots: [[1.03305, 0.46, -0.455, 0.284]],
  },
  {
    name: "AdamW",
    method: adamw,
    c: { beta1: 0.9, beta2: 0.999, eps: 1e-8 },
    lr: 0.01,
    weightDecay: 0.1,
    theta: [
      [0.4895, -0.25975, 0, 0.989],
      [0.48296854, -0.26215362, -0.00744137, 0.978011],
      [0.47617995, -0.26451167, -0.00164954, 0.97441306],
    ],
    slots: [
      [0.103305, 0.046, -0.0455, 0.0284],
      [0.0010953, 0.00125775, 0.0002525, 0.00047952],
    ],
  },
  {
    name: "Lion",
    method: lion,
    c: { beta1: 0.9, beta2: 0.99 },
    lr: 0.01,
    weightDecay: 0.1,
    theta: [
      [0.4895, -0.25975, 0, 0.989],
      [0.4790105, -0.24949025, -0.01, 0.978011],
      [0.46853149, -0.25924076, 0.00001, 0.98703299],
    ],
    slots: [[0.01195455, 0.005851, -0.004505, 0.0038804]],
  },
] as const;
