/**
 * What bert2BERT, LiGO and Mango print: a larger transformer grown from a trained one, by each way that is registered, against
 * the same network from scratch (transformer-growth §9). Steps and FLOPs to scratch's final loss, operators included.
 */
import type { RunConfig } from "../../run/config.ts";
import {
  type ArmPlan,
  armsOf,
  SCRATCH,
  SOURCE,
  stepFlops,
  type TryAsked,
  targetArch,
} from "../../run/tries.ts";
import { bySeed, COLUMNS, complete, whole } from "./common.ts";
import type { Arm, Figures, Meter, Point, Row, Scale, Trial } from "./types.ts";

interface Size {
  readonly common: object;
  readonly model: Readonly<Record<string, string | number>>;
  readonly asked: TryAsked;
  /** Steps that the source is trained for before it is grown. */
  readonly source: number;
}

/** After transformer-growth §1 and §9: AdamW 3e-3 from scratch and for the source, a third of it once grown. */
const adamw = (lr: number) => ({ id: "adamw", lr, beta1: 0.9, beta2: 0.99, weightDecay: 0.01, clip: 1 });
const cosine = { id: "cosine", warmup: 0.05, floor: 0.1 };

/** Of text, with the source's rate. */
const text = (batch: number, context: number, evaluation: object) => ({
  data: { id: "moby-dick" },
  ...{ optim: adamw(3e-3), schedule: cosine, batch, context },
  eval: evaluation,
});

const GPT: Readonly<Record<Scale, Size>> = {
  small: {
    common: text(8, 32, { every: 5, batches: 8 }),
    model: { id: "gpt", layers: 2, width: 32, heads: 2 },
    asked: { width: 64, layers: 4, steps: 100, operator: 25, rate: 1 / 3 },
    source: 60,
  },
  paper: {
    common: text(16, 64, { every: 50, batches: 16 }),
    model: { id: "gpt", layers: 2, width: 64, heads: 4 },
    asked: { width: 128, layers: 4, steps: 4000, operator: 100, rate: 1 / 3 },
    source: 2000,
  },
};

/** Few letters are hidden and they are learned slowly: the small source is trained for longer than the GPT's. */
const BERT: Readonly<Record<Scale, Size>> = {
  small: {
    common: text(8, 32, { every: 10, batches: 16 }),
    model: { id: "bert", layers: 2, width: 32, heads: 2 },
    asked: { width: 64, layers: 4, steps: 100, operator: 25, rate: 1 / 3 },
    source: 200,
  },
  paper: {
    common: text(16, 64, { every: 50, batches: 32 }),
    model: { id: "bert", layers: 2, width: 64, heads: 4 },
    asked: { width: 128, layers: 4, steps: 4000, operator: 100, rate: 1 / 3 },
    source: 2000,
  },
};

const VIT: Readonly<Record<Scale, Size>> = {
  small: {
    common: {
      data: { id: "mnist", images: 5000 },
      ...{ optim: adamw(3e-3), schedule: cosine, batch: 16 },
      eval: { every: 5, batches: 8 },
    },
    model: { id: "vit", layers: 2, width: 24, heads: 3, patch: "7" },
    asked: { width: 48, layers: 4, steps: 120, operator: 25, rate: 1 / 3 },
    source: 50,
  },
  paper: {
    common: {
      data: { id: "mnist" },
      ...{ optim: adamw(2e-3), schedule: cosine, batch: 128 },
      eval: { every: 25, batches: 39 },
    },
    model: { id: "vit", layers: 3, width: 48, heads: 3, patch: "7" },
    asked: { width: 96, layers: 6, steps: 1600, operator: 100, rate: 1 / 3 },
    source: 800,
  },
};

const STAGED = "two-stage";

/** After AKI, bert2BERT's first stage: a tenth of the budget, a sub-model's top a step. */
const staged = (aki: ArmPlan): ArmPlan => ({ ...aki, id: STAGED, label: "AKI, two stages" });

/** Grown arms train their source themselves: the same one, from the same seed. */
function armsAt({ common, model, asked, source }: Size): readonly Arm[] {
  const { id: _, ...given } = model;
  const plain = complete({ ...common, model });
  const { id: __, ...arch } = plain.model;
  const flops = {
    source: source * stepFlops(plain, arch),
    target: asked.steps * stepFlops(plain, targetArch(arch, asked)),
  };
  const lr = Number(plain.optim.lr) * asked.rate;
  const trigger = { id: "step", step: source };
  return armsOf(plain, arch, asked)
    .filter(({ why }) => why === null)
    .flatMap((plan) => (plan.id === "aki" ? [plan, staged(plan)] : [plan]))
    .map(({ id, label, action, from }): Arm => {
      const grown = [
        { trigger, action },
        { trigger, action: { id: "edit", path: "optim.lr", value: lr } },
        ...(id === STAGED ? [{ trigger, action: { id: "two-stage" } }] : []),
      ];
      const size = from === "fresh" ? { ...given, ...pick(targetArch(arch, asked)) } : given;
      return {
        id,
        label: label.toLowerCase().startsWith("bert2bert ") ? label.slice(10) : label,
        config: complete({
          ...common,
          model: { id: model.id, ...size },
          budget: { unit: "flops", amount: (from === "fresh" ? 0 : flops.source) + flops.target },
          recipe: action === null ? [] : grown,
        }),
      };
    });
}

