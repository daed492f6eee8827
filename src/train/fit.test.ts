/**
 * Training an operator (transformer-growth §3.7): what a step costs, its gradients through the grown model against finite
 * differences in float64, and the event as a whole on the interpreter.
 */
import { describe, expect, it } from "vitest";
import { defaults } from "../config/schema.ts";
import { evaluate } from "../engine/evaluate.ts";
import { arenaLayout } from "../engine/layout.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import { ligo } from "../methods/grow/ligo.ts";
import { mango } from "../methods/grow/mango.ts";
import { adamw } from "../methods/optim/adamw.ts";
import { gpt } from "../models/gpt.ts";
import type { FitView } from "../run/fit.ts";
import { decodeLink, encodeLink } from "../share/link.ts";
import { arch, side, weights } from "../testing/models.ts";
import { drive, eventsOf, interpreter, losses, tinyConfig, tinyData, tinyGpt } from "../testing/runs.ts";
import { fitProgram, type Task, through } from "./fit.ts";
import type { FitWatch } from "./fit-sight.ts";
import { trainProgram } from "./programs.ts";
import type { Setup } from "./setup.ts";

const OPERATORS = [
  ["Mango", mango, {}],
  ["LiGO", ligo, {}],
  ["LiGO, tied", ligo, { tie: "paper" }],
] as const;

function taskOf(
  method: (typeof OPERATORS)[number][1],
  from: object,
  data: object,
  choice: object = {},
): Task {
  const shape = data as Task["from"]["data"];
  const a = side(gpt, arch(gpt, from), shape);
  const c = { ...defaults(method.schema), ...choice };
  const next = method.next(gpt, a.arch, c as never);
  if (next === null || typeof next === "string") throw new Error(`${next}`);
  return { model: gpt, operator: method.operator!, from: a, to: side(gpt, next, shape), c };
}

/** What is read of the source, and φ at its start, as values. */
function started({ operator, from, to, c }: Task) {
  const t = createTrace();
  const old = new Map(
    from.specs.map(({ path, shape }) => [path, t.buffer(path, "data", { shape, dtype: "f32" })]),
  );
  const frozen = operator.frozen(t, from, to, old, c);
  for (const [name, x] of frozen) t.output(`operator.${name}`, x);
  for (const [name, x] of operator.start(t, from, to, c, [3, 1])) t.output(`phi ${name}`, x);
  const given = new Map([...weights(from)].map(([path, w]) => [path, w.slice()]));
  const found = evaluate(plan(t.finish()), given);
  return { specs: new Map([...frozen].map(([name, { shape, dtype }]) => [name, { shape, dtype }])), found };
}

describe.each(OPERATORS)("%s", (_name, method, tie) => {
  it("has gradients that agree with differences of the grown model's loss", () => {
    const shape = { vocab: 6, context: 5 };
    const size = { layers: 2, width: 8, heads: 2, ffn: 2 };
    const task = taskOf(method, size, shape, {
      ...{ layers: 3, depth: "interpolate", width: 12, noise: 0.05 },
      ...tie,
    });
    const { specs, found } = started(task);
    const layout = arenaLayout(task.operator.specs(task.from, task.to, task.c));
    const phi = new Float64Array(layout.length);
    for (const [path, { offset }] of layout.entries) phi.set(found.get(`phi ${path}`)!.data, offset);
    const t = createTrace();
    const batch = {
      inputs: t.buffer("inputs", "data", { shape: [2, 5], dtype: "u32" }),
      targets: t.buffer("targets", "data", { shape: [2, 5], dtype: "u32" }),
    };
    const { loss, gradients } = through(t, task, specs, batch);
    t.output("loss", loss);
    for (const [path, g] of gradients) t.output(`grad ${path}`, g);
    const program = plan(t.finish());
    const run = (at: Float64Array) =>
      evaluate(
        program,
        new Map([
          ...[...specs.keys()].map(
            (name) => [`operator.${name}`, found.get(`operator.${name}`)!.data.slice()] as const,
          ),
          ["operator.phi", at.slice()],
          ["operator.grown", new Float64Array(arenaLayout(task.to.specs).length)],
          ["operator.grown.grads", new Float64Array(arenaLayout(task.to.specs).length)],
          ["inputs", Float64Array.of(6, 0, 3, 1, 5, 6, 2, 2, 4, 0)],
          ["targets", Float64Array.of(0, 3, 1, 5, 2, 2, 2, 4, 0, 1)],
        ]),
      );
    const whole = run(phi);
    for (const [path, { offset, count }] of layout.entries) {
      for (const share of [0.1, 0.63]) {
        const index = Math.floor(count * share);
        const at = (h: number) => {
          const moved = phi.slice();
          moved[offset + index]! += h;
          return run(moved).get("loss")!.data[0]!;
        };
        const expected = (at(1e-5) - at(-1e-5)) / 2e-5;
        const grad = whole.get(`grad ${path}`)!.data[index]!;
        // Steps of 1e-5: rounding 1e-16/h = 1e-11, curvature h²/6 = 2e-11 times third derivatives.
        expect(Math.abs(grad - expected), `${path}[${index}]`).toBeLessThan(
          1e-8 * Math.max(1, Math.abs(expected)),
        );
      }
    }
  }, 60_000);
});

