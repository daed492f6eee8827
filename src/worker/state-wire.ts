/**
 * A run's state crosses from worker to page twice a second. What hangs on the network's size alone, its drawing above all, is
 * most of it and the same until the network grows: it crosses once, and the page's end puts it back. So it is copied once,
 * and stays the same object there: nothing that draws it is drawn anew.
 */
import type { RunState, WorkerMessage } from "../run/messages.ts";

const OF_SIZE = ["arch", "size", "anatomy", "can"] as const;
type OfSize = Pick<RunState, (typeof OF_SIZE)[number]>;

function ofSize({ arch, size, anatomy, can }: OfSize): OfSize {
  return { arch, size, anatomy, can };
}

/** The worker's end. The reporter hands out the same objects for as long as the network is the same (train/report.ts). */
export function thinStates(): (message: WorkerMessage) => unknown {
  let sent: RunState | null = null;
  return (message) => {
    if (message.type !== "state") return message;
    const { state } = message;
    const last = sent;
    sent = state;
    if (last?.run !== state.run || OF_SIZE.some((key) => last[key] !== state[key])) return message;
    const { arch: _, size: __, anatomy: ___, can: ____, ...rest } = state;
    return { ...message, state: rest };
  };
}

/** The page's end. */
export function wholeStates(): (message: WorkerMessage) => WorkerMessage {
  let known: OfSize | null = null;
  return (message) => {
    if (message.type !== "state") return message;
    if ("anatomy" in message.state || known === null) {
      known = ofSize(message.state);
      return message;
    }
    return { ...message, state: { ...(message.state as RunState), ...known } };
  };
}
