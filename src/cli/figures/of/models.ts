/** The models themselves: what a small one of each has learned, and its curve. */
import type { RunView } from "../../../run/messages.ts";
import type { Observed } from "../../../worker/observed.ts";
import { cnn, gpt, hlstm, lstm, mlp } from "../bases.ts";
import { type Grid, heat, largest, picture } from "../heat.ts";
import { figure, plot } from "../plot.ts";
import {
  accuracyPoints,
  evalPoints,
  eventsOf,
  lossLines,
  percent,
  stateAt,
  stepsOf,
  weights,
} from "../seen.ts";
import { named, type Piece, row, text, words } from "../svg.ts";
import type { Figure } from "../types.ts";

const STEPS = 200;
const looked = { look: [{ step: STEPS }] };
const viewOf = (seen: Observed): RunView => seen.views.get(STEPS)!;

const tile = (view: RunView, id: string): Grid => {
  const { rows, cols, data } = view.tiles[id]!;
  return { rows, cols, data: Array.from(data) };
};

/** Validation against guessing. */
function learning(seen: Observed): Piece {
  const { vocab } = eventsOf(seen, "run/started")[0]!;
  const guess = Math.log(vocab);
  return named(
    "Loss, nats",
    plot({
      ...{ x: [0, stepsOf(seen)], room: 62 },
      lines: [
        ...lossLines(seen, "").slice(0, 1),
        { classes: "one", points: evalPoints(seen), label: "validation" },
      ],
      levels: [{ y: guess, label: `guessing, ln ${vocab} = ${figure(guess)}` }],
    }),
  );
}

const accuracy = (seen: Observed): Piece =>
  named(
    "Validation, % right",
    plot({
      ...{ x: [0, stepsOf(seen)], y: [0, 100] },
      lines: [{ classes: "one", points: accuracyPoints(seen), dots: true }],
      levels: [{ y: 10, label: "guessing, 10 %", at: "end" }],
    }),
  );

const last = (points: readonly (readonly [number, number])[]): number => points.at(-1)![1];

/** A window of text under the columns that stand for its characters. */
function over(view: RunView, piece: Piece): Piece {
  const each = piece.width / view.text.length;
  const letters = view.text.map((one, i) =>
    text((i + 0.5) * each, piece.height + 13, one === "\n" ? "↵" : one === " " ? "·" : one, "soft mid"),
  );
  return { width: piece.width, height: piece.height + 18, body: piece.body + letters.join("") };
}

const said = (view: RunView): string => view.text.join("").replaceAll("\n", "↵");

const recurrent = (id: "lstm" | "hlstm", config: object, part: string, what: string): Figure => ({
  id,
  config,
  asked: looked,
  draw(seen) {
    const view = viewOf(seen);
    const grid = tile(view, part);
    const strip = grid.rows / 4;
    const gates = ["i", "f", "g", "o"].map(
      (_, k): Grid => ({
        ...{ rows: strip, cols: grid.cols },
        data: grid.data.slice(k * strip * grid.cols, (k + 1) * strip * grid.cols),
      }),
    );
    const tall = (grids: readonly Grid[]): readonly Piece[] =>
      grids.map((one, k) => {
        const drawn = heat(one, { cell: [320 / one.cols, 6], most: largest([one]) });
        return named(`gate ${["i", "f", "g", "o"][k]}`, k === 3 ? over(view, drawn) : drawn, "");
      });
    return {
      title: `${id === "lstm" ? "LSTM" : "H-LSTM"}: ${what}, and the loss`,
      desc: `${what} after ${STEPS} steps, a row each for some of them and a column for each character of “${said(view)}”. The validation loss falls to ${figure(last(evalPoints(seen)))} nats. Training and validation loss over ${stepsOf(seen)} steps against guessing.`,
      pieces: [
        ...tall(gates),
        words(`${what}, over a window of text; each gate has a scale of its own.`),
        learning(seen),
      ],
    };
  },
});

export const lstmModel = recurrent("lstm", lstm(STEPS), "layers.0.block.0.gates", "Gates");

export const hlstmModel = recurrent(
  "hlstm",
  hlstm(STEPS, { gateWidth: 6 }),
  "layers.0.inside.a1",
  "Hidden units inside the gates",
);

