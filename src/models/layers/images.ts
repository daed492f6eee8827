/** Fields that models of images have in common. */
import type { Schema } from "../../config/schema.ts";

export const ACTIVATION_FIELD = {
  kind: "choice",
  label: "Activation",
  default: "relu",
  options: ["relu", "leaky-relu", "tanh", "sigmoid", "gelu"],
} as const satisfies Schema[string];

export const HALVE_FIELD = {
  kind: "flag",
  label: "Half size",
  help: "Averages squares of 2 × 2 pixels first: a quarter of the inputs, for slow devices.",
  default: false,
} as const satisfies Schema[string];
