import { describe, expect, it } from "vitest";
import { sizeOf } from "../engine/layout.ts";
import {
  arch,
  forwardFlops,
  largest,
  lookAt,
  side,
  slopeAt,
  someImages,
  weights,
} from "../testing/models.ts";
import { cnn } from "./cnn.ts";

const data = { vocab: 3, context: 1, image: { channels: 2, height: 8, width: 9 } };
const digits = { vocab: 10, context: 1, image: { channels: 1, height: 28, width: 28 } };
const small = (values: object = {}) =>
  side(cnn, arch(cnn, { channels: [3, 4], kernel: 3, padding: "same", widths: [5], ...values }), data);
const counted = (specs: ReturnType<typeof cnn.params>) =>
  specs.reduce((n, { shape, state }) => n + (state ? 0 : sizeOf(shape)), 0);

describe("cnn", () => {
  it.each([
    [{ activation: "tanh", pooling: "average" }, false],
    [{ activation: "relu", pooling: "max" }, false],
    [{ activation: "sigmoid", padding: "valid", channels: [3], widths: [] }, false],
    [{ activation: "tanh", batchNorm: true, pooling: "average" }, true],
    [{ activation: "leaky-relu", batchNorm: true, halve: true, channels: [3] }, true],
  ])("has gradients that agree with differences of the whole loss, with %j", (values, training) => {
    const of = small(values);
    const start = weights(of);
    const given = someImages(of, 6);
    const paths = of.specs.flatMap(({ path, state }) => (state ? [] : [path]));
    const { grads } = lookAt(cnn, of, start, given, { grads: paths, training });
    for (const path of paths) {
      const grad = grads.get(path)!;
      const index = grad.reduce((best, v, i) => (Math.abs(v) > Math.abs(grad[best]!) ? i : best), 0);
      const expected = slopeAt(cnn, of, start, given, path, index, { training });
      // Steps of 1e-5: rounding 1e-16/h = 1e-11, curvature h²/6 = 2e-11 times third derivatives, which a batch norm's
      // division makes larger.
      expect(Math.abs(grad[index]! - expected), `${path}[${index}]`).toBeLessThan(1e-7);
      expect(Math.abs(grad[index]!), path).toBeGreaterThan(1e-4);
    }
  });

  it("has the weights of LeNet-5 as Han et al. count them", () => {
    // Table 1: "431K". 520 + 25,050 + 400,500 + 5,010.
    expect(counted(cnn.params(arch(cnn, {}) as never, digits))).toBe(431_080);
    // A norm's gain and shift for each map instead of its bias; the running statistics are no weights.
    expect(counted(cnn.params(arch(cnn, { batchNorm: true }) as never, digits))).toBe(431_080 + 70);
  });

  it("names axes so that what grows together has one name", () => {
    const specs = cnn.params(arch(cnn, { batchNorm: true }) as never, digits);
    expect(specs.map(({ path, axes, shape }) => [path, axes.join(), shape.join()])).toEqual([
      ["conv1.weight", "c1,channels,ky,kx", "20,1,5,5"],
      ["bn1.weight", "c1", "20"],
      ["bn1.bias", "c1", "20"],
      ["bn1.running", "mean variance,c1", "2,20"],
      ["conv2.weight", "c2,c1,ky,kx", "50,20,5,5"],
      ["bn2.weight", "c2", "50"],
      ["bn2.bias", "c2", "50"],
      ["bn2.running", "mean variance,c2", "2,50"],
      ["fc1.weight", "h1,c2,places", "500,50,16"],
      ["fc1.bias", "h1", "500"],
      ["fc2.weight", "classes,h1", "10,500"],
      ["fc2.bias", "classes", "10"],
    ]);
  });

  it("counts floating-point operations as grow-prune §1.4, and as the ops say they do", () => {
    const values = arch(cnn, {}) as never;
    const executed = 2 * 25 * (20 * 24 ** 2 + 20 * 50 * 8 ** 2) + 2 * (800 * 500 + 500 * 10);
    expect(cnn.flops(values, digits)).toEqual({ executed, active: executed });
    expect(forwardFlops(cnn, side(cnn, values, digits), 3)).toBe(3 * executed);
  });

  it("normalises by the batch while training, by the running statistics otherwise", () => {
    const of = small({ batchNorm: true });
    const values = new Map(weights(of));
    // What only running statistics can change: nothing while training, everything otherwise.
    const moved = new Map(values);
    for (const { path, state } of of.specs)
      if (state)
        moved.set(
          path,
          values.get(path)!.map((v) => Math.abs(v) + 0.7),
        );
    const given = someImages(of, 4);
    const logits = (at: typeof values, training: boolean) => lookAt(cnn, of, at, given, { training }).logits;
    expect(largest(logits(values, true), logits(moved, true))).toBe(0);
    const positive = new Map(values);
    for (const { path, state } of of.specs)
      if (state)
        positive.set(
          path,
          values.get(path)!.map((v) => Math.abs(v) + 0.1),
        );
    expect(largest(logits(positive, false), logits(moved, false))).toBeGreaterThan(0.05);
  });

  it("is drawn as a tier a layer; every tile lies inside its tensor", () => {
    const of = small();
    const { taps } = lookAt(cnn, of, weights(of), someImages(of, 2), { taps: true });
    const drawn = cnn.anatomy(of.arch as never, data);
    expect(drawn.tiers.map(({ name, note }) => [name, note])).toEqual([
      ["Convolution 1", "3 maps"],
      ["Convolution 2", "4 maps"],
      ["Layer 1", "5 units"],
      ["Readout", "3 classes"],
    ]);
    for (const part of drawn.tiers.flatMap(({ left, right }) => [...left, ...right])) {
      expect(drawn.posts.map(({ id }) => id)).toContain(part.post);
      const size = part.slice.reduce((n, [from, to]) => n * (to - from), 1);
      if (part.kind === "weight") {
        expect(size).toBe(sizeOf(of.specs.find(({ path }) => path === part.path)!.shape));
      } else expect(taps.get(part.tap)).toHaveLength(size);
      expect([...part.rows, ...part.cols].sort()).toEqual(part.slice.map((_, k) => k));
    }
  });

  it("refuses maps that become too small, and a kernel that has no middle", () => {
    const check = (values: object) => cnn.check(arch(cnn, values) as never, digits);
    expect(check({})).toBeNull();
    expect(check({ channels: [4, 4, 4] })).toBe(
      "model.channels has 3 convolutions, and after 2 of them a map is too small for a kernel of 5",
    );
    expect(check({ channels: [4, 4, 4], kernel: 3, padding: "same" })).toBeNull();
    expect(check({ kernel: 4, padding: "same" })).toBe('model.kernel is 4: padding "same" needs an odd one');
    expect(cnn.describe(arch(cnn, {}) as never)).toBe("20-50 feature maps, 500 units");
  });
});
