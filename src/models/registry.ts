export { gpt } from "./gpt.ts";
export { hlstm } from "./hlstm.ts";
export { lstm } from "./lstm.ts";
