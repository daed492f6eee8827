/** Names of dinosaurs: Greek and Latin pieces that a small network learns to put together. */
import type { TextDataset } from "./types.ts";

export const dinosaurs: TextDataset = {
  id: "dinosaurs",
  label: "Dinosaurs",
  summary: "1,318 names of dinosaurs, one a line.",
  schema: {},
  licence: "WTFPL",
  source: "dinosaurs 1.2.1",
  kind: "list",
  yardsticks: [
    { label: "bigram", bits: 3.06 },
    { label: "5-gram", bits: 2.48 },
  ],
  chars: 16_865,
  symbols: 27,
  bytes: 5_864,
  async prepare(read) {
    const all = new Set((await read("dinosaurs/dinosaurs.csv")).split(/\s+/).filter(Boolean));
    return `${[...all].sort().join("\n")}\n`;
  },
};
