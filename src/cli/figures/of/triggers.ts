/** When something acts: the loss or the accuracy, what was decided by, and the steps at which the rule fired. */
import type { Observed } from "../../../worker/observed.ts";
import { after, gpt, lstm, mlp } from "../bases.ts";
import { figure, type Level, type Line, type Mark, plot } from "../plot.ts";
import {
  accuracyPoints,
  activePoints,
  eventsOf,
  lossLines,
  markOf,
  marksOf,
  standing,
  stepsOf,
} from "../seen.ts";
import { named, type Piece, words } from "../svg.ts";
import type { Figure } from "../types.ts";

const block = { id: "cascade", cells: 6 };
const firings = (seen: Observed): string => seen.changes.map(({ done }) => done.step).join(", ");

const lossOver = (seen: Observed, marks: readonly Mark[] = marksOf(seen)): Piece =>
  named(
    "Training loss, nats",
    plot({ x: [0, stepsOf(seen)], lines: lossLines(seen, ""), marks, height: 118 }),
  );

const sizeOver = (seen: Observed, marks: readonly Mark[] = marksOf(seen)): Piece =>
  named(
    "Active weights",
    plot({
      ...{ x: [0, stepsOf(seen)], height: 84, marks },
      lines: [{ classes: "two", points: activePoints(seen) }],
    }),
  );

export const plateau: Figure = {
  id: "plateau",
  config: lstm(
    240,
    {},
    {
      recipe: [
        {
          trigger: { id: "plateau", beta: 0.9, window: 20, every: 5, cooldown: 20, threshold: 0.03 },
          action: block,
        },
      ],
    },
  ),
  draw(seen) {
    const gauges = eventsOf(seen, "gauge");
    const [{ limit }] = gauges as [(typeof gauges)[0]];
    const marks = marksOf(seen);
    return {
      title: "When the loss stops falling: the gain, and the steps at which the network grew",
      desc: `Training loss over ${stepsOf(seen)} steps, and under it the gain r over a window of 20 steps, judged every 5. Where r falls under ${figure(limit)} the network grows 8 steps later: after steps ${firings(seen)}.`,
      pieces: [
        lossOver(seen),
        named(
          "Gain over the last 20 steps, r; it acts 8 steps after r < τ",
          plot({
            ...{ x: [0, stepsOf(seen)], height: 112, marks },
            lines: [{ classes: "two", points: gauges.map(({ step, value }) => [step, value]), dots: true }],
            levels: [{ y: limit, label: `τ = ${figure(limit)}` }],
          }),
        ),
      ],
    };
  },
};

export const every: Figure = {
  id: "every",
  config: lstm(200, {}, { recipe: [{ trigger: { id: "every", steps: 40, times: 3 }, action: block }] }),
  draw(seen) {
    const marks = marksOf(seen).map((mark, i) => ({ ...mark, label: i === 0 ? "n = 40" : `${i + 1} n` }));
    return {
      title: "Every n steps: three growths, 40 steps apart",
      desc: `Training loss over ${stepsOf(seen)} steps and the number of active weights under it. With n = 40 and at most 3 times the network grows after steps ${firings(seen)}, whatever the loss does, and not again.`,
      pieces: [lossOver(seen, marks), sizeOver(seen)],
    };
  },
};

export const at: Figure = {
  id: "at",
  config: gpt(
    200,
    { layers: 1, maxLayers: 4 },
    {
      recipe: [0.125, 0.3].map((fraction) => ({ trigger: { id: "at", fraction }, action: { id: "stack" } })),
    },
  ),
  draw(seen) {
    const marks = marksOf(seen).map((mark, i) => ({ ...mark, label: `x = ${["1/8", ".3"][i]}` }));
    return {
      title: "At a part of the budget: two doublings, at 12.5 % and 30 % of it",
      desc: `Training loss over a budget of ${stepsOf(seen)} steps and the number of active weights under it. One layer becomes two after step ${seen.changes[0]!.done.step}, which is an eighth of the budget, and four after step ${seen.changes[1]!.done.step}, which is three tenths.`,
      pieces: [lossOver(seen, marks), sizeOver(seen)],
    };
  },
};

export const step: Figure = {
  id: "step",
  config: lstm(140, {}, { recipe: [after(70, { id: "fully-connected", cells: 12 })] }),
  draw(seen) {
    const marks = marksOf(seen).map((mark) => ({ ...mark, label: `t = ${mark.x}` }));
    return {
      title: "At one step: a growth after exactly 70 steps",
      desc: `Training loss over ${stepsOf(seen)} steps and the number of active weights under it. With t = 70 the network grows once, between step 70 and step 71.`,
      pieces: [lossOver(seen, marks), sizeOver(seen)],
    };
  },
};

