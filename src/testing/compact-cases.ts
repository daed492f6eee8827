/** Compaction on hand-made networks: G7 of grow-prune §6 and what follows from §2.4, for the references and a device. */
import { expect, it } from "vitest";
import type { Backend, ParamSpec } from "../engine/types.ts";
import { compact } from "../methods/prune/compact.ts";
import type { Model, UnitAxis } from "../models/types.ts";
import { carryOut, type HandMade } from "./structure-rig.ts";

/** Layers fc0 … of these widths, input first, with the units of the hidden ones. */
function perceptron(widths: readonly number[], activation: "relu" | "tanh") {
  const specs = (sizes: readonly number[]): readonly ParamSpec[] =>
    sizes.slice(1).flatMap((out, k): ParamSpec[] => [
      {
        path: `fc${k}.weight`,
        shape: [out, sizes[k]!],
        axes: [`u${k + 1}`, `u${k}`],
        init: { law: "zeros" },
        decay: true,
      },
      { path: `fc${k}.bias`, shape: [out], axes: [`u${k + 1}`], init: { law: "zeros" }, decay: false },
    ]);
  const axes = widths.slice(1, -1).map(
    (size, k): UnitAxis => ({
      ...{ axis: `u${k + 1}`, groups: [size], least: 1 },
      constant: {
        activation,
        bias: `fc${k}.bias`,
        readers: [{ weight: `fc${k + 1}.weight`, bias: `fc${k + 1}.bias` }],
      },
    }),
  );
  const units = () => ({
    axes,
    resized: (sizes: ReadonlyMap<string, readonly number[]>) => ({
      widths: widths.map((size, k) => sizes.get(`u${k}`)?.[0] ?? size),
    }),
  });
  const specsOf = (arch: { readonly [key: string]: unknown }) => specs(arch.widths as readonly number[]);
  return { model: { label: "perceptron", units } as unknown as Model, specs: specs(widths), specsOf };
}

type Params = HandMade["params"];

function forward(params: Params, activation: "relu" | "tanh", x: readonly number[]): number[] {
  const phi = activation === "relu" ? (v: number) => Math.max(0, v) : Math.tanh;
  let a = [...x];
  for (let k = 0; params[`fc${k}.weight`] !== undefined; k++) {
    const last = params[`fc${k + 1}.weight`] === undefined;
    const [w, b] = [params[`fc${k}.weight`]!, params[`fc${k}.bias`]!];
    const u = b.map((bias, o) => a.reduce((s, v, i) => s + w[o * a.length + i]! * v, bias));
    a = last ? u : u.map(phi);
  }
  return a;
}

/** Every weight of 0 is dormant. */
const masked = (params: Params): Params =>
  Object.fromEntries(
    Object.entries(params).map(([path, values]) => [
      path,
      values.map((v) => (path.endsWith("weight") && v === 0 ? 0 : 91)),
    ]),
  );

export function compactCases(backend: () => Backend): void {
  const close = (found: readonly number[], wanted: readonly number[]) => {
    expect(found).toHaveLength(wanted.length);
    // f32 sums of a few numbers near 1.
    found.forEach((v, i) => {
      expect(v).toBeCloseTo(wanted[i]!, 6);
    });
  };

  it("G7: no fan-in and no fan-out, the bias folded", async () => {
    const { model, specs, specsOf } = perceptron([2, 3, 2], "relu");
    const params = {
      "fc0.weight": [0.5, -0.2, 0, 0, 0.3, 0.4],
      "fc0.bias": [0.1, 0.7, -0.2],
      "fc1.weight": [1, 0.5, 0, -0.4, -0.3, 0],
      "fc1.bias": [0.05, 0.02],
    };
    close(forward(params, "relu", [1, -2]), [1.4, -0.59]);
    const after = await carryOut(
      backend(),
      compact,
      {},
      { model, specs, params, age: masked(params) },
      specsOf,
    );
    close(after.params["fc1.bias"]!, [0.4, -0.19]);
    close(after.params["fc0.weight"]!, [0.5, -0.2]);
    close(after.params["fc1.weight"]!, [1, -0.4]);
    close(forward(after.params, "relu", [1, -2]), [1.4, -0.59]);
    expect(after.plan).toMatchObject({ arch: { widths: [2, 1, 2] }, preserving: true });
    expect(after.plan.figures).toEqual({ units: 2, folded: 1 });
    const again = { model: perceptron([2, 1, 2], "relu").model, ...after };
    await expect(carryOut(backend(), compact, {}, again)).rejects.toThrow("no unit is cut off");
  });

  it("goes on until nothing changes: constants that feed constants, and readers that go", async () => {
    const { model, specs, specsOf } = perceptron([2, 3, 3, 2], "tanh");
    const params = {
      // Unit 2 of the first layer reads nothing; unit 1 is read by unit 2 of the second alone, which nobody reads.
      "fc0.weight": [0.5, -0.2, 0.3, 0.9, 0, 0],
      "fc0.bias": [0.1, 0.7, -0.4],
      // Unit 1 of the second layer reads that constant alone: a constant itself, once it is folded.
      "fc1.weight": [0.6, 0, 0.2, 0, 0, -0.8, 0.1, 0.4, 0],
      "fc1.bias": [0.05, 0.3, -0.6],
      "fc2.weight": [0.7, -0.5, 0, 0.2, 0.9, 0],
      "fc2.bias": [0.05, 0.02],
    };
    const x = [0.3, -0.8];
    const z = forward(params, "tanh", x);
    const after = await carryOut(
      backend(),
      compact,
      {},
      { model, specs, params, age: masked(params) },
      specsOf,
    );
    expect(after.plan.arch).toEqual({ widths: [2, 1, 1, 2] });
    close(forward(after.params, "tanh", x), z);
  });

  it("keeps the last unit of a layer, whatever is cut off", async () => {
    const { model, specs, specsOf } = perceptron([2, 3, 2], "relu");
    const params = {
      "fc0.weight": [0, 0, 0, 0, 0, 0],
      "fc0.bias": [0.1, 0.7, 0.2],
      "fc1.weight": [1, 0.5, 0.3, -0.4, -0.3, 0.2],
      "fc1.bias": [0.05, 0.02],
    };
    const z = forward(params, "relu", [1, 1]);
    const after = await carryOut(
      backend(),
      compact,
      {},
      { model, specs, params, age: masked(params) },
      specsOf,
    );
    expect(after.plan.arch).toEqual({ widths: [2, 1, 2] });
    close(forward(after.params, "relu", [1, 1]), z);
  });
}
