/**
 * The kernel page's work: ops checked against their references on this device, and timed, one sample after the other. It
 * stands in the host's line between commands and training, so a stop is heard after the sample in hand and a run waits
 * and goes on as it was. Kernels under test are held apart from the run: their texts are in use for one sample only, and
 * what the device says about them is said to them.
 */
import { allOps } from "../engine/ops/all.ts";
import { sampleInputs } from "../engine/samples.ts";
import type { Backend, NdArray, OpDef } from "../engine/types.ts";
import { checkSample, sampleProgram, TOLERANCE, timeSample, workOf } from "../gpu/check.ts";
import type { WebGpuBackend } from "../gpu/device.ts";
import { measurePeaks } from "../gpu/peaks.ts";
import type { DeviceFacts, KernelOp, KernelResult, KernelTime, TileChoice } from "../run/kernels.ts";
import type { RunCommand, WorkerMessage } from "../run/messages.ts";
import { methodOps } from "../run/registries.ts";

type Texts = Readonly<Record<string, string>>;
type Asked = Extract<RunCommand, { readonly type: "kernels" }>;

/** A device, and what a page that edits its kernels needs of it. */
export interface OpenBackend {
  readonly backend: Backend;
  readonly facts: DeviceFacts;
  setShaders(shaders: Texts): void;
  /** What the device complains of during `work` is thrown and not held against anything else. */
  apart<T>(work: () => Promise<T>): Promise<T>;
  /** Absent: there is but one way to run a kernel. */
  readonly tiles?: OpenTiles;
}

/** Timing of kernels of equal bits, for tiles.ts. */
export interface OpenTiles {
  /** From now on, beginning with what was kept. */
  begin(text: string): void;
  readonly busy: boolean;
  turn(clock: () => number): Promise<{ readonly chosen: boolean; readonly seconds: number }>;
  forget(): void;
  /** To be kept. */
  text(): string;
  list(): readonly TileChoice[];
}

/** `agent`: browser or runtime, with its version; of who keeps no timings, nothing. */
export const openBackend = (backend: WebGpuBackend, agent = ""): OpenBackend => ({
  backend,
  facts: backend.facts,
  setShaders: (texts) => backend.setShaders(texts),
  apart: (work) => backend.apart(work),
  tiles: {
    begin: (text) => backend.choose(text, agent),
    get busy() {
      return backend.tiles.busy;
    },
    turn: (clock) => backend.tiles.turn(clock),
    forget: () => backend.tiles.forget(),
    text: () => backend.tuning.choices?.text() ?? "",
    list: () =>
      [...(backend.tuning.choices?.all ?? [])].map(([key, { id, standing, ratio }]) => {
        // Without what makes it forgotten: names and texts of the variants.
        const kernel = key.slice(0, key.indexOf(" plain"));
        return { kernel, id, standing, ratio };
      }),
  },
});

export interface BenchDeps {
  post(message: WorkerMessage): void;
  /** Seconds. */
  clock(): number;
}

/** Engine's first, each op once. */
const OPS: readonly OpDef[] = [...new Set<OpDef>([...allOps, ...methodOps])];
const ENGINE: ReadonlySet<OpDef> = new Set(allOps);

interface Job {
  readonly request: number;
  readonly open: OpenBackend;
  readonly shaders: Texts;
  /** Those in use, to be put back. */
  readonly usual: Texts;
  readonly left: { readonly op: OpDef; readonly sample: number }[];
}

const lanesOf = ({ software }: Backend): { readonly lanes?: number } => (software ? { lanes: 1 } : {});

/** Ops as the page lists them. */
function listOf(backend: Backend): readonly KernelOp[] {
  return OPS.map((op) => {
    const shaders = new Set<string>();
    for (const sample of op.samples) {
      for (const command of sampleProgram(op, sample, lanesOf(backend).lanes).program.commands) {
        if (command.kind === "dispatch") shaders.add(command.shader);
      }
    }
    return {
      name: op.name,
      ofMethod: !ENGINE.has(op),
      shaders: [...shaders],
      samples: op.samples.map(({ inputs, bench }) => ({
        inputs: inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(" "),
        bench: bench === true,
      })),
    };
  });
}

