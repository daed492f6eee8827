/**
 * Runs worth opening, as configs: the gallery draws them, the command line trains them by id, and each is a link like any
 * other. Every one has a small variant that a processor can train while you watch; it is offered first where there is no
 * GPU, and says that it is small. Values: grow-prune §4.3 for LSTMs, transformer-growth §1 and §3.2 for GPTs.
 *
 * Long because the gallery is one list, in the order in which it is read.
 */
import { checkConfig } from "../run/check.ts";
import type { RunConfig } from "../run/config.ts";
import { nestRecipe } from "./nest.ts";
import {
  bert,
  charLstm,
  cnn,
  deep,
  gpt,
  hlstm,
  mlp,
  names,
  tiny,
  tinyBert,
  tinyCnn,
  tinyDeep,
  tinyGpt,
  tinyHlstm,
  tinyMlp,
  tinyVit,
  vit,
} from "./preset-networks.ts";
import { narrowing, paperWay, recovering, reviewWay, rounds } from "./recipes.ts";

export interface Preset {
  readonly id: string;
  readonly title: string;
  /** One sentence: what to look for. */
  readonly look: string;
  readonly config: RunConfig;
  /** A small variant, for a device without a GPU. */
  readonly tiny: boolean;
}

const growing = (connectivity: string) => ({
  model: { id: "lstm", blocks: [64], embed: 64, maxCells: 256, connectivity },
  budget: { amount: 4000 },
  recipe: [
    {
      trigger: {
        id: "plateau",
        beta: 0.98,
        window: 200,
        every: 50,
        cooldown: 300,
        patience: 1,
        threshold: 0.03,
      },
      action: { id: connectivity, cells: 64 },
    },
  ],
});

/** Doublings at 12.5 % and 30 % of the budget, as StackBERT had them; the optimizer starts anew at each. */
const doublings = [0.125, 0.3].map((fraction) => ({
  trigger: { id: "at", fraction },
  action: { id: "stack", map: "stack", slots: "reset" },
}));

/** To twice the width and depth after a fifth of the budget: the source is cheap, the target trains the rest. */
const widened = (action: object) => [{ trigger: { id: "at", fraction: 0.2 }, action }];

/** Layers are left out from the first step on. */
const dropping = (action: object) => [{ trigger: { id: "step", step: 0 }, action }];
const progressive = { id: "pld", theta: 0.5, gamma: 20 };
const plainly = { id: "random-drop", rate: 0.5 };

/** AKI, then for a tenth of the budget the tops of sub-models. */
const inStages = [
  ...widened({ id: "aki", depth: "bert2bert" }),
  { trigger: { id: "at", fraction: 0.2 }, action: { id: "two-stage" } },
];

/** Pressed by hand: the growth that the page's button means for a GPT. */
const byHand = [{ trigger: { id: "manual" }, action: { id: "stack", map: "stack", slots: "reset" } }];

const tinyGrowing = (connectivity: string) => ({
  ...tiny,
  model: { ...tiny.model, maxCells: 128, connectivity },
  budget: { amount: 600 },
  recipe: [
    {
      trigger: { id: "plateau", window: 40, every: 10, cooldown: 60 },
      action: { id: connectivity, cells: 32 },
    },
  ],
});

/** Weight decay all along, and the rate falls to a tenth by the end: trained for long before what is cut and after it. */
const settled = (lr: number) => ({
  optim: { id: "adamw", lr, weightDecay: 0.2, clip: 0 },
  schedule: { id: "cosine", floor: 0.1 },
});

/** LeNet-5 whose kernels keep the parts of their maps where they say something. Values: grow-prune §3.10. */
const partial = {
  ...{ ...cnn, ...settled(1e-3) },
  budget: { amount: 4400 },
  eval: { every: 55, batches: 50 },
  recipe: [narrowing({ from: 1540, share: 0.02, rest: 45, times: 26 }, { fall: 0.5 })],
};
/** Padded: the maps have a margin of background, as those of 28 × 28 digits do. */
const tinyPartial = {
  ...{ ...tinyCnn, ...settled(4e-3) },
  model: { ...tinyCnn.model, padding: "same" },
  budget: { amount: 1500 },
  recipe: [narrowing({ from: 500, share: 0.104, rest: 40, times: 5 }, { fall: 1 })],
};

/** LeNet-300-100 at a width ratio of .4, as in the paper's seed study. Values: grow-prune §3.10. */
const nest = {
  ...mlp,
  model: { id: "mlp", widths: [120, 40] },
  budget: { amount: 12_000 },
  eval: { every: 60, batches: 50 },
  recipe: nestRecipe({ goal: 97, grow: { share: 0.02, rest: 100 }, prune: { share: 0.03, rest: 60 } }),
};

