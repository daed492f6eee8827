/**
 * Which layers ran (transformer-growth §8): a raster of the last 200 steps, the depth that was drawn against the one that
 * was expected, what that saved, and where loss and gradient leapt. There while steps leave out layers, and worked out only
 * while it is open.
 */
import { type ReactNode, useMemo, useState } from "react";
import { dropping } from "../../../run/drop.ts";
import { fixed, whole } from "../../format.ts";
import { type DropFigures, dropFigures, realised, timeSaved } from "../../store/drop-figures.ts";
import { percent, shortTime } from "../../store/kernel-figures.ts";
import { measureStep, useKernels } from "../../store/kernels.ts";
import { type AppState, useRun, useSlow } from "../../store/store.ts";
import { Line, Plot } from "./Plot.tsx";
import { Raster } from "./Raster.tsx";
import "./drop.css";

const dropsOf = (state: AppState) => state.drops;
const stepOf = (state: AppState) => state.clock.step;

export function LayerDrop(): ReactNode {
  const there = useRun((s) => s.drops.length > 0);
  const [open, setOpen] = useState(false);
  if (!there) return null;
  return (
    <section className="rail-section" aria-labelledby="layers-title">
      <h2 className="heading" id="layers-title">
        Which layers ran
      </h2>
      <div className="layers-ran">
        <button
          type="button"
          className="button small edged"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? "Close the raster" : "Show the last 200 steps"}
        </button>
        {open && <Opened />}
      </div>
    </section>
  );
}

function Opened(): ReactNode {
  const drops = useSlow(dropsOf, 500);
  const forward = useRun((s) => s.state?.flops.executed ?? null);
  const on = useRun((s) => s.state?.dropping != null);
  const figures = useMemo(() => dropFigures(drops, forward), [drops, forward]);
  if (figures === null) return null;
  const { steps, layers, ran, expected } = figures;
  return (
    <>
      <Raster steps={steps} layers={layers} />
      <p>
        {fixed(ran, 2)} of {layers} layers ran in a step on average, {fixed(expected, 2)} expected.
        {on ? "" : " Every layer runs again now."}
      </p>
      <Saved figures={figures} />
      <Depth figures={figures} />
      <Leaps figures={figures} of="loss" label="Loss" at={figures.losses} />
      <Leaps figures={figures} of="gradNorm" label="Gradient norm" at={figures.norms} />
      <p className="caption soft">
        Ringed: over the mean of the 25 steps before by more than 4 of their standard deviations.
      </p>
      <Theta layers={layers} />
      <ByLayer figures={figures} />
    </>
  );
}

/** Operations, exactly; time, where the layers have been timed and the device tells. */
function Saved({ figures }: { readonly figures: DropFigures }): ReactNode {
  const run = useRun((s) => s.run);
  const times = useKernels((s) => s.times);
  const timing = useKernels((s) => s.timing);
  const known = times !== null && times.run === run ? times : null;
  const time = known === null ? null : timeSaved(figures, known.segments);
  return (
    <>
      <p>
        {figures.saved === null || figures.steps.length < 2
          ? "What it saves is known after two steps."
          : `${percent(Math.max(0, figures.saved))} of the operations of these ${whole(figures.steps.length)} steps were not executed.`}
        {time === null
          ? ""
          : ` ${shortTime(time.saved)} of GPU time a step saved, of the ${shortTime(time.whole)} that one with every layer takes.`}
        {known !== null && known.segments.length === 0
          ? ` This browser does not tell GPU times; a step with every layer takes ${shortTime(known.wall)} by the clock.`
          : ""}
      </p>
      <button type="button" className="button small edged" disabled={timing} onClick={measureStep}>
        {timing ? "Timing" : "Time the layers"}
      </button>
    </>
  );
}

