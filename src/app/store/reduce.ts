/**
 * WorkerMessage → Session, pure: the same messages give the same page. Steps arrive many at a time; they are gathered
 * and appended in one go, and only an event that must see them (a growth, a move) makes the reducer settle them first.
 */
import type { RunEvent } from "../../run/events.ts";
import type { RunState, WorkerMessage } from "../../run/messages.ts";
import { plain } from "../format.ts";
import { reported } from "./blocks-off.ts";
import { lineOf, move, settle } from "./branches.ts";
import { settingLabel } from "./catalog.ts";
import { type DropStep, dropOf, withDrops } from "./drop-figures.ts";
import { seen } from "./lens-figures.ts";
import { watched, withTiers } from "./seen-since.ts";
import { append, cut, firstAfter, lastRow, type Row } from "./series.ts";
import { answered, clockOf, type Mark, markOf, refusedMark, type Session, withoutNewest } from "./session.ts";
import { heardTries, told } from "./tried.ts";

const SAMPLES = 24;
const GAUGE_POINTS = 1000;
const SAID = 8;

export function reduce(session: Session, message: WorkerMessage): Session {
  switch (message.type) {
    case "ready": {
      const { device: name, software, features } = message;
      return { ...session, noDevice: null, device: { name, software, features } };
    }
    case "no-device":
      return { ...session, noDevice: message.reason, device: null };
    case "events":
      return reduceEvents(heardTries(session, message.events), message.events);
    case "tries":
      return message.run === session.run
        ? { ...session, tried: told(session.tried, message.tries) }
        : session;
    case "state":
      return message.state.run === session.run ? reduceState(session, message.state) : session;
    case "progress":
      return { ...session, progress: message.done >= message.total ? null : message };
    case "view":
      return message.view.run === session.run ? { ...session, ...seen(session, message.view) } : session;
    case "fit":
      return message.fit.run === session.run ? { ...session, fit: watched(session, message.fit) } : session;
    case "scanned":
    case "blocks-off":
      return message.run === session.run ? reported(session, message) : session;
    case "saved":
    case "preview":
    // The kernel page's own: see kernels.ts. Of tiles, client.ts.
    case "shaders":
    case "kernels":
    case "kernel":
    case "kernels-done":
    case "peaks":
    case "step-times":
    case "tiles":
      return session;
    case "refused":
      if (message.run !== session.run) return session;
      return {
        ...session,
        asked: message.command === "act" ? withoutNewest(session.asked, message.method) : session.asked,
        moving: message.command === "goto" ? null : session.moving,
        refusal: {
          id: `${message.command}:${message.message}:${session.clock.step}`,
          about: message.command,
          message: message.message,
        },
        // A refused start leaves nothing to wait for.
        ...(message.command === "start" || message.command === "open"
          ? { phase: "none" as const, progress: null }
          : {}),
      };
    case "device-lost":
      if (message.run !== session.run && session.run !== null) return session;
      return { ...session, moving: null, lost: { message: message.message, restored: message.restored } };
    default:
      return message satisfies never;
  }
}

function reduceState(session: Session, state: RunState): Session {
  const parents: Record<string, string> = { ...session.parents };
  for (const node of state.nodes) if (node.parent !== null) parents[node.id] = node.parent;
  const names = Object.fromEntries(state.anatomy.tiers.map((tier) => [tier.id, tier.name]));
  const marks = session.marks.some((mark) => mark.tiersBefore !== null && mark.born === null)
    ? session.marks.map((mark) => withTiers(mark, state, names))
    : session.marks;
  const settled = !["loading", "compiling", "growing", "held"].includes(state.phase);
  return {
    ...session,
    state,
    at: state.now,
    parents,
    marks,
    phase: state.phase,
    budgetSteps: state.budgetSteps,
    progress: settled ? null : session.progress,
    fit: settled ? null : session.fit,
    growing: settled ? null : session.growing,
  };
}

function reduceEvents(session: Session, events: readonly RunEvent[]): Session {
  let next = session;
  let steps: Row[] = [];
  let drops: DropStep[] = [];
  const flush = (): void => {
    if (steps.length > 0)
      next = takeSteps({ ...next, drops: withDrops(next.drops, steps[0]!.step, drops) }, steps);
    steps = [];
    drops = [];
  };
  for (const event of events) {
    if (event.run !== session.run) continue;
    if (event.type === "step") {
      const last = steps[steps.length - 1];
      if (last && event.step <= last.step) flush();
      const drop = dropOf(event);
      if (drop !== null) drops.push(drop);
      steps.push({
        step: event.step,
        tokens: event.tokens,
        flops: event.flops,
        seconds: event.wall,
        loss: event.loss,
      });
    } else {
      flush();
      next = reduceEvent(next, event);
    }
  }
  flush();
  return next;
}

function takeSteps(session: Session, rows: readonly Row[]): Session {
  const first = rows[0] as Row;
  const last = rows[rows.length - 1] as Row;
  let { train, evals } = session;
  // After a lost device some steps are done again: the repeated ones replace the first.
  if ((lastRow(train)?.step ?? -1) >= first.step) {
    train = cut(train, 0, firstAfter(train, first.step - 1));
    evals = cut(evals, 0, firstAfter(evals, first.step - 1));
  }
  const from = session.rateFrom ?? (session.rate === null ? clockOf(first) : clockOf(last));
  const seconds = last.seconds - from.seconds;
  const measured = seconds >= 1 && last.step > from.step;
  return settle({
    ...session,
    train: append(train, rows),
    evals,
    clock: clockOf(last),
    rate: measured
      ? { steps: (last.step - from.step) / seconds, tokens: (last.tokens - from.tokens) / seconds }
      : session.rate,
    rateFrom: measured || seconds < 0 ? clockOf(last) : from,
    ended: null,
    lost: session.lost?.restored ? null : session.lost,
  });
}

