/** Which layers ran in which step, what chance they had, and the loss. */
import type { Observed } from "../../../worker/observed.ts";
import { after, gpt } from "../bases.ts";
import { figure, type Mark, plot } from "../plot.ts";
import { eventsOf, lossLines, markOf } from "../seen.ts";
import { INNER, n, named, type Piece, path, text, words } from "../svg.ts";
import type { Figure } from "../types.ts";

const LAYERS = 6;
const STEPS = 200;
const LEFT = 34;

const drawn = (seen: Observed) => eventsOf(seen, "step").map(({ step, layers }) => ({ step, layers }));

/** A row a layer, the top one above; a mark a step, full where the layer ran. */
function raster(seen: Observed, marks: readonly Mark[] = []): Piece {
  const high = 11;
  const wide = (INNER - LEFT) / STEPS;
  let ran = "";
  let left = "";
  for (let layer = 0; layer < LAYERS; layer++) {
    const on = drawn(seen).map(({ layers }) => layers === undefined || layers.ran[layer] === "1");
    for (let i = 0; i < on.length; ) {
      let end = i + 1;
      while (end < on.length && on[end] === on[i]) end++;
      const run = `M${i} ${LAYERS - 1 - layer}h${end - i}`;
      if (on[i]) ran += run;
      else left += run;
      i = end;
    }
  }
  const labels = Array.from({ length: LAYERS }, (_, layer) =>
    text(LEFT - 5, (LAYERS - layer - 0.5) * high + 4, String(layer + 1), "soft end"),
  );
  const lines = marks.map(({ x }) => path("event", `M${n(LEFT + x * wide)} 0v${LAYERS * high}`));
  return {
    width: INNER,
    height: LAYERS * high,
    body: [
      ...labels,
      `<g transform="translate(${LEFT} ${high / 2}) scale(${n(wide)} ${high - 1.5})">`,
      // The rows keep a hairline between them: a step down is a row, the mark a little less high.
      `<g transform="scale(1 ${n(high / (high - 1.5))})">${path("idle", left)}${path("ran", ran)}</g></g>`,
      ...lines,
    ].join(""),
  };
}

const pieces = (
  seen: Observed,
  marks: readonly Mark[],
  theta: Piece | null,
  what: string,
): readonly Piece[] => [
  named("Which layers ran (filled), by step; layer 6 is the top", raster(seen, marks)),
  ...(theta === null ? [] : [theta]),
  named("Training loss, nats", plot({ x: [0, STEPS], lines: lossLines(seen, ""), marks, height: 112 })),
  words(what),
];

/** Mean number of layers that ran in steps from … to. */
const depth = (seen: Observed, from: number, to: number): number => {
  const some = drawn(seen).filter(({ step }) => step > from && step <= to);
  const counts = some.map(({ layers }) => (layers === undefined ? LAYERS : layers.ran.split("1").length - 1));
  return counts.reduce((sum, count) => sum + count, 0) / counts.length;
};

const deep = (recipe: readonly object[], change: object = {}) =>
  gpt(STEPS, { layers: LAYERS, ...change }, { recipe });

export const pld: Figure = {
  id: "pld",
  config: deep([after(0, { id: "pld", theta: 0.5, gamma: 20 })]),
  draw(seen) {
    // The chance of the top layer is θ itself.
    const theta = drawn(seen).map(({ step, layers }) => [step, layers?.keep.at(-1) ?? 1] as const);
    const end = theta.at(-1)![1];
    const said = `Mean depth ${figure(depth(seen, 0, STEPS))} of 6 layers over the run; ${figure(LAYERS - (7 * (1 - end)) / 2)} is expected once θ is ${figure(end)}.`;
    return {
      title: "Progressive layer dropping: which layers ran, θ, and the loss",
      desc: `A row for each of 6 layers and a mark for each of ${STEPS} steps. Nothing is left out at first; then the upper layers are left out more often than the lower ones, while θ falls from 1 to ${figure(end)}. ${said}`,
      pieces: pieces(
        seen,
        [],
        named(
          "θ, the chance that the top layer runs",
          plot({ x: [0, STEPS], y: [0, 1], lines: [{ classes: "two", points: theta }], height: 84 }),
        ),
        said,
      ),
    };
  },
};

