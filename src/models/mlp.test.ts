import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sizeOf } from "../engine/layout.ts";
import { arch, forwardFlops, lookAt, side, slopeAt, someImages, weights } from "../testing/models.ts";
import { mlp } from "./mlp.ts";

const data = { vocab: 3, context: 1, image: { channels: 1, height: 4, width: 6 } };
const digits = { vocab: 10, context: 1, image: { channels: 1, height: 28, width: 28 } };
const small = (values: object = {}) => side(mlp, arch(mlp, { widths: [5, 4], ...values }), data);
const total = (specs: ReturnType<typeof mlp.params>) => specs.reduce((n, { shape }) => n + sizeOf(shape), 0);

describe("mlp", () => {
  it.each(["relu", "leaky-relu", "tanh", "sigmoid", "gelu"])(
    "has gradients that agree with differences of the whole loss, with %s",
    (activation) => {
      const of = small({ activation, halve: activation === "tanh" });
      const values = weights(of);
      const given = someImages(of, 6);
      const paths = of.specs.map(({ path }) => path);
      const { grads } = lookAt(mlp, of, values, given, { grads: paths });
      for (const path of paths) {
        const grad = grads.get(path)!;
        const index = grad.reduce((best, v, i) => (Math.abs(v) > Math.abs(grad[best]!) ? i : best), 0);
        const expected = slopeAt(mlp, of, values, given, path, index);
        // Steps of 1e-5: rounding 1e-16/h = 1e-11, curvature h²/6 = 2e-11 times third derivatives.
        expect(Math.abs(grad[index]! - expected), `${path}[${index}]`).toBeLessThan(1e-8);
        expect(Math.abs(grad[index]!), path).toBeGreaterThan(1e-3);
      }
    },
  );

  it("has the weights of LeNet-300-100, and of any widths", () => {
    // Han et al. 2015, Table 1: "267K".
    expect(total(mlp.params(arch(mlp, {}) as never, digits))).toBe(266_610);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 5 }), (widths) => {
        const all = [784, ...widths, 10];
        const expected = all.slice(1).reduce((sum, out, i) => sum + out * (all[i]! + 1), 0);
        expect(total(mlp.params(arch(mlp, { widths }) as never, digits))).toBe(expected);
      }),
    );
  });

  it("names axes so that what grows together has one name", () => {
    const specs = mlp.params(arch(mlp, { widths: [5, 4] }) as never, digits);
    expect(specs.map(({ path, axes, layer }) => [path, axes.join(), layer])).toEqual([
      ["fc1.weight", "h1,pixels", 0],
      ["fc1.bias", "h1", 0],
      ["fc2.weight", "h2,h1", 1],
      ["fc2.bias", "h2", 1],
      ["fc3.weight", "classes,h2", 2],
      ["fc3.bias", "classes", 2],
    ]);
  });

  it("starts near the loss of guessing", () => {
    const of = side(mlp, arch(mlp, {}), digits);
    const values = new Map(weights(of));
    for (const { path } of of.specs) if (path.endsWith("bias")) values.get(path)!.fill(0);
    const { losses } = lookAt(mlp, of, values, someImages(of, 20));
    // Logits of variance near 1: ln 10 + ½, give or take what 20 images stray.
    expect(losses.reduce((s, x) => s + x, 0) / 20).toBeLessThan(Math.log(10) + 1);
  });

  it("counts floating-point operations as grow-prune §1.4, and as the ops say they do", () => {
    const values = arch(mlp, { widths: [300, 100] }) as never;
    const executed = 2 * (784 * 300 + 300 * 100 + 100 * 10);
    expect(mlp.flops(values, digits)).toEqual({ executed, active: executed });
    expect(forwardFlops(mlp, side(mlp, values, digits), 3)).toBe(3 * executed);
  });

  it("halves an image by averaging squares", () => {
    const of = side(mlp, arch(mlp, { widths: [], halve: true }), digits);
    expect(of.specs[0]!.shape).toEqual([10, 196]);
    const given = someImages(of, 1);
    const weight = new Float64Array(1960);
    weight[15] = 1; // class 0 reads the pixel in row 1, column 1 of the small image
    const { logits } = lookAt(
      mlp,
      of,
      new Map([
        ["fc1.weight", weight],
        ["fc1.bias", new Float64Array(10)],
      ]),
      given,
    );
    const at = (y: number, x: number) => given.inputs.data[28 * y + x]!;
    expect(logits[0]).toBeCloseTo((at(2, 2) + at(2, 3) + at(3, 2) + at(3, 3)) / 4, 12);
  });

  it("is drawn as a tier a layer; every tile lies inside its tensor", () => {
    const of = small();
    const { taps } = lookAt(mlp, of, weights(of), someImages(of, 2), { taps: true });
    const drawn = mlp.anatomy(of.arch as never, data);
    expect(drawn.root).toBe("image");
    expect(drawn.tiers.map(({ name, note }) => [name, note])).toEqual([
      ["Layer 1", "5 units"],
      ["Layer 2", "4 units"],
      ["Readout", "3 classes"],
    ]);
    for (const part of drawn.tiers.flatMap(({ left, right }) => [...left, ...right])) {
      expect(drawn.posts.map(({ id }) => id)).toContain(part.post);
      const size = part.slice.reduce((n, [from, to]) => n * (to - from), 1);
      if (part.kind === "weight") {
        expect(size).toBe(sizeOf(of.specs.find(({ path }) => path === part.path)!.shape));
      } else expect(taps.get(part.tap)).toHaveLength(size);
    }
  });

  it("describes itself", () => {
    expect(mlp.describe(arch(mlp, {}) as never)).toBe("300-100 hidden units");
    expect(mlp.describe(arch(mlp, { widths: [] }) as never)).toBe("softmax regression");
  });
});
