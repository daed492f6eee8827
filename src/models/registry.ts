export { bert } from "./bert.ts";
export { cnn } from "./cnn.ts";
export { gpt } from "./gpt.ts";
export { hlstm } from "./hlstm.ts";
export { lstm } from "./lstm.ts";
export { mlp } from "./mlp.ts";
export { vit } from "./vit.ts";
