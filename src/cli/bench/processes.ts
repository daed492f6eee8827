/**
 * CPU time of a browser's processes, and of each of their threads, from /proc. On a processor that plays graphics card the
 * GPU process does the arithmetic and the renderer runs the JavaScript, so the two tell what each costs.
 *
 * Linux keeps a thread's time to the nanosecond where the kernel was built to tell (`schedstat`, `sched`); else in ticks
 * of 10 ms (`stat`). Elsewhere Chromium's own figure is used, in its own steps.
 */
import { readdirSync, readFileSync } from "node:fs";

/** CPU seconds so far, by thread. */
export type Threads = ReadonlyMap<string, number>;

export type Grain = "nanoseconds" | "ticks" | "chromium";

const TICK = 0.01;

function secondsOf(task: string): { readonly seconds: number; readonly grain: Grain } {
  try {
    return {
      seconds: Number(readFileSync(`${task}/schedstat`, "utf8").split(" ")[0]) / 1e9,
      grain: "nanoseconds",
    };
  } catch {
    // not built in
  }
  try {
    const line = /se\.sum_exec_runtime\s*:\s*([\d.]+)/.exec(readFileSync(`${task}/sched`, "utf8"));
    if (line !== null) return { seconds: Number(line[1]) / 1000, grain: "nanoseconds" };
  } catch {
    // not built in
  }
  // utime and stime are fields 14 and 15; the name in field 2 may hold blanks.
  const fields = readFileSync(`${task}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return { seconds: (Number(fields[11]) + Number(fields[12])) * TICK, grain: "ticks" };
}

/** Null where there is no /proc. Keys are "tid name". */
export function threadsOf(pid: number): { readonly threads: Threads; readonly grain: Grain } | null {
  const folder = `/proc/${pid}/task`;
  let ids: string[];
  try {
    ids = readdirSync(folder);
  } catch {
    return null;
  }
  const threads = new Map<string, number>();
  let grain: Grain = "nanoseconds";
  for (const id of ids) {
    try {
      const name = readFileSync(`${folder}/${id}/comm`, "utf8").trim();
      const { seconds, grain: own } = secondsOf(`${folder}/${id}`);
      if (own === "ticks") grain = own;
      threads.set(`${id} ${name}`, seconds);
    } catch {
      // it ended meanwhile
    }
  }
  return { threads, grain };
}

/** What was used between two looks. A thread that ended between them is lost: nobody keeps its account. */
export function spent(before: Threads, after: Threads): number {
  let sum = 0;
  for (const [thread, seconds] of after) sum += seconds - (before.get(thread) ?? 0);
  return sum;
}
