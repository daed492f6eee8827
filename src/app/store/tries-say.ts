/**
 * What a comparison comes to, in sentences: who was first to scratch's final loss and by how much, and how little one seed
 * is. The same words on the page and for whoever hears it.
 */
import { resultOf, type TryPoint, type TryResult } from "../../run/tries-result.ts";
import { count, list, loss, whole } from "../format.ts";
import { curvesOf, type Tried } from "./tried.ts";

const percent = (part: number, whole_: number): string =>
  `${Math.round((100 * part) / Math.max(whole_, 1e-9))} %`;

/** "31 % of its FLOPs (120 of 400 steps)" */
const spent = (at: TryPoint, goal: TryPoint): string =>
  `${percent(at.flops, goal.flops)} of its FLOPs (${whole(at.step)} of ${whole(goal.step)} steps)`;

function firstSentence({ goal, first, order }: TryResult): string {
  const ended = `Scratch ended at ${loss(goal.loss)}.`;
  const [best, ...more] = first;
  if (best?.at == null) {
    return order.length === 0
      ? `${ended} Nothing was grown.`
      : `${ended} No grown network got there with as many FLOPs.`;
  }
  const next = order.find(({ id, at }) => at !== null && !first.some((one) => one.id === id));
  const after = next?.at ? ` ${next.label} came after that, with ${percent(next.at.flops, goal.flops)}.` : "";
  if (more.length === 0) {
    return `${ended} ${best.label} was first to it, with ${spent(best.at, goal)}.${after}`;
  }
  const names = list(first.map(({ label }) => label));
  return `${ended} ${names} were first to it, with ${spent(best.at, goal)}: a tie, less than one evaluation apart.${after}`;
}

function controlSentence({ control, goal, order }: TryResult): string {
  if (control === null) return "";
  const { at } = control;
  if (at === null) return "The source, simply continued, did not get there.";
  const said = `The source, simply continued, got there with ${percent(at.flops, goal.flops)}`;
  const best = order[0]?.at;
  return best && best.flops <= at.flops
    ? `${said}.`
    : `${said}: sooner than anything grown. What is larger has yet to show that it gets further.`;
}

/** What can be said so far; nothing before scratch is done, because its end is the goal. */
export function sayTries(tried: Tried): readonly string[] {
  const { arms } = tried.state;
  if (arms.find(({ id }) => id === "scratch")?.phase !== "done") return [];
  const result = resultOf(curvesOf(tried));
  if (result === null) return [];
  const open = arms.filter(({ phase }) => phase === "waiting" || phase === "growing" || phase === "training");
  return [
    ...(open.length > 0 ? [`${count(open.length, "arm")} still to come.`] : []),
    firstSentence(result),
    controlSentence(result),
    "One seed is one seed: the order can turn with another. What it took to train the source is in none of these figures.",
  ].filter((sentence) => sentence !== "");
}
