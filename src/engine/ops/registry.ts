export { dropout } from "./dropout.ts";
export { draw, fill } from "./fill.ts";
export { concat, pad, permute, slice } from "./layout.ts";
export { norm } from "./norm.ts";
export { expand, reduce } from "./reduce.ts";
export { softmax, softmaxBackward } from "./softmax.ts";
export { take, takeBackward } from "./take.ts";
