/**
 * Files that are let go beside a drop zone. A browser would leave the page for them, and the run with it; here each is taken
 * for what it is: weights or a saved run, images, a text.
 */
import { droppedFiles } from "./dropped-files.ts";

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes("Files") ?? false;

/** Listens on the window; what a drop zone took is left alone. Returns the way to stop. */
export function catchDrops(wanted: () => boolean): () => void {
  const over = (event: DragEvent): void => {
    if (event.defaultPrevented || !hasFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer !== null && !wanted()) event.dataTransfer.dropEffect = "none";
  };
  const drop = (event: DragEvent): void => {
    if (event.defaultPrevented || event.dataTransfer === null || !hasFiles(event)) return;
    event.preventDefault();
    if (!wanted()) return;
    // What was dropped can be asked for during the event only.
    const [first = null] = event.dataTransfer.files;
    const placed = droppedFiles(event.dataTransfer);
    void Promise.all([placed, import("../store/dropped.ts")]).then(([all, m]) => m.takeDropped(all, first));
  };
  window.addEventListener("dragover", over);
  window.addEventListener("drop", drop);
  return () => {
    window.removeEventListener("dragover", over);
    window.removeEventListener("drop", drop);
  };
}
