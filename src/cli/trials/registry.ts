export { nest } from "./nest.ts";
