/**
 * Encoder over characters as in BERT: every place reads every place, and of some places what stood there is asked for.
 * [CLS] (id V) stands before each window; [MASK] (id V + 1) where a symbol was hidden. Norms stand before the arms, or
 * behind the sums as the original had them. The head is the embedding's own rows and a bias, unless it is untied.
 */
import type { Schema, Values } from "../config/schema.ts";
import { ofCharacters } from "./layers/characters.ts";
import { TIED_FIELD, TRANSFORMER_FIELDS } from "./layers/transformer.ts";
import type { Model } from "./types.ts";

const schema = {
  ...TRANSFORMER_FIELDS,
  tied: { ...TIED_FIELD, default: true },
  norm: {
    kind: "choice",
    label: "Norms",
    help: "Pre: before each arm; deep networks train better, silent layers change nothing. Post: behind each sum, as in the original.",
    default: "pre",
    options: ["pre", "post"],
  },
} as const satisfies Schema;

export type BertArch = Values<typeof schema>;

export const bert: Model<typeof schema> = {
  id: "bert",
  label: "BERT",
  schema,
  masked: true,
  ...ofCharacters({ special: 2, causal: false, bias: true }),
};
