/**
 * The list that a replay walks: a program's commands with every buffer and bind group in hand, empty ones left out. With
 * some segments skipped it is another list, in which each of them is its pass-through copy.
 */
import type { Program, ProgramSegment } from "../engine/types.ts";

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

export function steps(program: Program, skip: ReadonlySet<string>, at: Resources): readonly Step[] {
  const { commands, segments } = program;
  const list: Step[] = [];
  const left = skippable(segments, skip);
  let inside: readonly number[] = [];

  const copy = (source: number, target: number) => {
    const bytes = at.bytes(source);
    const from = at.place(source);
    const to = at.place(target);
    if (bytes === 0) return;
    const move = (a: GPUBuffer, fromOffset: number, b: GPUBuffer, toOffset: number) =>
      list.push({ kind: "copy", from: a, fromOffset, to: b, toOffset, bytes });
    if (from.buffer !== to.buffer) {
      move(from.buffer, from.offset, to.buffer, to.offset);
    } else if (from.offset !== to.offset) {
      if (at.detour === null)
        throw new Error("two buffers that the program copies between are bound to one arena");
      move(from.buffer, from.offset, at.detour, 0);
      move(at.detour, 0, to.buffer, to.offset);
    }
  };

  for (let i = 0; i < commands.length; ) {
    const skipped = left.find(({ from, to }) => from === i && to > i);
    if (skipped) {
      copy(...skipped.pass!);
      i = skipped.to;
      continue;
    }
    const command = commands[i]!;
    if (command.kind === "copy") {
      copy(command.from, command.to);
    } else if (command.kind === "clear") {
      const bytes = at.bytes(command.tensor);
      if (bytes > 0) list.push({ kind: "clear", ...at.place(command.tensor), bytes });
    } else {
      const [x, y, z] = command.grid;
      const now = segments.flatMap(({ from, to }, s) => (from <= i && i < to ? [s] : []));
      if (now.join() !== inside.join()) inside = now;
      if (x * y * z > 0) {
        list.push({
          kind: "dispatch",
          pipeline: at.pipeline(i),
          group: at.group(i),
          x,
          y,
          z,
          segments: inside,
        });
      }
    }
    i++;
  }
  return list;
}

/** The segments to leave out, the widest first where several begin together. */
function skippable(segments: readonly ProgramSegment[], skip: ReadonlySet<string>): ProgramSegment[] {
  const named = segments.filter(({ name }) => skip.has(name));
  for (const name of skip) {
    if (!named.some((segment) => segment.name === name))
      throw new Error(`there is no segment ${name} to skip`);
  }
  const fixed = named.find(({ pass }) => pass === undefined);
  if (fixed) throw new Error(`segment ${fixed.name} cannot be skipped`);
  return named.sort((a, b) => b.to - a.to);
}
