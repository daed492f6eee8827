/** Who wins among kernels of equal bits, by made-up times. */
import { expect, it } from "vitest";
import { Contest, MARGIN, type Outcome } from "./contest.ts";

const SLICE = 0.003;

/** Seconds of one run by id, maybe another each time. */
type Times = Readonly<Record<string, (run: number) => number>>;

function held(times: Times, standing: string): { outcome: Outcome; slices: number; most: number } {
  const contest = new Contest(Object.keys(times), standing, SLICE);
  const runs: Record<string, number> = {};
  let [slices, most] = [0, 0];
  for (let next = contest.next; next !== null; next = contest.next) {
    const run = (runs[next.id] = (runs[next.id] ?? 0) + 1);
    const took = next.times * times[next.id]!(run);
    contest.took(took);
    slices++;
    most = Math.max(most, took);
    if (slices > 500) throw new Error("it does not end");
  }
  return { outcome: contest.outcome, slices, most };
}

const steady = (seconds: number) => () => seconds;

it("the fastest takes the place of the standing one", () => {
  const { outcome } = held({ plain: steady(1e-4), wide: steady(4e-5), small: steady(5e-5) }, "plain");
  expect(outcome).toEqual({ id: "wide", standing: "plain", ratio: expect.closeTo(0.4, 6) });
});

it("what is about equal stays, and a tie stays", () => {
  const stays = { id: "plain", standing: "plain", ratio: 1 };
  const near = 1e-4 * (1 - 0.8 * MARGIN);
  expect(held({ plain: steady(1e-4), wide: steady(near) }, "plain").outcome).toEqual(stays);
  expect(held({ wide: steady(1e-4), plain: steady(1e-4) }, "plain").outcome).toEqual(stays);
  const enough = 1e-4 * (1 - 1.2 * MARGIN);
  expect(held({ plain: steady(1e-4), wide: steady(enough) }, "plain").outcome.id).toBe("wide");
});

it("a cold first run and a slice in which something else ran decide nothing", () => {
  const cold = (run: number) => (run === 1 ? 0.2 : 5e-5);
  // Its run in the fourth slice that counts is ten times as slow.
  const disturbed = (run: number) => (run % 6 === 0 ? 5e-4 : 5e-5);
  expect(held({ plain: steady(1e-4), wide: cold }, "plain").outcome.id).toBe("wide");
  expect(held({ plain: steady(1e-4), wide: disturbed }, "plain").outcome.id).toBe("wide");
});

it("slices are short, few, and of what is hopeless none", () => {
  const { slices, most } = held(
    { plain: steady(1e-4), wide: steady(9e-5), slow: steady(1e-2), quick: steady(1e-8) },
    "plain",
  );
  // Warmed up and fitted in four slices each, five that count; "slow" is out before, as are the two beside "quick".
  expect(slices).toBeLessThanOrEqual(4 * 4 + 5 * 2);
  expect(most).toBeLessThan(0.011);
});

it("without a clock that says anything the standing one stays", () => {
  expect(held({ plain: steady(0), wide: steady(Number.NaN) }, "plain").outcome).toEqual({
    id: "plain",
    standing: "plain",
    ratio: 1,
  });
});
