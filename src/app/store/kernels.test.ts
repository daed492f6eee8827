/** What the kernel page says of figures: speeds and shares, which file reaches which op, and the report as it is pasted. */
import { describe, expect, it } from "vitest";
import type { KernelOp, KernelResult } from "../../run/kernels.ts";
import {
  bytesText,
  compilerSentence,
  figuresOf,
  filesOfOp,
  flopsText,
  percent,
  placeOf,
  reached,
  shortTime,
  speedOf,
} from "./kernel-figures.ts";
import { reportText } from "./kernel-report.ts";

const peaks = { flops: 8e9, bytes: 2e9, by: "timestamps" } as const;
const texts = {
  softmax: '//!include "lib/reduce.wgsl"\nfn a() {}',
  norm: '  //!include "lib/reduce.wgsl"\n//!include "lib/gone.wgsl"',
  fill: "fn f() {}",
  "lib/reduce": '//!include "lib/lanes.wgsl"',
  "lib/lanes": '//!include "lib/reduce.wgsl"',
};
const op = (name: string, shaders: readonly string[], samples = 2): KernelOp => ({
  name,
  ofMethod: false,
  shaders,
  samples: Array.from({ length: samples }, () => ({ inputs: "f32[2,|]", bench: false })),
});
const ops = [op("softmax", ["softmax"]), op("norm", ["norm", "fill"]), op("fill", ["fill"]), op("view", [])];
const result = (given: Partial<KernelResult>): KernelResult => ({
  op: "softmax",
  sample: 0,
  error: 1e-7,
  tolerance: 1e-5,
  off: null,
  time: null,
  ...given,
});

describe("figures", () => {
  it("have their unit", () => {
    expect(flopsText(1.94e9)).toBe("1.9 GFLOP/s");
    expect(flopsText(67e12)).toBe("67 TFLOP/s");
    expect(bytesText(3.3e12)).toBe("3.3 TB/s");
    expect(bytesText(172.4e6)).toBe("172 MB/s");
    expect([3.2e-6, 0.0104, 2.5].map(shortTime)).toEqual(["3.2 µs", "10 ms", "2.5 s"]);
    expect([0.001, 0.24, 1.3].map(percent)).toEqual(["< 1 %", "24 %", "130 %"]);
  });

  it("of a kernel's speed are by what holds it back", () => {
    const time = { seconds: 0.01, by: "timestamps", flops: 4e7, bytes: 1e6 } as const;
    expect(speedOf(time, peaks)).toMatchObject({ text: "4.0 GFLOP/s", share: 0.5 });
    expect(speedOf({ ...time, bytes: 1.5e7 }, peaks)).toMatchObject({ text: "1.5 GB/s", share: 0.75 });
    expect(speedOf({ ...time, flops: 0 }, null)).toMatchObject({ text: "100 MB/s", share: null });
  });

  it("of an op are its worst error and its best speed", () => {
    const softmax = ops[0]!;
    const some = { softmax: { 0: result({ error: 3e-6 }) } };
    expect(figuresOf(softmax, {}, peaks)).toMatchObject({ standing: "unchecked", worst: null });
    expect(figuresOf(softmax, some, peaks)).toMatchObject({ standing: "part", checked: 1 });
    // Nearer to what it may be, though smaller.
    const all = {
      softmax: { 0: result({ error: 3e-6 }), 1: result({ sample: 1, error: 2e-6, tolerance: 2e-6 }) },
    };
    expect(figuresOf(softmax, all, peaks)).toMatchObject({ standing: "passed", worst: { sample: 1 } });
    const bad = { softmax: { ...all.softmax, 0: result({ error: null, off: "no" }) } };
    expect(figuresOf(softmax, bad, peaks)).toMatchObject({ standing: "failed", worst: { sample: 0 } });
  });
});

describe("files", () => {
  it("of an op are its own, then what they include, once", () => {
    expect(filesOfOp(ops[1]!, texts)).toEqual(["norm", "fill", "lib/reduce", "lib/lanes"]);
    expect(filesOfOp(ops[3]!, texts)).toEqual([]);
  });

  it("reach every op that is made of them", () => {
    expect(reached(ops, ["lib/lanes"], texts)).toEqual(["softmax", "norm"]);
    expect(reached(ops, ["fill"], texts)).toEqual(["norm", "fill"]);
  });

  it("are named by a compiler, with the line", () => {
    const message = "shader norm (lib/reduce.wgsl:12): expected ';'";
    expect(placeOf(message)).toEqual({ file: "lib/reduce", line: 12 });
    expect(compilerSentence(message)).toBe("lib/reduce.wgsl, line 12: expected ';'.");
    expect(compilerSentence("shader norm: no such thing.")).toBe("shader norm: no such thing.");
    expect(placeOf("shader norm: no such thing")).toBeNull();
  });
});

it("the report holds device, figures and failures", () => {
  const time = { seconds: 0.01, by: "timestamps", flops: 4e7, bytes: 1e6 } as const;
  const text = reportText({
    name: "Apple M2",
    software: false,
    features: ["timestamp-query", "shader-f16"],
    facts: { vendor: "apple", architecture: "metal-3", description: "", limits: { b: 2, a: 1 } },
    browser: "Test/1.0",
    peaks,
    ops,
    results: {
      softmax: {
        0: result({ time }),
        1: result({ sample: 1, error: 0.5, off: "element 3 | 1, reference 2" }),
      },
    },
    edited: ["lib/reduce"],
    tiles: {
      on: true,
      usual: "spread",
      over: true,
      seconds: 0.4,
      choices: [
        { kernel: "matmul:forward m~14", id: "spread 64×16×1", standing: "spread 32×32×1", ratio: 0.8 },
        { kernel: "layer-norm:forward", id: "spread", standing: "spread", ratio: 1 },
      ],
    },
    memory: { held: 12_400_000, planned: 12_100_000 },
  });
  expect(text.split("\n").slice(0, 19)).toEqual([
    "### Espalier: kernels on this device",
    "",
    "- Adapter: Apple M2 (apple, metal-3)",
    "- Browser: Test/1.0",
    "- Features: shader-f16, timestamp-query",
    "- Peaks: 8.0 GFLOP/s, 2.0 GB/s, by the GPU's own timestamps",
    "- Memory of the run: 12.4 MB, planned 12.1 MB",
    "- Tiles: Timed on this device: 1 of 2 kernels exchanged. matmul:forward m~14: spread 64×16×1 for spread 32×32×1, 80 % of its time.",
    "- Samples: 1 passed, 1 failed, 6 not checked",
    "- Edited: lib/reduce.wgsl",
    "",
    "- **softmax #1**: element 3 \\| 1, reference 2",
    "",
    "| op | sample | max error | tolerance | | time | speed | of the peak |",
    "|---|---|---|---|---|---|---|---|",
    "| softmax | #0 f32[2,\\|] | 1e-7 | 1e-5 | passed | 10 ms | 4.0 GFLOP/s | 50 % |",
    "| softmax | #1 f32[2,\\|] | .5 | 1e-5 | failed |  |  |  |",
    "",
    "<details><summary>Limits</summary>",
  ]);
  expect(text).toContain("- a: 1\n- b: 2\n");
});
