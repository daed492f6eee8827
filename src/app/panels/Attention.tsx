/** How uniform and how local the attention of each layer is, on the text in the window; shown for models that attend. */
import { fixed } from "../format.ts";
import { attendsOf } from "../store/catalog.ts";
import { type AppState, useRun, useSlow } from "../store/store.ts";
import { type AttentionFigures, layerFigures, uniformityVerdict } from "./attention-figures.ts";
import { Lens } from "./lens/Lens.tsx";

const viewOf = (state: AppState) => state.view;

export function Attention() {
  const anatomy = useRun((s) => s.state?.anatomy ?? null);
  const view = useSlow(viewOf, 500);
  const open = useRun((s) => s.lensOn);
  const attends = useRun(attendsOf);
  if (anatomy === null || view === null) return null;
  const layers = anatomy.tiers.flatMap((tier) => {
    const maps = [...tier.left, ...tier.right].filter((part) => part.kind === "attention");
    // Only maps that arrive whole can be summed up: a pooled one has lost its rows.
    const tiles = maps
      .flatMap((part) => view.tiles[part.id] ?? [])
      .filter((t) => t.rows === t.ofRows && t.cols === t.rows);
    const T = tiles[0]?.rows ?? 0;
    return T < 2
      ? []
      : [
          {
            name: tier.name,
            figures: layerFigures(
              tiles.map((t) => t.data),
              T,
              attends,
            ),
          },
        ];
  });
  if (layers.length === 0) return null;
  return (
    <section className="rail-section" aria-labelledby="lens-title">
      <h2 id="lens-title">How uniform, how local</h2>
      {!open && (
        <>
          <div className="lens">
            <span />
            <span className="lens-head">entropy, 1 = uniform</span>
            <span className="lens-head">on itself and next to it</span>
            {[...layers].reverse().map(({ name, figures }) => (
              <Row key={name} name={name} figures={figures} />
            ))}
          </div>
          <p className="soft">Dotted: by chance. Press a map in the network to open it.</p>
          <p>{uniformityVerdict(layers.map((layer) => layer.figures))}</p>
        </>
      )}
      <Lens />
    </section>
  );
}

function Row({ name, figures }: { name: string; figures: AttentionFigures }) {
  return (
    <>
      <span>{name.replace(/^Layer /, "L")}</span>
      <Dot value={figures.uniformity} chance={null} />
      <Dot value={figures.local} chance={figures.localChance} />
    </>
  );
}

function Dot({ value, chance }: { value: number; chance: number | null }) {
  if (Number.isNaN(value)) return <span className="lens-plot">not a number</span>;
  const place = (v: number) => `${Math.max(0, Math.min(1, v)) * 66}%`;
  return (
    <span className="lens-plot">
      {chance !== null && <b style={{ left: place(chance) }} />}
      <i style={{ left: place(value) }} />
      <span>{fixed(value, 2)}</span>
    </span>
  );
}
