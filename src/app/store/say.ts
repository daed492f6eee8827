/**
 * The sentences that tell an event to someone who does not see the stage. Exact words, so that what is announced, shown
 * and tested is one text. At least five seconds lie between two announcements; what came in between is summed.
 */
import { count, list, loss, rough, whole } from "../format.ts";
import { catalog, labelOf } from "./catalog.ts";
import type { Mark, Session } from "./session.ts";

/** ["Block 3"] → "Block 3"; ["Layer 3", "Layer 4"] → "Layers 3 and 4" */
export function joinedNames(names: readonly string[]): string {
  const parts = names.map((name) => /^(\w+) (\d+)$/.exec(name));
  const kind = parts[0]?.[1];
  if (names.length > 1 && kind !== undefined && parts.every((part) => part?.[1] === kind)) {
    return `${kind}s ${list(parts.map((part) => part?.[2] ?? ""))}`;
  }
  return list(names);
}

/** "Block 3 joined" */
export function bornTitle(mark: Mark): string {
  if (mark.kind !== "growth") {
    if (mark.done?.kind === "compact") return "Compacted";
    if (mark.done?.kind === "remove") return "Removed";
    return mark.kind === "cut" ? "Pruned" : "Changed";
  }
  const names = (mark.born ?? []).map((tier) => tier.name);
  if (names.length > 0) return `${joinedNames(names)} joined`;
  // Connections that were woken: the network has the shape it had.
  return `${mark.done?.sizeBefore === mark.done?.sizeAfter ? "Grown within" : "Grown to"} ${mark.label}`;
}

/** ", copied from 1 and 2", where the newborn are copies of others. */
function copiedFrom(mark: Mark): string {
  const born = mark.born ?? [];
  if (born.length < 2) return "";
  const sources = born.map((tier) => mark.tierNames[mark.done?.copies[tier.id] ?? ""]);
  if (sources.some((name) => name === undefined)) return "";
  const numbers = (sources as string[]).map((name) => /\d+$/.exec(name)?.[0] ?? name);
  return `, copied from ${list(numbers)}`;
}

/** A loss as it is said: no zeros at its end. */
const spoken = (value: number): string =>
  loss(value)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");

/** A change too small for three places has as many as it needs. */
const spokenChange = (size: number): string => (size < 5e-4 ? rough(size) : spoken(size));

/** One event as a sentence, with what its method says of it; "" for what is not announced. */
export function sayEvent(mark: Mark, session: Pick<Session, "state">): string {
  const said = sentenceOf(mark, session);
  return said === "" ? "" : [said, ...(mark.done?.notes ?? [])].join(" ");
}

function sentenceOf(mark: Mark, session: Pick<Session, "state">): string {
  const step = whole(mark.clock.step);
  const { done } = mark;
  if (mark.kind === "growth" && done) {
    const [before, after] = [spoken(done.lossBefore), spoken(done.lossAfter)];
    const told = before === after ? `Loss ${before} before and after.` : `Loss ${before}, now ${after}.`;
    return `${bornTitle(mark)} at step ${step}${copiedFrom(mark)}. ${told}`;
  }
  if (mark.kind === "cut" && done && done.kind !== "prune") {
    const told = `${whole(done.paramsBefore)} weights before, ${whole(done.paramsAfter)} now`;
    return `${bornTitle(mark)} at step ${step}: ${told}. Loss ${spoken(done.lossBefore)}, now ${spoken(done.lossAfter)}.`;
  }
  if (mark.kind === "cut" && done) {
    const gone = done.activeBefore - done.activeAfter;
    const share = Math.round((100 * gone) / Math.max(1, done.activeBefore));
    const change = done.lossAfter - done.lossBefore;
    const told =
      change === 0
        ? "Loss unchanged."
        : `Loss ${change > 0 ? "up" : "down"} ${spokenChange(Math.abs(change))}.`;
    return `Pruned ${count(gone, "weight")} at step ${step}, ${share} percent. ${told}`;
  }
  if (done?.kind === "drop") return `${labelOf(catalog.actions, done.method)} from step ${step} on.`;
  if (mark.kind === "undo" || mark.kind === "redo") {
    const tiers = session.state?.anatomy.tiers ?? [];
    const kind = /^\w+/.exec(tiers[0]?.name ?? "")?.[0]?.toLowerCase();
    const size = kind === undefined ? "" : ` to ${count(tiers.length, kind)}`;
    return mark.kind === "undo"
      ? `Undone. Back${size} at step ${step}.`
      : `Redone. Forward${size} at step ${step}.`;
  }
  if (mark.kind === "refused" || mark.kind === "given-up" || mark.kind === "diverged") return mark.label;
  return "";
}

const NOUNS: Readonly<Partial<Record<Mark["kind"], string>>> = {
  growth: "growth",
  cut: "prune",
  undo: "undo",
  redo: "redo",
  change: "change",
};

/** "5 changes since step 1,000: 4 prunes, 1 growth." */
export function saySum(marks: readonly Mark[]): string {
  const first = marks[0];
  if (!first) return "";
  const counts = new Map<string, number>();
  for (const { kind } of marks) {
    const noun = NOUNS[kind];
    if (noun !== undefined) counts.set(noun, (counts.get(noun) ?? 0) + 1);
  }
  const kinds = [...counts].sort((a, b) => b[1] - a[1]).map(([noun, n]) => count(n, noun));
  const since = whole(Math.min(...marks.map((mark) => mark.clock.step)));
  return `${count(marks.length, "change")} since step ${since}${kinds.length > 0 ? `: ${kinds.join(", ")}` : ""}.`;
}
