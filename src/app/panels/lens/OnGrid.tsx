/**
 * Where the patches of an image look, by rows and columns from the patch itself: mass over what chance would give, about 1, a
 * picture a layer, the patch in the middle.
 */
import { useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import type { Lens } from "../../../run/messages.ts";
import { fixed } from "../../format.ts";
import { gridByChance, spanOf } from "../../store/lens-figures.ts";
import { colourOf } from "../stage/colour.ts";

export function OnGrid({ look }: { readonly look: Lens }): ReactNode {
  const { grid, layers } = look;
  const wide = 2 * grid - 1;
  const chance = gridByChance(grid);
  const ratios = layers.map((heads) =>
    chance.map((expected, place) => {
      const mass = heads.reduce((sum, { offsets }) => sum + offsets[place]!, 0) / Math.max(1, heads.length);
      return mass / expected;
    }),
  );
  const most = spanOf(ratios.flat());
  return (
    <figure>
      <figcaption className="lens-caption">
        <span>
          Where a patch looks, by rows and columns from itself (middle): teal more than by chance, brown less,
          in full at {fixed(most, 1)} times as much or as little
        </span>
      </figcaption>
      <div className="lens-maps">
        {ratios.map((ratio, k) => {
          const peak = ratio.reduce((best, value, place) => (value > ratio[best]! ? place : best), 0);
          const [rows, columns] = [Math.floor(peak / wide) - grid + 1, (peak % wide) - grid + 1];
          return (
            <Picture
              // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its place
              key={k}
              values={ratio}
              most={most}
              wide={wide}
              label={`Layer ${k + 1}: most ${where(rows, columns)}, ${fixed(ratio[peak]!, 1)} times chance`}
              name={`L${k + 1}`}
            />
          );
        })}
      </div>
    </figure>
  );
}

function where(rows: number, columns: number): string {
  if (rows === 0 && columns === 0) return "on itself";
  const steps = (count: number, back: string, ahead: string) =>
    count === 0 ? [] : [`${Math.abs(count)} ${count < 0 ? back : ahead}`];
  return [...steps(rows, "up", "down"), ...steps(columns, "left", "right")].join(" and ");
}

interface PictureProps {
  readonly values: readonly number[];
  readonly most: number;
  readonly wide: number;
  readonly label: string;
  readonly name: string;
}

function Picture({ values, most, wide, label, name }: PictureProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(wide, wide);
    const words = new Uint32Array(image.data.buffer);
    for (let i = 0; i < words.length; i++)
      words[i] = colourOf(Math.log(Math.max(values[i]!, 1e-6)), Math.log(most), "diverging", scheme, i);
    context.putImageData(image, 0, 0);
  }, [values, most, wide, scheme]);
  return (
    <span className="lens-picture">
      <canvas ref={canvas} width={wide} height={wide} role="img" aria-label={label} title={label} />
      <span className="mono" aria-hidden="true">
        {name}
      </span>
    </span>
  );
}
