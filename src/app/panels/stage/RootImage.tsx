/** The image that goes in at the root, pixel by pixel, with a button to either side for the one before and after it. */
import { useEffect, useRef } from "react";
import type { Picture } from "../../../run/messages.ts";
import { whole } from "../../format.ts";
import { Icon } from "../../Icons.tsx";
import { nextPicture } from "../../store/pictures.ts";
import { type Scheme, tokens } from "../../tokens.ts";
import type { Box } from "./layout.ts";
import { paintPicture } from "./picture.ts";

export interface RootImageProps {
  readonly box: Box;
  readonly picture: Picture;
  readonly scheme: Scheme;
}

/** "Image 12 of 5,000, a 7", "your own image" */
export function pictureName({ index, of, label }: Picture): string {
  return index === null ? "your own image" : `image ${whole(index + 1)} of ${whole(of)}, class ${label}`;
}

export function RootImage({ box, picture, scheme }: RootImageProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) paintPicture(canvas.current, picture, tokens[scheme]);
  }, [picture, scheme]);
  const name = pictureName(picture);
  return (
    <figure
      className="root-image"
      style={{ left: box.x + box.w / 2, top: box.y, margin: 0 }}
      aria-label={`At the root: ${name}`}
    >
      <button type="button" aria-label="Image before" title="Image before" onClick={() => nextPicture(-1)}>
        <Icon name="before" size={14} />
      </button>
      <canvas
        ref={canvas}
        width={picture.width}
        height={picture.height}
        style={{ width: box.w, height: box.h }}
      />
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
