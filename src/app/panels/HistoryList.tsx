/**
 * What happened to this network: the tree of its structural events, under it all that happened, newest first; and the runs
 * kept in this browser or in files.
 */
import { type ReactNode, useRef } from "react";
import { GLYPHS } from "../charts/marks.ts";
import { useFocusKept } from "../focus.ts";
import { bytes, count, loss, whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { redo } from "../store/actions.ts";
import { beginWithSaved, openFile } from "../store/begin.ts";
import { day } from "../store/full.ts";
import { openSaved, removeSaved, saveFile } from "../store/saves.ts";
import { bornTitle } from "../store/say.ts";
import type { Mark } from "../store/session.ts";
import { setRun, useRun } from "../store/store.ts";
import { HistoryTree } from "./HistoryTree.tsx";

const SHOWN = 12;

export function HistoryList(): ReactNode {
  const marks = useRun((s) => s.marks);
  const canRedo = useRun((s) => s.redo.length > 0);
  const shown = marks.slice(-SHOWN).reverse();
  useFocusKept('[aria-labelledby="history-title"]', [".tree [aria-current]"]);
  return (
    <section className="rail-section" aria-labelledby="history-title">
      <div className="row spread">
        <h2 className="heading" id="history-title">
          History
        </h2>
        {canRedo ? (
          <button type="button" className="button small" onClick={redo}>
            <Icon name="redo" size={14} />
            Redo
          </button>
        ) : null}
      </div>
      <HistoryTree />
      {shown.length === 0 ? (
        <p className="caption soft">Growths and changes made while training are listed here.</p>
      ) : (
        <details className="history-all">
          <summary>All that happened</summary>
          <ul className="history">
            {shown.map((mark) => (
              <li key={mark.id}>
                <button type="button" onClick={() => setRun({ openMark: mark.id, pinned: null })}>
                  <span className="glyph" data-kind={mark.kind} aria-hidden="true">
                    {GLYPHS[mark.kind]}
                  </span>
                  <span className="mono soft">{whole(mark.clock.step)}</span>
                  <span>{sayShort(mark)}</span>
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
      <KeptHere />
      <Saved />
    </section>
  );
}

/** That closing the page loses nothing of it. */
function KeptHere(): ReactNode {
  const step = useRun((s) => s.saved.find(({ run }) => run === s.run)?.step ?? null);
  const nodes = useRun((s) => s.keptNodes.size);
  if (step === null) return null;
  return (
    <p className="caption soft">
      Kept in this browser to step {whole(step)}
      {nodes > 0 ? `, with ${count(nodes, "state")} to go back to` : ""}.
    </p>
  );
}

function sayShort(mark: Mark): string {
  const { done } = mark;
  if (done) return `${bornTitle(mark)}, loss ${loss(done.lossBefore)} → ${loss(done.lossAfter)}`;
  return mark.label;
}

function Saved(): ReactNode {
  const saved = useRun((s) => s.saved);
  const running = useRun((s) => s.run);
  const step = useRun((s) => s.clock.step > 0);
  const input = useRef<HTMLInputElement>(null);
  const others = saved.filter((each) => each.run !== running);
  return (
    <div className="saved">
      <div className="row wrap">
        <button type="button" className="button edged small" onClick={() => void saveFile()} disabled={!step}>
          <Icon name="save" size={14} />
          Save to a file
        </button>
        <button type="button" className="button edged small" onClick={() => input.current?.click()}>
          <Icon name="file" size={14} />
          Open a file
        </button>
        <input
          ref={input}
          type="file"
          accept=".safetensors"
          hidden
          aria-label="Saved run or weights"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = "";
            if (file) void openFile(file);
          }}
        />
      </div>
      <p className="caption soft">
        A file of weights alone begins a new run: safetensors, with GPT-2's names.
      </p>
      {others.length > 0 ? (
        <>
          <h3 className="caption soft">Kept in this browser</h3>
          <ul className="history">
            {others.map((each) => (
              <li key={each.run} className="row">
                <button type="button" onClick={() => void openSaved(each)}>
                  <span className="plate">{each.name}</span>
                  <span className="caption soft">
                    step {whole(each.step)}, {day(each.at)}, {bytes(each.size)}
                  </span>
                </button>
                <button
                  type="button"
                  className="icon-button"
                  title="A new run that begins with its weights"
                  aria-label={`Begin a new run with the weights of ${each.name}, step ${whole(each.step)}`}
                  onClick={() => void beginWithSaved(each)}
                >
                  <Icon name="grow" size={14} />
                </button>
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Remove ${each.name}, step ${whole(each.step)}`}
                  onClick={() => void removeSaved(each)}
                >
                  <Icon name="close" size={12} />
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </div>
  );
}
