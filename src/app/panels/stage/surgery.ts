/**
 * Ways to the surgeon's table at a part: the second button, the key for menus, and on a touch screen a finger that rests.
 * Where the browser has no menu event for a finger, the time is counted here.
 */
import type { MouseEvent, PointerEvent } from "react";
import { setRun } from "../../store/store.ts";

/** Milliseconds that a finger rests, and pixels that it may slip. */
const REST = 500;
const SLIP = 10;

let finger: { readonly x: number; readonly y: number; readonly timer: ReturnType<typeof setTimeout> } | null =
  null;
/** The finger that opened the table is lifted: that is no press on the part. */
let opened = false;

const lift = (): void => {
  if (finger !== null) clearTimeout(finger.timer);
  finger = null;
};

const open = (id: string): void => {
  lift();
  setRun({ surgery: id, openMark: null });
};

/** Handlers of whatever stands for this part on the stage. */
export const surgeryOn = (id: string) => ({
  onContextMenu(event: MouseEvent): void {
    event.preventDefault();
    open(id);
  },
  onPointerDown({ pointerType, clientX: x, clientY: y }: PointerEvent): void {
    opened = false;
    if (pointerType !== "touch") return;
    lift();
    const timer = setTimeout(() => {
      opened = true;
      open(id);
    }, REST);
    finger = { x, y, timer };
  },
  onPointerMove({ clientX, clientY }: PointerEvent): void {
    if (finger !== null && Math.hypot(clientX - finger.x, clientY - finger.y) > SLIP) lift();
  },
  onPointerUp: lift,
  onPointerCancel: lift,
  onClickCapture(event: MouseEvent): void {
    if (!opened) return;
    opened = false;
    event.stopPropagation();
  },
});