const transformer = (id: "gpt" | "bert" | "vit", name: string, config: object, places: string): Figure => ({
  id,
  config,
  asked: looked,
  draw(seen) {
    const view = viewOf(seen);
    const maps = [0, 1].flatMap((layer) =>
      [1, 2].map(
        (head) => [`L${layer + 1}, head ${head}`, tile(view, `blocks.${layer}.head${head}`)] as const,
      ),
    );
    const digits = view.picture !== null;
    const end = digits
      ? `${figure(last(accuracyPoints(seen)))} % right`
      : `${figure(last(evalPoints(seen)))} nats`;
    return {
      title: `${name}: attention of its heads, and ${digits ? "the accuracy" : "the loss"}`,
      desc: `Attention maps of two heads in each of two layers after ${STEPS} steps, what asks down and what is read across: ${places}. At the end validation is at ${end}.`,
      pieces: [
        row(
          maps.map(([title, grid]) =>
            named(title, heat(grid, { cell: 72 / grid.cols, most: largest([grid]) }), ""),
          ),
          14,
        ),
        words(
          `Heads of layers 1 and 2; what asks down, what is read across: ${digits ? places : said(view)}.`,
        ),
        digits ? accuracy(seen) : learning(seen),
      ],
    };
  },
});

export const gptModel = transformer(
  "gpt",
  "GPT",
  gpt(STEPS),
  "characters of a window, each of which reads only itself and what stands before it",
);

export const bertModel = transformer(
  "bert",
  "BERT",
  { ...gpt(STEPS), model: { id: "bert", layers: 2, width: 16, heads: 2 } },
  "characters of a window, read from both sides",
);

export const vitModel = transformer(
  "vit",
  "ViT",
  {
    ...mlp(STEPS),
    model: { id: "vit", layers: 2, width: 16, heads: 2, patch: "7" },
    optim: { id: "adamw", lr: 8e-3, beta2: 0.99, clip: 1 },
    schedule: { id: "cosine", warmup: 0.1, floor: 0.1 },
    eval: { every: 20, batches: 5 },
  },
  "the class token, then 16 patches of the digit row by row",
);

const SIDE = 14;

export const mlpModel: Figure = {
  id: "mlp",
  config: mlp(STEPS),
  asked: { at: [0, STEPS] },
  draw(seen) {
    const [start, end] = [stateAt(seen, 0), stateAt(seen, STEPS)].map((state) =>
      weights(state, "fc1.weight"),
    ) as [Grid, Grid];
    const most = largest([end]);
    const units = (grid: Grid) =>
      row(
        [0, 1, 2, 3, 4].map((u) =>
          heat(picture(grid, SIDE ** 2 * u, SIDE ** 2 * (u + 1), SIDE), { cell: 4.5, most }),
        ),
        6,
      );
    return {
      title: "MLP: what five units read of the image before and after training, and the accuracy",
      desc: `Weights of the first five units of fc1, 14 by 14 pixels each, at the start and after ${STEPS} steps. ${percent(last(accuracyPoints(seen)) / 100)} of the validation images are told right at the end.`,
      pieces: [
        named("What five units read of the image, at the start", units(start)),
        named(`The same after ${STEPS} steps`, units(end)),
        accuracy(seen),
      ],
    };
  },
};

export const cnnModel: Figure = {
  id: "cnn",
  config: cnn(STEPS),
  asked: { at: [STEPS], look: [{ step: STEPS }] },
  draw(seen) {
    const view = viewOf(seen);
    const kernels = weights(stateAt(seen, STEPS), "conv1.weight");
    const board = tile(view, "conv1.maps");
    const { pixels, height, width } = view.picture!;
    const digit: Grid = { rows: height, cols: width, data: Array.from(pixels) };
    const most = largest([kernels]);
    return {
      title: "CNN: its kernels, the feature maps that they make of a digit, and the accuracy",
      desc: `The four kernels of the first convolution after ${STEPS} steps, a digit of the validation images, and its four feature maps. ${percent(last(accuracyPoints(seen)) / 100)} of the validation images are told right at the end.`,
      pieces: [
        row(
          [
            named("a digit", heat(digit, { cell: 72 / width, most: 255 })),
            named("feature maps", heat(board, { cell: 96 / board.cols, most: largest([board]) })),
            named(
              "kernels",
              row(
                [0, 1, 2, 3].map((k) => heat(picture(kernels, 9 * k, 9 * (k + 1), 3), { cell: 9, most })),
                6,
              ),
            ),
          ],
          18,
        ),
        accuracy(seen),
      ],
    };
  },
};
