import { describe, expect, it } from "vitest";
import { until, useRounds } from "./in-rounds.ts";
import { against, type Hands, pruneInRounds } from "./rounds.ts";

const action = { id: "magnitude", mode: "fraction", share: 0.5 };
const rounds = { action, retrain: 100, most: 3, allowed: 10 };

/** A run whose loss after each round's training is told beforehand; it halves. */
function run(losses: readonly (number | { refused: string } | null)[], over: Partial<Hands> = {}) {
  const did: string[] = [];
  let [asked, weights] = [0, 800];
  const hands: Hands = {
    ask: async () => losses[asked++] ?? null,
    cut: async () => {
      did.push("cut");
      weights /= 2;
      return { before: weights * 2, after: weights, parent: `n${weights * 2}` };
    },
    train: async (steps) => {
      did.push(`train ${steps}`);
      return true;
    },
    back: async (node) => void did.push(`back ${node}`),
    ...over,
  };
  return { hands, did };
}

describe("pruning in rounds", () => {
  it("waits for nothing more once it was stopped, nor in rounds begun since", async () => {
    useRounds.setState({ on: false, turn: 1 });
    expect(await until(1, () => null)).toBeNull();
    useRounds.setState({ on: true, turn: 2 });
    expect(await until(1, () => "so")).toBeNull();
    const waiting = until(2, () => null);
    useRounds.setState({ on: false });
    expect(await waiting).toBeNull();
  });

  it("cuts, trains and judges as often as it is told", async () => {
    const { hands, did } = run([0.5, 0.52, 0.5, 0.549]);
    const told: string[] = [];
    expect(await pruneInRounds(hands, rounds, (line) => told.push(line))).toBe(
      "3 rounds: 800 weights in use, now 100; loss on the probe batch .500, now .549.",
    );
    expect(did).toEqual(["cut", "train 100", "cut", "train 100", "cut", "train 100"]);
    expect(told[1]).toBe("Round 1 of 3: 400 weights in use, training 100 steps.");
  });

  it("goes back to before the cut that training does not mend", async () => {
    const { hands, did } = run([0.5, 0.52, 0.56]);
    expect(await pruneInRounds(hands, rounds, () => undefined)).toBe(
      "Round 2 came back to .560 only, over .550: rolled back to the last good state. " +
        "1 round: 800 weights in use, now 400; loss on the probe batch .500, now .520.",
    );
    expect(did.at(-1)).toBe("back n400");
    // A loss that is no number is no good one.
    const broken = run([0.5, Number.NaN]);
    await pruneInRounds(broken.hands, rounds, () => undefined);
    expect(broken.did.at(-1)).toBe("back n800");
  });

  it("ends where a person stops it or the network refuses, and cuts nothing more", async () => {
    const never = run([{ refused: "Nothing is old enough." }]);
    expect(await pruneInRounds(never.hands, rounds, () => undefined)).toBe("Nothing is old enough.");
    expect(never.did).toEqual([]);
    const stopped = run([0.5], { train: async () => null });
    expect(await pruneInRounds(stopped.hands, rounds, () => undefined)).toBe(
      "Stopped while round 1 was training, with 400 weights in use.",
    );
    expect(stopped.did).toEqual(["cut"]);
    const gone = run([0.5, null]);
    expect(await pruneInRounds(gone.hands, rounds, () => undefined)).toBe(
      "Stopped after round 1, with 400 weights in use.",
    );
    const before = run([null]);
    expect(await pruneInRounds(before.hands, rounds, () => undefined)).toBe(
      "Stopped before the first round.",
    );
    const spent = run([0.5, { refused: "It would disconnect fc1." }]);
    expect(await pruneInRounds(spent.hands, rounds, () => undefined)).toBe(
      "It would disconnect fc1. 1 round: 800 weights in use, now 400.",
    );
  });

  it.each([
    [{ cut: null }, "Stopped."],
    [{ cut: { refused: "It would disconnect fc1." } }, "It would disconnect fc1."],
    [{ train: null }, "Stopped while round 2 was training, with 200 weights in use."],
  ])("says what the rounds before came to where the second ends with %o", async (second, says) => {
    const { hands } = run([0.5, 0.52, 0.5]);
    const did = { cut: 0, train: 0 };
    const of = <T>(name: "cut" | "train", usual: () => Promise<T>) =>
      ++did[name] === 2 && name in second ? Promise.resolve(second[name as never] as T) : usual();
    const other: Hands = {
      ...hands,
      cut: () => of("cut", () => hands.cut(action)),
      train: (steps) => of("train", () => hands.train(steps)),
    };
    expect(await pruneInRounds(other, rounds, () => undefined)).toBe(
      `${says} 1 round: 800 weights in use, now 400; loss on the probe batch .500, now .520.`,
    );
  });

  it("keeps a round whose loss stays just at what is allowed", async () => {
    const { hands, did } = run([1, 1.5]);
    await pruneInRounds(hands, { ...rounds, most: 1, allowed: 50 }, () => undefined);
    expect(did).toEqual(["cut", "train 100"]);
  });

  it("cannot be asked for with a number out of its bounds, nor while the run goes on", () => {
    const asked = { retrain: 1, most: 100, allowed: 0 };
    expect(against(asked, true)).toBeNull();
    expect(against(asked, false)).toMatch(/^Pause to retrain/);
    expect(against({ ...asked, retrain: 0 }, false)).toBe("Retrain: allowed are 1 to 100000.");
    expect(against({ ...asked, most: 101 }, true)).toBe("Rounds at most: allowed are 1 to 100.");
    // An empty field is no number.
    expect(against({ ...asked, allowed: Number.NaN }, true)).toBe(
      "Loss may stay over: allowed are 0 to 100.",
    );
  });
});
