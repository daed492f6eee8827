export { cascade, fullyConnected } from "./cascade.ts";
export { growGpt, growVit } from "./grown.ts";
export { hlstm } from "./hlstm.ts";
export { hlstmPaper, hlstmReview } from "./hlstm-paper.ts";
export { iterative } from "./iterative.ts";
export { nest } from "./nest.ts";
export { pld } from "./pld.ts";
export { pruneMlp } from "./prune-mlp.ts";
export { stacking } from "./stacking.ts";
