/**
 * Slices of one tensor dealt out to several, in one dispatch: a matrix that many products share (LiGO's B's and A's) goes to
 * each of them, as often as it is used. Coming back, one dispatch adds up what all of them say of each slice, in one order,
 * where slices, paddings and sums would be a dispatch each.
 */
import { sizeOf } from "../layout.ts";
import type { KernelCall, NdArray, OpDef, OpSample, Tensor, TensorSpec } from "../types.ts";
import { fill } from "./fill.ts";
import { elementGrid } from "./grid.ts";
import { filled } from "./strided.ts";

/** Outputs that fit: with x and the list that makes eight storage buffers. */
const MOST = 6;

export interface DealAttrs {
  /** For each output the slices of the first axis that it gets, one after the other. */
  readonly lists: readonly (readonly number[])[];
}

export interface DealGradAttrs extends DealAttrs {
  /** Slices of x. */
  readonly n: number;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** Rows of `index` up to the end of each output; the same number again for outputs that are not there. */
function sizesOf(n: number, inner: number, lists: DealAttrs["lists"]): Record<string, number> {
  let end = 0;
  const ends = Array.from({ length: MOST }, (_, k) => {
    end += lists[k]?.length ?? 0;
    return end;
  });
  const named = Object.fromEntries(ends.slice(0, -1).map((value, k) => [`e${k}`, value]));
  return { n, inner, dealt: end, ...named };
}

function checkLists(n: number, index: TensorSpec, { lists }: DealAttrs): void {
  const dealt = lists.flat();
  const wrong = dealt.find((slice) => !(slice >= 0 && slice < n));
  if (wrong !== undefined) throw new Error(`deal: there is no slice ${wrong} among ${n}`);
  if (lists.length === 0 || lists.length > MOST || lists.some((list) => list.length === 0)) {
    throw new Error(`deal: 1 to ${MOST} outputs of at least one slice each, got ${JSON.stringify(lists)}`);
  }
  if (index.dtype !== "u32" || sizeOf(index.shape) !== dealt.length) {
    throw new Error(`deal: the list of slices must be u32 [${dealt.length}]`);
  }
}

/** Tensors for the bindings of one kind; what is not there is bound to `none`. */
const bound = (name: string, tensors: readonly Tensor[], none: (k: number) => Tensor) =>
  Object.fromEntries(Array.from({ length: MOST }, (_, k) => [`${name}${k}`, tensors[k] ?? none(k)]));

/** Inputs x f32 [n, ..], index u32: the lists of `attrs` one after the other. Outputs [its list's length, ..] each. */
export const deal: OpDef<DealAttrs> = {
  name: "deal",
  infer([x, index], attrs) {
    checkLists(x!.shape[0]!, index!, attrs);
    return attrs.lists.map((list) => f32(list.length, ...x!.shape.slice(1)));
  },
  lower([x, index], outputs, { lists }, temp): readonly KernelCall[] {
    const sizes = sizesOf(x!.shape[0]!, sizeOf(x!.shape.slice(1)), lists);
    const bind = { index: index!, x: x!, ...bound("y", outputs, () => temp({ shape: [4], dtype: "f32" })) };
    const grid = elementGrid(sizes.dealt! * sizes.inner!);
    return [{ shader: "deal", entry: "forward", sizes, bind, grid }];
  },
  vjp(t, { inputs: [x, index], outputs, attrs: { lists } }, dys) {
    const nothing = (shape: readonly number[]) => t.call(fill, [], { shape, value: 0, dtype: "f32" })[0]!;
    const given = outputs.map(({ shape }, k) => dys[k] ?? nothing(shape));
    return [t.call(dealGrad, [index!, ...given], { lists, n: x!.shape[0]! })[0]!, null];
  },
  reference([x], { lists }) {
    const rest = x!.shape.slice(1);
    const inner = sizeOf(rest);
    return lists.map((list): NdArray => {
      const data = new Float64Array(list.length * inner);
      list.forEach((slice, row) => {
        data.set(x!.data.slice(slice * inner, (slice + 1) * inner), row * inner);
      });
      return { shape: [list.length, ...rest], dtype: "f32", data };
    });
  },
  samples: [
    {
      inputs: [f32(3, 5, 7), u32(11)],
      attrs: { lists: [[2, 0], [1, 1, 1], [0], [2], [1, 2, 0], [0]] },
      wrt: [0],
      values: dealtOf([2, 0, 1, 1, 1, 0, 2, 1, 2, 0, 0]),
    },
    { inputs: [f32(2, 3), u32(3)], attrs: { lists: [[1, 0], [1]] }, wrt: [0], values: dealtOf([1, 0, 1]) },
  ],
};

/** Inputs index and a gradient of each output; gives that of x, 0 for slices that nobody got. */
export const dealGrad: OpDef<DealGradAttrs> = {
  name: "deal-grad",
  infer([index, ...dys], attrs) {
    checkLists(attrs.n, index!, attrs);
    return [f32(attrs.n, ...dys[0]!.shape.slice(1))];
  },
  lower([index, ...dys], [dx], { lists, n }): readonly KernelCall[] {
    const sizes = sizesOf(n, sizeOf(dx!.shape.slice(1)), lists);
    const bind = { index: index!, dx: dx!, ...bound("d", dys, () => dys[0]!) };
    return [{ shader: "deal", entry: "backward", sizes, bind, grid: elementGrid(sizeOf(dx!.shape)) }];
  },
  reference([index, ...dys], { lists, n }) {
    const dx = filled([n, ...dys[0]!.shape.slice(1)], "f32");
    const inner = sizeOf(dx.shape.slice(1));
    let row = 0;
    for (const [k, list] of lists.entries()) {
      for (const place of list.keys()) {
        const slice = index!.data[row++]!;
        for (let i = 0; i < inner; i++) dx.data[slice * inner + i]! += dys[k]!.data[place * inner + i]!;
      }
    }
    return [dx];
  },
  samples: [
    // The second in two workgroups.
    ...[4, 24].map(
      (last): OpSample<DealGradAttrs> => ({
        inputs: [u32(5), f32(2, 3, last), f32(1, 3, last), f32(2, 3, last)],
        attrs: { lists: [[3, 0], [3], [0, 3]], n: 4 },
        wrt: [],
        values: (input, spec) =>
          input === 0
            ? [3, 0, 3, 0, 3]
            : Array.from({ length: sizeOf(spec.shape) }, (_, i) => Math.sin(i + input)),
      }),
    ),
  ],
};

function dealtOf(index: readonly number[]) {
  return (input: number, { shape }: TensorSpec): ArrayLike<number> =>
    input === 1 ? index : Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i));
}