export class KernelBench {
  readonly #deps: BenchDeps;
  #job: Job | null = null;
  /** The device whose list and peaks are known. */
  #known: { readonly backend: Backend; readonly list: readonly KernelOp[]; peaks: boolean } | null = null;
  /** Answers of the references of one op: asked for again whenever its kernel was edited. */
  #answers: { readonly op: OpDef; readonly bySample: Map<number, readonly NdArray[]> } | null = null;

  constructor(deps: BenchDeps) {
    this.#deps = deps;
  }

  get busy(): boolean {
    return this.#job !== null;
  }

  /** What was being checked ends. */
  start({ request, ops, shaders }: Asked, open: OpenBackend, usual: Texts): void {
    this.stop();
    const { backend } = open;
    if (this.#known?.backend !== backend) this.#known = { backend, list: listOf(backend), peaks: false };
    const left = OPS.filter(({ name }) => ops === null || ops.includes(name)).flatMap((op) =>
      op.samples.map((_, sample) => ({ op, sample })),
    );
    const { list } = this.#known;
    this.#deps.post({ type: "kernels", request, device: open.facts, ops: list, total: left.length });
    this.#job = { request, open, shaders, usual, left };
    if (left.length === 0) this.#end(false);
  }

  stop(): void {
    if (this.#job !== null) this.#end(true);
  }

  #end(stopped: boolean): void {
    const { request } = this.#job!;
    this.#job = null;
    this.#deps.post({ type: "kernels-done", request, stopped });
  }

  /** One sample, or the device's peaks before the first that is timed. Never throws: what goes wrong is a result. */
  async next(): Promise<void> {
    const job = this.#job!;
    const { op, sample } = job.left[0]!;
    const { backend } = job.open;
    if (op.samples[sample]!.bench && !this.#known!.peaks) {
      this.#known!.peaks = true;
      const clock = () => this.#deps.clock();
      // Where they cannot be measured (too little memory) the figures stand without shares.
      const peaks = await job.open.apart(() => measurePeaks(backend, { clock })).catch(() => null);
      if (peaks !== null) this.#deps.post({ type: "peaks", peaks });
      return;
    }
    job.left.shift();
    const result = await this.#one(job, op, sample);
    // A text on trial that does not compile does not compile for the next sample either.
    if (result.error === null && Object.keys(job.shaders).length > 0) job.left.length = 0;
    // A stop may have come while the device was at work.
    this.#deps.post({ type: "kernel", request: job.request, result });
    if (this.#job === job && job.left.length === 0) this.#end(false);
  }

  async #one({ open, shaders, usual }: Job, op: OpDef, index: number): Promise<KernelResult> {
    const { backend } = open;
    const sample = op.samples[index]!;
    const wanted = this.#wanted(op, index);
    const lanes = lanesOf(backend);
    const edited = Object.keys(shaders).length > 0;
    const about = { op: op.name, sample: index, tolerance: sample.tolerance ?? TOLERANCE };
    try {
      if (edited) open.setShaders({ ...usual, ...shaders });
      return await open.apart(async () => {
        const { error, off } = await checkSample(backend, op, sample, { ...lanes, wanted });
        let time: KernelTime | null = null;
        if (sample.bench && off === null) {
          const taken = await timeSample(backend, op, sample, { ...lanes, clock: () => this.#deps.clock() });
          time = { seconds: taken.seconds, by: taken.by, ...workOf(op, sample) };
        }
        return { ...about, error, off, time };
      });
    } catch (reason) {
      const off = reason instanceof Error ? reason.message : String(reason);
      return { ...about, error: null, off, time: null };
    } finally {
      if (edited) open.setShaders(usual);
    }
  }

  #wanted(op: OpDef, index: number): readonly NdArray[] {
    if (this.#answers?.op !== op) this.#answers = { op, bySample: new Map() };
    const { bySample } = this.#answers;
    let answer = bySample.get(index);
    if (answer === undefined) {
      const sample = op.samples[index]!;
      answer = op.reference(sampleInputs(sample), sample.attrs);
      bySample.set(index, answer);
    }
    return answer;
  }
}
