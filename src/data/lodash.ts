/** The source of lodash: brackets to close, names to remember, comments to write. */
import { cleanText } from "./clean.ts";
import type { TextDataset } from "./types.ts";

export const lodash: TextDataset = {
  id: "lodash",
  label: "Source code (lodash)",
  summary: "The JavaScript library lodash in one file: 546 thousand characters of code and comments.",
  schema: {},
  licence: "MIT (OpenJS Foundation and other contributors)",
  source: "lodash 4.18.1",
  kind: "text",
  yardsticks: [
    { label: "bigram", bits: 3.45 },
    { label: "trigram", bits: 2.27 },
    { label: "5-gram", bits: 1.62 },
  ],
  chars: 545_940,
  symbols: 96,
  bytes: 97_000,
  prepare: async (read) => cleanText(await read("lodash/lodash.js")),
};
