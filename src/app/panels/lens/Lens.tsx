/**
 * Attention under the lens (transformer-growth §5): how uniform each layer and head is, where its mass lies, how alike the
 * layers are, and how that moved while it trained. Measured on one fixed batch, only while it is open; it stays open
 * behind the record of a growth, so that its curves run on across the event.
 */
import { type ReactNode, useState } from "react";
import type { Lens as Look } from "../../../run/messages.ts";
import { fixed, whole } from "../../format.ts";
import { byChance, claims, type LayerMeans, layerMeans } from "../../store/lens-figures.ts";
import { useRun } from "../../store/store.ts";
import { closeLens, lookThrough } from "./actions.ts";
import { CarryOver, Likeness } from "./Likeness.tsx";
import { MeanMaps } from "./MeanMaps.tsx";
import { OnGrid } from "./OnGrid.tsx";
import { Offsets, OverTime } from "./Plots.tsx";
import "./lens.css";

export function Lens(): ReactNode {
  const open = useRun((s) => s.lensOn);
  const look = useRun((s) => s.lens);
  return (
    <div className="under-lens">
      <button
        type="button"
        className="button small edged"
        aria-expanded={open}
        onClick={() => (open ? closeLens() : lookThrough(0))}
      >
        {open ? "Close the lens" : "Attention under the lens"}
      </button>
      {open && look === null && <p className="soft">Looking at one fixed batch of the validation part.</p>}
      {open && look !== null && <Opened look={look} />}
    </div>
  );
}

function Opened({ look }: { readonly look: Look }): ReactNode {
  const means = layerMeans(look);
  const chance = byChance(look.time, look.causal, look.grid);
  const [layer, setLayer] = useState(0);
  const chosen = Math.min(layer, means.length - 1);
  return (
    <>
      <p className="soft">
        Step {whole(look.step)}. Means over {look.layers[0]!.length} heads and one fixed batch of the
        validation part; dotted: by chance; small dots: heads.
      </p>
      <Dots look={look} means={means} chance={chance} />
      <Shares means={means} />
      {look.grid > 0 ? <OnGrid look={look} /> : <Offsets look={look} />}
      <Likeness look={look} />
      <CarryOver look={look} />
      <OverTime />
      <label className="lens-layer">
        Mean maps of{" "}
        <select
          value={chosen}
          onChange={(event) => {
            const next = Number(event.currentTarget.value);
            setLayer(next);
            lookThrough(next);
          }}
        >
          {means.map((_, k) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
            <option key={k} value={k}>
              layer {k + 1}
            </option>
          ))}
        </select>
      </label>
      <MeanMaps look={look} layer={chosen} />
      {claims(look).map((claim) => (
        <p key={claim}>{claim}</p>
      ))}
    </>
  );
}

const COLUMNS = [
  { key: "uniformity", label: "entropy, 1 = uniform", chance: null },
  { key: "localMass", label: "near itself", chance: "local" },
  { key: "startMass", label: "on the start", chance: "start" },
] as const;

function Dots({
  look,
  means,
  chance,
}: {
  readonly look: Look;
  readonly means: readonly LayerMeans[];
  readonly chance: { readonly start: number; readonly local: number };
}): ReactNode {
  return (
    <table className="lens-dots">
      <thead>
        <tr>
          <th>
            <span className="hidden">Layer</span>
          </th>
          {COLUMNS.map(({ key, label }) => (
            <th key={key} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {means
          .map((mean, k) => ({ mean, k }))
          .reverse()
          .map(({ mean, k }) => (
            <tr key={k}>
              <th scope="row">L{k + 1}</th>
              {COLUMNS.map((column) => (
                <td key={column.key}>
                  <Dot
                    value={mean[column.key]}
                    heads={look.layers[k]!.map(({ figures }) => figures[column.key])}
                    chance={column.chance === null ? null : chance[column.chance]}
                  />
                </td>
              ))}
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function Dot({
  value,
  heads,
  chance,
}: {
  readonly value: number;
  readonly heads: readonly number[];
  readonly chance: number | null;
}): ReactNode {
  if (!Number.isFinite(value)) return <span>not a number</span>;
  const place = (v: number) => ({ left: `${100 * Math.max(0, Math.min(1, v))}%` });
  return (
    <span className="lens-dot">
      <span className="lens-rail" aria-hidden="true">
        {chance !== null && <b style={place(chance)} />}
        {heads.map((v, k) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a head is its place
          <em key={k} style={place(v)} />
        ))}
        <i style={place(value)} />
      </span>
      {fixed(value, 2)}
    </span>
  );
}

const SHARES = [
  { key: "self", label: "itself" },
  { key: "start", label: "the start" },
  { key: "neighbour", label: "its neighbour" },
  { key: "rest", label: "the rest" },
] as const;

/** A row's mass in four parts that sum to 1. */
function Shares({ means }: { readonly means: readonly LayerMeans[] }): ReactNode {
  return (
    <figure>
      <div className="lens-shares">
        {means
          .map((mean, k) => ({ mean, k }))
          .reverse()
          .map(({ mean, k }) => (
            <div
              key={k}
              role="img"
              className="lens-share"
              aria-label={`Layer ${k + 1}: ${SHARES.map(({ key, label }) => `${label} ${fixed(mean[key], 2)}`).join(", ")}`}
            >
              <span>L{k + 1}</span>
              <span className="lens-bar">
                {SHARES.map(({ key }) => (
                  <span key={key} className={`lens-${key}`} style={{ width: `${100 * mean[key]}%` }} />
                ))}
              </span>
            </div>
          ))}
      </div>
      <figcaption className="caption soft lens-keys">
        {SHARES.map(({ key, label }) => (
          <span key={key}>
            <span className={`lens-key lens-${key}`} />
            {label}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
