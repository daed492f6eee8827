/** The draft's check, made once per draft: a field asks for its own sentence, the foot of the panel for any. */
import type { Schema } from "../../config/schema.ts";
import { type CheckedConfig, checkConfig } from "../../run/check.ts";
import type { RunConfig } from "../../run/config.ts";
import { EVAL_FIELDS, RUN_FIELDS } from "../../run/fields.ts";
import { type ChoiceGroup, catalog, find, GROUPS, settingLabel } from "./catalog.ts";
import { valueAt } from "./draft.ts";

const results = new WeakMap<RunConfig, CheckedConfig>();

export function check(draft: RunConfig): CheckedConfig {
  let result = results.get(draft);
  if (result === undefined) {
    result = checkConfig(draft);
    results.set(draft, result);
  }
  return result;
}

export interface Fault {
  /** Of the field that is wrong; of a list, the whole list. */
  readonly path: string;
  /** One sentence, in which the setting is called as its field is. */
  readonly text: string;
}

/** What is wrong in the draft, the first of it, or null. */
export function draftFault(draft: RunConfig): Fault | null {
  const result = check(draft);
  if (result.ok) return null;
  const { path, message } = result;
  const [, list, entry] = /^(.*)\.(\d+)$/.exec(path) ?? [];
  const values = list === undefined || list === "recipe" ? null : valueAt(draft, list);
  const field = list !== undefined && Array.isArray(values) ? list : path;
  // Where there is but one, it is the field.
  const which = Array.isArray(values) && values.length > 1 ? `, entry ${Number(entry) + 1},` : "";
  const name = `${fieldName(draft, field)}${which}`;
  const said = message.startsWith(`${path} `) ? name + message.slice(path.length) : message;
  return { path: field, text: sentence(said) };
}

/** The draft's fault where it is this field's, as its sentence, or null. */
export function checkedDraft(draft: RunConfig, path: string): string | null {
  const fault = draftFault(draft);
  return fault?.path === path ? fault.text : null;
}

const RUN_NAMES: Readonly<Record<string, string>> = {
  "data.id": "Data",
  "model.id": "Model",
  "optim.id": "Optimizer",
  "schedule.id": "Schedule",
  "budget.amount": "Budget",
  "budget.unit": "Budget",
};

/** "batch" → "Batch", "recipe.0.action.cells" → the label of that action's field */
function fieldName(draft: RunConfig, path: string): string {
  const keys = path.split(".");
  const key = keys[keys.length - 1] ?? path;
  const id = String(valueAt(draft, [...keys.slice(0, -1), "id"].join(".")));
  const label = RUN_NAMES[path] ?? schemaAt(keys, id)[key]?.label ?? settingLabel(path);
  return label.charAt(0).toUpperCase() + label.slice(1);
}

/** The fields beside which this one stands. `id`: of the method or model they belong to. */
function schemaAt([group = "", , part]: readonly string[], id: string): Schema {
  if (group in RUN_FIELDS) return RUN_FIELDS;
  if (group === "eval") return EVAL_FIELDS;
  if (group === "recipe") {
    return find(part === "trigger" ? catalog.triggers : catalog.actions, id)?.schema ?? {};
  }
  return find(GROUPS[group as ChoiceGroup] ?? [], id)?.schema ?? {};
}

export function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
