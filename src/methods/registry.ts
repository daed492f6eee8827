export { insertGateLayer } from "./gates/insert-gate-layer.ts";
export { swapActivation } from "./gates/swap-activation.ts";
export { aki } from "./grow/aki.ts";
export { cascade } from "./grow/cascade.ts";
export { connectivity } from "./grow/connectivity.ts";
export { fpi } from "./grow/fpi.ts";
export { fullyConnected } from "./grow/fully-connected.ts";
export { identity } from "./grow/identity.ts";
export { mango } from "./grow/mango.ts";
export { net2net } from "./grow/net2net.ts";
export { stack } from "./grow/stack.ts";
export { adamw } from "./optim/adamw.ts";
export { lion } from "./optim/lion.ts";
export { sgd } from "./optim/sgd.ts";

export { compact } from "./prune/compact.ts";
export { magnitude } from "./prune/magnitude.ts";

export { freeze } from "./surgery/freeze.ts";
export { removeBlock } from "./surgery/remove-block.ts";

export { at } from "./trigger/at.ts";
export { every } from "./trigger/every.ts";
export { manual } from "./trigger/manual.ts";
export { plateau } from "./trigger/plateau.ts";
export { step } from "./trigger/step.ts";
export { until } from "./trigger/until.ts";
