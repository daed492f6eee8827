/**
 * The page's end of the wire to the worker. Events arrive with every few steps; they are gathered and handed on at most
 * ten times a second, so that a page draws a thousand steps as easily as ten. All other messages are handed on at once,
 * after the events that came before them: a state never overtakes the event that explains it.
 */
import type { RunEvent } from "../run/events.ts";
import type { RunCommand, WorkerMessage } from "../run/messages.ts";
import { wholeStates } from "./state-wire.ts";

/** Milliseconds between two deliveries of events. */
const DELIVER_EVERY = 100;

export interface Client {
  send(command: RunCommand): void;
  /** Ends the worker; nothing is delivered afterwards. */
  close(): void;
}

/** The part of a Worker that is used: a test gives two ends of a channel. */
export interface Wire {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: { readonly data: WorkerMessage }) => void): void;
  terminate(): void;
}

export function createClient(worker: Wire, on: (message: WorkerMessage) => void): Client {
  let events: RunEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | null = null;
  let closed = false;
  const whole = wholeStates();

  const deliver = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (events.length === 0) return;
    const batch = events;
    events = [];
    on({ type: "events", events: batch });
  };

  worker.addEventListener("message", ({ data }) => {
    if (closed) return;
    if (data.type === "events") {
      for (const event of data.events) events.push(event);
      timer ??= setTimeout(deliver, DELIVER_EVERY);
      return;
    }
    deliver();
    on(whole(data));
  });

  return {
    send(command) {
      // A file that is opened is handed over, not copied.
      const bytes = command.type === "open" || command.type === "goto" ? command.bytes : undefined;
      worker.postMessage(command, bytes === undefined ? [] : [bytes]);
    },
    close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      worker.terminate();
    },
  };
}
