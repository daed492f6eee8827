/**
 * Global norm of the gradient arena, clip factor and finite check: what every optimizer reads before it writes. One op,
 * so that clipping and skipping a bad step need no read-back (selection-optimizers-comparison §1.1).
 */
import { CONTROL_WORDS, control, controlValue } from "../control.ts";
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { filled } from "./strided.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** Workgroups of the first pass: what one workgroup of the second can join. */
const PARTS = 256;
/** Elements below which another workgroup is not worth it. */
const LEAST = 1024;
const F32_MAX = 3.4028234663852886e38;

export interface NormAttrs {
  /** A last input, the loss [1], and a second output [5]: the loss and the norm's four numbers, for one read-back. */
  readonly report?: boolean;
}

/** [grad, control, age?, loss?], by name. */
function given<T>(inputs: readonly T[], { report = false }: NormAttrs): readonly (T | undefined)[] {
  const [grad, words, ...more] = inputs;
  const loss = report ? more.pop() : undefined;
  return [grad, words, more[0], loss];
}

/**
 * Inputs: grad f32 [P], control, and age u32 [P] or nothing. Output f32 [4] = [‖g‖², clip factor, 1 if non-finite else 0,
 * ‖g‖]. The factor is min(1, c/(‖g‖ + 1e-6)), 1 for c = 0. A gradient that is not finite, or whose ‖g‖² leaves f32,
 * gives [0, 0, 1, 0]. Gradients of dormant (age 0) and frozen (bit 31) entries are not looked at.
 */
export const norm: OpDef<NormAttrs> = {
  name: "norm",
  infer(inputs, attrs) {
    const [grad, words, age, loss] = given(inputs, attrs);
    if (grad!.dtype !== "f32") throw new Error("norm: the gradient must be f32");
    if (words?.dtype !== "u32" || sizeOf(words.shape) < CONTROL_WORDS) {
      throw new Error("norm: the second input must be the control block");
    }
    if (age && (age.dtype !== "u32" || sizeOf(age.shape) !== sizeOf(grad!.shape))) {
      throw new Error(`norm: ages [${age.shape}] do not fit the gradient [${grad!.shape}]`);
    }
    if (loss && (loss.dtype !== "f32" || sizeOf(loss.shape) !== 1)) {
      throw new Error(`norm: the loss must be one f32, not ${loss.dtype} [${loss.shape}]`);
    }
    return attrs.report ? [f32(4), f32(5)] : [f32(4)];
  },
  lower(inputs, [out, report], attrs, temp) {
    const [grad, words, age, loss] = given(inputs, attrs);
    const count = sizeOf(grad!.shape);
    const stretch = Math.max(LEAST, Math.ceil(count / PARTS));
    const parts = Math.ceil(count / stretch);
    const sizes = { count, stretch, parts };
    const partial = temp(f32(2 * parts));
    const bind = age ? { grad: grad!, age, partial } : { grad: grad!, partial };
    return [
      { shader: "norm", entry: age ? "squares_aged" : "squares", sizes, bind, grid: [parts, 1, 1] },
      {
        shader: "norm",
        entry: "finish",
        constants: { REPORT: attrs.report ? 1 : 0 },
        sizes,
        bind: {
          partial,
          control: words!,
          norm: out!,
          // Bound but neither read nor written where there is none.
          loss: loss ?? grad!,
          report: report ?? temp(f32(5)),
        },
        grid: [1, 1, 1],
      },
    ];
  },
  reference(inputs, attrs) {
    const [grad, words, age, loss] = given(inputs, attrs);
    const limit = controlValue(words!.data, "clip");
    const out = filled([4], "f32");
    let sum = 0;
    grad!.data.forEach((g, i) => {
      const updated = !age || (age.data[i]! >= 1 && age.data[i]! < 2 ** 31);
      if (updated) sum += Number.isFinite(g) ? g * g : Number.POSITIVE_INFINITY;
    });
    const length = Math.sqrt(sum);
    if (!(sum <= F32_MAX)) out.data.set([0, 0, 1, 0]);
    else out.data.set([sum, limit === 0 ? 1 : Math.min(1, limit / (length + 1e-6)), 0, length]);
    if (!loss) return [out];
    const report = filled([5], "f32");
    report.data.set([loss.data[0]!, ...out.data]);
    return [out, report];
  },
  samples: [
    { count: 4, clip: 1, aged: false },
    { count: 192, clip: 0.5, aged: true },
    { count: 300_032, clip: 0, aged: false, bench: true as const },
    { count: 3000, clip: 1, aged: true, bad: Number.NaN },
    { count: 3000, clip: 1, aged: false, bad: Number.NEGATIVE_INFINITY },
    { count: 3000, clip: 1, aged: false, bad: 1e30 },
    { count: 192, clip: 0.5, aged: true, report: true },
    { count: 3000, clip: 1, aged: false, report: true, bad: Number.NaN },
  ].map(({ count, clip, aged, bad, bench, report = false }) => ({
    inputs: [f32(count), u32(CONTROL_WORDS), ...(aged ? [u32(count)] : []), ...(report ? [f32(1)] : [])],
    attrs: { report },
    ...(bench ? { bench } : {}),
    values(input: number) {
      if (input === 1) return control({ clip });
      if (report && input === (aged ? 3 : 2)) return [2.5];
      const values = Array.from({ length: count }, (_, i) =>
        // Ages 0, 1, a frozen 3, 70 in turn; a non-finite gradient stands at a dormant place and may be ignored.
        input === 2 ? [0, 1, 0x80000003, 70][i % 4]! : aged && i % 4 === 0 ? Number.NaN : Math.sin(i + 1),
      );
      if (input === 0 && bad !== undefined) values[count - 7] = bad;
      return values;
    },
    wrt: [],
  })),
};
