/** What it wrote last, in one line: the rail is folded for a room full of people. */
import { useRun } from "../../store/store.ts";

export function LastSample() {
  const sample = useRun((s) => s.samples[s.samples.length - 1]);
  if (sample === undefined) return null;
  return (
    <p className="stage-sample">
      <span className="prompt">{sample.prompt}</span>
      {sample.text.replaceAll("\n", " ")}
    </p>
  );
}
