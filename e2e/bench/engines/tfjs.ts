/**
 * TensorFlow.js on its WebGPU backend, as its guides have it: variables, `tf.variableGrads` in a tidy, `tf.train.adam`,
 * `tf.fused.matMul` for dense layers, `tf.losses.softmaxCrossEntropy`. Decoupled weight decay, which its Adam lacks, is one
 * multiplication a decayed variable. Products over the input are taken once for all time steps.
 *
 * One-hot vectors are made as floats: `oneHot().toFloat()` followed by `transpose` is silently wrong on this backend.
 */
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs";
import type { GptJob, Job, LstmJob, TrainingJob } from "../../../src/cli/bench/jobs.ts";
import { devicesIdle, takeCounts } from "../count.ts";
import { firstRow, LN_EPS, matrices, OPTIM, type Prepared, prepare } from "../prepared.ts";
import type { Engine, Taken } from "./types.ts";

type Weights = ReadonlyMap<string, tf.Variable>;

let started: Promise<void> | null = null;

function start(): Promise<void> {
  started ??= (async () => {
    if (!(await tf.setBackend("webgpu"))) throw new Error("tfjs found no WebGPU device");
    await tf.ready();
  })();
  return started;
}

const oneHot = (ids: tf.Tensor1D, depth: number): tf.Tensor2D =>
  tf.oneHot(ids, depth, 1, 0, "float32") as tf.Tensor2D;

/** [R, K] · [N, K]ᵀ + [N] */
function dense(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D | null): tf.Tensor2D {
  return tf.fused.matMul({
    a: x,
    b: weight,
    transposeB: true,
    ...(bias === null ? {} : { bias }),
  }) as tf.Tensor2D;
}

function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D, vocab: number): tf.Scalar {
  return tf.losses.softmaxCrossEntropy(oneHot(targets, vocab), logits) as tf.Scalar;
}

