/** What a trial's table rests on: sizes that went back are not counted, the verdict says what came out. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { RunEvent } from "../run/events.ts";
import { cardName } from "./runtimes.ts";
import { rowOf, trialPage } from "./trial.ts";
import { costOf, planPage } from "./trial-plan.ts";
import { RowFile } from "./trial-rows.ts";
import { armsNamed } from "./trial-run.ts";
import { cascade } from "./trials/cascade.ts";
import { growBert, growGpt } from "./trials/grown.ts";
import { nest } from "./trials/nest.ts";
import { randomDrop } from "./trials/random-drop.ts";
import { stacking } from "./trials/stacking.ts";
import type { Figures } from "./trials/types.ts";

const event = (body: object) => ({ run: "r", seq: 0, wall: 0, reference: 0, ...body }) as RunEvent;
const evaluated = (step: number, accuracy: number) =>
  event({ type: "eval", step, loss: 1, accuracy, tokens: 1, flops: step * 1e9 });
const cut = (step: number, node: string, parent: string, activeBefore: number, activeAfter: number) =>
  event({ type: "structure/done", step, node, parent, activeBefore, activeAfter });

it("counts the least weights that met the goal; a cut that was taken back counts for nothing", () => {
  const [arm] = nest.arms("small");
  const meter = nest.meter(arm!.config);
  const events = [
    event({ type: "run/started", step: 0, active: 9000 }),
    cut(0, "1", "0", 9000, 900),
    evaluated(40, 0.5),
    cut(50, "2", "1", 900, 1500),
    evaluated(80, 0.93),
    cut(90, "3", "2", 1500, 1000),
    evaluated(120, 0.94),
    cut(130, "4", "3", 1000, 500),
    evaluated(160, 0.9299),
    event({ type: "history/moved", step: 130, from: "4", to: "3", toStep: 130 }),
    evaluated(200, 0.95),
  ];
  for (const one of events) meter.hear(one);
  meter.tested(0.92);
  expect(meter.figures()).toEqual({ peak: 1500, first: 80, least: 1000, flops: 200, test: 0.92 });
  expect(rowOf(nest.columns, arm!, 3, meter.figures())).toBe(
    "| 3 | NeST | 1,500 | 80 | 1,000 | 200 | 92.00 % |",
  );
});

it("says how it came out either way, and of a goal that was never met that it was not", () => {
  const row = (arm: string, seed: number, least: number | null) => ({ arm, seed, figures: { least } });
  const rows = [1, 2, 3].flatMap((seed) => [row("nest", seed, 100 * seed), row("prune-only", seed, 150)]);
  expect(nest.verdict(rows)).toMatch(/smaller for 1 of 3 seeds: the direction did \*\*not\*\*/);
  expect(nest.verdict([...rows.slice(0, 2), row("nest", 2, null), row("prune-only", 2, 9)])).toMatch(
    /1 of 2/,
  );
  const kept = rows.map((one, i) => ({ ...one, runtime: "r", date: "d", device: i < 5 ? "card" : "other" }));
  const from = { command: "c", seeds: [1, 2, 3] };
  const page = trialPage(nest, "small", from, kept);
  expect(page).toContain("| seeds | 1, 2, 3 |");
  expect(page).toContain("| adapter | card; other |");
  expect(page.filter((line) => line.startsWith("| 1 | NeST | – | – | 100 |"))).toHaveLength(1);
});

