/** What pruning does to convolutions: ranking behind a batch norm (G6 of grow-prune §6), and maps that are cut off. */
import { describe, expect, it } from "vitest";
import { defaults } from "../../config/schema.ts";
import type { ParamSpec } from "../../engine/types.ts";
import type { Model } from "../../models/types.ts";
import { drive, eventsOf, interpreter, tinyImageConfig } from "../../testing/runs.ts";
import { carryOut, lookedAt } from "../../testing/structure-rig.ts";
import { effective, scaleOf } from "./effective.ts";
import { magnitude } from "./magnitude.ts";

const vector = (path: string, ...shape: number[]): ParamSpec => ({
  ...{ path, shape, axes: shape.map((_, k) => `a${k}`) },
  init: { law: "zeros" },
  decay: false,
});
const specs: readonly ParamSpec[] = [
  vector("first", 3),
  { ...vector("w", 2, 2), decay: true },
  vector("gain", 2),
  vector("running", 2, 2),
];
const norm = { weight: "w", gain: "gain", running: "running", eps: 1e-5 };
const model = { label: "hand", schema: {}, norms: () => [norm] } as unknown as Model;
const W = [0.4, -0.02, 0.05, 0.3];
const params = { first: [1, 2, 3], w: W, gain: [0.1, 2], running: [0.1, -0.2, 0.25, 0.04] };
const age = { first: [9, 9, 9], w: [9, 9, 9, 9], gain: [9, 9], running: [9, 9, 9, 9] };

/** The page gives six digits. */
const close = (found: ArrayLike<number>, wanted: readonly number[]) => {
  wanted.forEach((v, i) => {
    expect(found[i]).toBeCloseTo(v, 5.5);
  });
};

describe("G6: effective weights", () => {
  it("are γ/√(var + ε) · W, and the folded bias s(b − μ) + β", async () => {
    const { w, s } = await lookedAt(interpreter(), { specs, params, age }, (t, old) => ({
      w: effective(t, old.params, norm),
      s: scaleOf(t, old.params, norm),
    }));
    close(w!, [0.079998, -0.004, 0.499938, 2.999625]);
    // b = (0, .05), β = (0, .1)
    const folded = [0, 0.05].map((b, o) => s![o]! * (b - params.running[o]!) + [0, 0.1][o]!);
    close(folded, [-0.02, 2.599688]);
  });

  it.each([
    { effective: false, order: [1, 2, 3, 0] },
    { effective: true, order: [1, 0, 2, 3] },
  ])("$effective: are dropped in the order $order", async ({ effective, order }) => {
    for (const count of [1, 2, 3]) {
      const c = { ...defaults(magnitude.schema), mode: "count", count, grace: 0, effective, target: "w" };
      const after = await carryOut(interpreter(), magnitude, c, { model, specs, params, age });
      const gone = after.age.w!.flatMap((a, i) => (a === 0 ? [i] : []));
      expect(gone).toEqual(order.slice(0, count).sort());
      expect(after.params.w).toEqual(W.map(Math.fround));
    }
  });

  it("a ranking does not care for a common scale of weights and statistics; a still map is named", async () => {
    const times = (k: number) => ({
      ...params,
      w: W.map((v) => k * v),
      running: params.running.map((v, i) => v * (i < 2 ? k : k * k)),
    });
    const c = { ...defaults(magnitude.schema), mode: "std", q: 0.5, grace: 0, effective: true, target: "w" };
    const masks = await Promise.all(
      [1, 7].map(
        async (k) =>
          (await carryOut(interpreter(), magnitude, c, { model, specs, params: times(k), age })).age.w,
      ),
    );
    expect(masks[1]).toEqual(masks[0]);
    expect(masks[0]).toContain(0);
    const still = { ...params, running: [0.1, -0.2, 0, 0.04] };
    const { plan } = await carryOut(interpreter(), magnitude, c, { model, specs, params: still, age });
    expect(plan.notes).toEqual(["1 of the maps before running never vary; ε ranks them."]);
  });
});

describe("maps that are cut off leave the network, which computes what it computed", () => {
  const base = { id: "cnn", channels: [4, 5], kernel: 3, widths: [6], activation: "tanh" };
  it.each([
    // Map 1 of the first layer is read by nobody, map 2 reads nothing; map 3 of the second is read by nobody.
    { name: "valid", model: { ...base, activation: "relu", kernel: 2 }, channels: [2, 4], folded: 1 },
    { name: "same", model: { ...base, padding: "same" }, channels: [3, 4], folded: 0 },
    { name: "batch norm", model: { ...base, kernel: 2, batchNorm: true }, channels: [3, 4], folded: 0 },
  ])("$name", async ({ model, channels, folded }) => {
    const run = await drive(
      tinyImageConfig({ model, optim: { id: "adamw", lr: 3e-2, clip: 1 } }),
      interpreter(),
    );
    const { trainer, events } = run;
    await trainer.advance(6);
    trainer.act({ id: "magnitude", share: 0.05, grace: 0 });
    await trainer.advance(0);
    const { arrays, layout } = trainer.core.network;
    const ages = new Uint32Array(await arrays.age!.read());
    const cut = (path: string, dead: (index: readonly number[]) => boolean) => {
      const { offset, count, shape } = layout.entries.get(path)!;
      for (let i = 0; i < count; i++) {
        const index = shape.map((d, k) => Math.floor(i / shape.slice(k + 1).reduce((n, m) => n * m, 1)) % d);
        if (dead(index)) ages[offset + i] = 0;
      }
    };
    cut("conv2.weight", ([, from]) => from === 1);
    cut("conv1.weight", ([made]) => made === 2);
    cut("fc1.weight", ([, from]) => from === 3);
    arrays.age!.write(0, ages);
    // One step writes the zeros that the masks ask for.
    await trainer.advance(1);
    trainer.act({ id: "compact" });
    await trainer.advance(0);
    const done = eventsOf(events, "structure/done").at(-1)!;
    expect(done).toMatchObject({ kind: "compact", arch: { channels }, extra: { folded } });
    expect(done.maxLogitDelta).toBeLessThan(1e-5);
    await trainer.advance(3);
    await trainer.settled();
    expect(eventsOf(events, "step").at(-1)!.step).toBe(10);
    trainer.dispose();
  });
});
