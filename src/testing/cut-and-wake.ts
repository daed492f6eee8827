/**
 * Two small structural methods whose outcome is known beforehand, one that kills a part and one that wakes it again after a
 * scoring window, and the bits of a run: for tests of what every structural event does. They change the registry, so the
 * tests that use them are named *.apart.test.ts.
 */
import { sub } from "../engine/ops/binary.ts";
import { fill } from "../engine/ops/fill.ts";
import { scale } from "../engine/ops/unary.ts";
import { regionsOf, within } from "../methods/target.ts";
import type { StructureMethod } from "../methods/types.ts";
import { actions } from "../run/registries.ts";
import type { Driven } from "./runs.ts";

const target = { kind: "path", label: "Part", default: "" } as const;

/** Kills every weight of a part: a pruning whose selection is known beforehand. */
export const cut: StructureMethod<{ target: typeof target }> = {
  kind: "structure",
  does: "prune",
  id: "test-cut",
  label: "Cut",
  summary: "",
  schema: { target },
  paper: null,
  applies: () => true,
  async plan(at, c) {
    const regions = regionsOf(at.model, at.from, c.target);
    if (typeof regions === "string") return `Not pruned: ${regions}.`;
    return {
      arch: at.from.arch,
      preserving: false,
      notes: ["A note."],
      figures: { regions: regions.length },
      change: (t, old) => {
        const age = new Map(old.age);
        for (const { spec, slice } of regions) {
          const { path } = spec;
          age.set(
            path,
            within(
              t,
              age.get(path)!,
              slice,
              (x) => t.call(fill, [], { shape: x.shape, value: 0, dtype: "u32" })[0]!,
            ),
          );
        }
        return { age };
      },
    };
  },
};

/** Wakes a part again by a gradient step: w = −η·Ḡ over a window of four batches. */
export const wake: StructureMethod<{ target: typeof target }> = {
  ...cut,
  does: "grow",
  id: "test-wake",
  window: () => 4,
  async plan(at, c) {
    const { target: path } = c;
    return {
      arch: at.from.arch,
      preserving: false,
      live: { "optim.lr": 0.005 },
      change: (t, old) => {
        const { shape } = old.age.get(path)!;
        const mean = t.call(scale, [old.score!.get(path)!], { factor: at.lr / at.scored })[0]!;
        const zero = t.call(fill, [], { shape, value: 0, dtype: "f32" })[0]!;
        return {
          params: new Map([[path, t.call(sub, [zero, mean], {})[0]!]]),
          age: new Map([[path, t.call(fill, [], { shape, value: 1, dtype: "u32" })[0]!]]),
        };
      },
    };
  },
};

export function registerCutAndWake(): void {
  const all = actions as Map<string, StructureMethod>;
  all.set(cut.id, cut as never);
  all.set(wake.id, wake as never);
}

/** Every array of a run, by parameter, as bits. */
export async function bitsOf({ trainer }: Pick<Driven, "trainer">) {
  const { arrays, layout } = trainer.core.network;
  const read = async (arena: typeof arrays.params | null) => arena && new Uint32Array(await arena.read());
  const all = {
    params: await read(arrays.params),
    m: await read(arrays.slots[0]!),
    v: await read(arrays.slots[1]!),
    age: await read(arrays.age),
  };
  return (name: keyof typeof all, path: string) => {
    const { offset, count } = layout.entries.get(path)!;
    return [...(all[name]?.subarray(offset, offset + count) ?? [])];
  };
}
