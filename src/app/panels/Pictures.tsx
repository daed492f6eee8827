/** What it sees: one image, what the network takes it for, class by class, and a sheet to draw one's own on. */
import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { Picture, RunView } from "../../run/messages.ts";
import { NumberBox } from "../controls/NumberBox.tsx";
import { whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { nextPicture, showPicture } from "../store/pictures.ts";
import { type AppState, useRun, useSlow } from "../store/store.ts";
import { tokens } from "../tokens.ts";
import { DrawSheet } from "./DrawSheet.tsx";
import { paintPicture } from "./stage/picture.ts";
import "./pictures.css";

const viewOf = (state: AppState): RunView | null => (state.view?.run === state.run ? state.view : null);

export function Pictures() {
  const view = useSlow(viewOf, 100);
  const idle = useRun((s) => s.phase !== "running");
  const picture = view?.picture ?? null;
  return (
    <section className="rail-section pictures" aria-labelledby="pictures-title">
      <h2 id="pictures-title">What it sees</h2>
      {view === null || picture === null ? (
        <p className="caption soft">The image comes with the network.</p>
      ) : (
        <>
          <div className="pictures-top">
            <Small picture={picture} />
            <div>
              {/* Said while nothing else moves: a run would interrupt it five times a second. */}
              <p aria-live={idle ? "polite" : "off"} data-testid="verdict">
                {verdict(view, picture)}
              </p>
              <Choose picture={picture} />
            </div>
          </div>
          <Bars view={view} label={picture.label} />
          <DrawSheet />
        </>
      )}
    </section>
  );
}

/** One decimal, and never 100 for what is less. */
const percent = (p: number): string => `${(p < 1 ? Math.min(99.9, 100 * p) : 100).toFixed(1)} %`;

/** "A 7, taken for a 7 (98.1 %)." */
function verdict({ next }: RunView, { label, index }: Picture): string {
  const best = next.reduce<RunView["next"][number] | null>(
    (most, guess) => (most === null || guess.probability > most.probability ? guess : most),
    null,
  );
  if (best === null || !next.every(({ probability }) => Number.isFinite(probability))) {
    return "The network gives no number for this image.";
  }
  const taken = `taken for “${best.symbol}” (${percent(best.probability)})`;
  if (index === null) return `Your own image, ${taken}.`;
  return label === best.symbol ? `“${label}”, ${taken}.` : `“${label}”, wrongly ${taken}.`;
}

function Small({ picture }: { readonly picture: Picture }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    if (canvas.current !== null) paintPicture(canvas.current, picture, tokens[scheme]);
  }, [picture, scheme]);
  return <canvas ref={canvas} className="pictures-small" width={picture.width} height={picture.height} />;
}

function Choose({ picture: { index, of } }: { readonly picture: Picture }) {
  return (
    <div className="pictures-choose">
      <button
        type="button"
        className="button square small"
        aria-label="Image before"
        onClick={() => nextPicture(-1)}
      >
        <Icon name="before" size={14} />
      </button>
      <NumberBox
        name={`Validation image, 1 to ${whole(of)}`}
        most={of}
        value={index === null ? null : index + 1}
        placeholder="your own"
        onSet={(value) => showPicture(value - 1)}
      />
      <span className="caption soft">of {whole(of)}</span>
      <button
        type="button"
        className="button square small"
        aria-label="Next image"
        onClick={() => nextPicture(1)}
      >
        <Icon name="after" size={14} />
      </button>
    </div>
  );
}

/** A table to whoever cannot see bars. */
function Bars({ view, label }: { readonly view: RunView; readonly label: string | null }) {
  return (
    <table className="pictures-bars">
      <caption className="hidden">How likely each class is</caption>
      <tbody>
        {view.next.map(({ symbol, probability: p }) => (
          <tr key={symbol} data-true={symbol === label || undefined}>
            <th scope="row">
              {symbol}
              {symbol === label ? <span className="hidden"> (its class)</span> : null}
            </th>
            <td>
              <i style={{ width: `${100 * (Number.isFinite(p) ? p : 0)}%` }} />
              <span className="mono">{Number.isFinite(p) ? percent(p) : "no number"}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