it("counts how unsteady a run is: what leaps, and what varies once it has settled", () => {
  const [arm] = randomDrop.arms("small");
  const meter = randomDrop.meter(arm!.config);
  for (let step = 1; step <= 200; step++) {
    // Up and down by .1 about 2 and about 1, one leap of the loss and two of the norm.
    const wave = step % 2 === 0 ? 0.1 : -0.1;
    const loss = 2 + wave + (step === 60 ? 1 : 0);
    const gradNorm = 1 + wave + (step === 90 || step === 150 ? 2 : 0);
    meter.hear(event({ type: "step", step, loss, gradNorm, flops: step * 1e9, tokens: 1 }));
  }
  const { losses, norms, unrest, swing, highest, steps } = meter.figures();
  expect({ losses, norms, steps }).toEqual({ losses: 1, norms: 2, steps: 200 });
  // 25 of them stand 13 to 12; windows with the leap in them vary more.
  expect(unrest).toBeCloseTo(0.1 * Math.sqrt(1 - 1 / 625), 6);
  expect(swing).toBeGreaterThan(0.1);
  expect(highest).toBeCloseTo(3.1, 6);
  const row = (arm: string, of: number) => ({
    ...{ arm, seed: 1 },
    figures: { losses: of, norms: of, unrest: 0.1, swing: 0.2, highest: 1 },
  });
  expect(randomDrop.verdict([row("none", 1), row("pld", 2), row("plain", 3)])).toMatch(
    /spikes of the loss 1, 2, 3;.*most spikes for 1 of 1/,
  );
});

const at = { device: "card", runtime: "r", date: "2026-01-31" };

it("is silent about seeds whose arms are not all there, a control excepted", () => {
  const from = { command: "c", seeds: [1, 2] };
  /** At scratch's 2 nats after so many GFLOP, 1 of them the source's beforehand. */
  const row = (arm: string, seed: number, giga: number) => {
    const figures: Figures = { loss: 1.9, base: 1 };
    const curve = [
      { step: 1, flops: giga * 1e9, loss: 2 },
      { step: 2, flops: 3e9, loss: arm === "scratch" ? 2 : 1.9 },
    ];
    return { arm, seed, figures: arm === "scratch" ? { loss: 2, base: 0 } : figures, curve, ...at };
  };
  const ids = growBert.arms("small").map(({ id }) => id);
  expect(ids).toEqual(["scratch", "stack", "fpi", "aki", "two-stage", "ligo", "mango", "source"]);
  const first = ids.map((id) => row(id, 1, id === "two-stage" ? 0.5 : id === "scratch" ? 2 : 3));
  const page = (rows: typeof first) => trialPage(growBert, "small", from, rows);
  const verdict = (rows: typeof first) => page(rows).at(-1);
  // Scratch was at its last loss with 2; whoever came before it in the file is held against it all the same.
  expect(page(first.toReversed()).filter((line) => /two stages \|/.test(line))).toEqual([
    "| 1 | AKI, two stages | – | 1.9000 | 1 | 0.5 | 25 % | – | 1.5 |",
  ]);
  expect(page([first[4]!])).toContain("| 1 | AKI, two stages | – | 1.9000 | – | – | – | – | – |");
  expect(verdict(first.slice(0, 5))).toBe("No seed has all of its arms yet, so nothing came out.");
  expect(verdict([...first, row("scratch", 2, 2)])).toMatch(
    /AKI in two stages 1 of 1 seeds, .*first, seed by seed: AKI in two stages\. The source .* 0 of 1\. Of seed 1 alone/i,
  );
  expect(verdict(first.slice(0, 7))).not.toMatch(/simply continued/);
});