/** What a training step of the operator costs, 64 to 128 channels and 2 to 4 layers, and one of the target. */
function costs(method: (typeof OPERATORS)[number][1], choice: object = {}) {
  const data = tinyData(64);
  const shape = { vocab: data.symbols.length, context: 64 };
  const task = taskOf(method, { layers: 2, width: 64, heads: 4 }, shape, choice);
  const setup = {
    ...{ data, shape, model: gpt, config: { batch: 16 }, backend: { software: false } },
    optim: adamw,
    optimValues: { beta1: 0.9, beta2: 0.99, eps: 1e-8 },
  } as unknown as Setup;
  const step = fitProgram(setup, task, frozenSpecs(task));
  const target = trainProgram(setup, task.to, { ages: false, score: false });
  return { step, target, dispatches: step.commands.length - target.commands.length };
}

it("a step of Mango at rank 1 adds at most 10 % FLOPs and 24 dispatches", () => {
  const { step, target, dispatches } = costs(mango);
  expect(step.flops).toBeLessThanOrEqual(1.1 * target.flops);
  expect(step.flops).toBeGreaterThan(target.flops);
  expect(dispatches).toBeLessThanOrEqual(24);
});

it("a step of LiGO adds at most the page's 129 MFLOP three times, and what is outside the layers", () => {
  const { step, target, dispatches } = costs(ligo);
  // Backward the first products need no gradient of the source; tables, vectors and head are 10 MFLOP more.
  // Forward 19: the maps dealt out 2, matrices 6, vectors, tables and head 6, put together 4, gathered 1. Back 25.
  expect(step.flops - target.flops).toBeLessThanOrEqual(3 * 129e6);
  expect(step.flops - target.flops).toBeGreaterThan(2 * 129e6);
  expect(dispatches).toBe(44);
  const tied = costs(ligo, { tie: "paper" });
  expect([tied.dispatches, tied.step.flops]).toEqual([44, step.flops]);
});

