/**
 * An image with the areas of some slices over it, and a rectangle that is dragged, or moved with the arrows and sized with
 * Shift; Delete erases.
 */
import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef } from "react";
import type { AreaMaps, Picture } from "../../run/messages.ts";
import { tokens } from "../tokens.ts";
import {
  type AreaPlaces,
  between,
  paintAreas,
  placeAt,
  type Rectangle,
  type Slices,
  sharesOf,
} from "./stage/areas.ts";
import { paintPicture } from "./stage/picture.ts";

/** Pixels of the page for the longer side of the image. */
const SIDE = 252;

interface AreaSheetProps {
  readonly places: AreaPlaces;
  readonly maps: AreaMaps | null;
  readonly picture: Picture;
  readonly of: Slices;
  readonly rectangle: Rectangle;
  /** Id of the words about the rectangle. */
  readonly note: string;
  onRectangle(rectangle: Rectangle): void;
  onErase(): void;
}

export function AreaSheet({
  places,
  maps,
  picture,
  of,
  rectangle,
  note,
  onRectangle,
  onErase,
}: AreaSheetProps): ReactNode {
  const scheme = useComputedColorScheme("light");
  const under = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const from = useRef<readonly [number, number] | null>(null);
  const scale = SIDE / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  useEffect(() => {
    if (under.current !== null) paintPicture(under.current, picture, tokens[scheme]);
  }, [picture, scheme]);
  const { map, reads } = of;
  useEffect(() => {
    const context = over.current?.getContext("2d");
    if (!over.current || !context) return;
    over.current.width = 2 * width;
    over.current.height = 2 * height;
    const whole = new Float32Array(places.rows * places.columns).fill(1);
    const shares = maps === null ? whole : sharesOf(maps, { map, reads });
    paintAreas(context, places, shares, 2 * scale, scheme);
  }, [maps, map, reads, places, scale, width, height, scheme]);

  const placeOf = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return placeAt(
      places,
      ((event.clientX - box.left) / box.width) * picture.width,
      ((event.clientY - box.top) / box.height) * picture.height,
    );
  };
  const onKey = (event: KeyboardEvent<HTMLElement>): void => {
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      onErase();
    }
    if (by === undefined) return;
    event.preventDefault();
    const [down, across] = by as [number, number];
    const within = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));
    const { top, left, height: tall, width: wide } = rectangle;
    onRectangle(
      event.shiftKey
        ? {
            ...{ top, left },
            height: within(tall + down, 1, places.rows - top),
            width: within(wide + across, 1, places.columns - left),
          }
        : {
            ...{ height: tall, width: wide },
            top: within(top + down, 0, places.rows - tall),
            left: within(left + across, 0, places.columns - wide),
          },
    );
  };
  const side = places.pitch * scale;
  return (
    <div
      className="areas-sheet"
      style={{ width, height }}
      // Arrows move the rectangle: they are the sheet's own.
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the focus
      tabIndex={0}
      aria-label="Rectangle on the image"
      aria-describedby={note}
      onKeyDown={onKey}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = placeOf(event);
        onRectangle(between(from.current, from.current));
      }}
      onPointerMove={(event) => {
        if (from.current !== null) onRectangle(between(from.current, placeOf(event)));
      }}
      onPointerUp={() => {
        from.current = null;
      }}
      onPointerCancel={() => {
        from.current = null;
      }}
    >
      <canvas ref={under} width={picture.width} height={picture.height} style={{ width, height }} />
      <canvas ref={over} className="areas-over" style={{ width, height }} />
      <span
        className="areas-rectangle"
        style={{
          left: places.origin * scale + rectangle.left * side,
          top: places.origin * scale + rectangle.top * side,
          width: rectangle.width * side,
          height: rectangle.height * side,
        }}
      />
    </div>
  );
}
