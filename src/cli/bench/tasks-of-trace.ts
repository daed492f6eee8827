/** The longest task of a page's main thread, out of a trace of Chromium: `tdur` is time on the CPU, in microseconds. */

export interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Milliseconds; null when the trace does not show the process that has the worker. */
export function longestMainTask(events: readonly TraceEvent[]): number | null {
  const threads = events.filter(({ ph, name }) => ph === "M" && name === "thread_name");
  const worker = threads.find(({ args }) => args?.name?.startsWith("DedicatedWorker"));
  const main = threads.find(({ pid, args }) => pid === worker?.pid && args?.name === "CrRendererMain");
  if (main === undefined) return null;
  const spent = events
    .filter(({ pid, tid, name }) => pid === main.pid && tid === main.tid && /RunTask$/.test(name))
    .flatMap(({ tdur }) => (tdur === undefined ? [] : [tdur / 1000]));
  return spent.length === 0 ? null : Math.max(...spent);
}
