/**
 * The list that a replay walks: a program's commands with every buffer and bind group in hand, empty ones left out. A
 * segment that may be skipped is a range of it, and beside it lies what runs instead: its pass-through copy, and its clears.
 * Which layers a step drops is a draw among 2^L sets, so there are no lists of sets: a replay jumps over ranges.
 */
import { sizeOf } from "../engine/layout.ts";
import type { Program } from "../engine/types.ts";

export type Step =
  | {
      readonly kind: "dispatch";
      readonly pipeline: GPUComputePipeline;
      readonly group: GPUBindGroup;
      readonly x: number;
      readonly y: number;
      readonly z: number;
      /** Indices of the segments it belongs to. Neighbours in the same segments share one array. */
      readonly segments: readonly number[];
    }
  | {
      readonly kind: "copy";
      readonly from: GPUBuffer;
      readonly fromOffset: number;
      readonly to: GPUBuffer;
      readonly toOffset: number;
      readonly bytes: number;
    }
  | { readonly kind: "clear"; readonly buffer: GPUBuffer; readonly offset: number; readonly bytes: number };

/** What the executable holds; bytes and offsets. */
export interface Resources {
  place(tensor: number): { readonly buffer: GPUBuffer; readonly offset: number };
  bytes(tensor: number): number;
  pipeline(command: number): GPUComputePipeline;
  group(command: number): GPUBindGroup;
  readonly detour: GPUBuffer | null;
}

/** Ready to walk. Segments that may be skipped: `list[from, to)`, and what runs in their place. */
export interface StepList {
  readonly list: readonly Step[];
  readonly segments: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    /** Null: it always runs. */
    readonly instead: readonly Step[] | null;
  }[];
}

/** Of copies inside one buffer, which WebGPU refuses: what the largest of them needs on its way through another. */
export function detourBytes({ commands, tensors }: Program): number {
  const inside = commands.map((command) => {
    if (command.kind !== "copy") return 0;
    const [from, to] = [tensors[command.from]!, tensors[command.to]!];
    return from.buffer === to.buffer ? sizeOf(from.spec.shape) * 4 : 0;
  });
  return Math.max(0, ...inside);
}

export function steps({ commands, segments }: Program, at: Resources): StepList {
  const copies = (source: number, target: number): Step[] => {
    const bytes = at.bytes(source);
    const from = at.place(source);
    const to = at.place(target);
    if (bytes === 0) return [];
    const move = (a: GPUBuffer, fromOffset: number, b: GPUBuffer, toOffset: number): Step => ({
      kind: "copy",
      from: a,
      fromOffset,
      to: b,
      toOffset,
      bytes,
    });
    if (from.buffer !== to.buffer) return [move(from.buffer, from.offset, to.buffer, to.offset)];
    if (from.offset === to.offset) return [];
    if (at.detour === null)
      throw new Error("two buffers that the program copies between are bound to one arena");
    return [move(from.buffer, from.offset, at.detour, 0), move(at.detour, 0, to.buffer, to.offset)];
  };
  const clear = (tensor: number): Step[] => {
    const bytes = at.bytes(tensor);
    return bytes > 0 ? [{ kind: "clear", ...at.place(tensor), bytes }] : [];
  };

  const list: Step[] = [];
  /** Where each command begins in the list. */
  const starts: number[] = [];
  let inside: readonly number[] = [];
  commands.forEach((command, i) => {
    starts.push(list.length);
    if (command.kind === "copy") list.push(...copies(command.from, command.to));
    else if (command.kind === "clear") list.push(...clear(command.tensor));
    else {
      const [x, y, z] = command.grid;
      const now = segments.flatMap(({ from, to }, s) => (from <= i && i < to ? [s] : []));
      if (now.join() !== inside.join()) inside = now;
      if (x * y * z === 0) return;
      const [pipeline, group] = [at.pipeline(i), at.group(i)];
      list.push({ kind: "dispatch", pipeline, group, x, y, z, segments: inside });
    }
  });
  starts.push(list.length);
  return {
    list,
    segments: segments.map(({ name, from, to, pass, clears = [] }) => ({
      name,
      from: starts[from]!,
      to: starts[to]!,
      // A range of no commands has nothing to be skipped.
      instead: pass === undefined ? null : from === to ? [] : [...copies(...pass), ...clears.flatMap(clear)],
    })),
  };
}

/** The list with these segments left out. */
export function without({ list, segments }: StepList, skip: ReadonlySet<string>): readonly Step[] {
  const left = segments.filter(({ name }) => skip.has(name));
  for (const name of skip) {
    if (!left.some((segment) => segment.name === name))
      throw new Error(`there is no segment ${name} to skip`);
  }
  const fixed = left.find(({ instead }) => instead === null);
  if (fixed) throw new Error(`segment ${fixed.name} cannot be skipped`);
  // In order, the widest first where several begin together.
  left.sort((a, b) => a.from - b.from || b.to - a.to);
  const rest: Step[] = [];
  let done = 0;
  for (const { from, to, instead } of left) {
    if (from < done) continue;
    rest.push(...list.slice(done, from), ...instead!);
    done = to;
  }
  rest.push(...list.slice(done));
  return rest;
}
