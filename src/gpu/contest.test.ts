/** Who wins among kernels of equal bits, by made-up times. */
import { expect, it } from "vitest";
import { Contest, MARGIN, type Outcome } from "./contest.ts";

const SLICE = 0.003;

/** Seconds of one run by id, maybe another each time. */
type Times = Readonly<Record<string, (run: number) => number>>;

/** `most`: seconds of the longest slice, `repeats`: runs of the one with most of them. */
function held(times: Times, standing: string) {
  const contest = new Contest(Object.keys(times), standing, SLICE);
  const runs: Record<string, number> = {};
  let [slices, most, repeats] = [0, 0, 0];
  for (let next = contest.next; next !== null; next = contest.next) {
    const run = (runs[next.id] = (runs[next.id] ?? 0) + 1);
    const took = next.times * times[next.id]!(run);
    contest.took(took);
    slices++;
    most = Math.max(most, took);
    repeats = Math.max(repeats, next.times);
    if (slices > 500) throw new Error("it does not end");
  }
  const outcome: Outcome = contest.outcome;
  return { outcome, slices, most, repeats };
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

it("the middle of five slices counts: neither their best nor the first ones", () => {
  // Warmed up and fitted in two slices of 1 and 16 runs; the third is the first that counts.
  const first = (run: number) => (run < 3 ? 1e-4 : run < 5 ? 4e-5 : 2e-4);
  expect(held({ plain: steady(1e-4), wide: first }, "plain").outcome.id).toBe("plain");
  const most = (run: number) => (run < 3 ? 1e-4 : run < 5 ? 2e-4 : 4e-5);
  const { outcome } = held({ plain: steady(1e-4), wide: most }, "plain");
  expect(outcome).toMatchObject({ id: "wide", ratio: expect.closeTo(0.4, 6) });
  // Thought half as slow again while it was fitted, which is not yet hopeless.
  const late = (run: number) => (run < 3 ? 1.4e-4 : 5e-5);
  expect(held({ plain: steady(1e-4), wide: late }, "plain").outcome.id).toBe("wide");
});

it("slices are short, few, and of what is hopeless none", () => {
  const { slices, most, repeats } = held(
    { plain: steady(1e-4), wide: steady(9e-5), slow: steady(1e-2), quick: steady(1e-8) },
    "plain",
  );
  // Warmed up and fitted in four slices each, five that count; "slow" is out before, as are the two beside "quick".
  expect(slices).toBeLessThanOrEqual(4 * 4 + 5 * 2);
  expect(most).toBeLessThan(0.011);
  expect(repeats).toBe(256);
  // Of a figure that a clock has rounded to next to nothing no more is made than sixteen runs.
  const rounded = (run: number) => (run === 1 ? 1e-9 : 1e-3);
  expect(held({ plain: steady(1e-3), wide: rounded }, "plain").most).toBeLessThan(0.017);
  // One that is alone has nobody to be compared with.
  expect(held({ plain: steady(1e-4), slow: steady(1e-2) }, "plain").slices).toBe(4);
  expect(held({ plain: steady(1e-4) }, "plain").slices).toBe(0);
});

it("without a clock that says anything the standing one stays", () => {
  expect(held({ plain: steady(0), wide: steady(Number.NaN) }, "plain").outcome).toEqual({
    id: "plain",
    standing: "plain",
    ratio: 1,
  });
});

it("a clock that says nothing a few times is borne with, eight times not; and nothing is said before the end", () => {
  const stays = { id: "plain", standing: "plain", ratio: 1 };
  const of = (spoiled: number) => {
    const contest = new Contest(["plain", "wide"], "plain", SLICE);
    let at = 0;
    for (let next = contest.next; next !== null; next = contest.next) {
      expect(contest.outcome).toEqual(stays);
      // After both were fitted, in two slices and in three, and ran once more.
      if (++at > 7 && at <= 7 + spoiled) contest.took(Number.NaN);
      else contest.took(next.times * (next.id === "wide" ? 5e-5 : 1e-4));
    }
    return contest.outcome;
  };
  expect(of(7).id).toBe("wide");
  expect(of(8)).toEqual(stays);
});
