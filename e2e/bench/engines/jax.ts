/**
 * jax-js as its documentation has it: the whole training step (loss, gradients, AdamW) is one function in one `jit`, arrays
 * are moved or `.ref`ed, the loss is awaited with `data()`. Products over the input are taken once for all time steps; the
 * loop over time is unrolled by tracing, since 0.1.25 has no `scan`.
 */
import {
  blockUntilReady,
  defaultDevice,
  init,
  type Array as JaxArray,
  jit,
  nn,
  numpy as np,
  valueAndGrad,
} from "@jax-js/jax";
import type { GptJob, Job, LstmJob, TrainingJob } from "../../../src/cli/bench/jobs.ts";
import { devicesIdle, takeCounts } from "../count.ts";
import { firstRow, LN_EPS, matrices, OPTIM, type Prepared, prepare } from "../prepared.ts";
import type { Engine, Taken } from "./types.ts";

/** From its package.json, which its exports hide: put in by vite.config.ts, and by a global elsewhere. */
declare const __JAX_VERSION__: string;

type Weights = Record<string, JaxArray>;

let started: Promise<void> | null = null;

/** Once a page: the library holds one device. */
function start(): Promise<void> {
  started ??= init("webgpu").then((devices) => {
    if (!devices.includes("webgpu")) throw new Error("jax-js found no WebGPU device");
    defaultDevice("webgpu");
  });
  return started;
}

/** [.., K] · [N, K]ᵀ */
const dense = (x: JaxArray, weight: JaxArray, bias: JaxArray | null): JaxArray => {
  const y = np.matmul(x, np.matrixTranspose(weight));
  return bias === null ? y : y.add(bias);
};

/** Mean over all places. */
function crossEntropy(logits: JaxArray, targets: JaxArray, vocab: number): JaxArray {
  const picked = nn.logSoftmax(logits, -1).mul(nn.oneHot(targets, vocab));
  return picked.sum(-1).mean().neg();
}

/** tokens, targets int32 [T·B], time first: a time step is then a contiguous slice. */
function lstmLoss(p: Weights, tokens: JaxArray, targets: JaxArray, job: LstmJob): JaxArray {
  const { batch, context, hidden, vocab, layers } = job;
  let x = nn.oneHot(tokens, vocab);
  for (let layer = 0; layer < layers; layer++) {
    const at = `layers.${layer}`;
    const wx = p[`${at}.x.weight`]!;
    const wh = np.matrixTranspose(p[`${at}.h.weight`]!.reshape([4 * hidden, hidden]));
    const bias = p[`${at}.bias`]!.reshape([4 * hidden]);
    const all = dense(x, wx.reshape([4 * hidden, -1]), bias).reshape([context, batch, 4 * hidden]);
    let h: JaxArray | null = null;
    let c: JaxArray | null = null;
    const hs: JaxArray[] = [];
    for (let t = 0; t < context; t++) {
      const input = all.ref.slice(t);
      const gates: JaxArray = h === null ? input : input.add(np.matmul(h, wh.ref));
      const [i, f, g, o] = np.split(gates, 4, -1) as [JaxArray, JaxArray, JaxArray, JaxArray];
      const fresh = nn.sigmoid(i).mul(np.tanh(g));
      if (c === null) {
        f.dispose();
        c = fresh;
      } else {
        c = nn.sigmoid(f).mul(c).add(fresh);
      }
      h = nn.sigmoid(o).mul(np.tanh(c.ref));
      hs.push(h.ref);
    }
    h!.dispose();
    c!.dispose();
    all.dispose();
    wh.dispose();
    x = np.stack(hs).reshape([context * batch, hidden]);
  }
  return crossEntropy(dense(x, p["head.weight"]!, p["head.bias"]!), targets, vocab);
}

/** tokens, targets int32 [B·T]. */
function gptLoss(p: Weights, tokens: JaxArray, targets: JaxArray, job: GptJob): JaxArray {
  const { batch, context, width, heads, layers, vocab } = job;
  const size = width / heads;
  const norm = (x: JaxArray, path: string): JaxArray =>
    nn.standardize(x, -1, { epsilon: LN_EPS }).mul(p[`${path}.weight`]!).add(p[`${path}.bias`]!);
  const embedded = np.matmul(nn.oneHot(tokens, vocab + 1), p["wte.weight"]!);
  let x = embedded
    .reshape([batch, context, width])
    .add(p["wpe.weight"]!)
    .reshape([batch * context, width]);
  for (let layer = 0; layer < layers; layer++) {
    const at = `blocks.${layer}`;
    const qkv = dense(
      norm(x.ref, `${at}.ln1`),
      p[`${at}.attn.qkv.weight`]!.reshape([3 * width, width]),
      p[`${at}.attn.qkv.bias`]!.reshape([3 * width]),
    );
    const [q, k, v] = np.split(qkv, 3, -1).map((a) => a.reshape([batch, context, heads, size])) as [
      JaxArray,
      JaxArray,
      JaxArray,
    ];
    const read = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([batch * context, width]);
    const h = x.add(dense(read, p[`${at}.attn.out.weight`]!, p[`${at}.attn.out.bias`]!));
    const hidden = nn.gelu(
      dense(norm(h.ref, `${at}.ln2`), p[`${at}.mlp.fc.weight`]!, p[`${at}.mlp.fc.bias`]!),
    );
    x = h.add(dense(hidden, p[`${at}.mlp.proj.weight`]!, p[`${at}.mlp.proj.bias`]!));
  }
  return crossEntropy(dense(norm(x, "ln_f"), p["lm_head.weight"]!, null), targets, vocab);
}

