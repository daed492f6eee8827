import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import { sizeOf } from "../../engine/layout.ts";
import { gpt } from "../../models/gpt.ts";
import { lstm } from "../../models/lstm.ts";
import { arch, carry, grow, largest, look, side, someTokens, weights } from "../../testing/models.ts";
import type { GrowMethod } from "../types.ts";
import { depthMap, RULES } from "./depth.ts";
import { identity } from "./identity.ts";
import { stack } from "./stack.ts";

const data = { vocab: 7, context: 5 };
const tokens = someTokens(2, 6, 7);
const make = (layers: number, values: object = {}) =>
  side(gpt, arch(gpt, { layers, width: 8, heads: 2, ffn: 2, ...values }), data);
/** Large enough that every part matters. */
const awake = (of: ReturnType<typeof make>) =>
  new Map([...weights(of)].map(([path, w]) => [path, /ln|bias/.test(path) ? w : w.map((x) => 15 * x)]));
const next = (method: GrowMethod, values: object, choice: object = {}) =>
  method.next(gpt, arch(gpt, values), { ...defaults(method.schema), ...choice });

describe("depth maps", () => {
  it("are those listed in transformer-growth §2.3", () => {
    expect(depthMap("stack", 3, 6).join("")).toBe("012012");
    expect(depthMap("interpolate", 3, 6).join("")).toBe("001122");
    expect(depthMap("stack", 4, 10).join("")).toBe("0123012301");
    expect(depthMap("interpolate", 4, 10).join("")).toBe("0001122233");
    expect(depthMap("bert2bert", 4, 10).join("")).toBe("0123012323");
    expect(depthMap("appendTop", 4, 10).join("")).toBe("0123333333");
  });

  it("name only layers there are, keep every layer, and agree where the depth doubles", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 12 }), (from, more) => {
        for (const name of RULES) {
          const map = depthMap(name, from, from + more);
          expect(map).toHaveLength(from + more);
          expect(new Set(map)).toEqual(new Set(Array.from({ length: from }, (_, m) => m)));
        }
        expect(depthMap("bert2bert", from, 2 * from)).toEqual(depthMap("stack", from, 2 * from));
      }),
    );
  });
});

describe("stacking", () => {
  it("copies each layer, and keeps all else", () => {
    const from = make(2);
    const old = awake(from);
    const { to, weights: grown } = grow(gpt, stack, from, old);
    expect(to.arch.layers).toBe(4);
    for (const { path, layer } of to.specs) {
      const source = layer === undefined ? path : path.replace(/\d+/, String(layer % 2));
      expect(grown.get(path), path).toEqual(old.get(source));
    }
    const [before, after] = [look(gpt, from, old, tokens), look(gpt, to, grown, tokens)];
    expect(largest(before.logits, after.logits)).toBeGreaterThan(0.01);
  });

  it("gives copies gradients of their own", () => {
    const from = make(2);
    const { to, weights: grown } = grow(gpt, stack, from, awake(from));
    const paths = [0, 2].map((m) => `blocks.${m}.mlp.fc.weight`);
    const { grads } = look(gpt, to, grown, tokens, { grads: paths });
    expect(largest(grads.get(paths[0]!)!, grads.get(paths[1]!)!)).toBeGreaterThan(1e-4);
  });

  it("reaches any depth by the other maps, names whom a layer copies", () => {
    const from = make(3);
    const old = awake(from);
    const { to, weights: grown } = grow(gpt, stack, from, old, { map: "interpolate", to: 5 });
    expect(grown.get("blocks.3.attn.out.weight")).toEqual(old.get("blocks.1.attn.out.weight"));
    const c = { ...defaults(stack.schema), map: "interpolate", to: 5 };
    expect(stack.copies!(from, to, c)).toEqual({ "blocks.1": "blocks.0", "blocks.3": "blocks.2" });
    expect(stack.copies!(make(2), make(4), defaults(stack.schema))).toEqual({
      "blocks.2": "blocks.0",
      "blocks.3": "blocks.1",
    });
  });

  it("is refused in words, or ends", () => {
    expect(next(stack, { layers: 2 })).toMatchObject({ layers: 4 });
    expect(next(stack, { layers: 2 }, { to: 8 })).toMatchObject({ layers: 8 });
    expect(next(stack, { layers: 12 })).toBeNull();
    for (const [layers, choice, reason] of [
      [8, {}, "this makes 16 layers, the config allows 12"],
      [4, { to: 4 }, "the network already has 4 layers"],
      [4, { to: 2 }, "2 layers is fewer than the 4 there are; growth only adds, pruning takes away"],
      [4, { map: "manual" }, "a manual map needs a source layer for each layer afterwards"],
      [2, { map: "manual", sources: [1, 2, 3] }, "entry 3 of the manual map is layer 3, and there are 2"],
      [4, { to: 10 }, "stacking doubles, and 10 is not 4 doubled; the other layer maps can"],
    ] as const) {
      expect(next(stack, { layers }, choice)).toBe(`Not grown: ${reason}. Training goes on.`);
    }
    expect(stack.applies(gpt)).toBe(true);
    expect(stack.applies(lstm)).toBe("not for LSTM");
  });

  it("takes any list of layers by hand, or adds silent copies that change nothing", () => {
    const from = make(2);
    const old = awake(from);
    const { weights: listed, to } = grow(gpt, stack, from, old, { map: "manual", sources: [2, 1, 1] });
    expect(to.arch.layers).toBe(3);
    for (const [m, source] of [1, 0, 0].entries()) {
      expect(listed.get(`blocks.${m}.mlp.fc.bias`)).toEqual(old.get(`blocks.${source}.mlp.fc.bias`));
    }
    const silent = grow(gpt, stack, from, old, { map: "identity", to: 3 });
    const [before, after] = [look(gpt, from, old, tokens), look(gpt, silent.to, silent.weights, tokens)];
    expect(largest(before.logits, after.logits)).toBe(0);
    const c = { ...defaults(stack.schema), map: "identity" };
    expect(stack.preserving(c, from, silent.to)).toBe(true);
    expect(stack.preserving({ ...c, map: "stack" }, from, silent.to)).toBe(false);
  });

  it("carries slots by the same map, or resets them", () => {
    const [from, to] = [make(2), make(4)];
    const slots = awake(from);
    const moved = carry(stack, from, to, slots, { fill: 0, dtype: "f32" });
    expect(moved.get("blocks.3.ln2.bias")).toEqual(slots.get("blocks.1.ln2.bias"));
    // Layers that are silent at first are new.
    const silent = carry(stack, from, to, slots, { choice: { map: "identity" }, fill: 0, dtype: "f32" });
    expect(silent.get("blocks.1.ln2.bias")).toEqual(slots.get("blocks.1.ln2.bias"));
    expect(silent.get("blocks.3.mlp.fc.weight")!.every((x) => x === 0)).toBe(true);
    expect(stack.slots(defaults(stack.schema))).toBe("reset");
    expect(stack.slots({ ...defaults(stack.schema), slots: "carry" })).toBe("carry");
  });
});

