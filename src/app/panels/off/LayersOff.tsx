/**
 * The network without some of its layers (transformer-growth §8): a switch a layer, off for an evaluation only, and a bar a
 * layer for what the validation loss would be without it alone. Asked for, never measured by the way.
 */
import { type ReactNode, useState } from "react";
import { fixed, loss, whole } from "../../format.ts";
import { changeSaid, foundOf, layersSaid, offSentence } from "../../store/blocks-off.ts";
import { requestBlocksOff } from "../../store/client.ts";
import { type Switchable, useSwitchable } from "./use-switchable.ts";
import "./off.css";

export function LayersOff(): ReactNode {
  const layers = useSwitchable();
  if (layers === null) return null;
  const { names } = layers;
  return (
    <section className="rail-section" aria-labelledby="layers-off-title">
      <h2 className="heading" id="layers-off-title">
        Without a layer
      </h2>
      {typeof names === "string" ? (
        <p className="caption soft">No layer can be switched off here: {names}.</p>
      ) : (
        <Layers {...layers} names={names} />
      )}
    </section>
  );
}

function Layers({ names, known, busy, open }: Switchable & { readonly names: readonly string[] }): ReactNode {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const off = names.filter((name) => chosen.includes(name));
  const ready = open && !busy;
  const changes = names.map((name) => {
    const found = foundOf(known, [name]);
    return found === null ? null : found.loss - known!.all.loss;
  });
  const most = Math.max(1e-9, ...changes.flatMap((change) => (change === null ? [] : Math.abs(change))));
  const together = off.length === 0 ? null : foundOf(known, off);
  const choose = (name: string, on: boolean): void => {
    const next = on ? chosen.filter((one) => one !== name) : [...chosen, name];
    setChosen(next);
    const set = names.filter((one) => next.includes(one));
    if (ready && set.length > 0 && foundOf(known, set) === null) requestBlocksOff([set]);
  };
  return (
    <div className="layers-off">
      <button
        type="button"
        className="button small edged"
        aria-disabled={!ready}
        onClick={() => {
          if (ready) requestBlocksOff([...names.map((name) => [name]), ...(off.length > 1 ? [off] : [])]);
        }}
      >
        {busy ? "Evaluating" : "Evaluate without each layer"}
      </button>
      <table className="off-layers">
        <thead>
          <tr>
            <th scope="col">On</th>
            <th scope="col">Layer</th>
            <th scope="col">loss without it alone, in nats</th>
            <th scope="col">
              <span className="hidden">change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {names
            .map((name, k) => ({ name, change: changes[k]!, k }))
            .reverse()
            .map(({ name, change, k }) => (
              <tr key={name}>
                <td>
                  <input
                    type="checkbox"
                    checked={!off.includes(name)}
                    disabled={!open}
                    aria-label={`Layer ${k + 1} on in evaluations here`}
                    onChange={(event) => choose(name, event.currentTarget.checked)}
                  />
                </td>
                <th scope="row">L{k + 1}</th>
                <td>{change === null ? null : <Bar change={change} most={most} />}</td>
                <td className="mono">{change === null ? "" : changeSaid(change)}</td>
              </tr>
            ))}
        </tbody>
      </table>
      <p className="caption off-said" aria-live="polite">
        {off.length === 0
          ? ""
          : together === null
            ? busy
              ? "Evaluating."
              : `Not evaluated without ${layersSaid(off, names)} yet.`
            : offSentence(known!, together, names)}
      </p>
      <p className="caption soft">
        {known === null
          ? "Switched off for an evaluation only: training keeps every layer."
          : `Step ${whole(known.step)}, validation loss ${loss(known.all.loss)}${known.all.accuracy === undefined ? "" : `, ${fixed(100 * known.all.accuracy, 1)} % right,`} with every layer. Training keeps them all.`}
      </p>
    </div>
  );
}

/** From the middle: to the right where the loss rises without it, to the left where it falls. */
function Bar({ change, most }: { readonly change: number; readonly most: number }): ReactNode {
  const length = Number.isFinite(change) ? (50 * Math.abs(change)) / most : 50;
  const left = change < 0 ? 50 - length : 50;
  return (
    <span className="off-bar" aria-hidden="true">
      <i data-falls={change < 0 || undefined} style={{ left: `${left}%`, width: `${length}%` }} />
      <b />
    </span>
  );
}
