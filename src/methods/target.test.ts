import { describe, expect, it } from "vitest";
import { mlp } from "../models/mlp.ts";
import type { DataShape } from "../models/types.ts";
import { arch, side } from "../testing/models.ts";
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

  it("that there is not is said to be none", () => {
    expect(found("fc1#5")).toBe('the network has no part "fc1#5"');
    expect(found("fc9#0")).toBe('the network has no part "fc9#0"');
    expect(found("fc1.w#0")).toBe('the network has no part "fc1.w#0"');
  });
});