const tinyNest = {
  ...tinyMlp,
  model: { id: "mlp", widths: [20, 12], halve: true },
  budget: { amount: 1800 },
  recipe: nestRecipe({ goal: 91, grow: { share: 0.05, rest: 50 }, prune: { share: 0.1, rest: 30 } }),
};

/** LeNet-300-100 as Han et al. prune it, by a tenth a round: grow-prune §2.2. */
const cuts = { from: 1650, share: 0.1, rest: 110, times: 24 };
const pruned = {
  ...{ ...mlp, ...settled(2e-3) },
  budget: { amount: 6600 },
  recipe: [recovering({ ...cuts, from: 2400, rest: 100, mode: "global" }, { fall: 0.5 })],
};
const tinyCuts = { from: 150, share: 0.2, rest: 30, times: 11 };
const tinyPruned = {
  ...{ ...tinyMlp, ...settled(4e-3) },
  model: { id: "mlp", widths: [100], halve: true },
  budget: { amount: 2000 },
  recipe: [recovering({ ...tinyCuts, from: 750, mode: "global" }, { fall: 1 })],
};
const iterative = { ...mlp, budget: { amount: 5500 }, recipe: [rounds({ ...cuts, times: 30 })] };
const tinyIterative = {
  ...tinyMlp,
  budget: { amount: 900 },
  recipe: [rounds({ ...tinyCuts, share: 0.3, times: 10 })],
};

/** Seed, growth, swap, pruning, final: grow-prune §5.3. */
const growPrune = {
  grow: { every: 200, times: 6 },
  ...{ swap: 1400, settle: 150, lr: 1e-3 },
  prune: { share: 0.12, rest: 60 },
};
const byPaper = { ...hlstm, eval: { every: 50, batches: 10 }, recipe: paperWay(growPrune) };
const byReview = {
  ...byPaper,
  model: { id: "hlstm", blocks: [64], embed: 32, gateLayers: 0 },
  recipe: reviewWay(growPrune),
};
const tinyGrowPrune = {
  grow: { every: 60, times: 5 },
  ...{ swap: 380, settle: 60, lr: 3e-3 },
  prune: { share: 0.2, rest: 40 },
};
const tinyByPaper = {
  ...tinyHlstm,
  budget: { amount: 900 },
  eval: { every: 20, batches: 4 },
  recipe: paperWay(tinyGrowPrune),
};
const tinyByReview = {
  ...tinyByPaper,
  model: { id: "hlstm", blocks: [16], embed: 16, gateLayers: 0 },
  recipe: reviewWay(tinyGrowPrune),
};

