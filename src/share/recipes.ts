/**
 * What presets and trials do to a run, as entries of a recipe: pruning as long as it recovers, pruning in a fixed number of
 * rounds, narrowing areas, and the two ways of growing and pruning an H-LSTM. Values: grow-prune §2.2, §3.10 and §5.3.
 */
export interface Cuts {
  /** Step of the evaluation that is the reference; the first cut comes after it. */
  readonly from: number;
  /** Share of the active weights a round. */
  readonly share: number;
  /** Least steps between rounds. */
  readonly rest: number;
  readonly times?: number;
  /** fraction: of each matrix. global: one ranking over all, so that small matrices with large weights keep more. */
  readonly mode?: "fraction" | "global";
}

/** Magnitude pruning while the network recovers; the cut that was one too many is taken back. */
export const recovering = (
  { from, share, rest, times = 64, mode = "fraction" }: Cuts,
  allowed: { readonly fall?: number; readonly rise?: number },
  target = "",
) => ({
  trigger: { id: "until", from, rest, rounds: 4, times, ...allowed },
  action: { id: "magnitude", mode, share, target },
});

/** So many cuts, whatever comes of them. */
export const rounds = (cuts: Cuts & { readonly times: number }) => recovering(cuts, { fall: 100, rise: 100 });

/** Of each slice's map the places where it says least, while the network recovers: partial areas. */
export const narrowing = ({ from, share, rest, times = 64 }: Cuts, allowed: { readonly fall: number }) => ({
  trigger: { id: "until", from, rest, rounds: 4, times, ...allowed },
  action: { id: "areas", mode: "least", share },
});

/** One cut that leaves as much as `times` cuts of `share` do. */
export const oneCut = ({ from, share, rest, times }: Cuts & { readonly times: number }) =>
  rounds({ from, rest, times: 1, share: 1 - (1 - share) ** times });

/** What is inside the gates; the embedding and the readout stay dense. */
const GATES = "layers";

export interface GrowPrune {
  /** A growth every so many steps, so often. */
  readonly grow: { readonly every: number; readonly times: number };
  /** Steps completed at the swap. */
  readonly swap: number;
  readonly prune: Omit<Cuts, "from">;
  /** Steps between the swap and the reference for pruning. */
  readonly settle: number;
  /** Learning rate after the swap. */
  readonly lr: number;
}

/** Of what sleeps 15 % an event, until seven tenths are awake (grow-prune §5.3). */
const sleepers = { id: "connections", share: 0.15, most: 0.7, window: 20, target: GATES };

/** Swap, retraining, pruning with roll-back to the last good state, and what was cut off taken out at the end. */
const swapAndPrune = ({ swap, settle, lr, prune }: GrowPrune) => [
  { trigger: { id: "step", step: swap }, action: { id: "swap-activation" } },
  { trigger: { id: "step", step: swap }, action: { id: "edit", path: "optim.lr", value: lr } },
  recovering({ ...prune, from: swap + settle }, { rise: 1 }, GATES),
  { trigger: { id: "at", fraction: 0.98 }, action: { id: "compact-gates" } },
  { trigger: { id: "at", fraction: 0.98 }, action: { id: "compact" } },
];

/** "Paper": a sparse seed of three tenths, connections by their gradients, swap, pruning. */
export const paperWay = (at: GrowPrune) => [
  { trigger: { id: "step", step: 0 }, action: { id: "sparse-seed", density: 0.3, target: GATES } },
  { trigger: { id: "every", steps: at.grow.every, times: at.grow.times }, action: sleepers },
  ...swapAndPrune(at),
];

/** "Seed review": a plain LSTM gains a layer inside its gates, whose dormant connections then grow; swap, pruning. */
export const reviewWay = (at: GrowPrune) => [
  { trigger: { id: "step", step: at.grow.every }, action: { id: "insert-gate-layer" } },
  {
    trigger: { id: "every", steps: 2 * at.grow.every, times: Math.max(1, Math.floor(at.grow.times / 2)) },
    action: sleepers,
  },
  ...swapAndPrune(at),
];
