/** Transformers over characters: token and position tables below, a last norm and a readout above. */
import { add } from "../../engine/ops/binary.ts";
import { crossEntropy } from "../../engine/ops/cross-entropy.ts";
import { embedding } from "../../engine/ops/embedding.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { Applied, ApplyOptions, Batch, DataShape } from "../types.ts";
import { view } from "./dense.ts";
import {
  blockFlops,
  blockSpecs,
  checkTrunk,
  describeTrunk,
  dropped,
  matrix,
  norm,
  normSpecs,
  type Pass,
  readout,
  skippedBlocks,
  TRUNK_GROWTH,
  type TrunkArch,
  table,
  trunk,
  vector,
} from "./transformer.ts";
import { transformerAnatomy } from "./transformer-anatomy.ts";

export type CharactersArch = TrunkArch & { readonly tied: boolean };

export interface Characters {
  /** Symbols beside the text's own: [BOS]; or [CLS] and [MASK]. */
  readonly special: number;
  readonly causal: boolean;
  /** The head has a bias. */
  readonly bias: boolean;
}

function characterSpecs(
  arch: CharactersArch,
  { vocab, context }: DataShape,
  { special, bias }: Characters,
): readonly ParamSpec[] {
  const { width, tied } = arch;
  return [
    table("wte.weight", vocab + special, "tokens", width),
    table("wpe.weight", context, "positions", width),
    ...(arch.norm === "post" ? normSpecs("ln_e", width) : []),
    ...blockSpecs(arch),
    ...normSpecs("ln_f", width, tied),
    ...(tied ? [] : [matrix("lm_head.weight", [vocab, width], ["vocab", "width"])]),
    ...(bias ? [vector("lm_head.bias", [vocab], ["vocab"])] : []),
  ];
}

/** Dropout at 0 is left out of the trace, so a run without it pays nothing: crossing 0 needs a new trace. */
function applyCharacters(
  t: Trace,
  arch: CharactersArch,
  { vocab }: DataShape,
  params: Params,
  { inputs, targets }: Batch,
  options: ApplyOptions,
  { causal }: Characters,
): Applied {
  const [batch, places] = inputs.shape as [number, number];
  const rows = batch * places;
  const taps = new Map<string, Tensor>();
  const pass: Pass = { t, arch, params, options, batch, places, causal, taps };
  const embedded = t.segment("embed", null, () => {
    const tokens = t.call(embedding, [params.get("wte.weight")!, view(t, inputs, [rows])], {})[0]!;
    const wpe = params.get("wpe.weight")!;
    const summed = t.call(add, [view(t, tokens, [batch, places, arch.width]), wpe], {})[0]!;
    const flat = view(t, summed, [rows, arch.width]);
    return dropped(pass, arch.norm === "post" ? norm(pass, "ln_e", flat) : flat, 0);
  });
  const x = trunk(pass, embedded);
  return t.segment("head", null, () => {
    const logits = readout(pass, norm(pass, "ln_f", x), vocab, arch.tied);
    const losses = targets && t.call(crossEntropy, [logits, view(t, targets, [rows])], {})[0]!;
    return { logits, losses, taps };
  });
}

/** All of such a model but its names and its schema. Rows of tables are looked up and cost nothing: 0. */
export const ofCharacters = (kind: Characters) =>
  ({
    task: "next-token",
    bos: true,
    attends: kind.causal ? "causal" : "all",
    growth: TRUNK_GROWTH,
    params: (arch: CharactersArch, data: DataShape) => characterSpecs(arch, data, kind),
    apply: (
      t: Trace,
      arch: CharactersArch,
      data: DataShape,
      params: Params,
      batch: Batch,
      options: ApplyOptions,
    ) => applyCharacters(t, arch, data, params, batch, options, kind),
    flops(arch: CharactersArch, { vocab, context }: DataShape) {
      const executed = arch.layers * blockFlops(arch, context, kind.causal) + 2 * arch.width * vocab;
      return { executed, active: executed };
    },
    check: checkTrunk,
    anatomy: (arch: CharactersArch, { context }: DataShape) => transformerAnatomy(arch, context, "text"),
    describe: describeTrunk,
    skips: skippedBlocks,
  }) as const;
