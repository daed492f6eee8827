/**
 * Before the product's worker loads: the prototypes are wrapped. What was counted is asked for on a channel: all up to the
 * last time that the worker said it stands paused. What it does after that is no part of a step: every half minute of
 * training it copies the run aside, which after a slow step would always be counted with it.
 */
import { type Counts, takeCounts } from "./count.ts";
import { COUNTS_CHANNEL, type Taken } from "./engines/types.ts";

let paused: Taken | null = null;

function add(a: Taken | null, b: Taken): Taken {
  if (a === null) return b;
  const counts = { ...a.counts };
  for (const key of Object.keys(counts) as (keyof Counts)[]) counts[key] += b.counts[key];
  return { counts, errors: [...a.errors, ...b.errors], compiling: b.compiling };
}

const scope = self as unknown as { postMessage(message: unknown, ...more: unknown[]): void };
const post = scope.postMessage.bind(self);
scope.postMessage = (message, ...more) => {
  const { type, state } = message as { readonly type?: string; readonly state?: { readonly phase: string } };
  if (type === "state" && state?.phase === "paused") paused = add(paused, takeCounts());
  post(message, ...more);
};

const channel = new BroadcastChannel(COUNTS_CHANNEL);
channel.onmessage = () => {
  const after = takeCounts();
  channel.postMessage({
    counts: (paused ?? after).counts,
    errors: [...(paused?.errors ?? []), ...after.errors],
    compiling: after.compiling,
  });
  paused = null;
};
