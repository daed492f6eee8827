/**
 * The bounding boxes of the areas of a partial-area convolution: where the loops of its gradients run. Made from the areas
 * whenever they are asked for, so that a box is never older than its area.
 */
import type { OpDef, TensorSpec } from "../types.ts";
import { foldGrid } from "./grid.ts";
import { filled } from "./strided.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

export const boxesOf = (made: number, channels: number): TensorSpec => ({
  shape: [made, channels, 4],
  dtype: "u32",
});

/** Top, left, bottom and right of what is on in each slice, the last two past it. */
export function boxesIn(
  area: ArrayLike<number>,
  [made, channels, height, width]: readonly number[],
): number[] {
  const places = height! * width!;
  return Array.from({ length: made! * channels! }, (_, slice) => {
    const on = Array.from({ length: places }, (_, i) => i).filter((i) => area[slice * places + i] !== 0);
    if (on.length === 0) return [0, 0, 0, 0];
    const [rows, columns] = [on.map((i) => Math.floor(i / width!)), on.map((i) => i % width!)];
    return [Math.min(...rows), Math.min(...columns), Math.max(...rows) + 1, Math.max(...columns) + 1];
  }).flat();
}

/** Input area [O, C, h, w]; gives u32 [O, C, 4], the bounding box of what is on: top, left, bottom, right. */
export const convAreaBoxes: OpDef<object> = {
  name: "conv2d-area-boxes",
  infer([area]) {
    if (area?.dtype !== "f32" || area.shape.length !== 4) {
      throw new Error(`conv2d-area-boxes: needs an area f32 [O, C, h, w], not [${area?.shape}]`);
    }
    return [boxesOf(area.shape[0]!, area.shape[1]!)];
  },
  lower([area], [found]) {
    const [made, channels, out_height, out_width] = area!.shape as [number, number, number, number];
    const none = { batch: 0, height: 0, width: 0, kernel: 0, pad: 0 };
    return [
      {
        shader: "conv2d-area",
        entry: "bound",
        sizes: { ...none, made, channels, out_height, out_width },
        bind: { area: area!, found: found! },
        grid: foldGrid(made * channels),
      },
    ];
  },
  reference([area]) {
    const boxes = filled([area!.shape[0]!, area!.shape[1]!, 4], "u32");
    boxes.data.set(boxesIn(area!.data, area!.shape));
    return [boxes];
  },
  samples: [
    // A corner, a row, one place, nothing, everything.
    {
      inputs: [f32(5, 1, 9, 8)],
      attrs: {},
      wrt: [],
      values: () =>
        Array.from({ length: 5 * 72 }, (_, i) => {
          const [slice, row, column] = [Math.floor(i / 72), Math.floor((i % 72) / 8), i % 8];
          if (slice === 0) return row > 3 && column > 4 && (row + column) % 2 === 0 ? 1 : 0;
          if (slice === 1) return row === 2 ? 1 : 0;
          if (slice === 2) return row === 8 && column === 7 ? 1 : 0;
          return slice === 3 ? 0 : 1;
        }),
    },
  ],
};
