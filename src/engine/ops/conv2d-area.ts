/**
 * Partial-area convolution (NeST, grow-prune §3.7): as conv2d, but each slice, the kernel from input map c to output map o, is
 * used only at the places of the map where its area is 1.
 *
 *     F_o = Σ_c area_oc ⊙ (x_c ∗ K_oc) + b_o        dK_oc = Σ area_oc ⊙ dF_o · x_c
 *
 * Two ways with the same result: "mask" computes everything and multiplies, "skip" leaves out what is switched off: a forward
 * invocation has one place and looks whether it is on, the loops over places of both gradients run within the slice's
 * bounding box. A kernel of its own, one number an invocation: the tiles of conv2d share work between slices whose areas
 * differ here.
 */
import { sizeOf } from "../layout.ts";
import type { NdArray, OpDef, OpSample, TensorSpec } from "../types.ts";
import { boxesIn, boxesOf, convAreaBoxes } from "./conv2d-area-boxes.ts";
import { type ConvShape, convFlops, convolve, convShape, convSizes, zeros } from "./conv2d-shape.ts";
import { elementGrid, foldGrid } from "./grid.ts";
import { sumTolerance } from "./matmul-tile.ts";
import { reduce } from "./reduce.ts";

export interface ConvAreaAttrs {
  readonly padding: number;
  /** A fourth input [O]. */
  readonly bias: boolean;
  /** What is switched off is not computed. */
  readonly skip: boolean;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const LANES = 64;

function checkArea({ made, channels, outHeight, outWidth }: ConvShape, area: TensorSpec | undefined): void {
  const shape = [made, channels, outHeight, outWidth];
  if (area?.dtype !== "f32" || `${area.shape}` !== `${shape}`) {
    throw new Error(`conv2d-area: needs an area f32 [${shape}], not [${area?.shape}]`);
  }
}

/** Bound but not read where everything is computed. */
function checkBoxes({ skip }: { readonly skip: boolean }, boxes: unknown): void {
  if (skip !== (boxes !== undefined)) throw new Error("conv2d-area: skipping needs boxes, masking none");
}

function shapeOf([x, w, area, bias]: readonly TensorSpec[], attrs: ConvAreaAttrs): ConvShape {
  const shape = convShape(x!, w!, attrs.padding);
  checkArea(shape, area);
  if (attrs.bias !== (bias !== undefined)) throw new Error("conv2d-area: bias is given or announced alone");
  return shape;
}

/** Calls `visit(x, w, y, area)` with the places of every product of the sum. */
function eachProduct(s: ConvShape, visit: (x: number, w: number, y: number, area: number) => void): void {
  const here = s.outHeight * s.outWidth;
  convolve(s, (from, weight, to) => {
    visit(from, weight, to, Math.floor(weight / s.kernel ** 2) * here + (to % here));
  });
}

const constants = ({ skip }: { readonly skip: boolean }, bias = false) => ({
  BIAS: bias ? 1 : 0,
  SKIP: skip ? 1 : 0,
});

/** Inputs x [N, C, H, W], w [O, C, k, k], area [O, C, h, w] of 0 and 1, bias [O]; gives y [N, O, h, w]. */
export const conv2dArea: OpDef<ConvAreaAttrs> = {
  name: "conv2d-area",
  infer(inputs, attrs) {
    const { batch, made, outHeight, outWidth } = shapeOf(inputs, attrs);
    return [f32(batch, made, outHeight, outWidth)];
  },
  flops: (inputs, _outputs, attrs) => convFlops(shapeOf(inputs, attrs)),
  lower([x, w, area, bias], [y], attrs) {
    const given = [x!, w!, area!, ...(bias ? [bias] : [])];
    return [
      {
        shader: "conv2d-area",
        entry: "forward",
        constants: constants(attrs, attrs.bias),
        sizes: convSizes(shapeOf(given, attrs)),
        // Bound but not read where there is none.
        bind: { x: x!, w: w!, area: area!, bias: bias ?? w!, y: y! },
        grid: elementGrid(sizeOf(y!.shape), LANES),
      },
    ];
  },
  vjp(t, { inputs: [x, w, area, bias], attrs }, [dy]) {
    if (!dy) return [null, null, null, ...(bias ? [null] : [])];
    const { padding, skip } = attrs;
    const at = { padding, skip };
    const boxes = skip ? t.call(convAreaBoxes, [area!], {}) : [];
    const [dx] = t.call(convAreaGradInput, [dy, w!, area!, ...boxes], {
      ...at,
      height: x!.shape[2]!,
      width: x!.shape[3]!,
    });
    const [dw] = t.call(convAreaGradWeight, [dy, x!, area!, ...boxes], { ...at, kernel: w!.shape[2]! });
    if (!bias) return [dx!, dw!, null];
    const [db] = t.call(reduce, [dy], { axes: [0, 2, 3], keepDims: false, how: "sum" });
    return [dx!, dw!, null, db!];
  },
  reference([x, w, area, bias], attrs) {
    const s = shapeOf([x!, w!, area!, ...(bias ? [bias] : [])], attrs);
    const y = zeros(s.batch, s.made, s.outHeight, s.outWidth);
    eachProduct(s, (from, weight, to, at) => {
      y.data[to]! += area!.data[at]! * x!.data[from]! * w!.data[weight]!;
    });
    if (bias) {
      const here = s.outHeight * s.outWidth;
      y.data.forEach((_, i) => {
        y.data[i]! += bias.data[Math.floor(i / here) % s.made]!;
      });
    }
    return [y];
  },
  samples: [
    sample([f32(2, 3, 6, 7), f32(5, 3, 3, 3), f32(5, 3, 4, 5)], 2, { padding: 0, bias: false, skip: false }),
    sample([f32(2, 3, 6, 7), f32(5, 3, 3, 3), f32(5, 3, 6, 7), f32(5)], 2, {
      ...{ padding: 1, bias: true, skip: true },
      wrt: [0, 1, 3],
    }),
    sample([f32(3, 1, 4, 5), f32(2, 1, 2, 2), f32(2, 1, 3, 4), f32(2)], 2, {
      ...{ padding: 0, bias: true, skip: false },
      wrt: [0, 1, 3],
    }),
  ],
};

export interface ConvAreaGradInputAttrs {
  readonly padding: number;
  readonly skip: boolean;
  /** Of x. */
  readonly height: number;
  readonly width: number;
}

/** Inputs dy [N, O, h, w], w [O, C, k, k], area and, with `skip`, its boxes; gives dx [N, C, height, width]. */
export const convAreaGradInput: OpDef<ConvAreaGradInputAttrs> = {
  name: "conv2d-area-grad-input",
  infer([dy, w], { height, width }) {
    return [f32(dy!.shape[0]!, w!.shape[1]!, height, width)];
  },
  flops: ([dy, w], [dx], { padding }) => convFlops(backward(dx!, w!, dy!, padding)),
  lower([dy, w, area, boxes], [dx], attrs) {
    const s = backward(dx!, w!, dy!, attrs.padding);
    checkArea(s, area);
    checkBoxes(attrs, boxes);
    return [
      {
        shader: "conv2d-area",
        entry: "grad_input",
        constants: constants(attrs),
        sizes: convSizes(s),
        bind: { dy: dy!, w: w!, area: area!, boxes: boxes ?? area!, y: dx! },
        grid: elementGrid(sizeOf(dx!.shape), LANES),
      },
    ];
  },
  reference([dy, w, area], { padding, height, width }) {
    const dx = zeros(dy!.shape[0]!, w!.shape[1]!, height, width);
    eachProduct(backward(dx, w!, dy!, padding), (from, weight, to, at) => {
      dx.data[from]! += area!.data[at]! * w!.data[weight]! * dy!.data[to]!;
    });
    return [dx];
  },
  samples: [
    sample([f32(2, 5, 4, 5), f32(5, 3, 3, 3), f32(5, 3, 4, 5), boxesOf(5, 3)], 2, {
      ...{ padding: 0, skip: true, height: 6, width: 7, wrt: [] },
    }),
    sample([f32(2, 5, 6, 7), f32(5, 3, 3, 3), f32(5, 3, 6, 7)], 2, {
      ...{ padding: 1, skip: false, height: 6, width: 7, wrt: [] },
    }),
  ],
};

export interface ConvAreaGradWeightAttrs {
  readonly padding: number;
  readonly skip: boolean;
  readonly kernel: number;
}

/** Inputs dy [N, O, h, w], x [N, C, H, W], area and, with `skip`, its boxes; gives dw [O, C, k, k]. */
export const convAreaGradWeight: OpDef<ConvAreaGradWeightAttrs> = {
  name: "conv2d-area-grad-weight",
  infer([dy, x], { kernel }) {
    return [f32(dy!.shape[1]!, x!.shape[1]!, kernel, kernel)];
  },
  flops: ([dy, x], [dw], { padding }) => convFlops(backward(x!, dw!, dy!, padding)),
  lower([dy, x, area, boxes], [dw], attrs) {
    const s = backward(x!, dw!, dy!, attrs.padding);
    checkArea(s, area);
    checkBoxes(attrs, boxes);
    return [
      {
        shader: "conv2d-area",
        entry: "grad_weight",
        constants: constants(attrs),
        sizes: convSizes(s),
        bind: { dy: dy!, x: x!, area: area!, boxes: boxes ?? area!, y: dw! },
        grid: foldGrid(sizeOf(dw!.shape)),
      },
    ];
  },
  reference([dy, x, area], { padding, kernel }) {
    const dw = zeros(dy!.shape[1]!, x!.shape[1]!, kernel, kernel);
    eachProduct(backward(x!, dw, dy!, padding), (from, weight, to, at) => {
      dw.data[weight]! += area!.data[at]! * x!.data[from]! * dy!.data[to]!;
    });
    return [dw];
  },
  samples: [
    sample([f32(2, 5, 4, 5), f32(2, 3, 6, 7), f32(5, 3, 4, 5), boxesOf(5, 3)], 2, {
      padding: 0,
      skip: true,
      kernel: 3,
      wrt: [],
    }),
    sample([f32(5, 2, 6, 7), f32(5, 3, 6, 7), f32(2, 3, 6, 7)], 2, {
      padding: 1,
      skip: false,
      kernel: 3,
      wrt: [],
    }),
  ],
};

/** The shape of a convolution from its input, its kernels and its output, any of which may be the result here. */
function backward(x: TensorSpec | NdArray, w: TensorSpec | NdArray, dy: TensorSpec | NdArray, pad: number) {
  const spec = ({ shape }: { readonly shape: readonly number[] }): TensorSpec => ({ shape, dtype: "f32" });
  const s = convShape(spec(x), spec(w), pad);
  if (`${[s.batch, s.made, s.outHeight, s.outWidth]}` !== `${dy.shape}`) {
    throw new Error(`conv2d-area: dy is [${dy.shape}] for [${x.shape}] by [${w.shape}]`);
  }
  return s;
}

/** Areas of boxes that differ from slice to slice, in which about a third is off; one slice has nothing on. */
function areaValues([made, channels, height, width]: readonly number[]): number[] {
  return Array.from({ length: made! * channels! * height! * width! }, (_, i) => {
    const slice = Math.floor(i / (height! * width!));
    const [row, column] = [Math.floor(i / width!) % height!, i % width!];
    const inside = row >= slice % 2 && column >= slice % 3 && column < width! - (slice % 2);
    return slice === 1 || !inside || (i * 7 + (i >> 2)) % 3 === 0 ? 0 : 1;
  });
}

/** `areaAt`: which input is the area; its boxes, where they are asked for, are the one that is u32. */
function sample<A extends object>(
  inputs: readonly TensorSpec[],
  areaAt: number,
  { wrt = [0, 1], ...attrs }: A & { readonly wrt?: readonly number[] },
): OpSample<A> {
  const area = inputs[areaAt]!;
  return {
    inputs,
    attrs: attrs as unknown as A,
    wrt,
    tolerance: sumTolerance(90),
    values(input, { shape, dtype }) {
      if (input === areaAt) return areaValues(shape);
      if (dtype === "u32") return boxesIn(areaValues(area.shape), area.shape);
      return Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1.7 * i + input + 1));
    },
  };
}
