/** The record of the mark that is open. */
import type { ReactNode } from "react";
import { useRun } from "../store/store.ts";
import { EventRecord } from "./EventRecord.tsx";

export function RecordPanel(): ReactNode {
  const mark = useRun((s) => s.marks.find((each) => each.id === s.openMark));
  return mark ? <EventRecord mark={mark} /> : null;
}
