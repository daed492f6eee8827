/**
 * Weights as a batch norm behind them makes them count (grow-prune §3.6): W_eff = γ/√(var + ε) · W for each output channel.
 * A ranking by |W_eff| does not care how large W and the running variance are together, nor is it fooled by a gain of 0.
 * What is stored stays W: only the ranking changes.
 */
import { arenaLayout } from "../../engine/layout.ts";
import { div, mul } from "../../engine/ops/binary.ts";
import { slice } from "../../engine/ops/layout.ts";
import { reshape } from "../../engine/ops/reshape.ts";
import { offset, sqrt } from "../../engine/ops/unary.ts";
import type { ParamSpec, Params, Tensor, Trace } from "../../engine/types.ts";
import type { Norm } from "../../models/types.ts";
import { cut, join } from "../grow/tools.ts";
import type { Side, StructureState } from "../types.ts";

/** s = γ/√(var + ε) of each output channel, [O]. */
export function scaleOf(t: Trace, params: Params, { gain, running, eps }: Norm): Tensor {
  const stats = params.get(running)!;
  const channels = stats.shape[1]!;
  const [second] = t.call(slice, [stats], { starts: [1, 0], sizes: [1, channels] });
  const [variance] = t.call(reshape, [second!], { shape: [channels] });
  const [deviation] = t.call(sqrt, [t.call(offset, [variance!], { value: eps })[0]!], {});
  return t.call(div, [params.get(gain)!, deviation!], {})[0]!;
}

export function effective(t: Trace, params: Params, norm: Norm): Tensor {
  const w = params.get(norm.weight)!;
  const shape = w.shape.map((d, k) => (k === 0 ? d : 1));
  const [rows] = t.call(reshape, [scaleOf(t, params, norm)], { shape });
  return t.call(mul, [w, rows!], {})[0]!;
}

/** The parameters' arena, flat, with these matrices as they count. */
export function effectiveArena(
  t: Trace,
  { specs }: Side,
  { params, flat }: StructureState,
  norms: readonly Norm[],
): Tensor {
  const { entries, length } = arenaLayout(specs);
  const at = (path: string) => entries.get(path)!;
  const order = [...norms].sort((a, b) => at(a.weight).offset - at(b.weight).offset);
  const parts: (Tensor | null)[] = [];
  let end = 0;
  for (const norm of order) {
    const { offset: from, count } = at(norm.weight);
    parts.push(cut(t, flat.params, 0, end, from));
    parts.push(t.call(reshape, [effective(t, params, norm)], { shape: [count] })[0]!);
    end = from + count;
  }
  parts.push(cut(t, flat.params, 0, end, length));
  return join(t, parts, 0);
}

/** Those of the norms whose matrix is one of these. */
export const normsOf = (norms: readonly Norm[], specs: readonly ParamSpec[]): readonly Norm[] =>
  norms.filter(({ weight }) => specs.some(({ path }) => path === weight));
