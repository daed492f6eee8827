/**
 * An image as a kernel hears it when its background is silent. Pixels are shifted and scaled before a network reads them, so
 * that the background is no 0 and every kernel says the same loud nothing there; partial areas ask where a kernel says
 * something. NeST's images have a background of 0.
 */
import { sizeOf } from "../../engine/layout.ts";
import { add, sub } from "../../engine/ops/binary.ts";
import { slice } from "../../engine/ops/layout.ts";
import { maskMoments } from "../../engine/ops/mask-moments.ts";
import { maskTiles } from "../../engine/ops/mask-tiles.ts";
import { reshape } from "../../engine/ops/reshape.ts";
import type { Tensor, Trace } from "../../engine/types.ts";
import { filled } from "../grow/tools.ts";
import { tilesIn } from "./survey.ts";

/** The largest |x|, [1, …] in as many axes as x has. */
function largest(t: Trace, x: Tensor): Tensor {
  const count = sizeOf(x.shape);
  const tiles = maskTiles([{ offset: 0, count, group: 0 }]);
  const [flat] = t.call(reshape, [x], { shape: [count] });
  const inputs = [flat!, filled(t, [count], 1, "u32"), tilesIn(t, tiles)];
  const [moments] = t.call(maskMoments, inputs, tiles.attrs);
  const [most] = t.call(slice, [moments!], { starts: [0, 3], sizes: [1, 1] });
  return t.call(reshape, [most!], { shape: x.shape.map(() => 1) })[0]!;
}

/** x − min x, as (x − m) + max|x − m| with m = max|x|. */
export function aboveBackground(t: Trace, x: Tensor): Tensor {
  const [low] = t.call(sub, [x, largest(t, x)], {});
  return t.call(add, [low!, largest(t, low!)], {})[0]!;
}
