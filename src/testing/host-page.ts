/** A page as the host sees one, for tests: it sends commands, keeps what comes back, and takes devices away. */
import { gzipSync } from "node:zlib";
import type { Backend } from "../engine/types.ts";
import type { RunEvent } from "../run/events.ts";
import type { RunCommand, RunState, WorkerMessage } from "../run/messages.ts";
import { Host } from "../worker/host.ts";
import { interpreter, tinyConfig, VERSES } from "./runs.ts";

export type Sent<T extends WorkerMessage["type"]> = Extract<WorkerMessage, { readonly type: T }>;

export class Page {
  readonly messages: WorkerMessage[] = [];
  readonly host: Host;
  /** Takes the devices away that were given so far. */
  lose: (() => void)[] = [];
  opened = 0;
  /** Why kernels do not compile, while they do not. */
  refuse: string | null = null;
  /** Shader texts that the device was given, in turn. */
  readonly set: Readonly<Record<string, string>>[] = [];
  #waiting: (() => void)[] = [];

  constructor(devices = Number.POSITIVE_INFINITY) {
    this.host = new Host({
      post: (message) => {
        // A message crosses a wire: what cannot be cloned would fail there.
        this.messages.push(structuredClone(message));
        for (const look of this.#waiting) look();
      },
      open: async () => {
        if (++this.opened > devices) throw new Error("This browser does not offer its GPU to pages.");
        const { backend, lose } = mortal(interpreter());
        this.lose.push(lose);
        const { compile } = backend;
        backend.compile = (...given) =>
          this.refuse === null ? compile(...given) : Promise.reject(new Error(this.refuse));
        const facts = { vendor: "none", architecture: "", description: "", limits: {} };
        return { backend, facts, setShaders: (texts) => this.set.push(texts), apart: (work) => work() };
      },
      files: () => async () => gzipSync(VERSES),
      clock: () => performance.now() / 1000,
      turn: () => new Promise((resolve) => setImmediate(resolve)),
    });
    this.send({ type: "init", shaders: {}, dataUrl: "data/" });
  }

  send(...commands: readonly RunCommand[]): void {
    for (const command of commands) this.host.receive(command);
  }

  of<T extends WorkerMessage["type"]>(type: T): Sent<T>[] {
    return this.messages.filter((message) => message.type === type) as Sent<T>[];
  }

  get events(): RunEvent[] {
    return this.of("events").flatMap(({ events }) => events);
  }

  /** Resolves with the first message after this call that fits. */
  async next<T extends WorkerMessage["type"]>(type: T, fits: (message: Sent<T>) => boolean = () => true) {
    const from = this.messages.length;
    for (;;) {
      const found = this.messages
        .slice(from)
        .find((m): m is Sent<T> => m.type === type && fits(m as Sent<T>));
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  state(fits: (state: RunState) => boolean): Promise<Sent<"state">> {
    return this.next("state", ({ state }) => fits(state));
  }
}

/** A device that can be taken away: from then on read-backs fail. */
function mortal(backend: Backend): { backend: Backend; lose: () => void } {
  let dead = false;
  let tell: (reason: string) => void = () => {};
  const lost = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const wrapped: Backend = {
    ...backend,
    get bytes() {
      return backend.bytes;
    },
    lost,
    async compile(program, onProgress) {
      const executable = await backend.compile(program, onProgress);
      const { read } = executable;
      executable.read = (output) =>
        dead ? Promise.reject(new Error("the device was lost")) : read.call(executable, output);
      return executable;
    },
  };
  const lose = () => {
    dead = true;
    tell("taken away");
  };
  return { backend: wrapped, lose };
}

export const run = "r1";
export const config = tinyConfig({ budget: { unit: "steps", amount: 60 } });

/** Long enough to be interrupted. */
export const long = tinyConfig({ budget: { unit: "steps", amount: 600 } });

export async function started(what = config, devices?: number): Promise<Page> {
  const page = new Page(devices);
  page.send({ type: "start", run, config: what });
  await page.state(({ phase }) => phase === "paused");
  return page;
}
