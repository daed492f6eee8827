/**
 * Pre-LN decoder as in GPT-2: h = x + MHA(LN(x)), x' = h + FFN(LN(h)), a last LN before the head, which is untied unless
 * asked. A place reads itself and what stands before it.
 */
import type { Schema, Values } from "../config/schema.ts";
import { ofCharacters } from "./layers/characters.ts";
import { TIED_FIELD, TRANSFORMER_FIELDS } from "./layers/transformer.ts";
import type { Model } from "./types.ts";

const schema = { ...TRANSFORMER_FIELDS, tied: TIED_FIELD } as const satisfies Schema;

export type GptArch = Values<typeof schema>;

export const gpt: Model<typeof schema> = {
  id: "gpt",
  label: "GPT",
  schema,
  ...ofCharacters({ special: 1, causal: true, bias: false }),
};
