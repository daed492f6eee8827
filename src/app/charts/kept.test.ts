/** Curves of earlier runs behind the present one's: kept from the store, drawn where the data is the same. */
import { afterEach, describe, expect, it } from "vitest";
import { checkConfig } from "../../run/check.ts";
import { dropKept, keepCurve, MOST_KEPT } from "../store/behind.ts";
import { append, emptySeries } from "../store/series.ts";
import { emptySession } from "../store/session.ts";
import { getRun, setRun } from "../store/store.ts";
import { gather } from "./score-data.ts";

const clock = { step: 40, tokens: 400, flops: 4e6, seconds: 4 };
const rows = (loss: number) =>
  [20, 40].map((step) => ({ step, tokens: 10 * step, flops: 1e5 * step, seconds: step / 10, loss }));

function run(data: string, active: number, loss: number): void {
  const checked = checkConfig({ data: { id: data }, budget: { unit: "steps", amount: 100 } });
  if (!checked.ok) throw new Error(checked.message);
  setRun({
    ...emptySession(),
    config: checked.config,
    budgetSteps: 100,
    clock,
    train: append(emptySeries(), rows(loss + 1)),
    evals: append(emptySeries(), rows(loss)),
    sizes: [{ clock, params: active, active, by: null }],
  });
}

const drawn = () => gather(getRun(), "flops", true, 0, false, getRun().kept);

afterEach(() => {
  dropKept();
  setRun(emptySession());
});

describe("a kept curve", () => {
  it("stands behind a later run on the same data, by its validation, named and read out", () => {
    run("names", 79_000, 1.5);
    keepCurve();
    run("names", 20_000, 2.5);
    const { lines, labels, summary } = drawn();
    expect(lines[0]).toMatchObject({
      id: "kept-0",
      points: [
        { x: 2e6, y: 1.5 },
        { x: 4e6, y: 1.5 },
      ],
    });
    expect(labels[0]).toMatchObject({ name: "LSTM, 79 k weights", value: 1.5 });
    expect(summary).toContain("Behind it LSTM, 79 k weights, ended at 1.5");
  });
  it("is not drawn beside losses on other data", () => {
    run("names", 79_000, 1.5);
    keepCurve();
    run("moby-dick", 20_000, 2.5);
    expect(drawn().lines.map(({ id }) => id)).not.toContain("kept-0");
  });
  it("is one of the newest three, and nothing is kept of a run that has not trained", () => {
    setRun(emptySession());
    keepCurve();
    expect(getRun().kept).toEqual([]);
    for (let i = 0; i < MOST_KEPT + 2; i++) {
      run("names", 1000 * (i + 1), 1);
      keepCurve();
    }
    expect(getRun().kept.map(({ name }) => name)).toEqual([3, 4, 5].map((k) => `LSTM, ${k} k weights`));
  });
});
