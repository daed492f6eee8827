/** Which image is looked at: one of the validation part, or the one that was drawn. */
import { getRun, setRun } from "./store.ts";

/** The image so many places further; from one's own picture, back among those of the data. */
export function nextPicture(step: number): void {
  const shown = getRun().view?.picture;
  const { picture } = getRun();
  const of = shown?.of ?? 0;
  if (of === 0) return;
  const from = typeof picture === "number" ? picture : null;
  setRun({ picture: from === null ? 0 : (from + step + of) % of });
}

/** Image number `index` of the validation part, from 0. */
export function showPicture(index: number): void {
  setRun({ picture: Math.max(0, Math.floor(index)) });
}

/** A picture of one's own, a byte a pixel. */
export function showDrawn(pixels: Uint8Array): void {
  setRun({ picture: pixels });
}