export const manual: Figure = {
  id: "manual",
  config: lstm(140, {}, { recipe: [{ trigger: { id: "manual" }, action: block }] }),
  asked: { hand: [{ step: 60, action: block }] },
  draw(seen) {
    const [, entry] = seen.recipe;
    const marks = marksOf(seen).map((mark) => ({ ...mark, label: "by hand" }));
    return {
      title: "By hand: one growth, asked for while the network trained, and the entry it left in the recipe",
      desc: `Training loss over ${stepsOf(seen)} steps. The growth was asked for by hand at step ${marks[0]!.x}; the recipe then has an entry of its own for it: ${said(entry)}.`,
      pieces: [
        lossOver(seen, marks),
        words(
          `Asked for at step ${marks[0]!.x}. What the recipe holds of it afterwards, and a link carries: ${said(entry)}.`,
        ),
      ],
    };
  },
};

type Entry = Observed["recipe"][number];
const said = (entry: Entry | undefined): string => {
  if (entry === undefined) throw new Error("The hand left no entry in the recipe.");
  const { trigger, action } = entry;
  return `trigger ${trigger.id} ${trigger.step}, action ${action.id} of ${action.cells} cells`;
};

/** Accuracy by evaluation; what was gone back behind is dashed. */
function accuracies(seen: Observed): readonly Line[] {
  const all = eventsOf(seen, "eval");
  const stood = new Set(standing(seen, all));
  const left = all.filter((event) => !stood.has(event));
  const shown = ({ step: x, accuracy = 0 }: (typeof all)[0]) => [x, 100 * accuracy] as const;
  return [
    ...(left.length === 0 ? [] : [{ classes: "two dashed", points: left.map(shown), dots: true }]),
    { classes: "one", points: accuracyPoints(seen), dots: true },
  ];
}

function accuracyOver(seen: Observed, levels: readonly Level[], marks: readonly Mark[]): Piece {
  return named(
    "Validation, % right",
    plot({ x: [0, stepsOf(seen)], y: [0, 100], lines: accuracies(seen), levels, marks, height: 130 }),
  );
}

export const until: Figure = {
  id: "until",
  config: mlp(
    320,
    {},
    {
      eval: { every: 10, batches: 25 },
      recipe: [
        {
          trigger: { id: "until", from: 100, rest: 20, rounds: 2, fall: 1 },
          action: { id: "magnitude", mode: "global", share: 0.4, grace: 0 },
        },
      ],
    },
  ),
  draw(seen) {
    const reference = accuracyPoints(seen).find(([x]) => x >= 100)![1];
    const backs = eventsOf(seen, "history/moved");
    const stood = new Set(standing(seen, eventsOf(seen, "structure/done")));
    const marks: Mark[] = [
      ...seen.changes.filter(({ done }) => stood.has(done)).map(({ done }) => markOf(done)),
      ...backs.map(({ toStep }): Mark => ({ x: toStep, kind: "undo", label: "back to here" })),
    ];
    return {
      title: "While it recovers: rounds of pruning, and the one that was taken back",
      desc: `Share of the validation images that are told right, by evaluation. The reference is ${figure(reference)} %, a fall of 1 point is allowed. Cuts of 40 % after steps ${firings(seen)}; from the last one the network did not recover in two evaluations, dashed, and the run went back to just before it, to step ${backs.map(({ toStep }) => toStep).join(", ")}. ${figure(activePoints(seen).at(-1)![1], 4)} of ${figure(activePoints(seen)[0]![1], 4)} weights are left.`,
      pieces: [
        accuracyOver(seen, [{ y: reference - 1, label: "reference − 1 point", at: "under" }], marks),
        sizeOver(
          seen,
          marks.map(({ x, kind }) => ({ x, kind })),
        ),
      ],
    };
  },
};

export const untilGood: Figure = {
  id: "until-good",
  config: mlp(
    300,
    {},
    {
      eval: { every: 10, batches: 25 },
      recipe: [
        after(0, { id: "sparse-seed", density: 0.05 }),
        {
          trigger: { id: "until-good", goal: 80, rest: 30 },
          action: { id: "connections", share: 0.1, window: 5 },
        },
      ],
    },
  ),
  draw(seen) {
    const points = accuracyPoints(seen);
    const met = points.find(([, y]) => y >= 80);
    const marks = marksOf(seen).filter(({ x }) => x > 0);
    const sizes = activePoints(seen);
    return {
      title: "Until it is good enough: growth that ends when the goal is met",
      desc: `Share of the validation images that are told right, by evaluation, with the goal of 80 %. A seed of 5 % of the connections gains a tenth of the dormant ones after steps ${marks.map(({ x }) => x).join(", ")}. ${met === undefined ? "The goal was not met." : `The goal is met at step ${met[0]}, and nothing grows after it.`} ${figure(sizes.at(-1)![1], 4)} weights are active at the end.`,
      pieces: [accuracyOver(seen, [{ y: 80, label: "goal A = 80 %" }], marks), sizeOver(seen, marks)],
    };
  },
};
