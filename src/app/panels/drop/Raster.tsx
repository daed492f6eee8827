/**
 * Steps across, layers up: filled where a layer ran, empty where it was left out. One stop for the keyboard; the arrows move a
 * cursor from step to step, and what stands under it is written below and said.
 */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from "react";
import { whole } from "../../format.ts";
import { DROPS, type DropStep, dropSentence } from "../../store/drop-figures.ts";
import { LEFT, WIDTH } from "./Plot.tsx";

/** The height of a layer and the gap under it. */
const TALL = 9;
const GAP = 2;
const COLUMN = (WIDTH - LEFT - 4) / DROPS;

interface Props {
  readonly steps: readonly DropStep[];
  readonly layers: number;
}

export function Raster({ steps, layers }: Props): ReactNode {
  /** Step under the cursor; null: the newest. */
  const [step, setStep] = useState<number | null>(null);
  const first = steps[0]!.step;
  const last = steps.at(-1)!.step;
  const found = step === null ? -1 : steps.findIndex((one) => one.step >= step);
  const at = found < 0 ? steps.length - 1 : found;
  const shown = steps[at]!;
  const height = layers * (TALL + GAP);
  // The newest step stands at the right end, whatever there is before it.
  const x = (i: number) => LEFT + (DROPS - steps.length + i) * COLUMN;
  const y = (layer: number) => (layers - 1 - layer) * (TALL + GAP);
  const move = (event: KeyboardEvent): void => {
    const by = event.shiftKey ? 10 : 1;
    const targets: Record<string, number> = {
      ArrowLeft: at - by,
      ArrowDown: at - by,
      ArrowRight: at + by,
      ArrowUp: at + by,
      Home: 0,
      End: steps.length - 1,
    };
    const next = targets[event.key];
    if (event.key === "Escape") setStep(null);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const index = Math.min(steps.length - 1, Math.max(0, next));
    setStep(index === steps.length - 1 ? null : steps[index]!.step);
  };
  const point = (event: PointerEvent): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * WIDTH;
    const index = Math.floor((place - x(0)) / COLUMN);
    setStep(steps[Math.min(steps.length - 1, Math.max(0, index))]!.step);
  };
  return (
    <div>
      <div
        role="slider"
        tabIndex={0}
        className="ran-raster"
        aria-label="Which layers ran, step by step"
        aria-valuemin={first}
        aria-valuemax={last}
        aria-valuenow={shown.step}
        aria-valuetext={dropSentence(shown)}
        onKeyDown={move}
        onBlur={() => setStep(null)}
        onPointerMove={point}
        onPointerLeave={() => setStep(null)}
      >
        <svg viewBox={`0 0 ${WIDTH} ${height}`} aria-hidden="true">
          {Array.from({ length: layers }, (_, layer) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
            <g key={layer}>
              <text x={LEFT - 5} y={y(layer) + TALL - 1} className="axis-text mono" textAnchor="end">
                L{layer + 1}
              </text>
              <rect className="ran-row" x={x(0)} y={y(layer)} width={steps.length * COLUMN} height={TALL} />
              <path className="ran-ran" d={ranges(steps, layer, x, y(layer))} />
            </g>
          ))}
          <rect className="ran-at" x={x(at) - 0.5} y={0} width={COLUMN + 1} height={height - GAP} />
        </svg>
      </div>
      <p className="caption soft ran-ends">
        <span>
          steps {whole(first)} to {whole(last)}
        </span>
        <span>filled: ran · empty: left out</span>
      </p>
      <p className="caption ran-said">{dropSentence(shown)}</p>
    </div>
  );
}

/** Neighbouring steps in which a layer ran, as one box each. */
function ranges(steps: readonly DropStep[], layer: number, x: (i: number) => number, y: number): string {
  let d = "";
  for (let i = 0; i < steps.length; i++) {
    if (steps[i]!.ran[layer] !== "1") continue;
    const from = i;
    while (i + 1 < steps.length && steps[i + 1]!.ran[layer] === "1") i++;
    d += `M${x(from).toFixed(2)} ${y}H${x(i + 1).toFixed(2)}V${y + TALL}H${x(from).toFixed(2)}Z`;
  }
  return d;
}