const looks = {
  charLstm: "watch the samples turn from noise into words while the loss falls under the guessing line",
  cascade:
    "no jump when a block joins; no paper has a table for it, and at half of a large network's FLOPs it was no worse for 3 of 3 seeds here by weights in use, for none by what is executed",
  fullyConnected:
    "old blocks read the new one too; no paper has a table for it, and at half of a large network's FLOPs it was no worse for 3 of 3 seeds here",
  gpt: "see each head find its job: the previous letter, the start of the line, the last space",
  stacking:
    "after Gong et al 2019: two layers become four, then eight, and the jump is paid back; here lower after equal FLOPs for 3 of 3 seeds",
  pld: "after Zhang and He 2020: steps leave out layers, rather near the top; here, at equal FLOPs, the loss ended within four thousandths of a nat of no dropping for 3 of 3 seeds",
  randomDrop:
    "every layer is left out of half of the steps; the unsteadiness that reviews warn of hardly shows at this size: 8 spikes of the loss over 3 seeds, 3 without and 4 with progressive",
  fpi: "after table 1 of Chen et al 2022: twice as wide and deep, the loss unmoved; here sooner than scratch for 1 of 3 seeds",
  twoStage:
    "after table 1 of Chen et al 2022, AKI in two stages: after the growth each step trains the top of a drawn sub-model; here sooner than scratch for 1 of 3 seeds, lower than AKI for 3",
  aki: "after table 1 of Chen et al 2022: new units come from the layer above, the loss jumps; here sooner than scratch for 1 of 3 seeds",
  mlp: "nine digits in ten are told right within seconds; draw one of your own and watch what it takes it for",
  cnn: "each feature map lights up where its stroke is; the kernels it looks for stand on the left",
  partial:
    "after NeST's LeNet-5 (Dai, Yin and Jha 2019) with 2.09 times fewer FLOPs: kernels keep what says something of their maps; here half the FLOPs cost 0.09 to 0.17 points",
  mango:
    "after the abstract of Pan et al 2023: four small cores learn the larger network; here sooner than scratch for none of 3 seeds",
  bertMango:
    "after the abstract of Pan et al 2023, which has BERT as well: four small cores learn on hidden letters; here sooner than scratch for 3 of 3 seeds, and not sooner than copies",
  vitMango:
    "after the abstract of Pan et al 2023, which saves 76 % of the compute from DeiT-S to DeiT-B; here, on digits, sooner than scratch for none of 3 seeds",
  ligo: "after table 3 of Wang et al 2023: matrices that widen and blend layers are trained; here sooner than scratch for none of 3 seeds",
  bertLigo:
    "after table 1 of Wang et al 2023, BERT-small to base: each layer learns how much of every old one it takes; here sooner than scratch for 3 of 3 seeds, and not sooner than copies",
  vitLigo:
    "after table 2 of Wang et al 2023, DeiT-S to DeiT-B: a reader of digits learns how to be larger before it is; here sooner than scratch for none of 3 seeds",
  bert: "BERT's objective on letters: of 15 in a hundred most are hidden and found again from both sides; its maps look ahead as well as back, and no claim of a paper is tried",
  vit: "a DeiT-like reader of digits in patches: the first row of each map is the class token, see which patches it reads; no claim of a paper is tried",
  bertStacking:
    "after Gong et al 2019, who stack BERT-base twice: two layers become four, then eight, on hidden letters; here no higher after equal FLOPs for 1 of 3 seeds",
  vitStacking:
    "after table 2 of Wang et al 2023, where stacking stands for DeiT: three layers become six; here, widened as well, sooner than scratch for 1 of 3 seeds",
  vitGrowth:
    "after table 2 of Wang et al 2023, where bert2BERT stands for DeiT: twice as wide and deep, the loss unmoved; here sooner than scratch for 1 of 3 seeds",
  hlstm:
    "each gate is a network of its own; after the abstract of Dai, Yin and Jha 2020: with fewer weights it beat two LSTM layers for 3 of 3 seeds here",
  nest: "after NeST (Dai, Yin and Jha 2019), LeNet-300-100 on MNIST: a tenth of the connections grows, then is pruned; it ended below pruning alone for 1 of 3 seeds here, for none on a GPU",
  pruned:
    "after table 1 of Han et al 2015: LeNet-300-100 loses nine weights in ten; to lose no more than three tenths of a point came out for 2 of 3 seeds here",
  iterative:
    "after section 3.4 of Han et al 2015, on AlexNet: many small cuts with training between them keep what one large cut loses, which came out for 3 of 3 seeds here",
  byPaper:
    "after the abstract of Dai, Yin and Jha 2020: a sparse seed grows, swaps to ReLUs and is pruned; with 64 cells a third of the weights was left at 1 % of the loss: 3 of 3 seeds here",
  byReview:
    "after Dai, Yin and Jha 2020, reviewed: an LSTM gains a layer in its gates and is pruned; from 32 cells, a third of the weights was left at 1 % of the loss: 3 of 3 seeds here",
  names: "first names on a very small network, whose samples soon could be somebody's; good on a phone",
};

