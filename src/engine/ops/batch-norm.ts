/**
 * Batch normalisation (Ioffe and Szegedy 2015), as four ops: by the statistics of the batch, for training; its gradient;
 * by running statistics, for everything else; and the update of those. The running statistics lie in the parameter arena
 * (`ParamSpec.state`), so undo, snapshots and growth carry them like weights.
 */
import { sizeOf } from "../layout.ts";
import type { NdArray, OpDef, TensorSpec } from "../types.ts";
import { elementGrid } from "./grid.ts";
import { sumTolerance } from "./matmul-tile.ts";
import { filled } from "./strided.ts";

export interface BatchNormAttrs {
  readonly eps: number;
}

const f32 = (...shape: number[]): TensorSpec => ({ shape, dtype: "f32" });

/** x [N, C, …] */
function dims(x: TensorSpec, perChannel: readonly TensorSpec[]) {
  const [batch, channels, ...rest] = x.shape;
  if (batch === undefined || channels === undefined || x.dtype !== "f32") {
    throw new Error(`batch-norm: needs f32 [N, C, …], not [${x.shape}]`);
  }
  for (const { shape } of perChannel) {
    if (sizeOf(shape) !== channels)
      throw new Error(`batch-norm: [${shape}] does not fit ${channels} channels`);
  }
  return { batch, channels, area: sizeOf(rest) };
}

function checkStats(stats: TensorSpec, channels: number): void {
  if (`${stats.shape}` !== `2,${channels}`) {
    throw new Error(
      `batch-norm: statistics of ${channels} channels are [2, ${channels}], not [${stats.shape}]`,
    );
  }
}

const sizesOf = (d: ReturnType<typeof dims>, eps: number, momentum = 0, unbiased = 1) => ({
  ...d,
  eps,
  momentum,
  unbiased,
});

/** Calls `visit` with the channel of each element. */
function walk(
  { batch, channels, area }: ReturnType<typeof dims>,
  visit: (c: number, at: number) => void,
): void {
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < area; p++) visit(c, (n * channels + c) * area + p);
    }
  }
}

/** Inputs x [N, C, …], weight [C], bias [C]; gives y and the batch's statistics [2, C]: mean and (biased) variance. */
export const batchNorm: OpDef<BatchNormAttrs> = {
  name: "batch-norm",
  infer([x, weight, bias]) {
    const { channels } = dims(x!, [weight!, bias!]);
    return [f32(...x!.shape), f32(2, channels)];
  },
  lower([x, weight, bias], [y, stats], { eps }) {
    const d = dims(x!, [weight!, bias!]);
    const bind = { x: x!, weight: weight!, bias: bias!, y: y!, stats: stats! };
    return [
      { shader: "batch-norm", entry: "forward", sizes: sizesOf(d, eps), bind, grid: [d.channels, 1, 1] },
    ];
  },
  vjp(t, { inputs: [x, weight], outputs: [, stats], attrs }, [dy, dStats]) {
    if (dStats) throw new Error("batch-norm: the statistics are kept, and have no gradient");
    return dy ? t.call(batchNormGrad, [x!, weight!, stats!, dy], attrs) : [null, null, null];
  },
  reference([x, weight, bias], { eps }) {
    const d = dims(x!, [weight!, bias!]);
    const n = d.batch * d.area;
    const stats = filled([2, d.channels], "f32");
    walk(d, (c, at) => {
      stats.data[c]! += x!.data[at]! / n;
    });
    walk(d, (c, at) => {
      stats.data[d.channels + c]! += (x!.data[at]! - stats.data[c]!) ** 2 / n;
    });
    return [normalised(x!, weight!, bias!, stats, eps), stats];
  },
  samples: [
    { inputs: [f32(3, 4, 2, 3), f32(4), f32(4)], attrs: { eps: 1e-5 }, tolerance: sumTolerance(18) },
    { inputs: [f32(7, 3), f32(3), f32(3)], attrs: { eps: 1e-3 }, tolerance: sumTolerance(7) },
    // More values of a channel than lanes.
    { inputs: [f32(5, 2, 9, 8), f32(2), f32(2)], attrs: { eps: 1e-5 }, tolerance: sumTolerance(360) },
    {
      inputs: [f32(64, 20, 12, 12), f32(20), f32(20)],
      attrs: { eps: 1e-5 },
      tolerance: sumTolerance(360),
      bench: true,
    },
  ],
};

function normalised(x: NdArray, weight: NdArray, bias: NdArray, stats: NdArray, eps: number): NdArray {
  const d = dims(x, [weight, bias]);
  const y = filled(x.shape, "f32");
  walk(d, (c, at) => {
    const scale = weight.data[c]! / Math.sqrt(stats.data[d.channels + c]! + eps);
    y.data[at] = (x.data[at]! - stats.data[c]!) * scale + bias.data[c]!;
  });
  return y;
}

