import { describe, expect, it } from "vitest";
import { lstm } from "../models/lstm.ts";
import { mlp } from "../models/mlp.ts";
import type { DataShape } from "../models/types.ts";
import { arch, side } from "../testing/models.ts";
import { scopeOf } from "./prune/survey.ts";
import { regionsOf } from "./target.ts";

const DATA: DataShape = { vocab: 3, context: 1, image: { channels: 1, height: 4, width: 4 } };
const from = side(mlp, arch(mlp, { widths: [5] }), DATA);

const found = (target: string) => {
  const regions = regionsOf(mlp, from, target);
  return typeof regions === "string" ? regions : regions.map(({ spec, slice }) => [spec.path, slice]);
};

describe("a target", () => {
  it("may be one unit of a tier: the row of weights that it reads by", () => {
    expect(found("fc1#2")).toEqual([
      [
        "fc1.weight",
        [
          [2, 3],
          [0, 16],
        ],
      ],
    ]);
    expect(found("fc2#2")).toEqual([
      [
        "fc2.weight",
        [
          [2, 3],
          [0, 5],
        ],
      ],
    ]);
  });

  it("that shows an entry twice has it once", () => {
    const part = (id: string, from: number, to: number) => ({
      ...{ kind: "weight", id, name: id, post: "", strips: [], path: "fc1.weight", rows: [0], cols: [1] },
      slice: [
        [from, to],
        [0, 16],
      ],
    });
    const tiers = [
      { id: "both", name: "", note: "", group: "", left: [part("a", 0, 3), part("b", 2, 4)], right: [] },
    ];
    const model = { ...mlp, anatomy: () => ({ root: "image", room: [], posts: [], tiers }) } as never;
    const scope = scopeOf({ model, from }, "both");
    if (typeof scope === "string") throw new Error(scope);
    const counts = [...scope.apart.table].filter((_, i) => i % 3 === 1);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(4 * 16);
  });

  it("is a layer by its whole number", () => {
    const deep = side(mlp, arch(mlp, { widths: [2, 2, 2, 2, 2, 2] }), DATA);
    const specs = deep.specs.map((spec) => ({ ...spec, path: spec.path.replace("fc2.", "fc10.") }));
    const paths = (target: string) => {
      const regions = regionsOf(mlp, { ...deep, specs }, target);
      return typeof regions === "string" ? regions : regions.map(({ spec }) => spec.path);
    };
    expect(paths("fc1")).toEqual(["fc1.weight", "fc1.bias"]);
    expect(paths("fc1.weight")).toEqual(["fc1.weight"]);
    expect(paths("fc10")).toEqual(["fc10.weight", "fc10.bias"]);
  });

  it("may be one gate of a part, of a tier or of everything", () => {
    const shape: DataShape = { vocab: 3, context: 4 };
    const of = (target: string) => {
      const gated = side(lstm, arch(lstm, { blocks: [5], embed: 2 }), shape);
      const regions = regionsOf(lstm, gated, target);
      return typeof regions === "string" ? regions : regions.map(({ spec, slice }) => [spec.path, slice[0]]);
    };
    const all = of("@f") as [string, readonly number[]][];
    expect(all.map(([, range]) => range)).toEqual(all.map(() => [1, 2]));
    expect(all.length).toBeGreaterThan(1);
    const tier = lstm.anatomy(arch(lstm, { blocks: [5], embed: 2 }) as never, shape).tiers[0]!;
    expect(of(`${tier.id}@f`)).toEqual(all);
    expect(of(`${tier.left[0]!.id}@o`)).toEqual([[expect.any(String), [3, 4]]]);
    expect(of("@x")).toBe('"" has no gate "x"');
    expect(of("nothing@f")).toBe('the network has no part "nothing"');
  });

  it("that there is not is said to be none", () => {
    expect(found("fc1#5")).toBe('the network has no part "fc1#5"');
    expect(found("fc9#0")).toBe('the network has no part "fc9#0"');
    expect(found("fc1.w#0")).toBe('the network has no part "fc1.w#0"');
  });
});
