/**
 * Wraps the prototypes of WebGPU, so that every engine is counted the same way, by what it asks of the device. Must be
 * imported before any engine: `import "./count.ts"` stands first in the page and in the worker.
 */
export interface Counts {
  dispatches: number;
  submits: number;
  passes: number;
  encoders: number;
  bindGroups: number;
  buffers: number;
  /** Compute pipelines and shader modules. */
  pipelines: number;
  modules: number;
  /** Bytes written by `writeBuffer` and through mapped buffers; bytes of buffers mapped to be read. */
  bytesUp: number;
  bytesDown: number;
}

const fresh = (): Counts => ({
  dispatches: 0,
  submits: 0,
  passes: 0,
  encoders: 0,
  bindGroups: 0,
  buffers: 0,
  pipelines: 0,
  modules: 0,
  bytesUp: 0,
  bytesDown: 0,
});

let counts = fresh();
let errors: string[] = [];
/** Pipelines asked for and not there yet. */
let compiling = 0;
const devices: GPUDevice[] = [];

export interface Taken {
  readonly counts: Counts;
  readonly errors: readonly string[];
  readonly compiling: number;
}

/** What has been counted since the last call, and how many pipelines are being compiled. */
export function takeCounts(): Taken {
  const taken = { counts, errors, compiling };
  counts = fresh();
  errors = [];
  return taken;
}

/** All that has been submitted, on every device that was opened here, is done. */
export async function devicesIdle(): Promise<void> {
  await Promise.all(devices.map((device) => device.queue.onSubmittedWorkDone()));
}

export const openDevices = (): readonly GPUDevice[] => devices;

type Note = (this: never, args: readonly never[]) => void;

function wrap(
  holder: { readonly prototype: object } | undefined,
  names: readonly string[],
  note: Note,
): void {
  if (holder === undefined) throw new Error("WebGPU has a class less than the bench wraps.");
  const proto = holder.prototype as Record<string, (...args: never[]) => unknown>;
  for (const name of names) {
    const original = proto[name];
    if (original === undefined) continue; // a runtime without it cannot be asked for it either
    proto[name] = function (this: never, ...args: never[]) {
      note.call(this, args);
      return original.apply(this, args);
    };
  }
}

/** Elements for a typed array, bytes for an ArrayBuffer: as WebGPU has it. */
function writtenBytes(data: ArrayBuffer | ArrayBufferView, offset = 0, size?: number): number {
  if (!ArrayBuffer.isView(data)) return size ?? data.byteLength - offset;
  const grain = "BYTES_PER_ELEMENT" in data ? (data.BYTES_PER_ELEMENT as number) : 1;
  return (size ?? data.byteLength / grain - offset) * grain;
}

const MAP_READ = 1;

/** Once in each global scope. */
export function wrapWebGpu(scope: typeof globalThis): void {
  const { GPUDevice, GPUQueue, GPUComputePassEncoder, GPUCommandEncoder, GPUBuffer, GPUAdapter } = scope;
  const count = (key: keyof Counts) => () => {
    counts[key]++;
  };
  wrap(GPUComputePassEncoder, ["dispatchWorkgroups", "dispatchWorkgroupsIndirect"], count("dispatches"));
  wrap(GPUCommandEncoder, ["beginComputePass"], count("passes"));
  wrap(GPUDevice, ["createCommandEncoder"], count("encoders"));
  wrap(GPUDevice, ["createBindGroup"], count("bindGroups"));
  wrap(GPUDevice, ["createComputePipeline", "createComputePipelineAsync"], count("pipelines"));
  wrap(GPUDevice, ["createShaderModule"], count("modules"));
  wrap(GPUDevice, ["createBuffer"], ([descriptor]: readonly GPUBufferDescriptor[]) => {
    counts.buffers++;
    if (descriptor?.mappedAtCreation) counts.bytesUp += descriptor.size;
  });
  wrap(GPUQueue, ["submit"], count("submits"));
  wrap(GPUQueue, ["writeBuffer"], ((args: readonly unknown[]) => {
    const [, , data, offset, size] = args as [unknown, unknown, ArrayBuffer, number?, number?];
    counts.bytesUp += writtenBytes(data, offset, size);
  }) as Note);
  wrap(GPUBuffer, ["mapAsync"], function (this: GPUBuffer, args: readonly unknown[]) {
    const [mode, offset = 0, size] = args as [number, number?, number?];
    const bytes = size ?? this.size - offset;
    if (mode & MAP_READ) counts.bytesDown += bytes;
    else counts.bytesUp += bytes;
  } as Note);
  const compile = GPUDevice.prototype.createComputePipelineAsync;
  GPUDevice.prototype.createComputePipelineAsync = function (this: GPUDevice, descriptor) {
    compiling++;
    return compile.call(this, descriptor).finally(() => compiling--);
  };
  const open = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, ...args) {
    const device = await open.apply(this, args);
    devices.push(device);
    device.addEventListener("uncapturederror", (event) => {
      errors.push((event as GPUUncapturedErrorEvent).error.message);
    });
    void device.lost.then(({ reason, message }) => {
      if (reason !== "destroyed") errors.push(`the device was lost: ${message}`);
      devices.splice(devices.indexOf(device), 1);
    });
    return device;
  };
}

wrapWebGpu(globalThis);
