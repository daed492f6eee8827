export { accuracy } from "./accuracy.ts";
export { activationGrad } from "./activation-grad.ts";
export { accumulate, countActive, countBad, forgetDormant, markAges } from "./ages.ts";
export { wakeAt, whereActive } from "./ages-at.ts";
export { assemble, disassemble } from "./assemble.ts";
export { attention } from "./attention.ts";
export { attentionFigures } from "./attention-figures.ts";
export { attentionGrad } from "./attention-grad.ts";
export { attentionLikeness } from "./attention-likeness.ts";
export { batchNorm, batchNormGrad, batchNormInference, batchNormTrack } from "./batch-norm.ts";
export { add, and, div, mul, or, sub } from "./binary.ts";
export { conv2d } from "./conv2d.ts";
export { conv2dArea, convAreaGradInput, convAreaGradWeight } from "./conv2d-area.ts";
export { convAreaBoxes } from "./conv2d-area-boxes.ts";
export { convAreaMean } from "./conv2d-area-mean.ts";
export { conv2dGradInput } from "./conv2d-grad-input.ts";
export { conv2dGradWeight } from "./conv2d-grad-weight.ts";
export { crossEntropy, crossEntropyGrad } from "./cross-entropy.ts";
export { deal, dealGrad } from "./deal.ts";
export { drawImages } from "./draw-images.ts";
export { drawWindows } from "./draw-windows.ts";
export { dropout } from "./dropout.ts";
export { embedding, embeddingGrad } from "./embedding.ts";
export { draw, fill } from "./fill.ts";
export { gated, gatedSum } from "./gated-sum.ts";
export { hLstm } from "./h-lstm.ts";
export { hLstmGrad } from "./h-lstm-grad.ts";
export { layerNorm, layerNormGrad } from "./layer-norm.ts";
export { concat, pad, permute, slice } from "./layout.ts";
export { lstm } from "./lstm.ts";
export { lstmGrad, lstmShift } from "./lstm-grad.ts";
export { lstmTokens } from "./lstm-tokens.ts";
export { lstmTokensGrad } from "./lstm-tokens-grad.ts";
export { maskCount } from "./mask-count.ts";
export { maskHistogram } from "./mask-histogram.ts";
export { maskLines } from "./mask-lines.ts";
export { maskMoments } from "./mask-moments.ts";
export { maskSelect } from "./mask-select.ts";
export { maskTokens } from "./mask-tokens.ts";
export { maskedMean, maskedMeanGrad } from "./masked-mean.ts";
export { matmul } from "./matmul.ts";
export { matmulGrad } from "./matmul-grad.ts";
export { matmulGradWeight } from "./matmul-grad-weight.ts";
export { meanCrossEntropy } from "./mean-cross-entropy.ts";
export { norm } from "./norm.ts";
export { pool, poolGrad } from "./pool.ts";
export { expand, reduce } from "./reduce.ts";
export { reshape } from "./reshape.ts";
export { sampleToken } from "./sample-token.ts";
export { softmax, softmaxBackward } from "./softmax.ts";
export { take, takeBackward } from "./take.ts";
export {
  exp,
  gelu,
  leakyRelu,
  log,
  neg,
  offset,
  relu,
  scale,
  sigmoid,
  sqrt,
  square,
  tanh,
  unaryBackward,
} from "./unary.ts";
