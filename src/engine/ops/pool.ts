/**
 * Pooling over squares that do not overlap: each map of [N, C, H, W] shrinks by `size` along both sides, and what fills
 * no whole square at the right and bottom is left out. The gradient of the largest goes to the first largest element.
 */
import { sizeOf } from "../layout.ts";
import type { KernelCall, NdArray, OpDef, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { filled } from "./strided.ts";

export interface PoolAttrs {
  readonly how: "max" | "average";
  readonly size: number;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

type Shape4 = readonly [number, number, number, number];

function outShape({ shape, dtype }: TensorSpec, { size }: PoolAttrs): Shape4 {
  const [n, c, h, w] = shape as Shape4;
  if (shape.length !== 4 || dtype !== "f32") throw new Error(`pool: needs f32 [N, C, H, W], not [${shape}]`);
  if (size < 1 || h < size || w < size) throw new Error(`pool: no square of ${size} fits into ${h} × ${w}`);
  return [n, c, Math.floor(h / size), Math.floor(w / size)];
}

function sizesOf(x: TensorSpec, attrs: PoolAttrs, count: number): NonNullable<KernelCall["sizes"]> {
  const [, , height, width] = x.shape as Shape4;
  const [, , out_height, out_width] = outShape(x, attrs);
  return { count, height, width, out_height, out_width, size: attrs.size };
}

/** Calls `visit` with the place in y and the places in x of each square. */
function squares(
  x: NdArray,
  attrs: PoolAttrs,
  visit: (out: number, places: readonly number[]) => void,
): void {
  const [n, c, h, w] = x.shape as Shape4;
  const [, , oh, ow] = outShape(x, attrs);
  const { size } = attrs;
  for (let map = 0; map < n * c; map++) {
    for (let i = 0; i < oh * ow; i++) {
      const first = (map * h + Math.floor(i / ow) * size) * w + (i % ow) * size;
      const places = Array.from(
        { length: size * size },
        (_, p) => first + Math.floor(p / size) * w + (p % size),
      );
      visit(map * oh * ow + i, places);
    }
  }
}

/** Input x [N, C, H, W]; gives [N, C, ⌊H/size⌋, ⌊W/size⌋]. */
export const pool: OpDef<PoolAttrs> = {
  name: "pool",
  infer: ([x], attrs) => [f32(...outShape(x!, attrs))],
  lower([x], [y], attrs) {
    const count = sizeOf(y!.shape);
    return [
      {
        shader: "pool",
        entry: "forward",
        constants: { AVERAGE: attrs.how === "average" ? 1 : 0 },
        sizes: sizesOf(x!, attrs, count),
        bind: { x: x!, y: y! },
        grid: elementGrid(count, 64),
      },
    ];
  },
  vjp: (t, { inputs: [x], attrs }, [dy]) => [dy ? t.call(poolGrad, [x!, dy], attrs)[0]! : null],
  reference([x], attrs) {
    const y = filled(outShape(x!, attrs), "f32");
    squares(x!, attrs, (out, places) => {
      const values = places.map((p) => x!.data[p]!);
      y.data[out] =
        attrs.how === "max" ? Math.max(...values) : values.reduce((a, b) => a + b, 0) / values.length;
    });
    return [y];
  },
  samples: [
    { inputs: [f32(2, 3, 4, 6)], attrs: { how: "max", size: 2 } },
    { inputs: [f32(1, 2, 5, 7)], attrs: { how: "max", size: 2 } },
    { inputs: [f32(2, 1, 7, 6)], attrs: { how: "max", size: 3 } },
    { inputs: [f32(2, 3, 5, 6)], attrs: { how: "average", size: 2 } },
    // In two workgroups.
    { inputs: [f32(2, 6, 7, 9)], attrs: { how: "max", size: 2 }, wrt: [] },
    // So many squares that in some of them the largest changes on the way of a difference.
    { inputs: [f32(64, 20, 24, 24)], attrs: { how: "max", size: 2 }, bench: true, wrt: [] },
  ],
};

/** Inputs x and dy; gives dx. */
export const poolGrad: OpDef<PoolAttrs> = {
  name: "pool-grad",
  infer([x, dy], attrs) {
    if (`${dy!.shape}` !== `${outShape(x!, attrs)}`) {
      throw new Error(
        `pool-grad: dy is [${dy!.shape}], of x [${x!.shape}] it must be [${outShape(x!, attrs)}]`,
      );
    }
    return [f32(...x!.shape)];
  },
  lower([x, dy], [dx], attrs) {
    const count = sizeOf(dx!.shape);
    return [
      {
        shader: "pool",
        entry: "backward",
        constants: { AVERAGE: attrs.how === "average" ? 1 : 0 },
        sizes: sizesOf(x!, attrs, count),
        bind: { x: x!, dy: dy!, dx: dx! },
        grid: elementGrid(count, 64),
      },
    ];
  },
  reference([x, dy], attrs) {
    const dx = filled(x!.shape, "f32");
    squares(x!, attrs, (out, places) => {
      const d = dy!.data[out]!;
      if (attrs.how === "average") for (const p of places) dx.data[p] = d / places.length;
      else dx.data[places.reduce((best, p) => (x!.data[p]! > x!.data[best]! ? p : best))] = d;
    });
    return [dx];
  },
  samples: [
    { inputs: [f32(2, 2, 5, 6), f32(2, 2, 2, 3)], attrs: { how: "max", size: 2 } },
    { inputs: [f32(1, 2, 5, 6), f32(1, 2, 2, 3)], attrs: { how: "average", size: 2 } },
    // Ties, as a rectified map of zeros has them: the first gets it.
    {
      inputs: [f32(1, 1, 4, 4), f32(1, 1, 2, 2)],
      attrs: { how: "max", size: 2 },
      values: (i) => (i === 1 ? [1, 2, 3, 4] : [0, 0, 1, 2, 0, 0, 2, 1, 3, 1, 0, 0, 3, 3, 0, 5]),
    },
  ],
};
