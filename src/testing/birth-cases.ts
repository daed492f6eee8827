/** The birth of a neuron: G4 of grow-prune §6 and the invariants of §3.8, for the references and a device. */
import { expect, it } from "vitest";
import { defaults } from "../config/schema.ts";
import type { Backend, Params, Tensor, Trace } from "../engine/types.ts";
import { birth, bridging, layersOf, nz, sizes, strengthened } from "../methods/grow/bridging.ts";
import { neurons } from "../methods/grow/neurons.ts";
import { mlp } from "../models/mlp.ts";
import { arch, type Given, lookAt, side } from "./models.ts";
import { carryOut, lookedAt } from "./structure-rig.ts";

const data = { vocab: 3, context: 1, image: { channels: 1, height: 1, width: 3 } };
const of = (activation: string) => side(mlp, arch(mlp, { widths: [2], activation }), data);

const X = [1, 0, 0.5, 0.25, 1, -0.5];
const given = (x: readonly number[]): Given => ({
  inputs: { shape: [2, 1, 1, 3], dtype: "f32", data: Float64Array.from(x) },
  targets: [0, 2],
});
const W1 = [0.2, -0.4, 0.1, 0.3, 0.1, -0.2];
const W2 = [0.5, -0.3, -0.2, 0.4, 0.1, 0.2];
const params = { "fc1.weight": W1, "fc1.bias": [0, 0], "fc2.weight": W2, "fc2.bias": [0, 0, 0] };

const B = [0.299529, -0.128026, 0.229781, -0.213335, -0.20154, 0.019295, -0.086194, 0.329566, -0.249076];

/** The page gives six digits. */
const close = (found: ArrayLike<number>, wanted: readonly number[], digits = 5.7) => {
  expect(found).toHaveLength(wanted.length);
  wanted.forEach((v, i) => {
    expect(found[i]).toBeCloseTo(v, digits);
  });
};

const asArrays = (values: Readonly<Record<string, readonly number[]>>) =>
  new Map(Object.entries(values).map(([path, list]) => [path, Float64Array.from(list)]));

function lossOf(activation: string, values: typeof params, x: readonly number[], width = 2): number {
  const grown = side(mlp, arch(mlp, { widths: [width], activation }), data);
  const { losses } = lookAt(mlp, grown, asArrays(values), given(x));
  return losses.reduce((sum, v) => sum + v, 0) / losses.length;
}

/** The network of three units: the newborn behind the two. */
const born = (reads: readonly number[], readBy: readonly number[]) => ({
  "fc1.weight": [...W1, ...reads],
  "fc1.bias": [0, 0, 0],
  "fc2.weight": [0, 1, 2].flatMap((m) => [W2[2 * m]!, W2[2 * m + 1]!, readBy[m]!]),
  "fc2.bias": [0, 0, 0],
});