export const presets: readonly Preset[] = [
  preset("char-lstm", "Character LSTM", looks.charLstm, charLstm, { ...tiny, budget: { amount: 400 } }),
  preset("cascade", "Cascade", looks.cascade, growing("cascade"), tinyGrowing("cascade")),
  preset(
    "fully-connected",
    "Fully connected",
    looks.fullyConnected,
    growing("fully-connected"),
    tinyGrowing("fully-connected"),
  ),
  preset("gpt", "GPT", looks.gpt, { ...gpt(4000), recipe: byHand }, { ...tinyGpt, recipe: byHand }),
  preset(
    "stacking",
    "Stacking",
    looks.stacking,
    { ...gpt(4000), recipe: doublings },
    { ...tinyGpt, recipe: doublings },
  ),
  preset(
    "pld",
    "Layer dropping",
    looks.pld,
    { ...deep(4000, 8), recipe: dropping(progressive) },
    { ...tinyDeep, recipe: dropping(progressive) },
  ),
  preset(
    "random-drop",
    "Plain layer dropping",
    looks.randomDrop,
    { ...deep(4000, 8), recipe: dropping(plainly) },
    { ...tinyDeep, recipe: dropping(plainly) },
  ),
  preset(
    "fpi",
    "bert2BERT FPI",
    looks.fpi,
    { ...gpt(4000), recipe: widened({ id: "fpi", depth: "identity" }) },
    { ...tinyGpt, recipe: widened({ id: "fpi", depth: "identity" }) },
  ),
  preset(
    "aki",
    "bert2BERT AKI",
    looks.aki,
    { ...gpt(4000), recipe: widened({ id: "aki", depth: "bert2bert" }) },
    { ...tinyGpt, recipe: widened({ id: "aki", depth: "bert2bert" }) },
  ),
  preset(
    "two-stage",
    "bert2BERT AKI, two stages",
    looks.twoStage,
    { ...gpt(4000), recipe: inStages },
    { ...tinyGpt, recipe: inStages },
  ),
  preset(
    "mango",
    "Mango",
    looks.mango,
    { ...gpt(4000), recipe: widened({ id: "mango" }) },
    { ...tinyGpt, recipe: widened({ id: "mango", steps: 50 }) },
  ),
  preset(
    "bert-mango",
    "BERT, Mango",
    looks.bertMango,
    { ...bert(4000), recipe: widened({ id: "mango" }) },
    { ...tinyBert, recipe: widened({ id: "mango", steps: 50 }) },
  ),
  preset(
    "vit-mango",
    "Digits, ViT Mango",
    looks.vitMango,
    { ...vit, recipe: widened({ id: "mango" }) },
    { ...tinyVit, recipe: widened({ id: "mango", steps: 50 }) },
  ),
  preset(
    "ligo",
    "LiGO",
    looks.ligo,
    { ...gpt(4000), recipe: widened({ id: "ligo" }) },
    { ...tinyGpt, recipe: widened({ id: "ligo", steps: 50 }) },
  ),
  preset(
    "bert-ligo",
    "BERT, LiGO",
    looks.bertLigo,
    { ...bert(4000), recipe: widened({ id: "ligo" }) },
    { ...tinyBert, recipe: widened({ id: "ligo", steps: 50 }) },
  ),
  preset(
    "vit-ligo",
    "Digits, ViT LiGO",
    looks.vitLigo,
    { ...vit, recipe: widened({ id: "ligo" }) },
    { ...tinyVit, recipe: widened({ id: "ligo", steps: 50 }) },
  ),
  preset("hlstm", "H-LSTM", looks.hlstm, hlstm, tinyHlstm),
  preset("names", "Names", looks.names, names, {
    ...tiny,
    data: names.data,
    budget: { amount: 400 },
  }),
  preset("mlp", "Digits, MLP", looks.mlp, mlp, tinyMlp),
  preset("bert", "BERT", looks.bert, { ...bert(4000), recipe: byHand }, { ...tinyBert, recipe: byHand }),
  preset(
    "bert-stacking",
    "BERT, stacking",
    looks.bertStacking,
    { ...bert(4000), recipe: doublings },
    { ...tinyBert, recipe: doublings },
  ),
  preset("vit", "Digits, ViT", looks.vit, { ...vit, recipe: byHand }, { ...tinyVit, recipe: byHand }),
  preset(
    "vit-stacking",
    "Digits, ViT stacking",
    looks.vitStacking,
    { ...vit, recipe: doublings.slice(1) },
    { ...tinyVit, recipe: doublings.slice(1) },
  ),
  preset(
    "vit-fpi",
    "Digits, ViT wider",
    looks.vitGrowth,
    { ...vit, recipe: widened({ id: "fpi", depth: "identity" }) },
    { ...tinyVit, recipe: widened({ id: "fpi", depth: "identity" }) },
  ),
  preset("cnn", "Digits, CNN", looks.cnn, cnn, tinyCnn),
  preset("areas", "Partial areas", looks.partial, partial, tinyPartial),
  preset("prune-mlp", "Pruning LeNet-300-100", looks.pruned, pruned, tinyPruned),
  preset("iterative", "Pruning in rounds", looks.iterative, iterative, tinyIterative),
  preset("hlstm-paper", "H-LSTM, grown and pruned", looks.byPaper, byPaper, tinyByPaper),
  preset("hlstm-review", "H-LSTM from an LSTM", looks.byReview, byReview, tinyByReview),
  preset("nest", "NeST", looks.nest, nest, tinyNest),
].flat();

export function findPreset(id: string): Preset | null {
  return presets.find((preset) => preset.id === id) ?? null;
}

/** The preset and its small variant. */
function preset(id: string, title: string, look: string, config: object, small: object): readonly Preset[] {
  const capital = look.slice(0, 1).toUpperCase() + look.slice(1);
  return [
    { id, title, look: `${capital}.`, config: complete(id, config), tiny: false },
    {
      id: `${id}-tiny`,
      title: `${title}, small`,
      look: `The small variant: ${look}.`,
      config: complete(`${id}-tiny`, small),
      tiny: true,
    },
  ];
}

/** Every default filled in. A preset that its own check refuses is a fault of this file. */
function complete(id: string, config: object): RunConfig {
  const checked = checkConfig(config);
  if (!checked.ok) throw new Error(`The preset ${id} is refused: ${checked.message}.`);
  return checked.config;
}
