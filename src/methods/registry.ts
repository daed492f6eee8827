export { at } from "./trigger/at.ts";
export { every } from "./trigger/every.ts";
export { manual } from "./trigger/manual.ts";
export { plateau } from "./trigger/plateau.ts";
export { step } from "./trigger/step.ts";
export { adamw } from "./optim/adamw.ts";
export { lion } from "./optim/lion.ts";
export { sgd } from "./optim/sgd.ts";
