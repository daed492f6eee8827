/** What an action would do, or did, in words: the change of the loss, the weights, the FLOPs. Executed and active stay apart. */
import type { StructureFigures } from "../../run/events.ts";
import { apart, compact, loss, signed, whole } from "../format.ts";

type Sizes = Pick<StructureFigures, "activeFlops" | "executedFlops" | "flopsBefore">;
type Outcome = Omit<StructureFigures, "event" | "maxLogit">;

const share = (part: number, all: number): string => `${Math.round((100 * part) / Math.max(1, all))} %`;

/** "38 k, stays", "38 k → 16 k" */
function change(before: number | undefined, after: number): string {
  if (before === after) return `${compact(after)}, stays`;
  return apart(before, after).filter(Boolean).join(" → ");
}

/** "FLOPs per image, executed: 38 k, stays. Active: 38 k → 16 k." */
export function sayFlops({ flopsBefore, activeFlops, executedFlops }: Sizes, unit: string): string {
  const active = change(flopsBefore?.active, activeFlops);
  if (executedFlops === undefined) return `Active FLOPs per ${unit}: ${active}.`;
  return `FLOPs per ${unit}, executed: ${change(flopsBefore?.executed, executedFlops)}. Active: ${active}.`;
}

/**
 * "Predicted loss change on the probe batch +.004. 2,417 of 6,634 weights go, 36 %. FLOPs …" `here`: weights in use of the
 * part that it is aimed at, where that is not everything.
 */
export function predicted(outcome: Outcome, here: number | null, unit: string): string {
  const { activeBefore, activeAfter, paramsBefore, paramsAfter } = outcome;
  const gone = activeBefore - activeAfter;
  const of = here ?? activeBefore;
  const size =
    paramsAfter !== paramsBefore
      ? `The network goes from ${whole(paramsBefore)} to ${whole(paramsAfter)} weights.`
      : gone > 0
        ? `${whole(gone)} of ${whole(of)} weights${here === null ? "" : " here"} go, ${share(gone, of)}.`
        : gone < 0
          ? `${whole(-gone)} weights come, ${share(-gone, of)} of those${here === null ? "" : " here"}.`
          : "No weight comes or goes.";
  const { flopsBefore, activeFlops, executedFlops } = outcome;
  const same = flopsBefore?.active === activeFlops && flopsBefore.executed === executedFlops;
  const cost = same ? "" : ` ${sayFlops(outcome, unit)}`;
  return `Predicted loss change on the probe batch ${signed(outcome.lossAfter - outcome.lossBefore)}. ${size}${cost}`;
}

/** "Done: loss change on the probe batch +.0315, +.0315 was predicted; 19,270 weights in use, now 7,981. FLOPs …" */
export function happened(done: Outcome, told: Outcome | null, unit: string): string {
  const changed = (of: Outcome): string => signed(of.lossAfter - of.lossBefore, 4);
  return [
    `Done: loss change on the probe batch ${changed(done)}`,
    told === null ? "" : `, ${changed(told)} was predicted`,
    `; ${whole(done.activeBefore)} weights in use, now ${whole(done.activeAfter)}. `,
    sayFlops(done, unit),
  ].join("");
}

/** "12,288 weights, 37 % of the network, 10,813 in use. FLOPs per image of the network: 38 k executed, 16 k active." */
export function costLine(
  size: { readonly all: number; readonly active: number },
  network: {
    readonly params: number;
    readonly flops: { readonly executed: number; readonly active: number };
  },
  { part, unit }: { readonly part: boolean; readonly unit: string },
): string {
  const { all, active } = size;
  const of = part ? `, ${share(all, network.params)} of the network` : "";
  const used = active < all ? `, ${whole(active)} in use` : "";
  const { executed, active: needed } = network.flops;
  const flops = `FLOPs per ${unit}${part ? " of the network" : ""}: ${compact(executed)} executed, ${compact(needed)} active.`;
  return `${whole(all)} weights${of}${used}. ${flops}`;
}

/** The record of an event in a few lines, for whoever points at it. */
export function recordLines(done: Outcome, unit: string): readonly string[] {
  const { lossBefore, lossAfter, activeBefore, activeAfter, paramsBefore, paramsAfter, notes } = done;
  const pair = (before: string, after: string): string => (before === after ? after : `${before} → ${after}`);
  return [
    `Loss on the probe batch ${pair(loss(lossBefore), loss(lossAfter))}`,
    `Weights in use ${pair(whole(activeBefore), whole(activeAfter))}`,
    ...(paramsBefore === paramsAfter ? [] : [`Weights ${pair(whole(paramsBefore), whole(paramsAfter))}`]),
    sayFlops(done, unit),
    ...notes,
  ];
}