export const randomDrop: Figure = {
  id: "random-drop",
  config: deep([after(0, { id: "random-drop", rate: 0.5 })]),
  draw(seen) {
    const none = drawn(seen).filter(({ layers }) => layers !== undefined && !layers.ran.includes("1")).length;
    const said = `Mean depth ${figure(depth(seen, 0, STEPS))} of 6 layers; in ${none} steps none ran.`;
    return {
      title: "Plain layer dropping: which layers ran, and the loss",
      desc: `A row for each of 6 layers and a mark for each of ${STEPS} steps. From the first step on every layer is left out of half of the steps, the lowest as often as the top one. ${said}`,
      pieces: pieces(seen, [], null, said),
    };
  },
};

export const twoStage: Figure = {
  id: "two-stage",
  config: deep([after(0, { id: "two-stage", block: 2, share: 0.5 })]),
  draw(seen) {
    const half = STEPS / 2;
    const counts = [2, 4, 6].map(
      (d) =>
        drawn(seen).filter(
          ({ step, layers }) => step <= half && layers?.ran === "1".repeat(d) + "0".repeat(LAYERS - d),
        ).length,
    );
    const marks: readonly Mark[] = [{ x: half, kind: "change", label: "second stage" }];
    const said = `First stage: ${counts[0]} steps of 2 layers, ${counts[1]} of 4, ${counts[2]} of 6; then all.`;
    return {
      title: "Two-stage training: which layers ran, and the loss",
      desc: `A row for each of 6 layers and a mark for each of ${STEPS} steps. In the first half each step runs the lowest 2, 4 or 6 layers and updates the top two of these; in the second half every layer runs and is updated. ${said}`,
      pieces: pieces(seen, marks, null, said),
    };
  },
};

export const allLayers: Figure = {
  id: "all-layers",
  config: deep([after(0, { id: "random-drop", rate: 0.5 }), after(120, { id: "all-layers" })]),
  draw(seen) {
    const done = seen.changes.at(-1)!.done;
    const marks = [markOf(done, "all layers on")];
    const said = `Mean depth ${figure(depth(seen, 0, 120))} of 6 layers up to step 120, ${figure(depth(seen, 120, STEPS))} after it.`;
    return {
      title: "All layers on: which layers ran, and the loss",
      desc: `A row for each of 6 layers and a mark for each of ${STEPS} steps. Up to step ${done.step} layers are left out at random; then every layer runs in every step. ${said}`,
      pieces: pieces(seen, marks, null, said),
    };
  },
};

export const freezeGates: Figure = {
  id: "freeze-gates",
  config: deep([
    after(0, { id: "random-drop", rate: 0.5 }),
    after(80, { id: "freeze-gates" }),
    after(140, { id: "freeze-gates", frozen: false }),
  ]),
  draw(seen) {
    const [from = 0, to = STEPS] = seen.changes.slice(1).map(({ done }) => done.step);
    const held = drawn(seen).filter(({ step }) => step > from && step <= to);
    const sets = new Set(held.map(({ layers }) => layers?.ran));
    if (sets.size !== 1) throw new Error("The gates did not stand still.");
    const ran = [...sets].flatMap((set) =>
      [...(set ?? "")].flatMap((one, l) => (one === "1" ? [l + 1] : [])),
    );
    const marks: readonly Mark[] = [
      { x: from, kind: "change", label: "frozen" },
      { x: to, kind: "change", label: "drawn again" },
    ];
    const said = `Frozen from step ${from} to step ${to}: in each of these steps layers ${ran.join(", ") || "none"} ran.`;
    return {
      title: "Freeze gates: which layers ran, with a stretch in which the gates stood still, and the loss",
      desc: `A row for each of 6 layers and a mark for each of ${STEPS} steps, half of the layers left out at random. ${said}`,
      pieces: pieces(seen, marks, null, said),
    };
  },
};
