/** What an optimizer does with a weight: how far each one went in a single update, in units of the learning rate. */
import { lstm } from "../bases.ts";
import { bars, figure, histogram, plot } from "../plot.ts";
import { evalPoints, eventsOf, lossLines, stateAt, stepsOf } from "../seen.ts";
import { named, words } from "../svg.ts";
import type { Figure } from "../types.ts";

/** The update that is looked at. */
const AT = 100;

const of = (
  id: string,
  name: string,
  optim: object,
  span: number,
  reading: (moves: readonly number[]) => string,
) =>
  ({
    id,
    config: lstm(150, {}, { optim: { id, clip: 1, ...optim } }),
    asked: { at: [AT, AT + 1] },
    draw(seen) {
      const [before, then] = [stateAt(seen, AT), stateAt(seen, AT + 1)];
      const { lr } = eventsOf(seen, "step").find(({ step }) => step === AT + 1)!;
      const moves = before.paths.flatMap((path) => {
        const [a, b] = [before.weights(path).data, then.weights(path).data];
        return Array.from(a, (value, i) => (b[i]! - value) / lr);
      });
      const most = Math.max(...moves.map(Math.abs));
      const validation = evalPoints(seen);
      return {
        title: `${name}: the loss, and how far each weight went in one update`,
        desc: `Training and validation loss over ${stepsOf(seen)} steps; the last validation loss is ${figure(validation.at(-1)![1])} nats. Under it, for update ${AT + 1}, the change of each of ${figure(moves.length, 4)} weights in units of the learning rate η. The largest is ${figure(most)} η. ${reading(moves)}.`,
        pieces: [
          named(
            "Loss, nats",
            plot({
              ...{ x: [0, stepsOf(seen)], room: 62 },
              lines: [
                ...lossLines(seen, "").slice(0, 1),
                { classes: "two", points: validation, label: "validation", shift: -6 },
                { ...lossLines(seen)[1]!, label: "training", shift: 7 },
              ],
            }),
          ),
          named(
            `Change of each weight in update ${AT + 1}, in units of η`,
            bars({
              ...{ x: [-span, span], unit: "Δθ / η", height: 96 },
              counts: histogram(moves, -span, span, 61).map((count) => Math.sqrt(count)),
            }),
          ),
          words(`${reading(moves)}. The height of a bar is the square root of the number of weights in it.`),
        ],
      };
    },
  }) satisfies Figure;

/** "1,490 of 1,496 weights" */
const some = (moves: readonly number[], test: (size: number) => boolean): string =>
  `${figure(moves.filter((move) => test(Math.abs(move))).length, 5)} of ${figure(moves.length, 5)} weights`;

export const adamw = of(
  ...(["adamw", "AdamW", { lr: 1e-2 }, 1.5] as const),
  (moves) => `${some(moves, (size) => size < 1)} go less than η`,
);
export const lion = of(
  ...(["lion", "Lion", { lr: 2e-3 }, 1.5] as const),
  (moves) => `${some(moves, (size) => Math.abs(size - 1) < 1e-2)} go by η, one way or the other`,
);
export const sgd = of(
  ...(["sgd", "SGD with momentum", { lr: 0.3 }, 0.15] as const),
  (moves) => `Half of the weights go less than ${figure(median(moves.map(Math.abs)), 2)} η`,
);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
