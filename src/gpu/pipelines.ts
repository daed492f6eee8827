/**
 * Compiled kernels, kept for as long as the device lives and shared by all programs. The key is (shader text, entry,
 * override constants); sizes are not in it, so a network that grew by one unit finds everything ready. Compilation is
 * asynchronous: a browser may take a second over a kernel, and training must not notice.
 */
import type { GpuCommand } from "../engine/types.ts";
import { digest } from "../engine/variants.ts";
import { type Reflection, reflect } from "./reflect.ts";
import { expandShader, type ShaderSource } from "./shader-source.ts";

export type Dispatch = Extract<GpuCommand, { kind: "dispatch" }>;

export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly reflection: Reflection;
}

interface Shader {
  readonly source: ShaderSource;
  readonly reflection: Reflection;
  readonly module: Promise<GPUShaderModule>;
}

export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #shaders = new Map<string, Shader>();
  readonly #kernels = new Map<string, Promise<Kernel>>();
  readonly #digests = new Map<string, string>();
  #files: Readonly<Record<string, string>>;

  constructor(device: GPUDevice, files: Readonly<Record<string, string>>) {
    this.#device = device;
    this.#files = files;
  }

  /** Other texts from now on (a shader was edited). What did not change stays compiled. */
  setShaders(files: Readonly<Record<string, string>>): void {
    this.#files = files;
    this.#digests.clear();
  }

  /** Stands for a shader's text, with all that it includes. */
  digestOf(shader: string): string {
    let found = this.#digests.get(shader);
    if (found === undefined)
      this.#digests.set(shader, (found = digest(expandShader(this.#files, shader).text)));
    return found;
  }

  /** The kernel of each dispatch, in order; `onProgress` counts those that had to be compiled now. */
  async compile(
    dispatches: readonly Dispatch[],
    onProgress?: (done: number, total: number) => void,
  ): Promise<readonly Kernel[]> {
    const sources = new Map<string, ShaderSource>();
    const fresh: Promise<Kernel>[] = [];
    const all = dispatches.map((dispatch) => {
      const { shader, entry, constants } = dispatch;
      let source = sources.get(shader);
      if (!source) sources.set(shader, (source = expandShader(this.#files, shader)));
      const switches = Object.entries(constants).sort(([a], [b]) => (a < b ? -1 : 1));
      const key = `${shader}\n${entry}\n${JSON.stringify(switches)}\n${source.text}`;
      let kernel = this.#kernels.get(key);
      if (!kernel) {
        kernel = this.#build(source, dispatch);
        this.#kernels.set(key, kernel);
        kernel.catch(() => this.#kernels.delete(key));
        fresh.push(kernel);
      }
      return kernel;
    });
    let done = 0;
    if (fresh.length > 0) onProgress?.(0, fresh.length);
    for (const kernel of fresh) {
      kernel.then(
        () => onProgress?.(++done, fresh.length),
        () => {},
      );
    }
    return Promise.all(all);
  }

  async #build(source: ShaderSource, { shader, entry, constants }: Dispatch): Promise<Kernel> {
    const { module, reflection } = this.#shader(shader, source);
    const descriptor: GPUComputePipelineDescriptor = {
      label: `${shader}:${entry}`,
      layout: "auto",
      compute: { module: await module, entryPoint: entry, constants: { ...constants } },
    };
    try {
      const pipeline = await this.#device.createComputePipelineAsync(descriptor);
      return { pipeline, layout: pipeline.getBindGroupLayout(0), reflection };
    } catch (error) {
      const given = JSON.stringify(constants);
      throw new Error(`kernel ${shader}:${entry} with ${given} was refused: ${messageOf(error)}`);
    }
  }

  #shader(name: string, source: ShaderSource): Shader {
    const known = this.#shaders.get(name);
    if (known?.source.text === source.text) return known;
    const shader: Shader = {
      source,
      reflection: reflectNamed(name, source),
      module: this.#module(name, source),
    };
    this.#shaders.set(name, shader);
    shader.module.catch(() => this.#shaders.delete(name));
    return shader;
  }

  async #module(name: string, source: ShaderSource): Promise<GPUShaderModule> {
    this.#device.pushErrorScope("validation");
    const module = this.#device.createShaderModule({ label: name, code: source.text });
    const [failure, info] = await Promise.all([
      this.#device.popErrorScope(),
      // Absent in older browsers: the scope's own message must do.
      module.getCompilationInfo?.(),
    ]);
    const first = info?.messages.find((message) => message.type === "error");
    if (first) throw new Error(`shader ${name} (${source.at(first.lineNum)}): ${first.message}`);
    if (failure) throw new Error(`shader ${name}: ${failure.message}`);
    return module;
  }
}

function reflectNamed(name: string, source: ShaderSource): Reflection {
  try {
    return reflect(source.text);
  } catch (error) {
    throw new Error(`shader ${name}: ${messageOf(error)}`);
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
