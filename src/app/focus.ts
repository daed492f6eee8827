/**
 * Where the focus goes when what had it is taken from the page: a button that turns into words, a row whose record opens in
 * its place. A browser lets it fall to the page itself, and whoever walks by keys begins again at the top. What a person
 * leaves by a press beside everything is no such loss.
 */
import { useEffect } from "react";

interface Last {
  readonly element: Element;
  /** From it upwards, as it was while it was there. */
  readonly path: readonly Element[];
}

let last: Last | null = null;

/** Follows the focus; returns what ends that. */
export function watchFocus(): () => void {
  const into = ({ target }: FocusEvent): void => {
    if (!(target instanceof Element)) return;
    const path: Element[] = [];
    for (let at: Element | null = target; at !== null; at = at.parentElement) path.push(at);
    last = { element: target, path };
  };
  const away = ({ target, relatedTarget }: FocusEvent): void => {
    if (relatedTarget !== null) return;
    // Not at once: an element that is being removed is still there when it loses the focus.
    setTimeout(() => {
      if (last?.element === target && last.element.isConnected && document.hasFocus()) last = null;
    });
  };
  document.addEventListener("focusin", into);
  document.addEventListener("focusout", away);
  return () => {
    document.removeEventListener("focusin", into);
    document.removeEventListener("focusout", away);
  };
}

/** What had the focus is gone, and it was within such an element. */
function lostIn(selector: string): boolean {
  if (last === null || last.element.isConnected || document.activeElement !== document.body) return false;
  return last.path.some((element) => element.matches(selector));
}

/** To the first that is there and can take it. */
function give(heirs: readonly (string | Element | null)[]): boolean {
  for (const heir of heirs) {
    const element = typeof heir === "string" ? document.querySelector<HTMLElement>(heir) : heir;
    if (!(element instanceof HTMLElement) || !element.isConnected) continue;
    element.focus();
    if (document.activeElement === element) return true;
  }
  return false;
}

/**
 * Gives a focus that was lost within `place` to the first of `heirs` that takes it; both are selectors. Looked at whenever the
 * component is drawn anew, which is when it may have taken something away.
 */
export function useFocusKept(place: string, heirs: readonly string[]): void {
  useEffect(() => {
    if (lostIn(place)) give(heirs);
  });
}

/** Frames that what comes in a record's place may take. */
const PATIENCE = 30;

/** The rail, on wide pages and narrow ones. */
const RAIL = ".place-rail, .rail-tabs";
export const RECORD_TITLE = "record-title";

/** What had the focus when a record opened. */
let opener: Element | null = null;

/**
 * A record opens in the place of what it was asked for in, and gives that place back: its title takes the focus of the row
 * that is gone, and when it closes, the row or the mark of the event has it again.
 */
export function useRecordFocus(mark: string | null): void {
  useEffect(() => {
    if (mark === null) return;
    opener = last?.element ?? null;
    if (lostIn(RAIL)) give([`#${RECORD_TITLE}`]);
    return () => {
      const back = opener;
      const row = `[data-mark="${CSS.escape(mark)}"]`;
      const others = [row, ".tree [aria-current]", '.rail-tabs [aria-selected="true"]', "#network"];
      let frames = 0;
      const look = (): void => {
        if (!lostIn(RAIL) || give([back, `.tree ${row}`])) return;
        if (++frames < PATIENCE) requestAnimationFrame(look);
        else give(others);
      };
      requestAnimationFrame(look);
    };
  }, [mark]);
}
