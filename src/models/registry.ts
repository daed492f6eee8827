export { cnn } from "./cnn.ts";
export { gpt } from "./gpt.ts";
export { lstm } from "./lstm.ts";
export { mlp } from "./mlp.ts";