describe("the event", () => {
  const action = { id: "mango", width: 16, layers: 2, steps: 12, lr: 0.02 };
  const config = tinyConfig({ ...tinyGpt, budget: { unit: "steps", amount: 10 } });

  it("trains the operator, charges it, leaves the source alone, and replays to the bit", async () => {
    const backend = interpreter();
    const driven = await drive(config, backend);
    const { trainer, events } = driven;
    await trainer.advance(4);
    const before = [...new Uint32Array(await trainer.core.network.arrays.params.read())];
    const spent = trainer.core.ledger.spent;
    const seen = await trainer.preview(action);
    expect(seen.extra.operatorSteps).toBe(0);
    const held = backend.bytes;
    trainer.act(action);
    await trainer.advance(0);
    const [done] = eventsOf(events, "structure/done");
    expect(done).toMatchObject({
      method: "mango",
      arch: { width: 16, layers: 2 },
      extra: { operatorSteps: 12 },
    });
    // What it learned is what was committed: below the start that the preview saw.
    expect(done!.lossAfter).toBeLessThan(seen.lossAfter);
    const now = trainer.core.ledger.spent;
    expect(now.steps).toBe(spent.steps);
    expect(now.flops - spent.flops).toBe(done!.extra.operatorFlops);
    expect(now.tokens - spent.tokens).toBe(12 * 3 * 8);
    await trainer.goto(done!.parent);
    expect([...new Uint32Array(await trainer.core.network.arrays.params.read())]).toEqual(before);
    expect(held).toBeGreaterThan(0);
    await trainer.goto(done!.node);
    while (trainer.phase === "ready") await trainer.advance(100);
    const again = await drive({ ...config, recipe: trainer.recipe }, interpreter());
    while (again.trainer.phase === "ready") await again.trainer.advance(100);
    expect(losses(again.events)).toEqual(losses(events));
  });

  it("is seen while it is trained, which changes nothing of it", async () => {
    const views: Omit<FitView, "run">[] = [];
    const watch = (on: boolean): FitWatch => ({
      wanted: () => on,
      due: () => views.length < 2,
      tell: (look) => views.push(look()),
    });
    const done = [];
    for (const on of [false, true]) {
      const more = { fitWatch: watch(on) };
      const { trainer, events } = await drive(config, interpreter(), undefined, more);
      trainer.act({ ...action, id: "ligo" });
      await trainer.advance(0);
      if (!on) expect(views).toEqual([]);
      done.push(eventsOf(events, "structure/done")[0]!);
    }
    expect({ ...done[1], wall: 0 }).toEqual({ ...done[0], wall: 0 });
    const points = views.flatMap((view) => view.points);
    expect(points.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, k) => k + 1));
    expect(points[0]!.loss).toBe(done[0]!.extra.operatorFirst);
    const last = views.at(-1)!;
    expect(last.flops).toBe(done[0]!.extra.operatorFlops);
    expect(last.feeds).toEqual(done[0]!.feeds);
    // The source on the same batch: near what the probe batch says of it, and not the larger network's.
    const source = points.at(-1)!.source!;
    expect(Math.abs(source - done[0]!.lossBefore)).toBeLessThan(0.5);
    expect(source).not.toBe(points.at(-1)!.loss);
    expect(Object.keys(last.tiles)).toEqual(last.parts.map(({ id }) => id));
    expect(last.tiles["D B_e"]).toMatchObject({ ofRows: 8, ofCols: 16 });
    // Twelve steps of at most .02 each.
    const moved = last.drift!["w_QKVO w of W_Q"]!;
    expect(moved.mean).toBeGreaterThan(0);
    expect(Math.max(...moved.data.map(Math.abs))).toBeLessThan(0.24);
  });

  it("is committed early when asked, by hand and in a recipe, and its link does the same to the bit", async () => {
    const entry = { trigger: { id: "at", fraction: 0.2 }, action: { ...action, steps: 50 } };
    for (const recipe of [[], [entry]]) {
      const { trainer, events } = await drive(
        { ...config, recipe },
        interpreter(() => new Promise((go) => setTimeout(go, 1))),
      );
      if (recipe.length === 0) trainer.act({ ...action, steps: 50 });
      const growing = trainer.advance(recipe.length === 0 ? 0 : 3);
      while ((trainer.phase as string) !== "growing") await new Promise((go) => setTimeout(go, 1));
      await new Promise((go) => setTimeout(go, 40));
      trainer.core.commitOperator();
      await growing;
      const [done] = eventsOf(events, "structure/done");
      const { operatorSteps } = done!.extra;
      expect(operatorSteps).toBeLessThan(50);
      expect(trainer.recipe.map((each) => each.action)).toMatchObject([
        { id: "mango", steps: 50 },
        { id: "commit", of: 0, after: operatorSteps },
      ]);
      while (trainer.phase === "ready") await trainer.advance(100);
      const linked = await decodeLink(await encodeLink({ ...config, recipe: trainer.recipe }));
      if (!linked.ok) throw new Error(linked.message);
      const again = await drive(linked.config, interpreter());
      while (again.trainer.phase === "ready") await again.trainer.advance(100);
      expect(eventsOf(again.events, "structure/done")[0]!.extra).toEqual(done!.extra);
      expect(losses(again.events)).toEqual(losses(events));
      expect(again.trainer.recipe.length).toBe(trainer.recipe.length);
    }
  });
});

function frozenSpecs({ operator, from, to, c }: Task) {
  const t = createTrace();
  const old = new Map(
    from.specs.map(({ path, shape }) => [path, t.buffer(path, "data", { shape, dtype: "f32" })]),
  );
  return new Map(
    [...operator.frozen(t, from, to, old, c)].map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
  );
}
