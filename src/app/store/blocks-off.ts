/** Layers switched off for an evaluation, as the page keeps and says it. */
import type { BlocksOff, WorkerMessage } from "../../run/messages.ts";
import { fixed, list, loss, signed, whole } from "../format.ts";
import type { Session } from "./session.ts";

type Found = BlocksOff["sets"][number];

const key = ({ off }: Pick<Found, "off">): string => [...off].sort().join(" ");

/** The answer to a question about the network's parts. */
export function reported(
  session: Session,
  message: Extract<WorkerMessage, { type: "scanned" | "blocks-off" }>,
): Session {
  return message.type === "scanned"
    ? { ...session, scan: { step: message.step, curves: message.curves }, progress: null }
    : { ...session, blocksOff: withFound(session.blocksOff, message.found), progress: null };
}

/** What was found of the same weights stands together; other weights begin anew. */
export function withFound(known: BlocksOff | null, found: BlocksOff): BlocksOff {
  const same =
    known !== null &&
    known.step === found.step &&
    known.layers === found.layers &&
    known.all.loss === found.all.loss;
  if (!same) return found;
  const fresh = new Set(found.sets.map(key));
  return { ...found, sets: [...known.sets.filter((one) => !fresh.has(key(one))), ...found.sets] };
}

/** What is known of just this set; null: it was not asked. */
export function foundOf(known: BlocksOff | null, off: readonly string[]): Found | null {
  return known?.sets.find((one) => key(one) === key({ off })) ?? null;
}

/** "layer 3", "layers 1 and 4", by their places in the network. */
export function layersSaid(off: readonly string[], names: readonly string[]): string {
  const places = names.flatMap((name, k) => (off.includes(name) ? [whole(k + 1)] : []));
  return `${places.length === 1 ? "layer" : "layers"} ${list(places)}`;
}

/** Nats, the small ones to three places: "+.42", "−.003". */
export const changeSaid = (change: number): string => signed(change, Math.abs(change) < 0.0995 ? 3 : 2);

/** "Without layer 3: validation loss 2.731, +.42 nats; 91.2 % right, with it 97.1 %." */
export function offSentence(known: BlocksOff, found: Found, names: readonly string[]): string {
  const right = (share: number): string => `${fixed(100 * share, 1)} %`;
  const scored =
    found.accuracy === undefined || known.all.accuracy === undefined
      ? ""
      : `; ${right(found.accuracy)} right, with ${found.off.length === 1 ? "it" : "them"} ${right(known.all.accuracy)}`;
  const change = changeSaid(found.loss - known.all.loss);
  return `Without ${layersSaid(found.off, names)}: validation loss ${loss(found.loss)}, ${change} nats${scored}.`;
}
