/**
 * A shader's text with line numbers: a plain text area, so that keys, undo and screen readers are the browser's own. The
 * line a compiler complains of is marked; what came of the text stands under it.
 */
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { Icon } from "../../Icons.tsx";
import { compilerSentence, placeOf } from "../../store/kernel-figures.ts";
import { edit, forceEdited, reset, type Trial, textOf, tryEdited, useKernels } from "../../store/kernels.ts";

/** Pixels, as kernels.css says. */
const LINE = 18;

export function ShaderEditor({ file }: { readonly file: string }): ReactNode {
  const text = useKernels((s) => textOf(file, s));
  const changed = useKernels((s) => s.edited[file] !== undefined);
  const used = useKernels((s) => s.used[file] !== undefined);
  const trial = useKernels((s) => s.trial);
  const busy = useKernels((s) => s.running !== null);
  const gutter = useRef<HTMLPreElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = text.split("\n").length;
  const at = trial?.state === "refused" ? placeOf(trial.message) : null;
  const bad = at?.file === file ? at.line : null;
  // The line that a compiler names comes into sight; the caret stays where it is.
  useEffect(() => {
    if (bad !== null && area.current) area.current.scrollTop = Math.max(0, (bad - 6) * LINE);
  }, [bad]);
  const numbers = Array.from({ length: lines }, (_, i) => i + 1);

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (changed && !busy) tryEdited();
    }
  };
  return (
    <>
      <div className="kernels-editor">
        <pre className="kernels-gutter mono" aria-hidden="true" ref={gutter}>
          {numbers.map((n) => (
            <span key={n} data-bad={n === bad ? "" : undefined}>
              {n}
              {"\n"}
            </span>
          ))}
        </pre>
        <textarea
          ref={area}
          className="mono"
          aria-label={`Text of ${file}.wgsl`}
          aria-invalid={bad === null ? undefined : true}
          aria-describedby="kernels-trial"
          wrap="off"
          rows={Math.min(lines + 1, 34)}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          value={text}
          onChange={(event) => edit(file, event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      <div className="kernels-trial" id="kernels-trial">
        <button
          type="button"
          className="button edged small"
          disabled={!changed || busy}
          title="Ctrl Enter"
          onClick={tryEdited}
        >
          <Icon name="check" size={14} />
          Check and use
        </button>
        <button
          type="button"
          className="button small"
          disabled={(!changed && !used) || busy}
          onClick={() => reset(file)}
        >
          <Icon name="reset" size={14} />
          Reset the text
        </button>
        {trial?.state === "wrong" && changed ? (
          <button type="button" className="button small" disabled={busy} onClick={forceEdited}>
            Use it all the same
          </button>
        ) : null}
        <p role="status" data-tone={trial?.state}>
          {saying(trial, changed)}
        </p>
      </div>
    </>
  );
}

function saying(trial: Trial | null, changed: boolean): string {
  switch (trial?.state) {
    case undefined:
      return changed ? "Changed, not yet checked. The run keeps the kernel it has." : "";
    case "checking":
      return "Checking every op that this file reaches.";
    case "used":
      return changed ? "Changed again, not yet checked." : "Passed. The run computes with this text now.";
    case "forced":
      return "The run computes with this text, though its check failed.";
    case "wrong":
      return `Failed: ${trial.message}. The run keeps the kernel it had.`;
    case "refused":
      return `Not compiled: ${compilerSentence(trial.message)} The run keeps the kernel it had.`;
  }
}
