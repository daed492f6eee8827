/** The image that goes in at the root, pixel by pixel, with a button to either side for the one before and after it. */
import { useEffect, useRef } from "react";
import type { AreaMaps, Picture } from "../../../run/messages.ts";
import { whole } from "../../format.ts";
import { Icon } from "../../Icons.tsx";
import { nextPicture } from "../../store/pictures.ts";
import { type Scheme, tokens } from "../../tokens.ts";
import { type AreaPlaces, EVERY_SLICE, paintAreas, sharesOf } from "./areas.ts";
import type { Box } from "./layout.ts";
import { paintPicture } from "./picture.ts";

export interface RootImageProps {
  readonly box: Box;
  readonly picture: Picture;
  readonly scheme: Scheme;
  /** Areas of a convolution, drawn over it; null where every kernel is used everywhere. */
  readonly areas: { readonly maps: AreaMaps; readonly places: AreaPlaces; readonly of: string } | null;
}

/** "Image 12 of 5,000, a 7", "your own image" */
export function pictureName({ index, of, label }: Picture): string {
  return index === null ? "your own image" : `image ${whole(index + 1)} of ${whole(of)}, class ${label}`;
}

export function RootImage({ box, picture, scheme, areas }: RootImageProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) paintPicture(canvas.current, picture, tokens[scheme]);
  }, [picture, scheme]);
  useEffect(() => {
    const context = over.current?.getContext("2d");
    if (!over.current || !context || areas === null) return;
    over.current.width = 2 * box.w;
    over.current.height = 2 * box.h;
    const { maps, places } = areas;
    paintAreas(context, places, sharesOf(maps, EVERY_SLICE), (2 * box.w) / picture.width, scheme);
  }, [areas, box, picture.width, scheme]);
  const name = pictureName(picture);
  const used = areas === null ? 1 : areas.maps.on.reduce((n, on) => n + on, 0) / areas.maps.on.length;
  return (
    <figure
      className="root-image"
      style={{ left: box.x + box.w / 2, top: box.y, margin: 0 }}
      aria-label={`At the root: ${name}${areas === null ? "" : `, with the areas of ${areas.of}: ${Math.round(100 * used)} % of the places in use`}`}
    >
      <button type="button" aria-label="Image before" title="Image before" onClick={() => nextPicture(-1)}>
        <Icon name="before" size={14} />
      </button>
      <span className="root-picture">
        <canvas
          ref={canvas}
          width={picture.width}
          height={picture.height}
          style={{ width: box.w, height: box.h }}
        />
        {areas === null ? null : (
          <canvas ref={over} className="root-areas" style={{ width: box.w, height: box.h }} />
        )}
      </span>
      <button type="button" aria-label="Next image" title="Next image" onClick={() => nextPicture(1)}>
        <Icon name="after" size={14} />
      </button>
      <figcaption aria-hidden="true">
        {picture.index === null ? (
          "your own"
        ) : (
          <>
            {whole(picture.index + 1)} of {whole(picture.of)}
            <br />a {picture.label}
          </>
        )}
      </figcaption>
    </figure>
  );
}
