/**
 * Ops over the age of each weight, mask and update counter in one (grow-prune §1.1): 0 dormant, else 1 + updates
 * received, bit 31 frozen. They run at structural events, but for `accumulate`, which a scoring window adds to each step.
 */
import { sizeOf } from "../layout.ts";
import type { NdArray, OpDef, Tensor, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { NORM_HEAD } from "./norm.ts";
import { filled } from "./strided.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

const FROZEN = 2 ** 31;
/** Word of the norm's head that says whether the step was skipped. */
const SKIPPED = 3;
const isDormant = (age: number): boolean => age % FROZEN === 0;
/** Dormant, newborn, old, frozen, a frozen newborn, one that structure forbids. */
const AGES = [0, 1, 700, 0x80000009, 0x80000001, 0x80000000, 2];
const ages = (count: number): number[] => Array.from({ length: count }, (_, i) => AGES[i % AGES.length]!);

const HOW = ["freeze", "thaw", "renew"] as const;

export interface MarkAgesAttrs {
  /** freeze: no more updates. thaw: updates again. renew: as if newborn, frozen ones stay so. Dormant and forbidden ones stay so. */
  readonly how: (typeof HOW)[number];
}

export const markAges: OpDef<MarkAgesAttrs> = {
  name: "mark-ages",
  infer([age]) {
    if (age!.dtype !== "u32") throw new Error("mark-ages: ages are u32");
    return [u32(...age!.shape)];
  },
  lower([age], [marked], { how }) {
    const count = sizeOf(age!.shape);
    return [
      {
        shader: "ages",
        entry: "mark",
        constants: { HOW: HOW.indexOf(how) },
        sizes: { count, stretch: 0, parts: 0 },
        bind: { age: age!, marked: marked! },
        grid: elementGrid(count),
      },
    ];
  },
  reference([age], { how }) {
    const marked = filled(age!.shape, "u32");
    age!.data.forEach((a, i) => {
      if (isDormant(a)) {
        marked.data[i] = a;
        return;
      }
      const count = a % FROZEN;
      const frozen = a >= FROZEN ? FROZEN : 0;
      marked.data[i] = how === "freeze" ? FROZEN + count : how === "thaw" ? count : frozen + 1;
    });
    return [marked];
  },
  samples: HOW.map((how) => ({ inputs: [u32(3, 100)], attrs: { how }, values: () => ages(300) })),
};

/** Inputs x f32 and age u32 of as many elements; x = 0 where dormant, in place. */
export const forgetDormant: OpDef<object> = {
  name: "forget-dormant",
  alias: [0],
  infer([x, age]) {
    if (x!.dtype !== "f32" || age!.dtype !== "u32" || sizeOf(x!.shape) !== sizeOf(age!.shape)) {
      throw new Error(`forget-dormant: x [${x!.shape}] must be f32 and ages [${age!.shape}] u32, as many`);
    }
    return [f32(...x!.shape)];
  },
  lower([x, age]) {
    const count = sizeOf(x!.shape);
    return [
      {
        shader: "ages",
        entry: "forget",
        sizes: { count, stretch: 0, parts: 0 },
        bind: { x: x!, age: age! },
        grid: elementGrid(count),
      },
    ];
  },
  reference: ([x, age]) => [{ ...x!, data: x!.data.map((v, i) => (isDormant(age!.data[i]!) ? 0 : v)) }],
  samples: [
    {
      inputs: [f32(300), u32(300)],
      attrs: {},
      wrt: [],
      // NaN and negative numbers at dormant places, too: what is left there is 0, not NaN and not −0.
      values: (input) =>
        input === 1 ? ages(300) : Array.from({ length: 300 }, (_, i) => (i === 7 ? Number.NaN : 2 - i)),
    },
  ],
};

/**
 * One batch into the score of a window (grow-prune §1.2 (3)): inputs score f32 [P], grad f32 [P], and what the
 * `norm` op made, once the update has filled in its head; score + grad in place, signed and not clipped. A step that is skipped adds nothing.
 */
export const accumulate: OpDef<object> = {
  name: "accumulate",
  alias: [0],
  infer([score, grad, norm]) {
    if (sizeOf(score!.shape) !== sizeOf(grad!.shape) || sizeOf(norm!.shape) < NORM_HEAD) {
      throw new Error(
        `accumulate: score [${score!.shape}], gradient [${grad!.shape}], norm [${norm!.shape}]`,
      );
    }
    return [f32(...score!.shape)];
  },
  lower([score, grad, norm]) {
    const count = sizeOf(score!.shape);
    return [
      {
        shader: "ages",
        entry: "accumulate",
        sizes: { count, stretch: 0, parts: 0 },
        bind: { x: score!, values: grad!, norm: norm! },
        grid: elementGrid(count),
      },
    ];
  },
  reference([score, grad, norm]) {
    const skipped = norm!.data[SKIPPED] !== 0;
    return [{ ...score!, data: score!.data.map((v, i) => (skipped ? v : v + grad!.data[i]!)) }];
  },
  samples: [0, 1].map((bad) => ({
    inputs: [f32(320), f32(320), f32(NORM_HEAD + 4)],
    attrs: {},
    wrt: [],
    values: (input: number) =>
      input === 2
        ? [2, 1, 0.5, bad, 1, 0, 0, 0, 1, 1, 1, 1]
        : Array.from({ length: 320 }, (_, i) => Math.sin(i + input)),
  })),
};

/** Workgroups of the first pass: what one workgroup of the second can join. */
const PARTS = 256;
/** Elements below which another workgroup is not worth it. */
const LEAST = 1024;

interface Counting<A extends object> {
  readonly name: string;
  readonly dtype: "f32" | "u32";
  readonly entry: string;
  /** The variable that the shader reads. */
  readonly bind: string;
  readonly counts: (value: number, attrs: A) => boolean;
  readonly constants?: (attrs: A) => Readonly<Record<string, number>>;
  readonly attrs: readonly A[];
}

function counting<A extends object>(of: Counting<A>): OpDef<A> {
  const { name, dtype, entry, bind, counts } = of;
  const sample = (attrs: A, ...shape: number[]) => ({
    inputs: [{ shape, dtype }],
    attrs,
    wrt: [],
    values: () => samples(dtype, sizeOf(shape)),
  });
  return {
    name,
    infer([x]) {
      if (x!.dtype !== dtype) throw new Error(`${name}: needs ${dtype}, not ${x!.dtype}`);
      return [u32(1)];
    },
    lower([x], [total], attrs, temp) {
      const count = sizeOf(x!.shape);
      const stretch = Math.max(LEAST, Math.ceil(count / PARTS));
      const parts = Math.ceil(count / stretch);
      const sizes = { count, stretch, parts };
      const partial = temp(u32(parts));
      const first: Record<string, Tensor> = { [bind]: x!, partial };
      const constants = of.constants?.(attrs) ?? {};
      return [
        { shader: "ages", entry, constants, sizes, bind: first, grid: [parts, 1, 1] },
        { shader: "ages", entry: "finish", sizes, bind: { partial, total: total! }, grid: [1, 1, 1] },
      ];
    },
    reference([x], attrs) {
      const total: NdArray = filled([1], "u32");
      for (const v of x!.data) if (counts(v, attrs)) total.data[0]! += 1;
      return [total];
    },
    samples: [
      ...of.attrs.flatMap((attrs) => [sample(attrs, 3), sample(attrs, 7, 999)]),
      { ...sample(of.attrs[0]!, 300_000), bench: true },
    ],
  };
}

const BAD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

function samples(dtype: "f32" | "u32", count: number): number[] {
  if (dtype === "u32") return ages(count);
  return Array.from({ length: count }, (_, i) => (i % 97 === 2 ? BAD[i % 3]! : (i - 50) * 1e35));
}

export interface CountActiveAttrs {
  /** "active": not dormant. "frozen": not dormant, and without updates. */
  readonly of: "active" | "frozen";
}

/** How many ages are of a kind: age u32 [..] → u32 [1]. Exact. */
export const countActive = counting<CountActiveAttrs>({
  name: "count-active",
  dtype: "u32",
  entry: "count_active",
  bind: "age",
  counts: (age, { of }) => !isDormant(age) && (of === "active" || age >= FROZEN),
  constants: ({ of }) => ({ OF: of === "active" ? 0 : 1 }),
  attrs: [{ of: "active" }, { of: "frozen" }],
});

/** How many values are not finite: f32 [..] → u32 [1]. Exact. */
export const countBad = counting({
  name: "count-bad",
  dtype: "f32",
  entry: "count_bad",
  bind: "values",
  counts: (value) => !Number.isFinite(value),
  attrs: [{}],
});
