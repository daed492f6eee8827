/**
 * What every optimizer reads before it writes: the squares of the gradient arena, summed part by part, and beside them the
 * step's loss. One dispatch; the update itself joins the parts to norm, clip factor and finite check and writes them into the
 * head of the same tensor. So clipping and skipping a bad step need no read-back (selection-optimizers-comparison §1.1)
 * and no dispatch of their own, and what a step reports is one read.
 */
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { maskedMean } from "./masked-mean.ts";
import { filled } from "./strided.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** Parts at most: every invocation of an update adds them all. */
const PARTS = 256;
/** Elements below which another part is not worth it. */
const LEAST = 4096;
const F32_MAX = 3.4028234663852886e38;

/** Words before the parts: [loss, ‖g‖², clip factor, 1 if non-finite else 0, ‖g‖, 0, 0, 0]. */
export const NORM_HEAD = 8;

export interface NormAttrs {
  /** Two last inputs: losses [N] and as many targets. */
  readonly report?: boolean;
}

/** [grad, age?, losses?, targets?], by name. */
function given<T>(inputs: readonly T[], { report = false }: NormAttrs): readonly (T | undefined)[] {
  const more = inputs.slice(1);
  const [losses, targets] = report ? more.splice(-2) : [];
  return [inputs[0], more[0], losses, targets];
}

/** A multiple of 4 parts of `stretch` elements each, a multiple of 4 too. */
function partsOf(count: number): { parts: number; stretch: number } {
  const stretch = 4 * Math.max(LEAST / 4, Math.ceil(count / PARTS / 4));
  return { parts: 4 * Math.ceil(count / stretch / 4), stretch };
}

/**
 * Inputs: grad f32 [P] (P a multiple of 4), age u32 [P] or nothing, and with `report` losses and targets (0xffffffff: does
 * not count). Output f32 [8 + parts]: the loss, seven zeros for the update to write into (see NORM_HEAD), and a sum of squares
 * for each part, −1 where it is not finite. Gradients of dormant (age 0) and frozen (bit 31) entries are not looked at.
 */
export const norm: OpDef<NormAttrs> = {
  name: "norm",
  infer(inputs, attrs) {
    const [grad, age, losses, targets] = given(inputs, attrs);
    const count = sizeOf(grad!.shape);
    if (grad!.dtype !== "f32" || count % 4 !== 0) {
      throw new Error(
        `norm: the gradient must be f32, a multiple of 4 of them, not ${grad!.dtype} [${count}]`,
      );
    }
    if (age && (age.dtype !== "u32" || sizeOf(age.shape) !== count)) {
      throw new Error(`norm: ages [${age.shape}] do not fit the gradient [${grad!.shape}]`);
    }
    if (attrs.report) maskedMean.infer([losses!, targets!], {});
    return [f32(NORM_HEAD + partsOf(count).parts)];
  },
  lower(inputs, [out], attrs) {
    const [grad, age, losses, targets] = given(inputs, attrs);
    const count = sizeOf(grad!.shape);
    const { parts, stretch } = partsOf(count);
    return [
      {
        shader: "norm",
        entry: age ? "squares_aged" : "squares",
        constants: { REPORT: attrs.report ? 1 : 0 },
        sizes: { count: count / 4, stretch: stretch / 4, parts, losses: losses ? sizeOf(losses.shape) : 0 },
        bind: {
          grad: grad!,
          ...(age ? { age } : {}),
          norm: out!,
          // Bound but not read where there are none.
          losses: losses ?? grad!,
          targets: targets ?? grad!,
        },
        grid: [parts + 1, 1, 1],
      },
    ];
  },
  reference(inputs, attrs) {
    const [grad, age, losses, targets] = given(inputs, attrs);
    const { parts, stretch } = partsOf(grad!.data.length);
    const out = filled([NORM_HEAD + parts], "f32");
    if (losses) out.data[0] = maskedMean.reference([losses, targets!], {})[0]!.data[0]!;
    grad!.data.forEach((g, i) => {
      const updated = !age || (age.data[i]! >= 1 && age.data[i]! < 2 ** 31);
      if (updated) out.data[NORM_HEAD + Math.floor(i / stretch)]! += Number.isFinite(g) ? g * g : Number.NaN;
    });
    for (let p = NORM_HEAD; p < out.data.length; p++) if (!(out.data[p]! <= F32_MAX)) out.data[p] = -1;
    return [out];
  },
  samples: [
    { count: 4, aged: false },
    { count: 192, aged: true },
    { count: 12_000, aged: false },
    { count: 300_032, aged: false, bench: true as const },
    { count: 3000, aged: true, bad: Number.NaN },
    { count: 9000, aged: false, bad: Number.NEGATIVE_INFINITY },
    { count: 3000, aged: false, bad: 1e30 },
    { count: 192, aged: true, losses: 9 },
    { count: 3000, aged: false, losses: 301, bad: Number.NaN },
  ].map(({ count, aged, bad, bench, losses }) => ({
    inputs: [f32(count), ...(aged ? [u32(count)] : []), ...(losses ? [f32(losses), u32(losses)] : [])],
    attrs: { report: losses !== undefined },
    ...(bench ? { bench } : {}),
    values(input: number, { shape, dtype }: TensorSpec) {
      const length = sizeOf(shape);
      if (input > 0 && aged && input === 1) {
        // Ages 0, 1, a frozen 3, 70 in turn; a non-finite gradient stands at a dormant place and may be ignored.
        return Array.from({ length }, (_, i) => [0, 1, 0x80000003, 70][i % 4]!);
      }
      if (dtype === "u32") return Array.from({ length }, (_, i) => (i % 3 === 1 ? 0xffffffff : i));
      if (input > 0) return Array.from({ length }, (_, i) => 2 + Math.sin(i + 1));
      const values = Array.from({ length }, (_, i) => (aged && i % 4 === 0 ? Number.NaN : Math.sin(i + 1)));
      if (bad !== undefined) values[count - 7] = bad;
      return values;
    },
    wrt: [],
  })),
};

/** What an update finds in those parts: [‖g‖², clip factor, 1 if non-finite else 0, ‖g‖], in float64. */
export function joinedNorm(norms: Float64Array, clip: number): readonly [number, number, number, number] {
  const parts = norms.subarray(NORM_HEAD);
  const sum = parts.reduce((total, part) => total + part, 0);
  if (parts.some((part) => part < 0) || !(sum <= F32_MAX)) return [0, 0, 1, 0];
  const length = Math.sqrt(sum);
  return [sum, clip === 0 ? 1 : Math.min(1, clip / (length + 1e-6)), 0, length];
}
