/** The lens on the interpreter: its figures are those of the maps it looks at, and it leaves no trace. */
import { describe, expect, it } from "vitest";
import { ATTENTION_FIGURES } from "../engine/ops/attention-figures.ts";
import { type Driven, drive, eventsOf, interpreter, timeless, tinyConfig, tinyGpt } from "../testing/runs.ts";
import { carriedOver, throughLens } from "./lens.ts";
import { Looker } from "./look.ts";

const sight = { text: "", picture: 0 };

const twoLayers = { model: { ...tinyGpt.model, layers: 2 } };

async function trained(change: Record<string, unknown> = twoLayers, steps = 4): Promise<Driven> {
  const driven = await drive(tinyConfig(change), interpreter());
  await driven.trainer.advance(steps);
  await driven.trainer.settled();
  return driven;
}

describe("the lens", () => {
  it("says of each head what its mean map says, in what is linear", async () => {
    const { trainer } = await trained();
    const { lens } = (await throughLens(trainer.core, 0))!;
    const { time: T, layers, maps } = lens;
    expect(T).toBe(trainer.core.setup.shape.context);
    expect(layers.length).toBe(trainer.core.network.arch.layers);
    layers[0]!.forEach(({ figures, offsets }, head) => {
      const map = maps!.heads[head]!;
      const sum = (count: (q: number, key: number) => number) => {
        let total = 0;
        for (let q = 0; q < T; q++) for (let k = 0; k <= q; k++) total += map[q * T + k]! * count(q, k);
        return total;
      };
      expect(figures.distance).toBeCloseTo(sum((q, k) => q - k) / T, 5);
      expect(figures.localMass).toBeCloseTo(sum((q, k) => Number(q - k <= 1)) / T, 5);
      expect(figures.startMass).toBeCloseTo(sum((q, k) => Number(q > 0 && k === 0)) / (T - 1), 5);
      expect(figures.self + figures.start + figures.neighbour + figures.rest).toBeCloseTo(1, 5);
      expect(offsets.length).toBe(T);
      offsets.forEach((mass, back) => {
        expect(mass).toBeCloseTo(sum((q, k) => Number(q - k === back)) / T, 5);
      });
      for (const name of ATTENTION_FIGURES) expect(figures[name], name).toBeGreaterThanOrEqual(0);
      expect(figures.uniformity).toBeLessThanOrEqual(1);
    });
  });

  it("finds a layer like itself, and two layers as unlike one way as the other", async () => {
    const { trainer } = await trained();
    const { js, cosine, matched } = (await throughLens(trainer.core, null))!.lens;
    expect(js[0]![0]).toBe(0);
    expect(cosine[1]![1]).toBe(1);
    expect(js[0]![1]).toBeGreaterThan(0);
    expect(js[0]![1]).toBe(js[1]![0]);
    expect(cosine[0]![1]).toBeLessThan(1);
    expect(matched![0]![0]).toBeCloseTo(1, 6);
    expect(matched![0]![1]).toBeLessThan(1);
    expect(matched![0]![1]).toBeGreaterThan(0);
  });

  it("matches each head across an event with the nearest of before, over the queries that have a choice", () => {
    // Two places: what query 0 sees is always itself.
    const map = (...row: readonly [number, number]) => Float32Array.of(1, 0, ...row);
    const at = (step: number, event: number, heads: readonly Float32Array[]) => ({
      ...{ step, event, time: 2, layers: [heads] },
    });
    const before = at(4, 0, [map(1, 0)]);
    const { matched } = carriedOver(before, at(7, 1, [map(1, 0), map(0.5, 0.5)]), true)!;
    // Jensen-Shannon divergence of [1, 0] and [½, ½]: ½ log₂ 4/3 + ¼ log₂ 2/3 + ¼ log₂ 2 bits.
    const apart = Math.log2(4 / 3) / 2 + Math.log2(2 / 3) / 4 + 1 / 4;
    expect(matched[0]![0]).toBeCloseTo((1 + (1 - apart)) / 2, 6);
    // A query that sees all has a choice in the first row as well.
    const all = carriedOver(before, at(7, 1, [map(0.5, 0.5)]), false)!;
    expect(all.matched[0]![0]).toBeCloseTo(1 - apart / 2, 6);
  });

  it("is not there for a network that does not attend", async () => {
    const { trainer } = await trained({});
    expect(await throughLens(trainer.core, null)).toBeNull();
  });

  it("costs nothing while shut, looks again after 50 steps or an event, and leaves the run as it was", async () => {
    const [looked, plain] = [await trained(), await trained()];
    const { trainer } = looked;
    const looker = new Looker();
    const look = (lens: { layer: number | null } | null) =>
      looker.look(trainer.core, "test", sight, null, { lens });
    // The step itself knows nothing of it, shut or open.
    const step = trainer.core.network.train.program;
    const ops = new Set(step.calls.map(({ op }) => op));
    expect([...ops].filter((op) => /attention-(figures|likeness)/.test(op))).toEqual([]);
    expect(ops).toContain("attention");
    expect((await look(null)).lens).toBeNull();
    const before = [...trainer.core.network.executables].length;
    expect((await look({ layer: null })).lens?.step).toBe(4);
    expect([...trainer.core.network.executables].length).toBe(before + 1);
    expect((await look({ layer: null })).lens).toBeNull();
    expect(trainer.core.network.train.program).toBe(step);
    // Another layer's maps are asked for: at once.
    expect((await look({ layer: 1 })).lens?.maps?.layer).toBe(1);
    for (const one of [trainer, plain.trainer]) {
      one.act({ id: "stack" });
      await one.advance(3);
      await one.settled();
    }
    const grown = (await look({ layer: 1 })).lens!;
    expect(grown.event).toBe(1);
    expect(grown.layers.length).toBe(trainer.core.network.arch.layers);
    expect(looked.events.map(timeless)).toEqual(plain.events.map(timeless));
    // The first block reads what it read before the event, three steps ago; the copies read what the copies wrote.
    expect(grown.carry).toMatchObject({ event: 1, before: 4, after: 7 });
    expect(grown.carry!.matched.map((row) => row.length)).toEqual([2, 2, 2, 2]);
    expect(grown.carry!.matched[0]![0]).toBeGreaterThan(0.99);
    await trainer.goto(eventsOf(looked.events, "structure/done")[0]!.parent);
    expect((await look({ layer: 1 })).lens!.carry).toBeNull();
  });
});