export function birthCases(backend: () => Backend): void {
  /** Outputs of one program over the network and its batch. */
  const looked = (
    build: (t: Trace, old: Params, bridge: Tensor) => Readonly<Record<string, Tensor>>,
    activation = "tanh",
    x: readonly number[] = X,
  ) => {
    const at = of(activation);
    const rig = { model: mlp, specs: at.specs, params, age: {}, side: at, batch: given(x) };
    return lookedAt(backend(), rig, (t, old) => {
      const bridge = bridging(t, mlp, at, old.params, old.batch(), layersOf(mlp, at)).get("h1")!;
      return build(t, old.params, bridge);
    });
  };
  /** Raw newborn of k pairs with these signs at chosen pairs; elsewhere +. */
  const raw = (
    pairs: number,
    signs: Readonly<Record<number, number>> | null,
    activation?: string,
    x?: number[],
  ) =>
    looked(
      (t, old, bridge) => {
        const eps =
          signs &&
          t.constant(
            { shape: [3, 3], dtype: "f32" },
            Array.from({ length: 9 }, (_, i) => signs[i] ?? 1),
          );
        const { reads, readBy } = birth(t, bridge, pairs, eps);
        const [sum, count] = sizes(t, old.get("fc1.weight")!);
        return { reads, readBy, sum, count };
      },
      activation,
      x,
    );

  it("G4: B is minus the gradient of a connection past the layer", async () => {
    expect(lossOf("tanh", params, X)).toBeCloseTo(1.08207188, 7);
    const { bridge } = await looked((_t, _old, bridge) => ({ bridge }));
    close(bridge!, B);
  });

  it("G4: three pairs, all signs +, at α = .5", async () => {
    const { reads, readBy, sum, count } = await raw(3, {});
    close(reads!, [0.547293, 0.574078, -0.499075]);
    close(readBy!, [0.547293, 0, 1.073153]);
    expect(sum![0]! / count![0]!).toBeCloseTo(0.216667, 5);
    const [a, b] = [strengthened(reads!, 0.5, nz(W1)), strengthened(readBy!, 0.5, nz(W2))];
    close(a, [0.109766, 0.115138, -0.100096]);
    close(b, [0.095694, 0, 0.18764]);
    expect(lossOf("tanh", born(a, b), X, 3)).toBeCloseTo(1.07269492, 6);
    expect(nz(a)).toBeCloseTo(0.5 * nz(W1), 6);
  });

  it("G4: the pair (0, 0) with the sign −", async () => {
    const { reads, readBy } = await raw(3, { 0: -1 });
    const [a, b] = [strengthened(reads!, 0.5, nz(W1)), strengthened(readBy!, 0.5, nz(W2))];
    close(a, [-0.109766, 0.115138, -0.100096]);
    close(b, [-0.095694, 0, 0.18764]);
    expect(lossOf("tanh", born(a, b), X, 3)).toBeCloseTo(1.06203762, 6);
  });

  it.each([1, -1])(
    "G4: one pair with the sign %d goes down the loss, and up when turned over",
    async (eps) => {
      const { reads, readBy } = await raw(1, { 7: eps });
      const [a, b] = [strengthened(reads!, 0.5, nz(W1)), strengthened(readBy!, 0.5, nz(W2))];
      close(a, [0, eps * 0.108333, 0]);
      close(b, [0, 0, eps * 0.141667]);
      expect(lossOf("tanh", born(a, b), X, 3)).toBeCloseTo(1.0770468, 6);
      const turned = b.map((v) => -v);
      expect(lossOf("tanh", born(a, turned), X, 3)).toBeCloseTo(1.08712321, 6);
    },
  );

  it("G4: behind rectifiers a newborn that reads negatively is dead; rectified signs never do", async () => {
    const x = X.map(Math.abs);
    expect(lossOf("relu", params, x)).toBeCloseTo(1.0892182, 6);
    const losses = await Promise.all(
      [{ 7: -1 }, null].map(async (signs) => {
        const { reads, readBy } = await raw(1, signs, "relu", x);
        return lossOf(
          "relu",
          born(strengthened(reads!, 0.5, nz(W1)), strengthened(readBy!, 0.5, nz(W2))),
          x,
          3,
        );
      }),
    );
    expect(losses[0]).toBeCloseTo(1.0892182, 6);
    expect(losses[1]).toBeCloseTo(1.08413423, 6);
  });

  it("an event puts the newborn behind the others, on its pairs alone, and leaves the rest as it was", async () => {
    const at = of("tanh");
    const age = Object.fromEntries(Object.entries(params).map(([path, list]) => [path, list.map(() => 9)]));
    const c = { ...defaults(neurons.schema), share: 1 / 9, strength: 0.5, backtrack: false };
    const hand = { model: mlp, specs: at.specs, params, age, side: at, batch: given(X) };
    const after = await carryOut(backend(), neurons, c, hand, (values) => mlp.params(values as never, data));
    expect(after.plan.arch).toMatchObject({ widths: [3] });
    const w = after.params;
    close(w["fc1.weight"]!.slice(0, 6), W1);
    const eps = Math.sign(w["fc1.weight"]![7]!);
    close(w["fc1.weight"]!.slice(6), [0, eps * 0.108333, 0]);
    close(w["fc2.weight"]!, [0.5, -0.3, 0, -0.2, 0.4, 0, 0.1, 0.2, eps * 0.141667]);
    expect(after.age["fc1.weight"]).toEqual([9, 9, 9, 9, 9, 9, 0, 1, 0]);
    expect(after.age["fc2.weight"]).toEqual([9, 9, 0, 9, 9, 0, 9, 9, 1]);
    expect(after.age["fc1.bias"]).toEqual([9, 9, 1]);
    expect(after.plan.figures).toMatchObject({ units: 1, pairs: 1, strength: 0.5 });
  });

  it("no neuron is born where the gradient is 0", async () => {
    const at = of("tanh");
    const nothing = { ...params, "fc1.weight": W1.map(() => 0) };
    const age = Object.fromEntries(Object.entries(params).map(([path, list]) => [path, list.map(() => 9)]));
    const still = { model: mlp, specs: at.specs, params, age, side: at, batch: given(X.map(() => 0)) };
    const c = defaults(neurons.schema);
    await expect(carryOut(backend(), neurons, c, still)).rejects.toThrow(
      "Not grown: no unit can be born in fc1: the bridging gradient is 0, or its pairs cancel.",
    );
    await expect(
      carryOut(backend(), neurons, c, { ...still, params: nothing, batch: given(X) }),
    ).rejects.toThrow("Not grown: no unit can be born in fc1: all weights beside it are 0.");
  });
}
