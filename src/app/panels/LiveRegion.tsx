/** One polite live region for the whole page: structural events, at least five seconds apart, then summed. */
import { type ReactNode, useEffect, useState } from "react";
import { sayEvent, saySum } from "../store/say.ts";
import type { Mark } from "../store/session.ts";
import { getRun, runStore } from "../store/store.ts";

const APART = 5000;
/** A growth waits this long for the state that names its tiers, and so many times: a busy machine may be late. */
const FOR_NAMES = 400;
const MOST_WAITS = 20;

export function LiveRegion(): ReactNode {
  const [text, setText] = useState("");
  useEffect(() => {
    let seen = new Set(getRun().marks.map((mark) => mark.id));
    let waiting: Mark[] = [];
    let last = Number.NEGATIVE_INFINITY;
    let waits = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const speak = (): void => {
      timer = undefined;
      const state = getRun();
      const unnamed = waiting.some(({ id }) => {
        const mark = state.marks.find((each) => each.id === id);
        return mark !== undefined && mark.tiersBefore !== null && mark.born === null;
      });
      if (unnamed && waits++ < MOST_WAITS) {
        timer = setTimeout(speak, FOR_NAMES);
        return;
      }
      waits = 0;
      // As they are by now: tiers have been named.
      const told = waiting.map((mark) => state.marks.find((each) => each.id === mark.id) ?? mark);
      waiting = [];
      const sentence = told.length === 1 && told[0] ? sayEvent(told[0], state) : saySum(told);
      if (sentence === "") return;
      last = performance.now();
      setText(sentence);
    };
    const stop = runStore.subscribe((state, before) => {
      if (state.marks === before.marks) return;
      if (state.run !== before.run) seen = new Set();
      const fresh = state.marks.filter((mark) => !seen.has(mark.id) && sayEvent(mark, state) !== "");
      for (const mark of state.marks) seen.add(mark.id);
      if (fresh.length === 0) return;
      waiting.push(...fresh);
      timer ??= setTimeout(speak, Math.max(FOR_NAMES, last + APART - performance.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, []);
  return (
    <p className="hidden" role="status" aria-live="polite" data-testid="announcements">
      {text}
    </p>
  );
}
