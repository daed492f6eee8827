/**
 * Whether what is wrong is said in sight, under its field: else the foot of the panel says it, since a field may be scrolled
 * away or folded into its group. One sentence, once.
 */
import { type RefObject, useEffect } from "react";
import { setRun } from "../store/store.ts";

/** A row of which less is seen does not say its sentence. */
const MOST = 0.9;

/** `text`: the sentence that stands in `row`; null while nothing is wrong there. */
export function useFaultInSight(row: RefObject<HTMLElement | null>, text: string | null): void {
  useEffect(() => {
    if (text === null || row.current === null) return;
    const observer = new IntersectionObserver(
      ([entry]) => setRun({ faultInSight: (entry?.intersectionRatio ?? 0) >= MOST ? text : null }),
      { threshold: MOST },
    );
    observer.observe(row.current);
    return () => {
      observer.disconnect();
      setRun({ faultInSight: null });
    };
  }, [row, text]);
}
