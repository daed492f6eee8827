/** Every built-in data set: one line each. */
export { dinosaurs } from "./dinosaurs.ts";
export { lodash } from "./lodash.ts";
export { mnist } from "./mnist.ts";
export { mobyDick } from "./moby-dick.ts";
export { names } from "./names.ts";
export { pronounce } from "./pronounce.ts";
export { sonnets } from "./sonnets.ts";
