/** The draft's check, made once per draft: fields ask for their own sentence, the foot of the panel for any. */
import { type CheckedConfig, checkConfig } from "../../run/check.ts";
import type { RunConfig } from "../../run/config.ts";
import { settingLabel } from "./catalog.ts";

const results = new WeakMap<RunConfig, CheckedConfig>();

export function check(draft: RunConfig): CheckedConfig {
  let result = results.get(draft);
  if (result === undefined) {
    result = checkConfig(draft);
    results.set(draft, result);
  }
  return result;
}

/** What is wrong at this path as a sentence under its field, or null. */
export function checkedDraft(draft: RunConfig, path: string): string | null {
  const result = check(draft);
  return !result.ok && result.path === path
    ? sentence(result.message.replace(`${path} is `, "It is "))
    : null;
}

/** What is wrong anywhere in the draft, with the setting called as its field is, or null. */
export function draftFault(draft: RunConfig): string | null {
  const result = check(draft);
  if (result.ok) return null;
  const { path, message } = result;
  const label = settingLabel(path);
  const name = label.charAt(0).toUpperCase() + label.slice(1);
  return sentence(message.startsWith(`${path} is `) ? message.replace(path, name) : message);
}

export function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