function mark(session: Session, event: RunEvent, rest: Partial<Mark> & Pick<Mark, "kind" | "label">): Mark {
  return {
    id: `${event.run}:${event.seq}`,
    clock: { ...session.clock, step: event.step },
    node: null,
    done: null,
    tiersBefore: null,
    born: null,
    tierNames: {},
    predicted: null,
    ...rest,
  };
}

function reduceEvent(session: Session, event: Exclude<RunEvent, { type: "step" }>): Session {
  const id = `${event.run}:${event.seq}`;
  switch (event.type) {
    case "run/started": {
      const clock = { ...session.clock, step: event.step, seconds: event.wall };
      return {
        ...session,
        config: event.config,
        vocab: event.vocab,
        budgetSteps: event.budgetSteps,
        clock,
        sizes: [{ clock, params: event.params, active: event.active, by: null }],
        device: session.device ?? { name: event.device, software: event.software, features: [] },
        ended: null,
      };
    }
    case "eval": {
      const last = lastRow(session.evals);
      const evals =
        last && last.step >= event.step
          ? cut(session.evals, 0, firstAfter(session.evals, event.step - 1))
          : session.evals;
      const { step, tokens, flops, loss, accuracy = Number.NaN } = event;
      const row = { step, tokens, flops, seconds: event.wall, loss, accuracy };
      return { ...session, evals: append(evals, [row]) };
    }
    case "structure/begun":
      return { ...session, growing: { method: event.method, kernels: event.kernels } };
    case "structure/done": {
      const [request, asked] = answered(session, event);
      const made = mark(session, event, {
        kind: markOf(event.kind),
        label: event.sizeAfter,
        node: event.node,
        done: event,
        tiersBefore: session.state?.anatomy.tiers.map((tier) => tier.id) ?? null,
        predicted: request?.predicted ?? null,
        ...(session.fit?.view.method === event.method ? { fit: session.fit } : {}),
        tierNames: Object.fromEntries(
          session.state?.anatomy.tiers.map((tier) => [tier.id, tier.name] as const) ?? [],
        ),
      });
      const size = { clock: made.clock, params: event.paramsAfter, active: event.activeAfter, by: made.id };
      return {
        ...settle(session),
        growing: null,
        fit: null,
        source: event.feeds && session.view ? { mark: made.id, view: session.view } : session.source,
        asked,
        refusal: session.refusal?.about === "growth" ? null : session.refusal,
        at: event.node,
        parents: { ...session.parents, [event.node]: event.parent },
        marks: [...session.marks, made],
        sizes: [...session.sizes, size],
      };
    }
    case "structure/refused":
      return {
        ...session,
        growing: null,
        fit: null,
        asked: answered(session, event)[1],
        refusal: { id, about: "growth", message: event.message },
        marks: [...session.marks, mark(session, event, refusedMark(event))],
      };
    case "history/moved": {
      const moved = move(session, { from: event.from, to: event.to, toStep: event.toStep, id });
      const there = { ...event, step: event.toStep };
      // Up the tree is an undo; whatever else leads to events that had been left.
      const up = lineOf(event.from, moved.parents).has(event.to);
      const back = up
        ? mark(moved, there, { kind: "undo", label: "undone" })
        : mark(moved, there, { kind: "redo", label: "redone" });
      // Going elsewhere drops what waits.
      return { ...moved, asked: [], moving: null, marks: [...moved.marks, back] };
    }
    case "edit":
      return {
        ...session,
        live: { ...session.live, [event.path]: event.value },
        marks: [
          ...session.marks,
          mark(session, event, {
            kind: "edit",
            label: `${settingLabel(event.path)} ${plain(event.before)} → ${plain(event.value)}`,
          }),
        ],
      };
    case "sample": {
      const { step, prompt, text, temperature } = event;
      return {
        ...session,
        samples: [...session.samples, { step, prompt, text, temperature }].slice(-SAMPLES),
      };
    }
    case "gauge": {
      const old = session.gauge?.trigger === event.trigger ? session.gauge.points : [];
      const points = [...old, { step: event.step, value: event.value }].slice(-GAUGE_POINTS);
      const { trigger, label, limit } = event;
      return { ...session, gauge: { trigger, label, limit, points } };
    }
    case "asks":
      // It stands open in the run's state, until it is answered.
      return session;
    case "notice":
      return { ...session, said: [...session.said, { id, text: event.text }].slice(-SAID) };
    case "run/ended": {
      const { reason, message } = event;
      const kind = reason === "diverged" || reason === "failed" ? "diverged" : "stopped";
      return {
        ...session,
        ended: { reason, message },
        growing: null,
        marks:
          reason === "budget"
            ? session.marks
            : [...session.marks, mark(session, event, { kind, label: message })],
      };
    }
    default:
      return event satisfies never;
  }
}