describe("identity layers", () => {
  const places = ["bottom", "middle", "top"];

  it.each(places)("at the %s keep the function exactly and can be taken out bit for bit", (position) => {
    for (const others of ["copy", "fresh"]) {
      for (const [layers, count] of [
        [1, 2],
        [3, 2],
      ] as const) {
        const from = make(layers);
        const old = awake(from);
        const { to, weights: grown } = grow(gpt, identity, from, old, { count, position, others });
        for (const { path, shape } of to.specs) expect(grown.get(path), path).toHaveLength(sizeOf(shape));
        const [before, after] = [look(gpt, from, old, tokens), look(gpt, to, grown, tokens)];
        // Adding zero to the trunk rounds nothing.
        expect(largest(before.logits, after.logits)).toBe(0);
        const start = { bottom: 0, middle: Math.floor(layers / 2), top: layers }[position]!;
        for (const { path, layer } of from.specs) {
          const now =
            layer === undefined ? path : path.replace(/\d+/, String(layer < start ? layer : layer + count));
          expect(grown.get(now), path).toEqual(old.get(path));
        }
      }
    }
  });

  it("wake up: their projections get gradient at once, fresh and copied weights are no zeros", () => {
    const from = make(2);
    for (const others of ["copy", "fresh"]) {
      const { to, weights: grown } = grow(gpt, identity, from, awake(from), { others });
      const paths = ["blocks.2.attn.out.weight", "blocks.2.mlp.proj.weight"];
      const { grads } = look(gpt, to, grown, tokens, { grads: paths });
      for (const path of paths) {
        expect(Math.max(...grown.get(path)!.map(Math.abs))).toBe(0);
        expect(Math.max(...grads.get(path)!.map(Math.abs))).toBeGreaterThan(1e-3);
      }
      const fc = grown.get("blocks.2.mlp.fc.weight")!;
      const spread = Math.sqrt(fc.reduce((s, x) => s + x * x, 0) / fc.length);
      // 128 fresh draws of N(0, .02): four standard errors are 25 %.
      if (others === "fresh") expect(Math.abs(spread / 0.02 - 1)).toBeLessThan(0.25);
      else expect(fc).toEqual(grown.get("blocks.0.mlp.fc.weight"));
      expect(grown.get("blocks.2.ln1.weight")!.every((x) => x !== 0)).toBe(true);
    }
  });

  it("carry slots of trained layers along, new ones start empty", () => {
    const [from, to] = [make(2), make(3)];
    const slots = awake(from);
    const moved = carry(identity, from, to, slots, {
      choice: { position: "middle" },
      fill: 0,
      dtype: "f32",
    });
    expect(moved.get("blocks.0.mlp.fc.weight")).toEqual(slots.get("blocks.0.mlp.fc.weight"));
    expect(moved.get("blocks.2.mlp.fc.weight")).toEqual(slots.get("blocks.1.mlp.fc.weight"));
    expect(moved.get("blocks.1.mlp.fc.weight")!.every((x) => x === 0)).toBe(true);
  });

  it("name whom they copy in the numbering of the grown network, refuse in words", () => {
    const c = { ...defaults(identity.schema), count: 2 };
    expect(identity.copies!(make(2), make(4), { ...c, position: "bottom" })).toEqual({
      "blocks.0": "blocks.2",
      "blocks.1": "blocks.3",
    });
    expect(identity.copies!(make(2), make(4), { ...c, others: "fresh" })).toEqual({});
    expect(next(identity, { layers: 11 }, { count: 2 })).toBe(
      "Not grown: this makes 13 layers, the config allows 12. Training goes on.",
    );
    expect(next(identity, { layers: 11 })).toMatchObject({ layers: 12 });
    expect(next(identity, { layers: 12 })).toBeNull();
  });
});
