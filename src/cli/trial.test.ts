/** What a trial's table rests on: sizes that went back are not counted, the verdict says what came out. */
import { expect, it } from "vitest";
import type { RunEvent } from "../run/events.ts";
import { rowOf, trialPage } from "./trial.ts";
import { nest } from "./trials/nest.ts";
import { randomDrop } from "./trials/random-drop.ts";

const event = (body: object) => ({ run: "r", seq: 0, wall: 0, reference: 0, ...body }) as RunEvent;
const evaluated = (step: number, accuracy: number) =>
  event({ type: "eval", step, loss: 1, accuracy, tokens: 1, flops: step * 1e9 });
const cut = (step: number, node: string, parent: string, activeBefore: number, activeAfter: number) =>
  event({ type: "structure/done", step, node, parent, activeBefore, activeAfter });

it("counts the least weights that met the goal; a cut that was taken back counts for nothing", () => {
  const [arm] = nest.arms("small");
  const meter = nest.meter(arm!.config, []);
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
  const from = { command: "c", runtime: "r", date: "d", device: "x", seeds: [1, 2, 3] };
  const page = trialPage(nest, "small", from, rows);
  expect(page).toContain("| seeds | 1, 2, 3 |");
  expect(page.filter((line) => line.startsWith("| 1 | NeST | – | – | 100 |"))).toHaveLength(1);
});

it("counts how unsteady a run is: what leaps, and what varies once it has settled", () => {
  const [arm] = randomDrop.arms("small");
  const meter = randomDrop.meter(arm!.config, []);
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
