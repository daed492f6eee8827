/** Growth in depth: which layer came from which, and the loss around it. */
import type { Done, State } from "../../../worker/observed.ts";
import { after, gpt } from "../bases.ts";
import { type Grid, heat, largest } from "../heat.ts";
import { figure, plot } from "../plot.ts";
import { aroundIt, changeOf, lossLines, markOf, stateAt, stepsOf } from "../seen.ts";
import { column, named, type Piece, path, rect, row, text, words } from "../svg.ts";
import type { Figure } from "../types.ts";

const PITCH = 26;
const BOX = { width: 74, height: 18 };

/** Layers before, left, and after, right, from the root up; a line from each source to what it feeds. */
function ladder({ feeds }: Done): Piece {
  const layers = feeds!.layers;
  const [before, now] = [layers[0]!.length, layers.length];
  const height = now * PITCH;
  const right = 196;
  const y = (layer: number) => height - (layer + 0.5) * PITCH;
  const box = (x: number, layer: number, classes: string, label: string) =>
    rect(`layer ${classes}`, x, y(layer) - BOX.height / 2, BOX.width, BOX.height) +
    text(x + BOX.width / 2, y(layer) + 4, label, "mid");
  const seen = new Set<number>();
  const body = layers.flatMap((row, m) => {
    const most = Math.max(...row.map(Math.abs));
    const born = most === 0 || row.every((share, l) => share === 0 || seen.has(l));
    row.forEach((share, l) => {
      if (share !== 0) seen.add(l);
    });
    const lines = row.map((share, l) => {
      if (most === 0 || Math.abs(share) < 0.05 * most) return "";
      const [x1, x2] = [BOX.width, right];
      return path("feed", `M${x1} ${y(l)}C${x1 + 60} ${y(l)} ${x2 - 60} ${y(m)} ${x2} ${y(m)}`);
    });
    return [...lines, box(right, m, born ? "born" : "", `layer ${m + 1}`)];
  });
  for (let l = 0; l < before; l++) body.push(box(0, l, "", `layer ${l + 1}`));
  return { width: right + BOX.width, height, body: body.join("") };
}

export const stack: Figure = {
  id: "stack",
  config: gpt(200, {}, { recipe: [after(100, { id: "stack" })] }),
  draw(seen) {
    const { done } = changeOf(seen, "stack");
    const sources = done.feeds!.layers.map((row) => row.indexOf(1) + 1);
    return {
      title: "Stacking: which layer each layer was copied from, and the loss around it",
      desc: `Two layers become four after step ${done.step}; layers 1 to 4 are copies of layers ${sources.join(", ")}. ${aroundIt(done)}: the loss jumps and is paid back. Training loss over ${stepsOf(seen)} steps.`,
      pieces: [
        named("Before and after, from the root up; newborn ringed", ladder(done)),
        named(
          "Training loss, nats",
          plot({
            x: [0, stepsOf(seen)],
            lines: lossLines(seen, ""),
            marks: [markOf(done, "2 → 4 layers")],
            height: 124,
          }),
        ),
        words(`${aroundIt(done)}.`),
      ],
    };
  },
};

const projections = (state: State): readonly Grid[] =>
  [0, 1, 2].map((layer) => {
    const { data } = state.weights(`blocks.${layer}.attn.out.weight`);
    return { rows: 16, cols: 16, data: Array.from(data) };
  });

export const identity: Figure = {
  id: "identity",
  config: gpt(180, {}, { recipe: [after(100, { id: "identity" })] }),
  asked: { at: [110, 180] },
  draw(seen) {
    const { done, after: then } = changeOf(seen, "identity");
    const states = [then, stateAt(seen, 110), stateAt(seen, 180)];
    const most = largest(projections(stateAt(seen, 180)));
    const tile = (state: State) =>
      column(
        projections(state)
          .map((grid, layer) => heat(grid, { cell: 5, most, rings: layer === 2 ? [[0, 16, 0, 16]] : [] }))
          .reverse(),
        8,
      );
    const newborn = (state: State) => Math.max(...projections(state)[2]!.data.map(Math.abs));
    return {
      title: "Identity layers: W_O of all layers at the growth, ten and 80 updates later",
      desc: `W_O of layers 1 to 3, the new one on top. At the growth the new layer's W_O is 0, so it adds nothing; its largest entry is ${figure(newborn(states[1]!), 2)} after ten updates and ${figure(newborn(states[2]!), 2)} after 80. ${aroundIt(done)}.`,
      pieces: [
        row(
          [
            named("at the growth", tile(states[0]!)),
            named("10 updates later", tile(states[1]!)),
            named("80 updates later", tile(states[2]!)),
          ],
          22,
        ),
        words("W_O of layer 1, 2 and, on top and ringed, the new layer 3."),
        named(
          "Training loss, nats",
          plot({
            x: [0, stepsOf(seen)],
            lines: lossLines(seen, ""),
            marks: [markOf(done, "2 → 3 layers")],
            height: 112,
          }),
        ),
        words(`${aroundIt(done)}.`),
      ],
    };
  },
};