it("keeps rows in a file: found by whole config, a line that was cut off is nobody's, other text is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "espalier-rows-"));
  try {
    const path = join(folder, "rows.jsonl");
    const [one, two] = nest.arms("small");
    const row = { arm: one!.id, seed: 3, figures: { least: 9, first: null }, ...at };
    new RowFile(path, "nest", "small").keep({ ...row, figures: { least: 1 } }, one!);
    appendFileSync(path, '{"trial":"ne');
    new RowFile(path, "nest", "small").keep(row, one!);
    const file = new RowFile(path, "nest", "small");
    expect(file.find(one!, 3)).toEqual(row);
    expect(file.find(one!, 2)).toBeNull();
    expect(file.find(two!, 3)).toBeNull();
    const changed = { ...one!, config: { ...one!.config, batch: 49 } };
    expect(file.find(changed, 3)).toBeNull();
    expect(new RowFile(path, "nest", "paper").find(one!, 3)).toBeNull();
    expect(new RowFile(path, "pld", "small").find(one!, 3)).toBeNull();
    appendFileSync(path, "\n{}\n");
    expect(() => new RowFile(path, "nest", "small")).toThrow(/^Line \d of .* is no row of a trial/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("plans what its tables show was spent: steps of a fixed network, of a stacked and of a grown one", () => {
  const steps = (trial: typeof nest) => trial.arms("small").map(({ config }) => costOf(config).steps);
  // Those of the committed tables (public/docs/reproduce/stacking.md); 60 of the source, 75 and 25 of the operator.
  expect(steps(stacking)).toEqual([238, 360]);
  expect(steps(growGpt).slice(0, 6)).toEqual([100, 160, 160, 160, 160, 160]);
  expect(costOf(armsNamed(growBert, "small", "two-stage")[0]!.config).rough).toBe(true);
  expect(planPage(stacking, "small", 3, stacking.arms("small")).slice(-1)).toEqual([
    "| 3 seeds | 1,794 | 240 |",
  ]);
  expect(() => armsNamed(stacking, "small", "scratch,deep")).toThrow(/"deep" is none; they are scratch, /);
});

it("calls NVIDIA's card by the name that Linux has for it, where there is one card", () => {
  const folder = mkdtempSync(join(tmpdir(), "espalier-cards-"));
  const told = "NVIDIA: 580.159.04 580.159.4.0";
  const card = (place: string) => {
    mkdirSync(join(folder, place));
    writeFileSync(join(folder, place, "information"), "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   12\n");
  };
  try {
    card("0000:01:00.0");
    expect(cardName(told, folder)).toBe("NVIDIA H100 80GB HBM3 (driver 580.159.04)");
    expect(cardName("llvmpipe (processor)", folder)).toBe("llvmpipe (processor)");
    expect(cardName(told, join(folder, "none"))).toBe(told);
    card("0000:02:00.0");
    expect(cardName(told, folder)).toBe(told);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("counts what Cascade executes and what of it goes through weights in use, which older blocks have fewer of", () => {
  const arm = cascade.arms("small").find(({ id }) => id === "cascade")!;
  const { batch, context, model, budget } = arm.config;
  const meter = cascade.meter(arm.config);
  const share = budget.amount / 1.3;
  // Of 64 cells in two blocks of 32: 4 · 32 · 32 recurrent weights are none, 3 · 2 FLOPs each (grow-prune §1.4).
  const spared = 6 * 4 * 32 * 32 * batch * context;
  const step = (step: number, flops: number) => event({ type: "step", step, flops, loss: 1, tokens: 1 });
  const judged = (step: number, flops: number, loss: number) =>
    event({ type: "eval", step, flops, loss, tokens: 1 });
  meter.hear(event({ type: "run/started", params: 9, active: 9 }));
  const { id: _, ...arch } = model;
  const done = { kind: "grow", node: "1", parent: "0", arch: { ...arch, blocks: [32, 32] } };
  meter.hear(event({ type: "structure/done", step: 0, paramsAfter: 9, activeAfter: 9, ...done }));
  // Executed and in use per step: as the model counts them at 64 cells.
  const each = 3 * batch * context * (8 * 64 * (32 + 64) + 2 * 64 * 80);
  const steps = Math.floor(share / each);
  for (let i = 1; i <= steps; i++) meter.hear(step(i, i * each));
  meter.hear(judged(steps, steps * each, 2));
  meter.hear(step(steps + 1, (steps + 1) * each));
  meter.hear(judged(steps + 1, (steps + 1) * each, 1.9));
  const figures = meter.figures();
  expect(figures).toMatchObject({ half: 2, halfActive: 1.9 });
  expect(figures.active).toBeCloseTo(((steps + 1) * (each - spared)) / 1e9, 6);
  expect(cascade.arms("small").reduce((sum, { config }) => sum + config.budget.amount, 0)).toBeLessThan(
    400e9,
  );
});