/** tokens, targets int32 [T·B], time first. */
function lstmLoss(p: Weights, tokens: tf.Tensor1D, targets: tf.Tensor1D, job: LstmJob): tf.Scalar {
  const { batch, context, hidden, vocab, layers } = job;
  let x = oneHot(tokens, vocab);
  for (let layer = 0; layer < layers; layer++) {
    const at = `layers.${layer}`;
    const wx = p.get(`${at}.x.weight`)!.reshape<tf.Tensor2D>([4 * hidden, x.shape[1]]);
    const wh = p.get(`${at}.h.weight`)!.reshape<tf.Tensor2D>([4 * hidden, hidden]);
    const bias = p.get(`${at}.bias`)!.reshape<tf.Tensor1D>([4 * hidden]);
    const inputs = tf.unstack(dense(x, wx, bias).reshape([context, batch, 4 * hidden])) as tf.Tensor2D[];
    let h: tf.Tensor2D | null = null;
    let c: tf.Tensor2D | null = null;
    const hs: tf.Tensor2D[] = [];
    for (const input of inputs) {
      const gates: tf.Tensor2D = h === null ? input : input.add(tf.matMul(h, wh, false, true));
      const [i, f, g, o] = tf.split(gates, 4, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      const fresh: tf.Tensor2D = tf.sigmoid(i).mul(tf.tanh(g));
      c = c === null ? fresh : tf.sigmoid(f).mul<tf.Tensor2D>(c).add(fresh);
      h = tf.sigmoid(o).mul(tf.tanh(c));
      hs.push(h);
    }
    x = tf.concat(hs, 0);
  }
  const bias = p.get("head.bias")! as tf.Tensor as tf.Tensor1D;
  return crossEntropy(dense(x, p.get("head.weight")! as tf.Tensor as tf.Tensor2D, bias), targets, vocab);
}

const GELU_SCALE = Math.sqrt(2 / Math.PI);

/** The tanh form; TensorFlow.js has no op for it. */
function gelu(x: tf.Tensor2D): tf.Tensor2D {
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(GELU_SCALE);
  return x.mul(0.5).mul(tf.tanh(inner).add(1));
}

/** tokens, targets int32 [B·T]; `mask` [T, T] is 0 below and on the diagonal, −∞ (as −1e9) above. */
function gptLoss(
  p: Weights,
  tokens: tf.Tensor1D,
  targets: tf.Tensor1D,
  mask: tf.Tensor2D,
  job: GptJob,
): tf.Scalar {
  const { batch, context, width, heads, layers, vocab } = job;
  const size = width / heads;
  const matrix = (path: string, rows: number): tf.Tensor2D => p.get(path)!.reshape([rows, -1]);
  const vector = (path: string): tf.Tensor1D => p.get(path)!.reshape([-1]);
  const norm = (x: tf.Tensor2D, path: string): tf.Tensor2D => {
    const { mean, variance } = tf.moments(x, -1, true);
    const unit = x.sub(mean).mul(tf.rsqrt(variance.add(LN_EPS)));
    return unit.mul(vector(`${path}.weight`)).add(vector(`${path}.bias`));
  };
  const embedded = tf.matMul(oneHot(tokens, vocab + 1), matrix("wte.weight", vocab + 1));
  let x = embedded
    .reshape([batch, context, width])
    .add(p.get("wpe.weight")!)
    .reshape<tf.Tensor2D>([batch * context, width]);
  for (let layer = 0; layer < layers; layer++) {
    const at = `blocks.${layer}`;
    const qkv = dense(
      norm(x, `${at}.ln1`),
      matrix(`${at}.attn.qkv.weight`, 3 * width),
      vector(`${at}.attn.qkv.bias`),
    );
    const [q, k, v] = tf.unstack(
      tf.transpose(qkv.reshape([batch, context, 3, heads, size]), [2, 0, 3, 1, 4]),
    ) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const scores = tf
      .matMul(q, k, false, true)
      .mul(1 / Math.sqrt(size))
      .add(mask);
    const read = tf.matMul(tf.softmax(scores), v);
    const joined = tf.transpose(read, [0, 2, 1, 3]).reshape<tf.Tensor2D>([batch * context, width]);
    const h: tf.Tensor2D = x.add(
      dense(joined, matrix(`${at}.attn.out.weight`, width), vector(`${at}.attn.out.bias`)),
    );
    const hidden = gelu(
      dense(norm(h, `${at}.ln2`), matrix(`${at}.mlp.fc.weight`, 4 * width), vector(`${at}.mlp.fc.bias`)),
    );
    x = h.add(dense(hidden, matrix(`${at}.mlp.proj.weight`, width), vector(`${at}.mlp.proj.bias`)));
  }
  return crossEntropy(dense(norm(x, "ln_f"), matrix("lm_head.weight", vocab), null), targets, vocab);
}

let serial = 0;

class TfTraining {
  readonly #prepared: Prepared;
  readonly #job: TrainingJob;
  readonly #weights: Map<string, tf.Variable>;
  readonly #mask: tf.Tensor2D;
  readonly #adam = tf.train.adam(OPTIM.lr, OPTIM.beta1, OPTIM.beta2, OPTIM.eps);
  #done = 0;

  constructor(job: TrainingJob) {
    this.#job = job;
    this.#prepared = prepare(job);
    // The name of a variable must be new in the whole page.
    const prefix = `bench${serial++}`;
    this.#weights = new Map(
      [...this.#prepared.weights].map(([path, { shape, data }]) => [
        path,
        tf.variable(tf.tensor(data.slice(), [...shape]), true, `${prefix}/${path}`),
      ]),
    );
    const { context } = job;
    const mask = Float32Array.from({ length: context ** 2 }, (_, i) =>
      i % context > Math.floor(i / context) ? -1e9 : 0,
    );
    this.#mask = tf.tensor2d(mask, [context, context]);
  }

  #order(ids: Int32Array): tf.Tensor1D {
    const { batch, context, model } = this.#job;
    if (model === "gpt") return tf.tensor1d(ids, "int32");
    const out = new Int32Array(ids.length);
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < context; t++) out[t * batch + b] = ids[b * context + t]!;
    }
    return tf.tensor1d(out, "int32");
  }

  async step(): Promise<number> {
    const batch = this.#prepared.batch(this.#done++);
    const job = this.#job;
    const loss = tf.tidy(() => {
      const tokens = this.#order(batch.inputs);
      const targets = this.#order(batch.targets);
      const { value, grads } = tf.variableGrads(
        () =>
          job.model === "lstm"
            ? lstmLoss(this.#weights, tokens, targets, job)
            : gptLoss(this.#weights, tokens, targets, this.#mask, job),
        [...this.#weights.values()],
      );
      for (const [path, { decay }] of this.#prepared.weights) {
        const weight = this.#weights.get(path)!;
        if (decay) weight.assign(weight.mul(1 - OPTIM.lr * OPTIM.weightDecay));
      }
      this.#adam.applyGradients(grads as never);
      return value;
    });
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  }

  close(): void {
    for (const weight of this.#weights.values()) weight.dispose();
    this.#mask.dispose();
    this.#adam.dispose();
  }
}

class TfMatmul {
  readonly #a: tf.Tensor2D;
  readonly #b: tf.Tensor2D;
  readonly #size: number;
  readonly #repeat: number;

  constructor(job: Job) {
    if (job.model !== "matmul") throw new Error("a matmul is expected");
    const [a, b] = matrices(job).map((data) => tf.tensor2d(data, [job.size, job.size]));
    this.#a = a!;
    this.#b = b!;
    this.#size = job.size;
    this.#repeat = job.repeat;
  }

  async step(): Promise<number> {
    for (let i = 1; i < this.#repeat; i++) tf.matMul(this.#a, this.#b).dispose();
    const last = tf.matMul(this.#a, this.#b);
    const data = await last.data();
    last.dispose();
    return firstRow(data.subarray(0, this.#size));
  }

  close(): void {
    this.#a.dispose();
    this.#b.dispose();
  }
}

export class Tfjs implements Engine {
  readonly version = tf.version.tfjs;
  #open: TfTraining | TfMatmul | null = null;

  async open(job: Job): Promise<void> {
    await start();
    this.#open = job.model === "matmul" ? new TfMatmul(job) : new TfTraining(job);
  }

  async step(): Promise<number> {
    const loss = await this.#open!.step();
    await devicesIdle();
    return loss;
  }

  async taken(): Promise<Taken> {
    return takeCounts();
  }

  async close(): Promise<void> {
    this.#open?.close();
    this.#open = null;
  }
}
