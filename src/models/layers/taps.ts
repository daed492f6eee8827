/** What a model shows of its inside: the first window of a batch, without the batch axis. */
import { slice } from "../../engine/ops/layout.ts";
import type { Tensor, Trace } from "../../engine/types.ts";
import { view } from "./dense.ts";

/** x [B, ...rest] → its row 0 as [...rest]; a free view when B is 1. */
export function windowRow(t: Trace, x: Tensor): Tensor {
  const [batch, ...rest] = x.shape;
  const row = batch === 1 ? x : t.call(slice, [x], { starts: x.shape.map(() => 0), sizes: [1, ...rest] })[0]!;
  return view(t, row, rest);
}
