/** The record of the mark that is open. */
import type { ReactNode } from "react";
import { useRecordFocus } from "../focus.ts";
import { useRun } from "../store/store.ts";
import { markWith } from "../store/tree.ts";
import { EventRecord } from "./EventRecord.tsx";

export function RecordPanel(): ReactNode {
  const mark = useRun((s) => (s.openMark === null ? null : markWith(s, s.openMark)));
  useRecordFocus(mark?.id ?? null);
  return mark ? <EventRecord mark={mark} /> : null;
}
