/** Every op of the engine, as a list: for the interpreter, which knows ops by name, and for tests over all of them. */
import type { OpDef } from "../types.ts";
import * as registry from "./registry.ts";

export const allOps: readonly OpDef[] = Object.values(registry);
