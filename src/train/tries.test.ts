/** "Try them all" on the interpreter: who takes part and why not, what each is charged, and that turns change nothing. */
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../run/events.ts";
import { armIn, armsOf, type TryAsked, targetFault, triesApply, triesDefault } from "../run/tries.ts";
import { reachedBy, resultOf } from "../run/tries-result.ts";
import { drive, eventsOf, interpreter, tinyConfig, tinyData, tinyGpt } from "../testing/runs.ts";
import { Tries } from "./tries.ts";

const config = tinyConfig({
  model: { ...tinyGpt.model, layers: 2 },
  batch: 2,
  budget: { amount: 6 },
  eval: { every: 6, batches: 1 },
});
const asked: TryAsked = { width: 16, layers: 4, steps: 5, operator: 2, rate: 0.5 };

/** Everything tried from a source of 6 steps; the clock decides how long turns are. */
async function triedAll(tick: number, given = asked) {
  const backend = interpreter();
  const { trainer, events: own } = await drive(config, backend);
  await trainer.advance(6);
  const events: RunEvent[] = [];
  let now = 0;
  const tries = await Tries.of(trainer.core, given, {
    run: "r",
    data: tinyData(config.context),
    backend,
    clock: () => (now += tick),
    emit: (event) => events.push(event),
    changed: () => {},
  });
  while (!tries.over) await tries.turn();
  const of = (arm: string) => events.filter(({ run }) => armIn("r", run) === arm);
  return { tries, of, own, trainer };
}

const evals = (events: readonly RunEvent[]) =>
  eventsOf(events, "eval").map(({ step, flops, loss }) => ({ step, flops, loss }));

const first = triedAll(0);

describe("trying them all", () => {
  it("trains every arm with the FLOPs of scratch, the operator's included, and leaves the run as it was", async () => {
    const { tries, of, own, trainer } = await first;
    const { arms, step, from, to } = tries.state("done");
    expect({ step, from, to }).toMatchObject({ step: 6 });
    expect(from).not.toBe(to);
    const ids = arms.map(({ id }) => id);
    expect(ids.slice(0, 4)).toEqual(["scratch", "stack", "fpi", "aki"]);
    expect(ids).toContain("mango");
    expect(ids.at(-1)).toBe("source");
    expect(arms.map(({ id, phase, why, kept }) => [id, phase, why, kept])).toEqual(
      arms.map(({ id }) => [id, "done", "", true]),
    );
    const scratch = evals(of("scratch"));
    const end = scratch.at(-1)!;
    expect(end.step).toBe(11);
    for (const { id, operatorSteps, operatorFlops, params } of arms) {
      const curve = evals(of(id));
      const [first, last] = [curve[0]!, curve.at(-1)!];
      expect(first.flops, id).toBe(operatorFlops);
      expect(last.flops, id).toBeLessThanOrEqual(end.flops);
      if (id !== "source") expect(params).toBe(arms[0]!.params);
      expect(operatorSteps, id).toBe(id === "mango" ? 2 : operatorSteps);
      if (id === "stack" || id === "fpi") expect(last.step).toBe(11);
      if (id === "mango") expect(last.step).toBeLessThan(11);
    }
    // FPI with silent layers keeps the function; stacking and AKI do not.
    const jump = (id: string) => {
      const { before, after } = arms.find((arm) => arm.id === id)!.grown!;
      return Math.abs(after - before);
    };
    expect(jump("fpi")).toBeLessThan(1e-5);
    expect(jump("aki")).toBeGreaterThan(1e-4);
    expect(trainer.step).toBe(6);
    expect(own.every(({ type }) => type !== "structure/done")).toBe(true);
  });

  it("comes to the same bits however long the turns are, and an arm is what the run itself would do", async () => {
    const [one, other] = [await first, await triedAll(1)];
    for (const { id } of one.tries.state("done").arms) expect(evals(other.of(id))).toEqual(evals(one.of(id)));
    const stacked = eventsOf(one.of("stack"), "structure/done")[0]!;
    const { trainer, events } = await drive(config, interpreter());
    await trainer.advance(6);
    trainer.extend(1);
    const { action } = one.tries.state("done").arms.find(({ id }) => id === "stack")!;
    trainer.act(action!);
    await trainer.advance(0);
    expect(eventsOf(events, "structure/done")[0]!.lossAfter).toBe(stacked.lossAfter);
  });

  it("says who cannot get to the target, and why", () => {
    const arch = { ...config.model };
    const why = (given: Partial<TryAsked>) =>
      Object.fromEntries(armsOf(config, arch, { ...asked, ...given }).map(({ id, why: said }) => [id, said]));
    expect(why({ width: 8 })).toMatchObject({
      stack: null,
      mango: null,
      fpi: "bert2BERT FPI adds width, and the target is as wide as the source.",
      aki: "bert2BERT AKI adds width, and the target is as wide as the source.",
    });
    expect(why({ layers: 2 })).toMatchObject({
      fpi: null,
      stack: "Stacking adds layers, and the target has as many as the source.",
    });
    expect(why({ layers: 3 }).stack).toMatch(/stacking doubles, and 3 is not 2 doubled/);
    expect(why({ layers: 3 })).toMatchObject({ fpi: null, aki: null, mango: null });
    expect(targetFault(config, arch, { width: 8, layers: 2 })).toMatch(/nothing to grow/);
    expect(targetFault(config, arch, { width: 4, layers: 2 })).toMatch(/no smaller than the source/);
    expect(targetFault(config, arch, { width: 10, layers: 2 })).toMatch(/8 and 12 are/);
    expect(targetFault(config, arch, { width: 16, layers: 5 })).toMatch(/^The target cannot be: model/);
    expect(targetFault(config, arch, asked)).toBe(null);
    expect(triesDefault(config, arch)).toMatchObject({ width: 16, layers: 4 });
    expect(triesApply("lstm")).toMatch(/GPT, BERT, ViT/);
    expect(triesApply("vit")).toBe(true);
  });

  it("calls what lies within one evaluation a tie, and is silent where nobody got there", () => {
    const curve = (id: string, losses: readonly number[], from = 0) => ({
      id,
      label: id,
      points: losses.map((loss, i) => ({ step: i * 10, flops: from + i * 100, seconds: i, loss })),
    });
    const scratch = curve("scratch", [4, 3, 2.5, 2.2, 2]);
    const found = resultOf([
      scratch,
      curve("a", [2.1, 2, 1.9], 40),
      curve("b", [3, 2], 0),
      curve("source", [2]),
    ])!;
    expect(found.goal.flops).toBe(400);
    expect(found.first.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(found.control?.at?.flops).toBe(0);
    const apart = resultOf([scratch, curve("a", [2.1, 2], 100), curve("b", [3, 2], 0)])!;
    expect(apart.first.map(({ id }) => id)).toEqual(["b"]);
    const none = resultOf([scratch, curve("a", [5, 2.01])])!;
    expect(none.first).toEqual([]);
    expect(none.order[0]!.at).toBe(null);
    expect(resultOf([curve("a", [1])])).toBe(null);
    expect(reachedBy(scratch, 2.5).at!.step).toBe(20);
  });
});
