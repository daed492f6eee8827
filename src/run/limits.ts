/**
 * Bounds of a run that no schema of a model or method states. They keep a stranger's config from asking for memory or
 * time that no device has; what a given device allows is said by the device, later.
 */
import type { BudgetUnit } from "./config.ts";

export const MAX_BATCH = 512;
export const MIN_CONTEXT = 8;
export const MAX_CONTEXT = 512;
/** Batch × context: 16,384 positions × 512 cells × 4 gates × 4 bytes are 128 MiB, the largest binding every device has. */
export const MAX_POSITIONS = 16_384;
export const MAX_RECIPE = 64;
export const MAX_SEED = 0xffffffff;
export const MAX_AMOUNT: Readonly<Record<BudgetUnit, number>> = { steps: 1e7, tokens: 1e12, flops: 1e18 };
/** One's own text may have this many symbols; a config does not know how many it has. */
export const MAX_SYMBOLS = 256;
export const MAX_NAME = 120;
