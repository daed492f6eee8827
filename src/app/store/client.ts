/**
 * The page's end of the worker: starts it, hands it the shaders, folds what it says into the store, and gives everyone
 * `send`. The bundler's syntax (`new URL`, `import.meta.glob`) ends here; below `app` nothing knows of Vite.
 */
import type { Choice, RunConfig } from "../../run/config.ts";
import type { RunCommand, WorkerMessage } from "../../run/messages.ts";
import { createClient } from "../../worker/client.ts";
import { reduce } from "./reduce.ts";
import { getRun, notify, setRun } from "./store.ts";
import { keepTiles, keptTiles } from "./tiles.ts";

type Unaddressed<C> = C extends { readonly run: string } ? Omit<C, "run"> & { readonly run?: string } : C;

/** A command; without `run` it goes to the run on the page. */
export type PageCommand = Unaddressed<RunCommand>;

type Client = { send(command: RunCommand): void };
type Listener = (message: WorkerMessage) => void;

let client: Client | null = null;
const listeners = new Set<Listener>();
const saving = new Map<number, (bytes: ArrayBuffer | null) => void>();
let requests = 0;

/** How long a snapshot may take before the page goes on without it. */
const SAVE_PATIENCE = 10_000;

export function send(command: PageCommand): void {
  const run = getRun().run;
  if (client === null) return;
  if (
    command.type === "init" ||
    command.type === "shaders" ||
    command.type === "kernels" ||
    command.type === "kernels-stop" ||
    command.type === "time-tiles"
  ) {
    client.send(command);
  } else if (command.run !== undefined || run !== null) {
    client.send({ ...command, run: command.run ?? run } as RunCommand);
  }
}

/** Steps between two looks of the worker at its own weights, at most five times a second in any case. */
const LOOK_EVERY = 10;

/** Where the page looks: the part that is pinned, the image that was chosen. */
export function lookNow(): void {
  const { pinned, picture, lensOn, lensLayer, graph, bridgeOn } = getRun();
  const lens = lensOn ? { layer: lensLayer } : null;
  send({
    type: "look",
    every: LOOK_EVERY,
    text: "",
    picture,
    part: pinned,
    lens,
    graph,
    bridge: bridgeOn ? pinned : null,
  });
}

/** Called for each message after it has been folded in. */
export function onMessage(listener: Listener): void {
  listeners.add(listener);
}

/** The whole run as bytes, or one node of its history; null when the worker does not answer. */
export const requestSnapshot = (node?: string): Promise<ArrayBuffer | null> =>
  requestBytes((request) => ({ type: "save", request, ...(node === undefined ? {} : { node }) }));

/** An arm of the comparison that is done. */
export const requestArm = (arm: string): Promise<ArrayBuffer | null> =>
  requestBytes((request) => ({ type: "try-save", request, arm }));

function requestBytes(asked: (request: number) => PageCommand): Promise<ArrayBuffer | null> {
  if (getRun().run === null) return Promise.resolve(null);
  const request = ++requests;
  return new Promise((resolve) => {
    const done = (bytes: ArrayBuffer | null): void => {
      clearTimeout(timer);
      saving.delete(request);
      resolve(bytes);
    };
    const timer = setTimeout(() => done(null), SAVE_PATIENCE);
    saving.set(request, done);
    send(asked(request));
  });
}

export type Preview = Extract<WorkerMessage, { type: "preview" }>;
const asking = new Map<number, (answer: Preview | null) => void>();

/** What an action would do now, measured and taken back; null when there is no run to ask, or a newer question. */
export function requestPreview(action: Choice): Promise<Preview | null> {
  for (const done of asking.values()) done(null);
  asking.clear();
  if (getRun().run === null) return Promise.resolve(null);
  const request = ++requests;
  return new Promise((resolve) => {
    asking.set(request, resolve);
    send({ type: "preview", request, action });
  });
}

/** How sensitive each matrix is: the answer is in the session. */
export function requestScan(): void {
  send({ type: "scan", request: ++requests });
}

/** What the network would be without each of these sets of layers: the answer is in the session. */
export function requestBlocksOff(sets: readonly (readonly string[])[]): void {
  send({ type: "blocks-off", request: ++requests, sets });
}

/** A run that takes the place of the one on the page once the worker has taken it; refused, the page stays as it is. */
interface Expected {
  readonly run: string;
  adopt(config: RunConfig): void;
  refuse(message: string): void;
}

let expected: Expected | null = null;

export function expectRun(next: Expected): void {
  expected = next;
}

/** Has the page change over before the first message of the expected run is folded in. True: there is no more to it. */
function met(message: WorkerMessage): boolean {
  if (expected === null) return false;
  const { run, adopt, refuse } = expected;
  if (message.type === "refused" && message.run === run) {
    expected = null;
    refuse(message.message);
    return true;
  }
  const started = message.type === "events" ? message.events.find((event) => event.run === run) : undefined;
  if (started?.type === "run/started") {
    expected = null;
    adopt(started.config);
  }
  return false;
}

function receive(message: WorkerMessage): void {
  if (met(message)) return;
  if (message.type === "saved") {
    saving.get(message.request)?.(message.bytes);
    return;
  }
  if (message.type === "preview") {
    asking.get(message.request)?.(message);
    asking.delete(message.request);
    return;
  }
  if (message.type === "tiles") {
    if (message.keep !== null) keepTiles(message.keep);
    setRun({ tiles: message.tiles });
  }
  setRun((state) => reduce(state, message));
  for (const listener of listeners) listener(message);
}

function notStarted(why: string): void {
  notify({
    id: "worker",
    tone: "bad",
    text: `The trainer could not be started: ${why}.`,
    actions: [{ label: "Load again", run: () => location.reload() }],
  });
}

/** Once a page. */
export function startClient(): void {
  if (client !== null) return;
  const worker = new Worker(new URL("../../worker/browser.ts", import.meta.url), { type: "module" });
  worker.addEventListener("error", (event) => {
    notStarted(event.message || "its file did not load");
  });
  const made = createClient(worker, receive);
  client = made;
  // Beside the worker's own script, and not before the page: nothing on it needs them.
  void import("./shaders.ts").then(
    ({ shaders }) => {
      const dataUrl = new URL("data/", document.baseURI).href;
      made.send({ type: "init", shaders, dataUrl, tiles: keptTiles() });
    },
    () => notStarted("its shaders did not load"),
  );
}

import.meta.hot?.accept("./shaders.ts", (next) => {
  if (next) send({ type: "shaders", shaders: next.shaders as Record<string, string> });
});
