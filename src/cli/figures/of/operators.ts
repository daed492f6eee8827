/** Growth operators that are trained: their matrices before and after, and the loss of the larger network meanwhile. */
import type { FitView } from "../../../run/messages.ts";
import type { Observed } from "../../../worker/observed.ts";
import { after, gpt } from "../bases.ts";
import { type Grid, heat, largest } from "../heat.ts";
import { figure, plot } from "../plot.ts";
import { aroundIt, changeOf } from "../seen.ts";
import { named, type Piece, row, words } from "../svg.ts";
import type { Figure } from "../types.ts";

type Fit = Omit<FitView, "run">;

const STEPS = 40;

const grid = (tiles: FitView["tiles"], id: string): Grid => {
  const { rows, cols, data } = tiles[id]!;
  return { rows, cols, data: Array.from(data) };
};

/** Loss of the larger network on each step's batch, and of the source on the same. */
function losses(seen: Observed): Piece {
  const points = seen.fits.flatMap((fit) => fit.points);
  const source = points.flatMap(({ step, source: loss }) => (loss === null ? [] : [[step, loss] as const]));
  return named(
    "Loss on each batch of the operator’s training, nats",
    plot({
      ...{ x: [1, STEPS], unit: "operator steps", room: 50, height: 112 },
      lines: [
        { classes: "raw dashed", points: source, label: "source", shift: 8 },
        { classes: "one", points: points.map(({ step, loss }) => [step, loss]), label: "larger", shift: -8 },
      ],
    }),
  );
}

/** What the operator was last seen to be, and its change since the start. */
function last(seen: Observed): Fit & { readonly drift: NonNullable<Fit["drift"]> } {
  const fit = seen.fits.at(-1);
  if (fit === undefined || fit.drift === null) throw new Error("The operator was not seen while it trained.");
  return { ...fit, drift: fit.drift };
}

/** Sides of 48 px at most, or 96. */
const cellOf = ({ rows, cols }: Grid): number => Math.min(12, 48 / rows, 96 / cols);

function maps(fit: ReturnType<typeof last>, ids: readonly (readonly [string, string])[]): readonly Piece[] {
  const tiles = ids.map(([id]) => grid(fit.tiles, id));
  const drifts = ids.map(([id]) => grid(fit.drift, id));
  const line = (grids: readonly Grid[], names: readonly string[]) =>
    row(
      grids.map((one, i) => named(names[i]!, heat(one, { cell: cellOf(one), most: largest([one]) }), "")),
      14,
    );
  const names = ids.map(([, name]) => name);
  return [
    named(`After ${fit.points.at(-1)?.step ?? STEPS} steps`, line(tiles, names)),
    named("Change since the start, each on a scale of its own", line(drifts, names)),
  ];
}

const sayFeeds = (fit: Fit): string =>
  fit.feeds.layers.map((shares) => shares.map((share) => figure(share, 2)).join(" and ")).join("; ");

export const ligo: Figure = {
  id: "ligo",
  config: gpt(140, {}, { recipe: [after(120, { id: "ligo", steps: STEPS })] }),
  asked: { fit: true },
  draw(seen) {
    const { done } = changeOf(seen, "ligo");
    const fit = last(seen);
    const find = (name: string, short = name) =>
      [fit.parts.find((one) => one.name === name)!.id, short] as const;
    const all = [
      find("B_e"),
      find("A_e"),
      find("w of W_Q", "w_Q"),
      find("w of W_O", "w_O"),
      find("w of W_IN", "w_IN"),
    ];
    return {
      title: "LiGO: B, A and w after their training, what the training changed, and the loss meanwhile",
      desc: `B_e and A_e, 16 old channels by 32 new ones, are two diagonals, as FPI has them, with what ${STEPS} steps have added; w blends 2 source layers into 4. Shares of the source layers in layers 1 to 4: ${sayFeeds(fit)}. ${aroundIt(done)}.`,
      pieces: [...maps(fit, all), losses(seen), words(`${aroundIt(done)}.`)],
    };
  },
};

export const mango: Figure = {
  id: "mango",
  config: gpt(140, {}, { recipe: [after(120, { id: "mango", steps: STEPS })] }),
  asked: { fit: true },
  draw(seen) {
    const { done } = changeOf(seen, "mango");
    const fit = last(seen);
    const all = fit.parts.slice(0, 4).map(({ id, name }) => [id, name] as const);
    return {
      title: "Mango: the four cores after their training, what the training changed, and the loss meanwhile",
      desc: `The cores at rank 1: S_B between kinds of matrices, S_I and S_O from 16 old channels to 32 new ones, S_L from 2 layers to 4. They began as FPI with stacked layers and were trained for ${STEPS} steps. Sizes of S_L, for layers 1 to 4: ${sayFeeds(fit)}. ${aroundIt(done)}.`,
      pieces: [...maps(fit, all), losses(seen), words(`${aroundIt(done)}.`)],
    };
  },
};
