/** The draft's check, made once per draft: fields ask for their own sentence, the foot of the panel for any. */
import { type CheckedConfig, checkConfig } from "../../run/check.ts";
import type { RunConfig } from "../../run/config.ts";

const results = new WeakMap<RunConfig, CheckedConfig>();

export function check(draft: RunConfig): CheckedConfig {
  let result = results.get(draft);
  if (result === undefined) {
    result = checkConfig(draft);
    results.set(draft, result);
  }
  return result;
}

/** What is wrong at this path as a sentence, or null. */
export function checkedDraft(draft: RunConfig, path: string): string | null {
  const result = check(draft);
  return !result.ok && result.path === path ? sentence(result.message) : null;
}

export function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
