/**
 * Bad inputs of growth (transformer-growth §7) that only a run, or a check of one, can meet. The others stand beside what
 * refuses them: sizes and maps in methods/grow (width, depth, ligo, families), dropping in methods/drop/refusals, files and
 * other families in given-weights.
 */
import { describe, expect, it } from "vitest";
import { defaults } from "../config/schema.ts";
import type { Backend } from "../engine/types.ts";
import { mango } from "../methods/grow/mango.ts";
import { gpt } from "../models/gpt.ts";
import { arch, side } from "../testing/models.ts";
import { drive, eventsOf, interpreter, tinyConfig, tinyGpt } from "../testing/runs.ts";
import { PHI } from "./fit-names.ts";

const MANGO = { id: "mango", width: 16, depth: "none", steps: 30 };
const config = tinyConfig({ ...tinyGpt, batch: 2, budget: { amount: 9 } });

/** What the operator's step says of its loss, changed on the way: `said(step, loss)`. */
function saying(said: (step: number, loss: number) => number): Backend {
  const backend = interpreter();
  let step = 0;
  return {
    ...backend,
    get bytes() {
      return backend.bytes;
    },
    async compile(program, ...rest) {
      const made = await backend.compile(program, ...rest);
      if (!("metrics" in program.outputs) || !program.buffers.some(({ name }) => name === PHI)) return made;
      const read = made.read.bind(made);
      made.read = async (name) => {
        const words = new Float32Array((await read(name)).slice(0));
        words[0] = said(++step, words[0]!);
        return words.buffer;
      };
      return made;
    },
  };
}

describe("an operator", () => {
  const grownBy = async (backend: Backend, action: object = {}) => {
    const { trainer, events } = await drive(config, backend);
    trainer.act({ ...MANGO, ...action });
    await trainer.advance(1);
    return eventsOf(events, "structure/done")[0]!;
  };

  it("whose loss is no number is taken as it stood before", async () => {
    const done = await grownBy(saying((step, loss) => (step === 3 ? Number.NaN : loss)));
    expect(done.notes).toContain(
      "The operator's loss was not a number at step 3: what stood before is taken.",
    );
    expect(done.extra.operatorSteps).toBe(2);
    expect(Number.isFinite(done.lossAfter)).toBe(true);
    // Two steps of thirty, and nothing of the third: as if a person had committed it then.
    const at0 = (action: object) => ({ trigger: { id: "step", step: 0 }, action });
    const recipe = [at0(MANGO), at0({ id: "commit", of: 0, after: 2 })];
    const two = await drive(tinyConfig({ ...tinyGpt, batch: 2, recipe }), interpreter());
    await two.trainer.advance(1);
    expect(eventsOf(two.events, "structure/done")[0]!.lossAfter).toBe(done.lossAfter);
  });

  it("whose loss stays above three times its start is stopped after twenty such steps, and not before", async () => {
    const high = await grownBy(saying((step, loss) => (step > 4 ? 3.5 * loss : loss)));
    expect(high.notes).toContain(
      "The operator's loss stayed above three times its start: stopped after 24 steps.",
    );
    const back = await grownBy(saying((step, loss) => (step > 4 && step !== 20 ? 3.5 * loss : loss)));
    expect(back.extra.operatorSteps).toBe(30);
    expect(back.notes).toEqual([]);
  });

  it("of no steps commits its start and says so", async () => {
    const done = await grownBy(interpreter(), { steps: 0 });
    expect(done.notes).toEqual(["The operator was not trained: this is its start."]);
  });

  it("has whole ranks from 1 on, one for each bond; noise where they need it; and room", () => {
    const recipe = (ranks: unknown) => [{ trigger: { id: "step", step: 0 }, action: { id: "mango", ranks } }];
    for (const ranks of [
      [0, 1, 1, 1],
      [1, -1, 1, 1],
      [1, 1, 1.5, 1],
      [1, 1, 1],
      [1, 1, 1, 1, 1],
    ]) {
      expect(() => tinyConfig({ ...tinyGpt, recipe: recipe(ranks) }), `${ranks}`).toThrow(
        "recipe.0.action.ranks",
      );
    }
    const c = defaults(mango.schema);
    const of = side(gpt, arch(gpt, { layers: 2, width: 64, heads: 4 }), { vocab: 6, context: 5 });
    const noted = (ranks: number[], noise: number) => mango.notes!(of, of, { ...c, ranks, noise });
    expect(noted([1, 2, 1, 1], 0)).toEqual(["Ranks above 1 need noise to be used: it was raised to 0.001."]);
    expect([noted([1, 1, 1, 1], 0), noted([2, 2, 2, 2], 1e-3)]).toEqual([[], []]);
    const large = arch(gpt, { layers: 6, width: 128, heads: 8 });
    expect(mango.next(gpt, large, { ...c, ranks: [4, 4, 4, 4] })).toMatch(
      /^Not grown: a tensor of 288\.0 MiB is needed, 128\.0 MiB fit; rank [12] in all four bonds fits\. Training goes on\.$/,
    );
  });
});

it("a source with a weight that is no number is refused, and the run stays as it is", async () => {
  const { trainer, events } = await drive(config, interpreter());
  await trainer.advance(1);
  trainer.core.network.arrays.params.write(3, Float32Array.of(Number.NaN));
  for (const action of [{ id: "stack" }, { id: "mango", steps: 2 }, { id: "ligo", steps: 2 }]) {
    trainer.act(action as never);
    await trainer.advance(0);
  }
  expect(eventsOf(events, "structure/refused").map(({ message }) => message)).toEqual(
    Array(3).fill("Not grown: a weight is not a finite number."),
  );
  expect(trainer.core.network.arch.layers).toBe(tinyGpt.model.layers);
});

it("what is asked for in the middle of a step or of a growth waits for the next boundary, each in its turn", async () => {
  const { trainer, events } = await drive(
    config,
    interpreter(() => new Promise((go) => setTimeout(go, 1))),
  );
  const going = trainer.advance(3);
  trainer.act({ id: "stack" });
  while ((trainer.phase as string) !== "growing") await new Promise((go) => setTimeout(go, 1));
  trainer.act({ id: "net2net", ffn: 3 });
  await going;
  const done = eventsOf(events, "structure/done");
  expect(done.map(({ method }) => method)).toEqual(["stack", "net2net"]);
  for (const { step } of done) expect(Number.isInteger(step)).toBe(true);
  expect(events.indexOf(done[0]!)).toBeLessThan(
    events.findIndex((event) => event.type === "structure/begun" && event.method === "net2net"),
  );
});

describe("a device whose buffers are small", () => {
  it("refuses a size by a single byte, saying what is needed and allowed, and takes one that fits exactly", async () => {
    const grownOn = async (most?: number) => {
      const backend = interpreter();
      const { trainer, events } = await drive(config, backend);
      if (most !== undefined) Object.assign(backend, { maxBufferBytes: most });
      trainer.act({ id: "stack" });
      await trainer.advance(0);
      const bytes = 4 * trainer.core.network.layout.length;
      trainer.dispose();
      return { bytes, refused: eventsOf(events, "structure/refused")[0]?.message };
    };
    const { bytes } = await grownOn();
    expect((await grownOn(bytes)).refused).toBeUndefined();
    expect((await grownOn(bytes - 1)).refused).toMatch(
      /^Not grown: the next size needs \d+\.\d MB, this GPU allows \d+\.\d MB\. Training goes on\.$/,
    );
  });
});
