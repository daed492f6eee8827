/**
 * Rows of a table picked by token ids. The gradient of the table adds up what many places say about one id; float
 * atomics would add in another order each time, so the places are first sorted by id and then added in that order.
 */
import { sizeOf } from "../layout.ts";
import type { OpDef, TensorSpec } from "../types.ts";
import { elementGrid, foldGrid } from "./grid.ts";
import { filled } from "./strided.ts";

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });
const u32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "u32" });

/** Ids with repeats, one past the table, and one that "ignored" writes. */
const ids = (count: number, rows: number): number[] =>
  Array.from({ length: count }, (_, i) => (i === 3 ? rows : i === 5 ? 0xffffffff : (i * i * 7 + i) % rows));

/** Inputs table [V, E] and ids u32 [...]; gives [..., E]. An id past the table gives zeros. */
export const embedding: OpDef = {
  name: "embedding",
  infer([table, list]) {
    if (table!.dtype !== "f32" || table!.shape.length !== 2) {
      throw new Error(
        `embedding: the table must be f32 [rows, channels], not ${table!.dtype} [${table!.shape}]`,
      );
    }
    if (list!.dtype !== "u32") throw new Error("embedding: ids must be u32");
    return [f32(...list!.shape, table!.shape[1]!)];
  },
  lower([table, list], [y]) {
    const [rows, channels] = table!.shape as [number, number];
    return [
      {
        shader: "embedding",
        entry: "forward",
        sizes: { rows, channels, ids: sizeOf(list!.shape) },
        bind: { table: table!, ids: list!, y: y! },
        grid: elementGrid(sizeOf(y!.shape)),
      },
    ];
  },
  vjp: (t, { inputs: [table, list] }, [dy]) => [
    dy ? t.call(embeddingGrad, [dy, list!], { rows: table!.shape[0]! })[0]! : null,
    null,
  ],
  reference([table, list]) {
    const [rows, channels] = table!.shape as [number, number];
    const y = filled([...list!.shape, channels], "f32");
    list!.data.forEach((id, n) => {
      if (id < rows) y.data.set(table!.data.subarray(id * channels, (id + 1) * channels), n * channels);
    });
    return [y];
  },
  samples: [
    { inputs: [f32(7, 5), u32(19)], attrs: {}, values: sampleValues(7), wrt: [0] },
    { inputs: [f32(3, 1), u32(2, 4)], attrs: {}, values: sampleValues(3), wrt: [0] },
    { inputs: [f32(90, 65), u32(130)], attrs: {}, values: sampleValues(90), wrt: [], bench: true },
    { inputs: [f32(7, 5), u32(60)], attrs: {}, values: sampleValues(7), wrt: [] },
  ],
};

export interface EmbeddingGradAttrs {
  /** Rows of the table, V. */
  readonly rows: number;
}

/** Inputs dy [..., E] and ids u32 [...]; gives dTable [V, E]. */
export const embeddingGrad: OpDef<EmbeddingGradAttrs> = {
  name: "embedding-grad",
  infer([dy, list], { rows }) {
    const channels = dy!.shape.at(-1)!;
    if (sizeOf(dy!.shape) !== sizeOf(list!.shape) * channels) {
      throw new Error(`embedding-grad: dy is [${dy!.shape}] and the ids are [${list!.shape}]`);
    }
    return [f32(rows, channels)];
  },
  lower([dy, list], [dtable], { rows }, temp) {
    const channels = dy!.shape.at(-1)!;
    const count = sizeOf(list!.shape);
    return [
      {
        shader: "embedding",
        entry: "backward",
        sizes: { rows, channels, ids: count },
        bind: { ids: list!, places: temp(u32(count)), dy: dy!, dtable: dtable! },
        grid: foldGrid(rows),
      },
    ];
  },
  reference([dy, list], { rows }) {
    const channels = dy!.shape.at(-1)!;
    const dtable = filled([rows, channels], "f32");
    list!.data.forEach((id, n) => {
      if (id >= rows) return;
      for (let e = 0; e < channels; e++) dtable.data[id * channels + e]! += dy!.data[n * channels + e]!;
    });
    return [dtable];
  },
  samples: [
    { inputs: [f32(19, 5), u32(19)], attrs: { rows: 7 }, values: sampleValues(7) },
    { inputs: [f32(2, 4, 1), u32(2, 4)], attrs: { rows: 3 }, values: sampleValues(3) },
    // All places say the same id; and more lanes than places.
    { inputs: [f32(131, 3), u32(131)], attrs: { rows: 2 }, values: oneId },
    { inputs: [f32(300, 65), u32(300)], attrs: { rows: 90 }, values: sampleValues(90), bench: true },
  ],
};

const wave = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.sin(i + 1));

function sampleValues(rows: number) {
  return (input: number, { shape }: TensorSpec) =>
    input === 1 ? ids(sizeOf(shape), rows) : wave(sizeOf(shape));
}

function oneId(input: number, { shape }: TensorSpec): number[] {
  return input === 1 ? new Array<number>(sizeOf(shape)).fill(1) : wave(sizeOf(shape));
}
