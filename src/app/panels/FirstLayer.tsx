/**
 * The first layer as a picture of the image it reads: how many of each pixel's outgoing weights are in use, or the weights
 * of one unit where they lie. Where digits are, pixels survive; the border goes first. Newborn weights are bright and
 * settle over 50 updates, those just cut show the cut, and what nobody reads is hatched.
 */
import { useComputedColorScheme } from "@mantine/core";
import { type PointerEvent, useEffect, useRef, useState } from "react";
import { type ImageMask, LIFE, type Part, type Tile } from "../../run/messages.ts";
import { NumberBox } from "../controls/NumberBox.tsx";
import { count, rough, whole } from "../format.ts";
import { Icon } from "../Icons.tsx";
import { diedBetween, FLASH } from "./stage/cuts.ts";
import { paintTile } from "./stage/paint.ts";

/** Pixels of the page for one of the image, at most; on paper twice as many. */
const WIDTH = 184;

/** What the picture shows: all units' counts, or one unit's weights. */
export function pictureOf(mask: ImageMask, unit: number | null): Tile {
  const { height, width, used, units } = mask;
  const size = { rows: height, cols: width, ofRows: height, ofCols: width, mean: 0, age: null };
  if (unit === null || units === null) {
    const dead = used.reduce((n, each) => n + (each === 0 ? 1 : 0), 0);
    return { ...size, data: Float32Array.from(used), kept: 1 - dead / used.length, life: mask.life };
  }
  const [from, to] = [unit * height * width, (unit + 1) * height * width];
  const life = units.life?.subarray(from, to) ?? null;
  const dead = life === null ? 0 : life.reduce((n, each) => n + (each === LIFE.dormant ? 1 : 0), 0);
  return { ...size, data: units.weights.subarray(from, to), kept: 1 - dead / (to - from), life };
}

/** The picture in words. */
export function sayPicture(mask: ImageMask, unit: number | null): string {
  const pixels = mask.used.length;
  if (unit !== null) {
    const kept = Math.round(pictureOf(mask, unit).kept * pixels);
    return `Unit ${whole(unit + 1)} reads ${whole(kept)} of ${count(pixels, "pixel")}.`;
  }
  const read = mask.used.reduce((n, each) => n + (each > 0 ? 1 : 0), 0);
  const [low, high] = [Math.min(...mask.used), Math.max(...mask.used)];
  const spread = low === high ? whole(low) : `${whole(low)} to ${whole(high)}`;
  return `${whole(read)} of ${count(pixels, "pixel")} are read, each by ${spread} of ${count(mask.most, "weight")}.`;
}

/** Only how a tile is coloured is asked of it. */
const LOOKS: Readonly<Record<"counts" | "weights", Part>> = {
  counts: {
    ...{ id: "", name: "", post: "", strips: [], kind: "activation", tap: "" },
    ...{ slice: [], rows: [], cols: [], scale: "sequential" },
  },
  weights: {
    ...{ id: "", name: "", post: "", strips: [], kind: "weight", path: "" },
    ...{ slice: [], rows: [], cols: [] },
  },
};

interface FirstLayerProps {
  readonly mask: ImageMask;
  readonly weightScale: number;
  readonly step: number;
}

export function FirstLayer({ mask, weightScale, step }: FirstLayerProps) {
  const scheme = useComputedColorScheme("light");
  const canvas = useRef<HTMLCanvasElement>(null);
  const before = useRef<{ readonly unit: number | null; readonly tile: Tile } | null>(null);
  const [chosen, setUnit] = useState<number | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const units = mask.units?.count ?? 0;
  // A unit may have left the network meanwhile.
  const unit = chosen !== null && chosen < units ? chosen : null;
  const height = (WIDTH * mask.height) / mask.width;

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    const tile = pictureOf(mask, unit);
    const last = before.current?.unit === unit ? before.current.tile : undefined;
    const died = lost(last, tile, unit === null);
    before.current = { unit, tile };
    canvas.current.width = 2 * WIDTH;
    canvas.current.height = 2 * height;
    const box = { x: 0, y: 0, w: 2 * WIDTH, h: 2 * height };
    const draw = (flash: Uint8Array | null): void =>
      paintTile(
        context,
        box,
        unit === null ? LOOKS.counts : LOOKS.weights,
        tile,
        unit === null ? Math.max(1, mask.most) : Math.max(1e-9, weightScale),
        scheme,
        1,
        false,
        { died: flash, hatched: true, step },
      );
    draw(died);
    if (died === null) return;
    const timer = setTimeout(() => draw(null), FLASH);
    return () => clearTimeout(timer);
  }, [mask, unit, scheme, height, weightScale, step]);

  const point = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * mask.height);
    const col = Math.floor(((event.clientX - box.left) / box.width) * mask.width);
    setAt(Math.max(0, Math.min(mask.used.length - 1, row * mask.width + col)));
  };
  const words = sayPicture(mask, unit);
  return (
    <section className="rail-section first-layer" aria-labelledby="first-layer-title">
      <h2 id="first-layer-title">
        {unit === null ? "Weights in use, by pixel" : `Weights of unit ${unit + 1}`}
      </h2>
      <div className="first-layer-row">
        <canvas
          ref={canvas}
          role="img"
          aria-label={words}
          style={{ width: WIDTH, height }}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setAt(null)}
        />
        {units === 0 ? null : <ChooseUnit units={units} unit={unit} onUnit={setUnit} />}
      </div>
      <p className="caption soft">{at === null ? words : sayPixel(mask, unit, at)}</p>
    </section>
  );
}

/** Pixels that have just lost weights: all of them where one unit is shown, any of them where counts are. */
function lost(before: Tile | undefined, now: Tile, counts: boolean): Uint8Array | null {
  if (!counts) return diedBetween(before, now);
  if (before === undefined || before.data.length !== now.data.length) return null;
  const died = Uint8Array.from(now.data, (n, i) => (n < (before.data[i] ?? 0) ? 1 : 0));
  return died.includes(1) ? died : null;
}

function sayPixel(mask: ImageMask, unit: number | null, at: number): string {
  const place = `Row ${1 + Math.floor(at / mask.width)}, column ${1 + (at % mask.width)}`;
  if (unit === null || mask.units === null) {
    return `${place}: ${whole(mask.used[at] ?? 0)} of ${count(mask.most, "weight")} in use.`;
  }
  const index = unit * mask.used.length + at;
  if (mask.units.life?.[index] === LIFE.dormant) return `${place}: dormant.`;
  return `${place}: ${rough(mask.units.weights[index] ?? 0, 3)}.`;
}

function ChooseUnit({
  units,
  unit,
  onUnit,
}: {
  readonly units: number;
  readonly unit: number | null;
  onUnit(unit: number | null): void;
}) {
  return (
    <div className="first-layer-choose">
      <NumberBox
        label={`Unit, 1 to ${whole(units)}`}
        most={units}
        placeholder="all"
        value={unit === null ? null : unit + 1}
        onSet={(value) => onUnit(value - 1)}
        onNone={() => onUnit(null)}
      />
      <button
        type="button"
        className="button small"
        aria-disabled={unit === null}
        onClick={() => onUnit(null)}
      >
        <Icon name="table" size={14} />
        All units
      </button>
    </div>
  );
}
