/** An entry of the recipe in words: what is done, and when. */
import type { RecipeEntry } from "../../run/config.ts";
import { plain, whole } from "../format.ts";
import { catalog, labelOf, settingLabel } from "../store/catalog.ts";
import { capital, sayValue } from "./Field.tsx";

/** "Stack at 12.5 % of the budget" */
export function sayEntry({ trigger, action }: RecipeEntry): string {
  return `${sayAction(action)} ${sayTrigger(trigger)}`;
}

function sayAction(action: RecipeEntry["action"]): string {
  if (action.id === "edit")
    return `${capital(settingLabel(String(action.path)))} to ${sayValue(action.value)}`;
  if (action.id === "skip") return "Leave out the growth";
  if (action.id === "rest") return `Entry ${Number(action.of) + 1} acts no more`;
  if (action.id === "commit")
    return `Entry ${Number(action.of) + 1} commits its operator after ${whole(Number(action.after))} steps`;
  if (action.id === "answer")
    return action.said === "prune"
      ? `Entry ${Number(action.of) + 1} begins short of its goal`
      : `Growth goes on towards the goal of entry ${Number(action.of) + 1}`;
  if (action.id === "extend") return `${whole(Number(action.steps))} steps more`;
  return labelOf(catalog.actions, action.id);
}

/** "at 20 % of the budget", "when the loss stops falling" */
export function sayTrigger(trigger: RecipeEntry["trigger"]): string {
  switch (trigger.id) {
    case "at":
      return `at ${plain(Math.round(Number(trigger.fraction) * 1000) / 10)} % of the budget`;
    case "step":
      return `at step ${whole(Number(trigger.step))}`;
    case "every":
      return `every ${whole(Number(trigger.steps))} steps`;
    case "manual":
      return "by hand";
    default:
      return labelOf(catalog.triggers, trigger.id).toLowerCase();
  }
}
