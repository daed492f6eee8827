/** A part that is held still while the rest trains on. */
import { after, mlp } from "../bases.ts";
import { figure, type Point, plot } from "../plot.ts";
import { aroundIt, changeOf, lossLines, markOf, stateAt, stepsOf } from "../seen.ts";
import { named, words } from "../svg.ts";
import type { Figure } from "../types.ts";

const EVERY = 5;
const STEPS = 160;

export const freeze: Figure = {
  id: "freeze",
  config: mlp(STEPS, {}, { recipe: [after(60, { id: "freeze", target: "fc1" })] }),
  asked: { at: Array.from({ length: STEPS / EVERY + 1 }, (_, i) => EVERY * i) },
  draw(seen) {
    const { done } = changeOf(seen, "freeze");
    const start = stateAt(seen, 0);
    const way = (path: string): readonly Point[] =>
      [...seen.states].map(([step, state]) => {
        const [a, b] = [start.weights(path).data, state.weights(path).data];
        return [step, Math.sqrt(Array.from(a).reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0))];
      });
    const [one, two] = [way("fc1.weight"), way("fc2.weight")];
    const at = (points: readonly Point[], step: number) => points.find(([x]) => x === step)![1];
    const marks = [markOf(done, "fc1 is frozen")];
    return {
      title: "Freeze: how far the weights of two layers have gone from their start",
      desc: `The distance ‖W − W(0)‖ of fc1 and fc2 over ${stepsOf(seen)} steps. fc1 is frozen after step ${done.step}: it stands at ${figure(at(one, 60))} there and at ${figure(at(one, STEPS))} at the end, while fc2 goes from ${figure(at(two, 60))} to ${figure(at(two, STEPS))}. Under it the training loss, which goes on falling.`,
      pieces: [
        named(
          "Distance from the start, ‖W − W(0)‖",
          plot({
            ...{
              x: [0, STEPS],
              y: [0, 1.1 * Math.max(at(one, STEPS), at(two, STEPS))],
              marks,
              room: 26,
              height: 130,
            },
            lines: [
              { classes: "one", points: one, label: "fc1" },
              { classes: "two", points: two, label: "fc2" },
            ],
          }),
        ),
        named(
          "Training loss, nats",
          plot({ x: [0, STEPS], lines: lossLines(seen, ""), marks: [markOf(done)], height: 108 }),
        ),
        words(`${aroundIt(done)}: the function stays.`),
      ],
    };
  },
};
