import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sizeOf } from "../engine/layout.ts";
import { checkConfig } from "../run/check.ts";
import { goldenNumbers, runModel } from "../testing/h-lstm-golden.ts";
import { arch, forwardFlops, look, side, slope, someTokens, weights } from "../testing/models.ts";
import { drive, interpreter, tinyConfig } from "../testing/runs.ts";
import { hlstm } from "./hlstm.ts";
import { lstm } from "./lstm.ts";

const data = { vocab: 7, context: 5 };
const small = (values: object = {}) =>
  side(hlstm, arch(hlstm, { blocks: [4, 5], gateWidth: 6, embed: 4, ...values }), data);
const total = (specs: ReturnType<typeof hlstm.params>) =>
  specs.reduce((n, { shape }) => n + sizeOf(shape), 0);
const tokens = someTokens(3, 6, 7);

// Printed to six digits: half a unit of the last, and as much again for c, which is made from h here.
it.each(await goldenNumbers(undefined, runModel))("G10, G11 by the model: %s", (_, found, printed) => {
  found.forEach((v, i) => {
    expect(Math.abs(v - printed[i]!)).toBeLessThanOrEqual(5.1e-7);
  });
});

describe("hlstm", () => {
  it.each([
    { gateLayers: 0, layers: 2 },
    { gateLayers: 1, layers: 2 },
    { gateLayers: 2 },
    { gateLayers: 3, slope: 0.2 },
  ])("has gradients that agree with differences of the whole loss: %o", (values) => {
    const of = small(values);
    const at = weights(of);
    const paths = of.specs.map(({ path }) => path);
    const { grads } = look(hlstm, of, at, tokens, { grads: paths });
    for (const path of paths) {
      const grad = grads.get(path)!;
      const index = Math.floor(grad.length * 0.37);
      const expected = slope(hlstm, of, at, tokens, path, index);
      // As lstm.test.ts; a unit that crosses its bend within the difference would be off by far more.
      expect(Math.abs(grad[index]! - expected), `${path}[${index}]`).toBeLessThan(1e-8);
      expect(Math.max(...grad.map(Math.abs)), path).toBeGreaterThan(1e-4);
    }
  });

  it("is the LSTM where its gates have no hidden layers: parameters, run and losses, to the bit", async () => {
    const values = { blocks: [4, 5], layers: 2, embed: 4 };
    const plain = small({ ...values, gateLayers: 0 });
    const full = side(lstm, arch(lstm, { ...values, connectivity: "fully-connected" }), data);
    expect(plain.specs).toEqual(full.specs);
    const run = async (model: object) => {
      const config = tinyConfig({ model: { ...values, ...model }, budget: { amount: 12 } });
      const { events, trainer } = await drive(config, interpreter());
      while (trainer.phase === "ready") await trainer.advance(4);
      trainer.dispose();
      return events.flatMap((event) => (event.type === "step" ? [event.loss, event.gradNorm] : []));
    };
    const ours = await run({ id: "hlstm", gateLayers: 0 });
    expect(ours).toHaveLength(24);
    expect(ours).toEqual(await run({ id: "lstm", connectivity: "fully-connected" }));
  });

  it("starts near the loss of guessing", () => {
    const of = side(hlstm, arch(hlstm, { blocks: [32], embed: 16, gateWidth: 32 }), {
      vocab: 40,
      context: 8,
    });
    const { losses } = look(
      hlstm,
      of,
      new Map([...weights(of), ["head.bias", new Float64Array(40)]]),
      someTokens(4, 9, 40),
    );
    expect(Math.abs(losses.reduce((s, x) => s + x, 0) / losses.length - Math.log(40))).toBeLessThan(0.3);
  });

  it("counts as §5.1: 4[(D + H + 1)G + (L − 1)(G + 1)G + (G + 1)H], the figures of §5.7", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 4, max: 64 }),
        fc.integer({ min: 4, max: 64 }),
        (gateLayers, gateWidth, cells, embed) => {
          const of = arch(hlstm, { blocks: [cells], gateLayers, gateWidth, embed });
          const gates =
            (embed + cells + 1) * gateWidth +
            (gateLayers - 1) * (gateWidth + 1) * gateWidth +
            (gateWidth + 1) * cells;
          expect(total(hlstm.params(of as never, data))).toBe(7 * embed + 4 * gates + (cells + 1) * 7);
        },
      ),
    );
    const cell = (values: object) =>
      total(
        hlstm.params(arch(hlstm, { blocks: [128], embed: 32, ...values }) as never, { vocab: 1, context: 8 }),
      ) -
      32 -
      129;
    expect([0, 1].map((gateLayers) => cell({ gateLayers }))).toEqual([82_432, 148_480]);
    expect(cell({ gateWidth: 64 })).toBe(74_496);
  });

  it("counts floating-point operations as §1.4, and as the ops say they do", () => {
    for (const gateLayers of [0, 1, 2, 3]) {
      const values = arch(hlstm, {
        blocks: [10, 20],
        layers: 2,
        embed: 6,
        gateLayers,
        gateWidth: 11,
      }) as never;
      const { executed, active } = hlstm.flops(values, data);
      expect(active).toBe(executed);
      expect(forwardFlops(hlstm, side(hlstm, values, data), 3)).toBe(3 * 5 * executed);
    }
  });

  it.each([1, 3])("is drawn gate by gate, every tile inside its tensor (L = %i)", (gateLayers) => {
    const of = small({ gateLayers, layers: 2 });
    const { taps } = look(hlstm, of, weights(of), tokens.slice(0, 1), { taps: true });
    const drawn = hlstm.anatomy(of.arch as never, data);
    expect(drawn.tiers.map(({ left }) => left.length)).toEqual([1 + gateLayers, 1, 1, 1 + gateLayers, 1, 1]);
    expect(drawn.tiers.map(({ group }) => group)).toEqual(["Layer 1", "", "", "Layer 2", "", ""]);
    const parts = drawn.tiers.flatMap(({ left, right }) => [...left, ...right]);
    expect(new Set(parts.map(({ id }) => id)).size).toBe(parts.length);
    const seen = new Map<string, number>();
    for (const part of parts) {
      expect(drawn.posts.map(({ id }) => id)).toContain(part.post);
      const shape =
        part.kind === "weight"
          ? of.specs.find(({ path }) => path === part.path)!.shape
          : part.tap.endsWith("gates")
            ? [5, 4, 9]
            : [gateLayers, 4, 5, 6];
      const name = part.kind === "weight" ? part.path : part.tap;
      if (part.kind !== "weight") expect(taps.get(name)).toHaveLength(sizeOf(shape));
      expect([...part.rows, ...part.cols].sort()).toEqual(shape.map((_, k) => k));
      part.slice.forEach(([from, to], k) => {
        expect(from).toBeLessThan(to);
        expect(to).toBeLessThanOrEqual(shape[k]!);
      });
      const size = part.slice.reduce((n, [from, to]) => n * (to - from), 1);
      seen.set(name, (seen.get(name) ?? 0) + size);
    }
    // Every entry of every matrix has its place.
    for (const { path, shape } of of.specs) {
      if (path.endsWith("weight") && !path.startsWith("embed"))
        expect([path, seen.get(path)]).toEqual([path, sizeOf(shape)]);
    }
  });

  it("is drawn as an LSTM where its gates are plain, and says what there is room for", () => {
    const plain = small({ gateLayers: 0 });
    const full = { ...arch(lstm, { blocks: [4, 5], embed: 4, connectivity: "fully-connected" }) };
    expect(hlstm.anatomy(plain.arch as never, data)).toEqual(lstm.anatomy(full as never, data));
    // 16 cells more read by U¹ and the readout, made by W with a bias: 4 · 16 · 8 twice, 4 · 16, 7 · 16.
    expect(
      hlstm.anatomy(arch(hlstm, { blocks: [16], maxCells: 32, gateWidth: 8 }) as never, data).room,
    ).toEqual([{ label: "room for block 2: 16 cells, +1,200 weights" }]);
  });

  it("describes in words, and refuses sizes that no kernel holds", () => {
    expect(hlstm.describe(arch(hlstm, { blocks: [128] }) as never)).toBe(
      "128 cells in 1 block, 1 layer of 128 leaky ReLUs a gate",
    );
    expect(hlstm.describe(arch(hlstm, { gateLayers: 2, gateWidth: 320, slope: 0 }) as never)).toBe(
      "128 cells in 1 block, 2 layers of 320 ReLUs a gate",
    );
    expect(hlstm.describe(arch(hlstm, { gateLayers: 0 }) as never)).toBe("128 cells in 1 block, plain gates");
    const says = (values: object) => {
      const checked = checkConfig({ model: { id: "hlstm", ...values } });
      return checked.ok ? "ok" : checked.message;
    };
    expect(says({ gateLayers: 3, gateWidth: 512 })).toBe("ok");
    expect(says({ gateLayers: 4 })).toBe("model.gateLayers is 4, allowed are 0 to 3");
    expect(says({ gateWidth: 0 })).toBe("model.gateWidth is 0, allowed are 1 to 512");
    expect(says({ gateWidth: 513 })).toBe("model.gateWidth is 513, allowed are 1 to 512");
    expect(says({ slope: -0.1 })).toBe("model.slope is -0.1, allowed are 0 to 1");
    expect(says({ blocks: [200, 100] })).toBe("model.blocks holds 300 cells, model.maxCells allows 256");
  });
});
