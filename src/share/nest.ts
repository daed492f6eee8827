/**
 * NeST's whole loop as entries of a recipe (grow-prune §3.2), for the preset and for its trial: a sparse seed; while the goal
 * is not met, connections and a unit a layer; from then on pruning for as long as the network comes back to the goal.
 */
export interface Growth {
  /** α_c: share of the dormant connections a round. */
  readonly share: number;
  /** T_g: least steps between rounds. */
  readonly rest: number;
}

/** γ a round, and least steps between rounds. */
export type Pruning = Growth;

/** Prune while the goal (percent) is met; at the end take out what pruning has cut off, which changes nothing. */
export const loop = (goal: number, { share, rest }: Pruning) => [
  {
    trigger: { id: "until", from: 1, goal, rest, rounds: 6, times: 64 },
    action: { id: "magnitude", mode: "fraction", share },
  },
  { trigger: { id: "at", fraction: 0.99 }, action: { id: "compact" } },
];

export const nestRecipe = (at: { readonly goal: number; readonly grow: Growth; readonly prune: Pruning }) => {
  const grows = { id: "until-good", goal: at.goal, rest: at.grow.rest };
  return [
    { trigger: { id: "step", step: 0 }, action: { id: "sparse-seed", density: 0.1 } },
    { trigger: grows, action: { id: "connections", share: at.grow.share } },
    { trigger: grows, action: { id: "neurons" } },
    ...loop(at.goal, at.prune),
  ];
};
