export { activationGrad } from "./activation-grad.ts";
export { add, and, div, mul, or, sub } from "./binary.ts";
export { dropout } from "./dropout.ts";
export { draw, fill } from "./fill.ts";
export { concat, pad, permute, slice } from "./layout.ts";
export { matmul } from "./matmul.ts";
export { matmulGradWeight } from "./matmul-grad-weight.ts";
export { norm } from "./norm.ts";
export { expand, reduce } from "./reduce.ts";
export { reshape } from "./reshape.ts";
export { softmax, softmaxBackward } from "./softmax.ts";
export { take, takeBackward } from "./take.ts";
export {
  exp,
  gelu,
  leakyRelu,
  log,
  neg,
  offset,
  relu,
  scale,
  sigmoid,
  sqrt,
  square,
  tanh,
  unaryBackward,
} from "./unary.ts";
