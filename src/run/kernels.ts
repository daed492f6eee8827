/** What the kernel page is told: the ops there are, what a check of each found on this device, and where a step's time goes. */

export interface DeviceFacts {
  /** As the browser gives them; often it gives little. */
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly limits: Readonly<Record<string, number>>;
}

export interface KernelOp {
  readonly name: string;
  /** A method brings it along; else it is the engine's. */
  readonly ofMethod: boolean;
  /** Files of its kernels, by name in shaders/ without ending, without what they include. */
  readonly shaders: readonly string[];
  readonly samples: readonly KernelSample[];
}

export interface KernelSample {
  /** "f32[256,256] f32[256,256]" */
  readonly inputs: string;
  /** Timed as well. */
  readonly bench: boolean;
}

export interface KernelResult {
  readonly op: string;
  /** Its place among the op's samples. */
  readonly sample: number;
  /** Largest |Δ| / max(1, |reference|); null when it did not run. */
  readonly error: number | null;
  readonly tolerance: number;
  /** What is wrong, as a sentence; null when it passed. */
  readonly off: string | null;
  /** Of a sample that is timed. */
  readonly time: KernelTime | null;
}

export interface KernelTime {
  readonly seconds: number;
  readonly by: "timestamps" | "clock";
  /** Floating-point operations of a run; 0 where the op does not count them. */
  readonly flops: number;
  /** Bytes that a run must at least read and write. */
  readonly bytes: number;
}

/** The device's own most, measured on it: operations and bytes a second. */
export interface DevicePeaks {
  readonly flops: number;
  readonly bytes: number;
  readonly by: "timestamps" | "clock";
}

/** One training step of the run, in seconds. */
export interface StepTimes {
  readonly run: string;
  /** From submit to done, by the clock. */
  readonly wall: number;
  /** GPU time by segment; "" is all that lies in none. Empty where the device does not tell. */
  readonly segments: readonly { readonly name: string; readonly seconds: number }[];
}

/** One kernel of one class of shape that could run otherwise with equal bits. */
export interface TileChoice {
  /** "matmul:forward TA=0 …": kernel, constants, class of shape. */
  readonly kernel: string;
  /** What was timed to be the fastest, and what this class of adapters takes otherwise. */
  readonly id: string;
  readonly standing: string;
  /** Time of the first over time of the second; 1 where it stays. */
  readonly ratio: number;
}

/** What was timed on this device, and how it stands with it. */
export interface TilesState {
  /** Kernels are timed here. */
  readonly on: boolean;
  /** The way that this class of adapters takes untimed. */
  readonly usual: string;
  /** Nothing of the programs that run is left to be timed. */
  readonly over: boolean;
  /** What timing has cost training since the device was opened. */
  readonly seconds: number;
  readonly choices: readonly TileChoice[];
}
