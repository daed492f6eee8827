/**
 * The bench page: all engines in one page, on one adapter. It draws nothing; `src/cli/bench/chromium.ts` drives it by
 * `window.bench` and takes the processes' CPU times around each turn.
 */
import "./count.ts"; // first: it wraps the prototypes
import type { PageApi } from "../../src/cli/bench/page-api.ts";
import type { RunCommand, WorkerMessage } from "../../src/run/messages.ts";
import { createApi } from "./api.ts";
import type { Place } from "./engines/ours.ts";
import { COUNTS_CHANNEL, type Taken } from "./engines/types.ts";

const shaders = Object.fromEntries(
  Object.entries(
    import.meta.glob<string>("../../shaders/**/*.wgsl", { query: "?raw", import: "default", eager: true }),
  ).map(([path, text]) => [path.replace("../../shaders/", "").replace(/\.wgsl$/, ""), text]),
);

function workerPlace(): Place {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const channel = new BroadcastChannel(COUNTS_CHANNEL);
  return {
    send: (command: RunCommand) => worker.postMessage(command),
    onMessage: (listener) => {
      worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => listener(data);
      worker.onerror = (event) => listener({ type: "no-device", reason: event.message });
    },
    taken: () =>
      new Promise<Taken>((resolve) => {
        channel.onmessage = ({ data }: MessageEvent<Taken>) => resolve(data);
        channel.postMessage(null);
      }),
    close: () => {
      channel.close();
      worker.terminate();
    },
  };
}

declare global {
  interface Window {
    bench: PageApi;
  }
}
window.bench = createApi({
  gpu: navigator.gpu,
  shaders,
  userAgent: navigator.userAgent,
  place: workerPlace,
});
document.body.dataset.ready = "yes";
