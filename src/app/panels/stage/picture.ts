/** Paints an image as bytes: background is the surface, strokes are ink, in either theme. */
import type { Picture } from "../../../run/messages.ts";

type Look = { readonly surface: string; readonly ink: string };

const channels = (hex: string): readonly number[] =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

export function paintPicture(canvas: HTMLCanvasElement, picture: Picture, look: Look): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const { width, height, pixels } = picture;
  const image = context.createImageData(width, height);
  const [from, to] = [channels(look.surface), channels(look.ink)];
  for (let i = 0; i < width * height; i++) {
    const share = (pixels[i] ?? 0) / 255;
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = from[c]! + share * (to[c]! - from[c]!);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
