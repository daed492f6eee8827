/** Small pieces for tests of traces and plans. */
import { expect } from "vitest";
import { arenaLayout } from "../engine/layout.ts";
import type { NdArray, OpDef, Program, Tensor, Trace } from "../engine/types.ts";

export const f32 = (...shape: number[]) => ({ shape, dtype: "f32" as const });
export const layout = (...sizes: number[]) =>
  arenaLayout(
    sizes.map((n, i) => ({ path: `p${i}`, shape: [n], axes: [], init: { law: "zeros" }, decay: true })),
  );
export const one = (t: Trace, op: OpDef, ...inputs: Tensor[]): Tensor => t.call(op, inputs, {})[0]!;

/** "neg tanh copy": the commands by op. */
export const ops = ({ commands }: Program): string =>
  commands.map((c) => (c.kind === "dispatch" ? c.op : c.kind)).join(" ");
export const scratch = ({ buffers }: Program) => buffers.filter(({ role }) => role === "scratch");

/** Every dispatch keeps its inputs' buffers and its outputs' apart, by the calls alone. */
export function expectNoAliasing(
  { calls, tensors, buffers }: Program,
  inPlace: readonly string[] = [],
): void {
  for (const { op, inputs, outputs } of calls) {
    if (op === "copy" || inPlace.includes(op)) continue;
    const read = new Set(inputs.map((i) => tensors[i]!.buffer));
    for (const output of outputs) {
      const { buffer } = tensors[output]!;
      expect(read.has(buffer), `${op} reads and writes b${buffer} (${buffers[buffer]!.role})`).toBe(false);
    }
  }
}

/** x ← x + factor · g, in place. */
export const step: OpDef = {
  name: "step",
  alias: [0],
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  lower: ([, g], [y]) => [{ shader: "step", entry: "go", bind: { x: y!, g: g! }, grid: [1, 1, 1] }],
  reference: ([x, g]): readonly NdArray[] => [{ ...x!, data: x!.data.map((v, i) => v + g!.data[i]!) }],
  samples: [],
};