const pick = ({ layers, width, heads }: Readonly<Record<string, unknown>>) => ({ layers, width, heads });

/** Spent since the source; of scratch since its start. */
function meter(size: Size, config: RunConfig): Meter {
  const fresh = config.model.width === size.asked.width;
  const start = fresh ? 0 : size.source;
  const points: Point[] = [];
  let [base, operator, jump] = [0, { steps: 0, flops: 0 }, null as number | null];
  return {
    hear(event) {
      if (event.type === "step" && event.step <= start) base = event.flops;
      if (event.type === "structure/done" && event.kind === "grow") {
        operator = { steps: event.extra.operatorSteps ?? 0, flops: event.extra.operatorFlops ?? 0 };
        jump = event.lossAfter - event.lossBefore;
      }
      // The source's own evaluation at the step of the growth comes before it.
      if (event.type === "eval" && event.step > start) {
        const step = event.step - start + operator.steps;
        points.push({ step, flops: event.flops - base, loss: event.loss });
      }
    },
    tested() {},
    curve: () => points,
    figures: (): Figures => ({
      jump,
      loss: points.at(-1)?.loss ?? null,
      base: base / 1e9,
      operator: operator.flops === 0 ? null : operator.flops / 1e9,
    }),
  };
}

const reached = ({ curve = [] }: Row, goal: number): Point | null =>
  curve.find(({ loss }) => loss <= goal) ?? null;

/** What it took to scratch's last loss, once scratch is there. Scratch may be at it before its end: the loss wobbles. */
function settle(row: Row, rows: readonly Row[]): Figures {
  const scratch = rows.find(({ arm, seed }) => arm === SCRATCH && seed === row.seed);
  const goal = scratch?.figures.loss ?? null;
  const at = goal === null ? null : reached(row, goal);
  const first = goal === null ? null : reached(scratch!, goal);
  return {
    ...row.figures,
    steps: at?.step ?? null,
    flops: at === null ? null : at.flops / 1e9,
    share: at === null || first === null ? null : at.flops / first.flops,
    whole: at === null ? null : at.flops / 1e9 + (row.figures.base ?? 0),
  };
}

const giga = (value: number): string => value.toFixed(1);

/** `held`: the arms that take part. */
function grownTrial(
  id: string,
  title: string,
  sizes: Readonly<Record<Scale, Size>>,
  held: (arm: string) => boolean,
  claim: readonly string[],
): Trial {
  const arms = (scale: Scale) => armsAt(sizes[scale]).filter((arm) => held(arm.id));
  return {
    ...{ id, title, claim, arms, controls: [SOURCE] },
    columns: [
      { id: "jump", label: "loss at growth changes by", show: (n) => n.toFixed(3) },
      { ...COLUMNS.loss, label: "validation at the end, nats" },
      { ...COLUMNS.steps, label: "steps to scratch's end" },
      { id: "flops", label: "GFLOP to it", show: giga },
      { id: "share", label: "of scratch's", show: (n) => `${Math.round(100 * n)} %` },
      { id: "operator", label: "GFLOP of the operator in it", show: giga },
      { id: "whole", label: "GFLOP with the source", show: giga },
    ],
    sizes(scale) {
      const { asked, source, model, common } = sizes[scale];
      const plain = complete({ ...common, model });
      const taught = held("ligo")
        ? `; ${whole(asked.operator)} steps of each operator come out of them and are counted as steps, too`
        : "";
      return [
        `The source has ${model.layers} layers of width ${model.width} and is trained for ${whole(source)} steps; the target has ${asked.layers} of width ${asked.width}.`,
        `Batches of ${plain.batch}${model.id === "vit" ? " digits, patches of 7 × 7" : ` windows of ${plain.context} characters`}; AdamW at ${plain.optim.lr}, a third of it once grown, along a cosine to a tenth over each arm's FLOPs.`,
        `Every arm has the FLOPs of ${whole(asked.steps)} steps of the target after the source${taught}. Evaluated every ${plain.eval.every} steps:`,
        "\"to scratch's end\" is the first evaluation at or below scratch's last. Stacking copies layers that FPI has widened; FPI's own new layers begin silent. The source's training is in the last column only.",
        ...(held(STAGED)
          ? [
              "Two stages: for a tenth of the budget after the growth each step trains the top quarter of a sub-model of the lowest layers, and pays for what runs.",
            ]
          : []),
      ];
    },
    settle,
    meter: (config) => {
      const scale = (Object.keys(sizes) as Scale[]).find((each) => {
        const { model, asked } = sizes[each];
        return (
          [model.width, asked.width].includes(config.model.width as number) &&
          config.batch === complete({ ...sizes[each].common, model }).batch
        );
      })!;
      return meter(sizes[scale], config);
    },
    verdict: verdictOf,
  };
}

