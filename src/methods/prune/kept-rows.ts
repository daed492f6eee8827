/**
 * Rows that a pruning would leave without any active entry, of matrices whose rows keep one: the outputs of a gate
 * (grow-prune §5.6). Such a row keeps its largest entry, with value, moments and age.
 */
import { arenaLayout } from "../../engine/layout.ts";
import { and, or } from "../../engine/ops/binary.ts";
import { maskLines } from "../../engine/ops/mask-lines.ts";
import { maskSelect } from "../../engine/ops/mask-select.ts";
import { maskTiles } from "../../engine/ops/mask-tiles.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import { linesOf, readsFrom } from "../target.ts";
import type { StructureAt, StructureState } from "../types.ts";
import { partOf, tilesIn } from "./survey.ts";

type Make = (t: Trace, old: StructureState) => Tensor;

/** A row of a matrix, and how many of its entries are active now. */
interface Row {
  readonly spec: ParamSpec;
  readonly row: number;
  readonly active: number;
}

export interface KeptRows {
  readonly rows: readonly Row[];
  /** The ages of these parameters after the pruning; null where no row would be emptied. */
  readonly ages: ((t: Trace, old: StructureState) => Params) | null;
  readonly notes: readonly string[];
}

/** `selected`: the ages, flat, that the pruning would leave. `scores`: what is ranked, flat. */
export async function keptRows(
  at: StructureAt,
  specs: readonly ParamSpec[],
  selected: Make,
  scores: Make,
): Promise<KeptRows> {
  const keeping = specs.filter(({ keepsRows }) => keepsRows);
  if (keeping.length === 0) return { rows: [], ages: null, notes: [] };
  const counts = await at.look((t, old) => {
    const left = selected(t, old);
    const lines = (spec: ParamSpec, age: Tensor) =>
      t.call(maskLines, [age], { from: readsFrom(spec), to: spec.shape.length })[0]!;
    return Object.fromEntries(
      keeping.flatMap((spec, k) => [
        [`before${k}`, lines(spec, old.age.get(spec.path)!)],
        [`after${k}`, lines(spec, partOf(t, at.from, left, spec))],
      ]),
    );
  });
  const rows = keeping.flatMap((spec, k): readonly Row[] =>
    Array.from(counts[`before${k}`]!, (active, row) => ({ spec, row, active })).filter(
      ({ active, row }) => active > 0 && counts[`after${k}`]![row] === 0,
    ),
  );
  if (rows.length === 0) return { rows, ages: null, notes: [] };
  const { entries } = arenaLayout(at.from.specs);
  const tiles = maskTiles(
    rows.map(({ spec, row }, group) => {
      const { columns } = linesOf(spec);
      return { offset: entries.get(spec.path)!.offset + row * columns, count: columns, group };
    }),
  );
  const ages = (t: Trace, old: StructureState): Params => {
    const words = t.constant(
      { shape: [rows.length], dtype: "u32" },
      rows.map(({ active }) => active - 1),
    );
    const inputs = [scores(t, old), old.flat.age, tilesIn(t, tiles), words];
    const [largest] = t.call(maskSelect, inputs, { ...tiles.attrs, what: "drop", grace: 0 });
    const left = selected(t, old);
    return new Map(
      specs.map((spec) => {
        const own = rows.filter((row) => row.spec === spec);
        const cut = partOf(t, at.from, left, spec);
        if (own.length === 0) return [spec.path, cut];
        const shape = spec.shape.map((d, k) => (k < readsFrom(spec) ? d : 1));
        const mask = new Array<number>(linesOf(spec).rows).fill(0);
        for (const { row } of own) mask[row] = 0xffffffff;
        const [theirs] = t.call(
          and,
          [partOf(t, at.from, largest!, spec), t.constant({ shape, dtype: "u32" }, mask)],
          {},
        );
        return [spec.path, t.call(or, [cut, theirs!], {})[0]!];
      }),
    );
  };
  return { rows, ages, notes: [noteOf(rows)] };
}

const GATES = ["i", "f", "g", "o"];

function noteOf(rows: readonly Row[]): string {
  const named = rows.slice(0, 3).map(({ spec, row }) => {
    const cells = spec.shape[1] ?? 1;
    return `gate ${GATES[Math.floor(row / cells)] ?? ""} of cell ${(row % cells) + 1}`;
  });
  const more = rows.length > 3 ? ` and ${rows.length - 3} more` : "";
  return `${named.join(", ")}${more} would read nothing: the largest weight stays.`.replace(/^g/, "G");
}