type State = { readonly weights: Weights; readonly m: Weights; readonly v: Weights };

/** AdamW (arXiv 1711.05101, Alg. 2). `rates` [2]: lr / (1 − β₁ᵗ) and 1 / (1 − β₂ᵗ). */
function adamw(prepared: Prepared, state: State, grads: Weights, rates: JaxArray): State {
  const { beta1, beta2, eps, lr, weightDecay } = OPTIM;
  const next: State = { weights: {}, m: {}, v: {} };
  for (const [path, { decay }] of prepared.weights) {
    const g = grads[path]!;
    const m = state.m[path]!.mul(beta1).add(g.ref.mul(1 - beta1));
    const v = state.v[path]!.mul(beta2).add(np.square(g).mul(1 - beta2));
    const first = m.ref.mul(rates.ref.slice(0));
    const second = np.sqrt(v.ref.mul(rates.ref.slice(1))).add(eps);
    const kept = decay ? state.weights[path]!.mul(1 - lr * weightDecay) : state.weights[path]!;
    next.weights[path] = kept.sub(first.div(second));
    next.m[path] = m;
    next.v[path] = v;
  }
  rates.dispose();
  return next;
}

type StepFunction = (state: State, tokens: JaxArray, targets: JaxArray, rates: JaxArray) => [State, JaxArray];

class JaxTraining {
  readonly #prepared: Prepared;
  readonly #job: TrainingJob;
  readonly #run: StepFunction & { dispose?(): void };
  #state: State;
  #done = 0;

  constructor(job: TrainingJob) {
    this.#job = job;
    this.#prepared = prepare(job);
    const arrays = (of: (data: Float32Array) => Float32Array): Weights =>
      Object.fromEntries(
        [...this.#prepared.weights].map(([path, { shape, data }]) => [
          path,
          np.array(of(data) as Float32Array<ArrayBuffer>).reshape([...shape]),
        ]),
      );
    this.#state = {
      weights: arrays((data) => data.slice()),
      m: arrays((data) => new Float32Array(data.length)),
      v: arrays((data) => new Float32Array(data.length)),
    };
    const loss = (weights: Weights, tokens: JaxArray, targets: JaxArray): JaxArray =>
      job.model === "lstm" ? lstmLoss(weights, tokens, targets, job) : gptLoss(weights, tokens, targets, job);
    const whole = (state: State, tokens: JaxArray, targets: JaxArray, rates: JaxArray): [State, JaxArray] => {
      const weights = Object.fromEntries(Object.entries(state.weights).map(([path, w]) => [path, w.ref]));
      const [value, grads] = valueAndGrad(loss)(weights, tokens, targets) as [JaxArray, Weights];
      return [adamw(this.#prepared, state, grads, rates), value];
    };
    this.#run = jit(whole as never) as unknown as StepFunction;
  }

  /** Time first for the LSTM, batch first for the GPT. */
  #order(ids: Int32Array): Int32Array<ArrayBuffer> {
    const { batch, context, model } = this.#job;
    const out = new Int32Array(ids.length);
    if (model === "gpt") out.set(ids);
    else {
      for (let b = 0; b < batch; b++) {
        for (let t = 0; t < context; t++) out[t * batch + b] = ids[b * context + t]!;
      }
    }
    return out;
  }

  async step(): Promise<number> {
    const { inputs, targets } = this.#prepared.batch(this.#done);
    const t = ++this.#done;
    const bias = (beta: number) => -Math.expm1(t * Math.log(beta));
    const rates = np.array([OPTIM.lr / bias(OPTIM.beta1), 1 / bias(OPTIM.beta2)]);
    const [state, loss] = this.#run(
      this.#state,
      np.array(this.#order(inputs)),
      np.array(this.#order(targets)),
      rates,
    );
    this.#state = state;
    const [value] = await loss.data();
    await blockUntilReady(state as never);
    return value!;
  }

  close(): void {
    for (const group of Object.values(this.#state)) for (const array of Object.values(group)) array.dispose();
    this.#run.dispose?.();
  }
}

class JaxMatmul {
  readonly #a: JaxArray;
  readonly #b: JaxArray;
  readonly #size: number;
  readonly #repeat: number;
  readonly #run = jit((a: JaxArray, b: JaxArray) => np.matmul(a, b));

  constructor(job: Job) {
    if (job.model !== "matmul") throw new Error("a matmul is expected");
    this.#size = job.size;
    this.#repeat = job.repeat;
    const [a, b] = matrices(job).map((data) =>
      np.array(data as Float32Array<ArrayBuffer>).reshape([job.size, job.size]),
    );
    this.#a = a!;
    this.#b = b!;
  }

  async step(): Promise<number> {
    const results: JaxArray[] = [];
    for (let i = 0; i < this.#repeat; i++) results.push(this.#run(this.#a.ref, this.#b.ref));
    const last = results.pop()!;
    await blockUntilReady(results as never);
    for (const each of results) each.dispose();
    const data = await last.data();
    return firstRow(data.subarray(0, this.#size));
  }

  close(): void {
    this.#a.dispose();
    this.#b.dispose();
    this.#run.dispose();
  }
}

export class Jax implements Engine {
  readonly version = __JAX_VERSION__;
  #open: JaxTraining | JaxMatmul | null = null;

  async open(job: Job): Promise<void> {
    await start();
    this.#open = job.model === "matmul" ? new JaxMatmul(job) : new JaxTraining(job);
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
