/**
 * GPT, BERT and ViT against PyTorch (e2e/golden/transformers.json: float64, weights by a rule), their gradients against
 * differences of the loss, and what is asked of all three: the counts, the drawing, the sentences.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sizeOf } from "../engine/layout.ts";
import {
  type Arrays,
  arch,
  forwardFlops,
  type Given,
  largest,
  lookAt,
  side,
  slopeAt,
  someImages,
  weights,
} from "../testing/models.ts";
import { bert } from "./bert.ts";
import { gpt } from "./gpt.ts";
import type { Model } from "./types.ts";
import { vit } from "./vit.ts";

interface Golden {
  readonly ids?: readonly (readonly number[])[];
  readonly targets: readonly number[];
  readonly logits: readonly number[];
  readonly loss: number;
  readonly gradients: Readonly<Record<string, readonly [number, number]>>;
}
const golden = JSON.parse(
  readFileSync(new URL("../../e2e/golden/transformers.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Golden>>;

const IGNORED = 0xffffffff;
const SIZE = { layers: 2, width: 8, heads: 2, ffn: 2 };
const text = { vocab: 6, context: 5 };
const image = { vocab: 3, context: 1, image: { channels: 1, height: 8, width: 8 } };
const CASES = [
  ["gpt, tied", side(gpt, arch(gpt, { ...SIZE, tied: true }), text), gpt],
  ["bert, pre-LN, tied", side(bert, arch(bert, SIZE), text), bert],
  ["bert, post-LN, untied", side(bert, arch(bert, { ...SIZE, tied: false, norm: "post" }), text), bert],
  ["vit", side(vit, arch(vit, { ...SIZE, patch: "4" }), image), vit],
] as const satisfies readonly (readonly [string, unknown, Model])[];
type Side = (typeof CASES)[number][1];

/** 0.5 sin k; gains of norms 1 + 0.1 sin k. */
function byRule({ specs }: Side): Arrays {
  let k = 0;
  return new Map(
    specs.map(({ path, shape, norm }) => [
      path,
      Float64Array.from({ length: sizeOf(shape) }, () => {
        k++;
        return norm === "gain" ? 1 + 0.1 * Math.sin(k) : 0.5 * Math.sin(k);
      }),
    ]),
  );
}

function givenOf({ ids, targets }: Golden): Given {
  const asked = targets.map((target) => (target < 0 ? IGNORED : target));
  if (ids === undefined) {
    const data = Float64Array.from({ length: 2 * 64 }, (_, i) => Math.cos(i));
    return { inputs: { shape: [2, 1, 8, 8], dtype: "f32", data }, targets: asked };
  }
  return { inputs: { shape: [2, 5], dtype: "u32", data: Float64Array.from(ids.flat()) }, targets: asked };
}

