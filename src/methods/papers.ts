/** Papers that several methods come from. */
import type { MethodBase } from "./types.ts";

type Paper = MethodBase<string, never>["paper"];

export const NEST: Paper = {
  title: "NeST: A Neural Network Synthesis Tool Based on a Grow-and-Prune Paradigm",
  authors: "Dai, Yin, Jha",
  year: 2019,
  arxiv: "1711.02017",
};