/** For every arm in how many seeds it got there with fewer FLOPs than scratch, and who was first. */
function verdictOf(rows: readonly Row[]): string {
  const seeds = bySeed(rows);
  const ids = [...new Set(rows.map(({ arm }) => arm))].filter((id) => id !== SCRATCH && id !== SOURCE);
  const names: Readonly<Record<string, string>> = {
    ...{ stack: "stacking", mango: "Mango", ligo: "LiGO", [STAGED]: "AKI in two stages" },
  };
  const short = (id: string): string => names[id] ?? id.toUpperCase();
  const told = ids.map((id) => {
    const sooner = seeds.filter((arms) => (arms[id]?.share ?? Number.POSITIVE_INFINITY) < 1).length;
    const all = seeds.map((arms) => arms[id]?.share).filter((share) => share != null);
    const mean =
      all.length === seeds.length
        ? `, on average with ${Math.round((100 * all.reduce((a, b) => a + b, 0)) / all.length)} % of its FLOPs`
        : "";
    return `${short(id)} ${sooner} of ${seeds.length} seeds${mean}`;
  });
  const firsts = seeds.map((arms) => {
    const best = Math.min(...ids.map((id) => arms[id]?.flops ?? Number.POSITIVE_INFINITY));
    return (
      ids
        .filter((id) => arms[id]?.flops === best)
        .map(short)
        .join(" and ") || "none"
    );
  });
  const control = seeds.filter((arms) => arms[SOURCE] !== undefined);
  const went = control.filter((arms) => (arms[SOURCE]!.share ?? Number.POSITIVE_INFINITY) < 1).length;
  const simply = control.length === 0 ? "" : ` The source simply continued: ${went} of ${control.length}.`;
  return `Got to scratch's final loss with fewer FLOPs than scratch, its operator's included: ${told.join("; ")}. First, seed by seed: ${firsts.join("; ")}.${simply}`;
}

const against = (name: string) => `Growing a ${name} against training it from scratch`;
const all = () => true;
/** As the tables stand that were measured before two stages were tried. */
const oneStage = (arm: string) => arm !== STAGED;

export const growGpt: Trial = grownTrial("grow-gpt", against("GPT"), GPT, oneStage, [
  "bert2BERT (arXiv 2110.07143, table 5) saves 47 % of a GPT's FLOPs, AKI more than FPI (table 1, BERT: 38.4 and 30.4 %, stacking 24.3 %); LiGO (arXiv 2303.00980,",
  "table 3) 22.5 % on GPT-2; Mango (arXiv 2310.10699, abstract) reports the most, on DeiT. Each counts FLOPs to the loss of the network that is trained from scratch.",
]);

export const growVit: Trial = grownTrial("grow-vit", against("ViT"), VIT, oneStage, [
  "From DeiT-S to DeiT-B, FLOPs saved to the accuracy of training from scratch: stacking 23.8, bert2BERT 40.8, LiGO 55.4 % (arXiv 2303.00980, table 2), Mango 76 % (arXiv",
  "2310.10699, abstract). Here: to the validation loss of scratch, on handwritten digits.",
]);

export const growBert: Trial = grownTrial("grow-bert", against("BERT"), BERT, all, [
  "FLOPs saved to the loss of BERT-base from scratch: stacking 24.3, FPI 30.4, AKI 38.4, AKI in two stages 45.2 % (bert2BERT, arXiv 2110.07143, table 1); stacking 34.1,",
  "bert2BERT 29.0, LiGO 44.7 % from BERT-small (arXiv 2303.00980, table 1); Mango (arXiv 2310.10699, abstract) has BERT as well. Here: to the validation loss of scratch on",
  "hidden letters of Moby-Dick.",
]);

const PAIR = [SCRATCH, "aki", STAGED, SOURCE];

export const twoStage: Trial = grownTrial(
  "two-stage",
  "Two-stage training of a GPT after AKI",
  GPT,
  (arm) => PAIR.includes(arm),
  [
    "bert2BERT (arXiv 2110.07143, table 1) saves 38.4 % of BERT-base's FLOPs by AKI alone and 45.2 % when, for a few epochs after the growth, each step trains the top of a",
    "sub-model of the lowest layers. Here: a GPT, to the validation loss of training it from scratch. `grow-bert` has the same two arms for BERT.",
  ],
);