/** Inputs x, weight, the batch's statistics and dy; gives dx, dweight, dbias. */
export const batchNormGrad: OpDef<BatchNormAttrs> = {
  name: "batch-norm-grad",
  infer([x, weight, stats, dy]) {
    const { channels } = dims(x!, [weight!]);
    checkStats(stats!, channels);
    if (`${dy!.shape}` !== `${x!.shape}`) {
      throw new Error(`batch-norm-grad: x is [${x!.shape}] and dy [${dy!.shape}]`);
    }
    return [f32(...x!.shape), f32(channels), f32(channels)];
  },
  lower([x, weight, stats, dy], [dx, dweight, dbias], { eps }) {
    const d = dims(x!, [weight!]);
    const read = { x: x!, weight: weight!, known: stats!, dy: dy! };
    return [
      {
        shader: "batch-norm",
        entry: "backward",
        sizes: sizesOf(d, eps),
        bind: { ...read, dx: dx!, dweight: dweight!, dbias: dbias! },
        grid: [d.channels, 1, 1],
      },
    ];
  },
  reference([x, weight, stats, dy], { eps }) {
    const d = dims(x!, [weight!]);
    const n = d.batch * d.area;
    const scale = Float64Array.from(
      { length: d.channels },
      (_, c) => 1 / Math.sqrt(stats!.data[d.channels + c]! + eps),
    );
    const hat = (c: number, at: number) => (x!.data[at]! - stats!.data[c]!) * scale[c]!;
    const [dx, dweight, dbias] = [
      filled(x!.shape, "f32"),
      filled([d.channels], "f32"),
      filled([d.channels], "f32"),
    ];
    walk(d, (c, at) => {
      dbias.data[c]! += dy!.data[at]!;
      dweight.data[c]! += dy!.data[at]! * hat(c, at);
    });
    walk(d, (c, at) => {
      const rest = dy!.data[at]! - dbias.data[c]! / n - (hat(c, at) * dweight.data[c]!) / n;
      dx.data[at] = weight!.data[c]! * scale[c]! * rest;
    });
    return [dx, dweight, dbias];
  },
  samples: [
    sampleOf([f32(3, 4, 2, 3), f32(4), f32(2, 4), f32(3, 4, 2, 3)]),
    sampleOf([f32(300, 2), f32(2), f32(2, 2), f32(300, 2)]),
  ],
};

/** Inputs x, weight, bias and the running statistics [2, C]; gives y. What is looked at, probed or judged goes this way. */
export const batchNormInference: OpDef<BatchNormAttrs> = {
  name: "batch-norm-inference",
  infer([x, weight, bias, running]) {
    checkStats(running!, dims(x!, [weight!, bias!]).channels);
    return [f32(...x!.shape)];
  },
  lower([x, weight, bias, running], [y], { eps }) {
    const d = dims(x!, [weight!, bias!]);
    return [
      {
        shader: "batch-norm",
        entry: "inference",
        sizes: sizesOf(d, eps),
        bind: { x: x!, weight: weight!, bias: bias!, known: running!, y: y! },
        grid: elementGrid(sizeOf(x!.shape)),
      },
    ];
  },
  reference: ([x, weight, bias, running], { eps }) => [normalised(x!, weight!, bias!, running!, eps)],
  samples: [
    sampleOf([f32(3, 4, 2, 3), f32(4), f32(4), f32(2, 4)], 3),
    sampleOf([f32(90, 3), f32(3), f32(3), f32(2, 3)], 3),
  ],
};

export interface BatchNormTrackAttrs {
  /** Weight of the newest batch: PyTorch's momentum. */
  readonly momentum: number;
  /** Values of a channel in a batch, n: its variance counts n / (n − 1) times, as an estimate. */
  readonly count: number;
}

/** Inputs the running statistics [2, C] and a batch's; the first is updated in place, unless the second is no number. */
export const batchNormTrack: OpDef<BatchNormTrackAttrs> = {
  name: "batch-norm-track",
  alias: [0],
  infer([running, stats]) {
    checkStats(stats!, running!.shape[1] ?? 0);
    return [f32(...running!.shape)];
  },
  lower([, stats], [running], { momentum, count }) {
    const channels = running!.shape[1]!;
    const d = { batch: 1, channels, area: 1 };
    return [
      {
        shader: "batch-norm",
        entry: "track",
        sizes: sizesOf(d, 0, momentum, unbiased(count)),
        bind: { known: stats!, running: running! },
        grid: [Math.ceil((2 * channels) / 64), 1, 1],
      },
    ];
  },
  reference([running, stats], { momentum, count }) {
    const channels = running!.shape[1]!;
    const newest = stats!.data.map((v, i) => (i < channels ? v : v * unbiased(count)));
    const next = (v: number, to: number) => (Number.isFinite(to) ? (1 - momentum) * v + momentum * to : v);
    return [{ ...running!, data: running!.data.map((v, i) => next(v, newest[i]!)) }];
  },
  samples: [
    { inputs: [f32(2, 5), f32(2, 5)], attrs: { momentum: 0.1, count: 12 } },
    { inputs: [f32(2, 40), f32(2, 40)], attrs: { momentum: 0.3, count: 1 } },
    {
      inputs: [f32(2, 2), f32(2, 2)],
      attrs: { momentum: 0.5, count: 3 },
      values: (i) => (i === 0 ? [1, 2, 3, 4] : [Number.NaN, 4, Number.POSITIVE_INFINITY, 2]),
      wrt: [],
    },
  ],
};

/** Of one value there is no estimate: its 0 stays. */
const unbiased = (count: number): number => (count > 1 ? count / (count - 1) : 1);

/** Variances (the second row of input `stats`) are positive. */
function sampleOf(inputs: readonly TensorSpec[], stats = 2) {
  const values = (input: number, { shape }: TensorSpec) =>
    Array.from({ length: sizeOf(shape) }, (_, i) => {
      const v = 1.5 * Math.sin(1.3 * i + input);
      return input === stats && i >= sizeOf(shape) / 2 ? 0.2 + v * v : v;
    });
  return { inputs, attrs: { eps: 1e-5 }, values, tolerance: sumTolerance(300) };
}