function Depth({ figures: { steps, layers, ran, expected } }: { readonly figures: DropFigures }): ReactNode {
  const drawn = realised(steps);
  const chances = steps.map(({ keep }) => keep.reduce((sum, p) => sum + p, 0));
  return (
    <Plot
      caption="Layers a step: mean of 20, and expected (dashed)"
      label={`${fixed(drawn.at(-1)!, 2)} layers over the last 20 steps, ${fixed(chances.at(-1)!, 2)} expected; ${fixed(ran, 2)} and ${fixed(expected, 2)} over all that is shown`}
      low={0}
      high={layers}
    >
      <Line values={chances} low={0} high={layers} dashed />
      <Line values={drawn} low={0} high={layers} />
    </Plot>
  );
}

interface LeapsProps {
  readonly figures: DropFigures;
  readonly of: "loss" | "gradNorm";
  readonly label: string;
  /** Steps of the spikes. */
  readonly at: readonly number[];
}

function Leaps({ figures: { steps }, of, label, at }: LeapsProps): ReactNode {
  const values = steps.map((step) => step[of]);
  const finite = values.filter(Number.isFinite);
  const low = of === "loss" ? Math.min(...finite) : 0;
  const high = Math.max(...finite, low + 1e-9);
  const count = at.length === 0 ? "no spike" : at.length === 1 ? "1 spike" : `${at.length} spikes`;
  const where = at.length === 0 ? "" : `, at step ${at.slice(-5).map(whole).join(", ")}`;
  return (
    <Plot
      caption={`${label} ${fixed(values.at(-1)!, 2)}, ${count}`}
      label={`${label} of the last ${steps.length} steps: ${fixed(low, 2)} to ${fixed(high, 2)}, ${count}${where}`}
      low={low}
      high={high}
    >
      <Line
        values={values}
        low={low}
        high={high}
        rings={steps.flatMap(({ step }, i) => (at.includes(step) ? [i] : []))}
      />
    </Plot>
  );
}

/** Places of the curve over the whole budget. */
const PLACES = 101;

/** θ over the whole budget with a cursor where the run stands; of plain dropping the one chance of all layers. */
function Theta({ layers }: { readonly layers: number }): ReactNode {
  const now = useRun((s) => s.state?.dropping ?? null);
  const planned = useRun((s) => s.budgetSteps);
  const step = useSlow(stepOf, 500);
  if (now === null) return null;
  const { action, since, held = null } = now;
  const at = (x: number) => dropping(action, layers, Math.max(0, x - since));
  const first = at(1);
  if (first === null) return null;
  const value = (x: number): number => at(x)!.theta ?? at(x)!.keep[0]!;
  const values = Array.from({ length: PLACES }, (_, i) => value(i / (PLACES - 1)));
  const here = held ?? Math.min(1, step / Math.max(1, planned));
  const name = first.theta === null ? "Chance of every layer" : "θ";
  return (
    <Plot
      caption={`${name} over the budget, now ${fixed(value(here), 2)}${held === null ? "" : ", gates frozen"}`}
      label={`${name}: ${fixed(values[0]!, 2)} at the start, ${fixed(value(here), 2)} now, ${fixed(values.at(-1)!, 2)} at the end`}
      low={0}
      high={1}
      cursor={here}
    >
      <Line values={values} low={0} high={1} />
    </Plot>
  );
}

function ByLayer({ figures: { byLayer } }: { readonly figures: DropFigures }): ReactNode {
  return (
    <table className="ran-layers">
      <thead>
        <tr>
          <th scope="col">Layer</th>
          <th scope="col">ran, and its chance now (tick)</th>
          <th scope="col">ran</th>
          <th scope="col">chance</th>
        </tr>
      </thead>
      <tbody>
        {byLayer
          .map((one, layer) => ({ ...one, layer }))
          .reverse()
          .map(({ chance, share, layer }) => (
            <tr key={layer}>
              <th scope="row">L{layer + 1}</th>
              <td>
                <span className="ran-bar" aria-hidden="true">
                  <i style={{ width: `${100 * share}%` }} />
                  <b style={{ left: `${100 * chance}%` }} />
                </span>
              </td>
              <td className="mono">{fixed(share, 2)}</td>
              <td className="mono">{fixed(chance, 2)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
