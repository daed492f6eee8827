/**
 * A sheet to draw an image on, classified as one draws. What was drawn is brought to size as the data's images were, then
 * looked at by the network as it is at that moment: at most one look is asked for at a time, so that a slow device is
 * never asked for more than it can give.
 */
import { type PointerEvent, useCallback, useEffect, useRef, useState } from "react";
import { asDigit, scaled } from "../../run/grey.ts";
import { Icon } from "../Icons.tsx";
import { showDrawn, showPicture } from "../store/pictures.ts";
import { useRun } from "../store/store.ts";

/** Pixels of the sheet, and of a stroke: a twelfth of the sheet is about what a pen is to MNIST's digits. */
const SIDE = 224;
const STROKE = 18;
/** An answer that does not come within this is not waited for any longer. */
const PATIENCE = 1500;

/** Read after every stroke: a canvas that lies on the GPU would be fetched back each time. */
const contextOf = (canvas: HTMLCanvasElement | null) =>
  canvas?.getContext("2d", { willReadFrequently: true }) ?? null;

export function DrawSheet() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<readonly [number, number] | null>(null);
  const asked = useRef({ waiting: false, dirty: false, at: 0 });
  const view = useRun((s) => s.view);
  const data = useRun((s) => s.config?.data.id);
  const own = useRun((s) => typeof s.picture !== "number");
  // Drawn on an earlier sheet, it is still what the network is shown: it can be cleared here.
  const [used, setUsed] = useState(own);

  const ask = useCallback(() => {
    const state = asked.current;
    const late = performance.now() - state.at > PATIENCE;
    if (state.waiting && !late) {
      state.dirty = true;
      return;
    }
    const pixels = read(canvas.current, data === "mnist");
    if (pixels === null) return;
    asked.current = { waiting: true, dirty: false, at: performance.now() };
    showDrawn(pixels);
  }, [data]);

  // Each view is an answer; what was drawn meanwhile is asked about then.
  useEffect(() => {
    if (view?.picture?.index !== null) return;
    const { dirty } = asked.current;
    asked.current.waiting = false;
    if (dirty) ask();
  }, [view, ask]);

  // The image of the data was chosen elsewhere: the sheet is clean again.
  useEffect(() => {
    if (own) return;
    wipe(canvas.current);
    setUsed(false);
  }, [own]);

  const at = (event: PointerEvent<HTMLCanvasElement>): readonly [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    return [((event.clientX - box.left) * SIDE) / box.width, ((event.clientY - box.top) * SIDE) / box.height];
  };
  const stroke = (event: PointerEvent<HTMLCanvasElement>): void => {
    const context = contextOf(event.currentTarget);
    if (context === null || last.current === null) return;
    const to = at(event);
    context.lineCap = "round";
    context.lineWidth = STROKE;
    context.strokeStyle = getComputedStyle(event.currentTarget).color;
    context.beginPath();
    context.moveTo(...last.current);
    context.lineTo(...to);
    context.stroke();
    last.current = to;
    setUsed(true);
    ask();
  };

  return (
    <div className="draw">
      <p className="caption soft" id="draw-note">
        Draw one here, with a pointer or a finger. By keys, choose an image of the data above.
      </p>
      <canvas
        ref={canvas}
        className="draw-sheet"
        width={SIDE}
        height={SIDE}
        role="img"
        aria-label={used ? "Sheet with your drawing" : "Empty sheet to draw on"}
        aria-describedby="draw-note"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          last.current = at(event);
          stroke(event);
        }}
        onPointerMove={stroke}
        onPointerUp={() => {
          last.current = null;
        }}
        onPointerCancel={() => {
          last.current = null;
        }}
      />
      <button
        type="button"
        className="button edged small"
        disabled={!used}
        onClick={() => {
          wipe(canvas.current);
          setUsed(false);
          showPicture(0);
        }}
      >
        <Icon name="close" size={12} />
        Clear
      </button>
    </div>
  );
}

function wipe(canvas: HTMLCanvasElement | null): void {
  contextOf(canvas)?.clearRect(0, 0, SIDE, SIDE);
}

/** 28 × 28 bytes of what was drawn; null: nothing was. `digit`: fitted and centred as MNIST's digits were. */
function read(canvas: HTMLCanvasElement | null, digit: boolean): Uint8Array | null {
  const image = contextOf(canvas)?.getImageData(0, 0, SIDE, SIDE);
  if (!image) return null;
  const pixels = new Uint8Array(SIDE * SIDE);
  for (let i = 0; i < pixels.length; i++) pixels[i] = image.data[4 * i + 3]!;
  const drawn = { width: SIDE, height: SIDE, pixels };
  return (digit ? asDigit(drawn) : scaled(drawn, 28, 28))?.pixels ?? null;
}
