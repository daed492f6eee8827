/**
 * Pre-LN decoder as in GPT-2: h = x + MHA(LN(x)), x' = h + FFN(LN(h)), a last LN before the head, which is untied unless
 * asked. A place reads itself and what stands before it.
 */
import type { Schema, Values } from "../config/schema.ts";
import { applyCharacters, characterSpecs } from "./layers/characters.ts";
import {
  blockFlops,
  checkTrunk,
  describeTrunk,
  skippedBlocks,
  TIED_FIELD,
  TRANSFORMER_FIELDS,
  TRUNK_GROWTH,
} from "./layers/transformer.ts";
import { transformerAnatomy } from "./layers/transformer-anatomy.ts";
import type { Model } from "./types.ts";

const schema = { ...TRANSFORMER_FIELDS, tied: TIED_FIELD } as const satisfies Schema;

export type GptArch = Values<typeof schema>;

const CHARACTERS = { special: 1, causal: true, bias: false } as const;

export const gpt: Model<typeof schema> = {
  id: "gpt",
  label: "GPT",
  schema,
  task: "next-token",
  bos: true,
  attends: "causal",
  growth: TRUNK_GROWTH,
  params: (arch, data) => characterSpecs(arch, data, CHARACTERS),
  apply: (t, arch, data, params, batch, options) =>
    applyCharacters(t, arch, data, params, batch, options, CHARACTERS),

  /** Rows of tables are looked up: 0. */
  flops(arch, { vocab, context }) {
    const executed = arch.layers * blockFlops(arch, context, true) + 2 * arch.width * vocab;
    return { executed, active: executed };
  },

  check: checkTrunk,
  anatomy: (arch, { context }) => transformerAnatomy(arch, context, "text"),
  describe: describeTrunk,
  skips: skippedBlocks,
};
