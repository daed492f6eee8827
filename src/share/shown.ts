/**
 * Where each preset was put to the test: the page under public/docs/reproduce/ that `npm run reproduce` printed. Presets that
 * are not here were not; their sentence says so.
 */
export const SHOWN: Readonly<Record<string, string>> = {
  ...{ "char-lstm": "char-lstm", gpt: "gpt", mlp: "mlp" },
  ...{ cascade: "cascade", "fully-connected": "cascade" },
  ...{ stacking: "stacking", pld: "pld", "random-drop": "random-drop" },
  ...{ fpi: "grow-gpt", aki: "grow-gpt", mango: "grow-gpt", ligo: "grow-gpt" },
  ...{ "vit-mango": "grow-vit", "vit-ligo": "grow-vit", "vit-stacking": "grow-vit", "vit-fpi": "grow-vit" },
  ...{ "bert-mango": "grow-bert", "bert-ligo": "grow-bert" },
  ...{ "two-stage": "two-stage", "bert-stacking": "bert-stacking" },
  ...{ areas: "areas", "prune-mlp": "prune-mlp", iterative: "iterative", nest: "nest" },
  ...{ hlstm: "hlstm", "hlstm-paper": "hlstm-paper", "hlstm-review": "hlstm-paper" },
};

/** The page of a preset or of its small variant; null: it has none. */
export const shownOn = (preset: string): string | null => SHOWN[preset.replace(/-tiny$/, "")] ?? null;