describe.each(CASES)("%s", (name, of, model: Model) => {
  const wanted = golden[name]!;
  const paths = of.specs.map(({ path }) => path);
  // Constants and shares are float64 on both sides; sums are ordered otherwise.
  const close = (a: number, b: number, what: string) =>
    expect(Math.abs(a - b), what).toBeLessThan(1e-10 * Math.max(1, Math.abs(b)));

  it("has PyTorch's logits, loss and gradients", () => {
    const given = givenOf(wanted);
    const { logits, losses, grads } = lookAt(model, of, byRule(of), given, { grads: paths });
    expect(logits).toHaveLength(wanted.logits.length);
    for (const [i, z] of wanted.logits.entries()) close(logits[i]!, z, `logit ${i}`);
    const scored = given.targets.filter((target) => target !== IGNORED).length;
    const sum = losses.reduce((a, b) => a + b, 0);
    close(sum / scored, wanted.loss, "loss");
    expect(Object.keys(wanted.gradients)).toEqual(paths);
    // The mean there is over scored places, here over all.
    const factor = losses.length / scored;
    for (const path of paths) {
      const g = grads.get(path)!;
      const [all, along] = wanted.gradients[path]!;
      close(factor * g.reduce((a, b) => a + b, 0), all, path);
      close(factor * g.reduce((a, b, i) => a + b * Math.sin(i + 1), 0), along, path);
    }
  });

  it("has gradients that agree with differences of the loss", () => {
    const given = givenOf(wanted);
    const values = byRule(of);
    const { grads } = lookAt(model, of, values, given, { grads: paths });
    for (const path of paths.filter((p) => !/blocks\.0/.test(p))) {
      const index = Math.floor(grads.get(path)!.length * 0.37);
      const expected = slopeAt(model, of, values, given, path, index);
      // Steps of 1e-5: rounding 1e-16/h = 1e-11, curvature h²/6 = 2e-11 times third derivatives.
      expect(Math.abs(grads.get(path)![index]! - expected), path).toBeLessThan(1e-8);
    }
  });

  it("is drawn inside its tensors, counts what its ops do, and describes itself", () => {
    const { taps } = lookAt(model, of, byRule(of), givenOf(wanted), { taps: true });
    const drawn = model.anatomy(of.arch, of.data);
    expect(drawn.tiers).toHaveLength(2);
    for (const part of drawn.tiers.flatMap(({ left, right }) => [...left, ...right])) {
      if (part.kind !== "weight") {
        expect(taps.get(part.tap)).toHaveLength(
          part.kind === "attention" ? 2 * 25 : part.slice.reduce((n, [, to]) => n * to, 1),
        );
        continue;
      }
      const { shape } = of.specs.find(({ path }) => path === part.path)!;
      part.slice.forEach(([, to], k) => {
        expect(to).toBeLessThanOrEqual(shape[k]!);
      });
    }
    const { executed } = model.flops(of.arch, of.data);
    const rows = "image" in of.data ? 2 : 2 * 5;
    // Norms are 8 a number, and a ViT's last one reads the class token alone.
    const norms = 8 * 8 * ("image" in of.data ? 2 * (4 * 5 + 1) : 10 * (name.includes("post") ? 6 : 5));
    expect(forwardFlops(model, of, 2)).toBe(rows * executed + norms);
    expect(model.describe(of.arch)).toBe("2 layers of width 8, feed-forward 2 ×");
    expect(model.check({ ...of.arch, heads: 3 }, of.data)).toContain("does not divide");
  });
});

describe("bert", () => {
  const of = side(bert, arch(bert, SIZE), text);
  it("reads what stands before and behind", () => {
    const values = byRule(of);
    const given = givenOf(golden["bert, pre-LN, tied"]!);
    const data = given.inputs.data.slice();
    data[4] = 1;
    const [a, b] = [
      lookAt(bert, of, values, given).logits,
      lookAt(bert, of, values, { ...given, inputs: { ...given.inputs, data } }).logits,
    ];
    expect(largest(a.slice(0, 6), b.slice(0, 6))).toBeGreaterThan(1e-5);
    // The other window does not change.
    expect(largest(a.slice(30), b.slice(30))).toBe(0);
  });
});

describe("vit", () => {
  it("takes patches of 4 or 7 that fit the image, and says so where they do not", () => {
    const digit = { vocab: 10, context: 1, image: { channels: 1, height: 28, width: 28 } };
    const places = (patch: string) =>
      vit.params(arch(vit, { patch }) as never, digit).find(({ path }) => path === "wpe.weight")!.shape[0];
    expect([places("4"), places("7")]).toEqual([50, 17]);
    expect(vit.check(arch(vit, { patch: "7" }) as never, image)).toBe(
      "model.patch is 7, which does not divide images of 8 × 8",
    );
  });

  it("reads colours: patches of three channels keep their pixels together", () => {
    const rgb = { vocab: 3, context: 1, image: { channels: 3, height: 8, width: 8 } };
    const of = side(vit, arch(vit, { ...SIZE, layers: 1, patch: "4" }), rgb);
    const given = someImages(of, 2);
    const values = new Map(weights(of));
    const { logits } = lookAt(vit, of, values, given);
    // Patch 3 (lower right), channel 1, its first pixel: row 4, column 4 of the image.
    const at = 64 + 4 * 8 + 4;
    const changed = given.inputs.data.slice();
    changed[at]! += 1;
    const moved = lookAt(vit, of, values, { ...given, inputs: { ...given.inputs, data: changed } }).logits;
    // The same, had the bias of that patch moved by the weights' column 16: told by its position.
    const wpe = values.get("wpe.weight")!.slice();
    const patch = values.get("patch.weight")!;
    for (let d = 0; d < 8; d++) wpe[4 * 8 + d]! += patch[d * 48 + 16]!;
    const told = lookAt(vit, of, new Map([...values, ["wpe.weight", wpe] as const]), given).logits;
    expect(largest(moved.slice(0, 3), logits.slice(0, 3))).toBeGreaterThan(1e-6);
    expect(largest(moved.slice(0, 3), told.slice(0, 3))).toBeLessThan(1e-12);
  });
});
