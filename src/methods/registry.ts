export { at } from "./trigger/at.ts";
export { every } from "./trigger/every.ts";
export { manual } from "./trigger/manual.ts";
export { plateau } from "./trigger/plateau.ts";
export { step } from "./trigger/step.ts";
