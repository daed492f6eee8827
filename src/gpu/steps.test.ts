/** The list that a replay walks, without a device: copies, what is empty, and segments that are left out. */
import { expect, it } from "vitest";
import type { GpuCommand, Program, ProgramSegment } from "../engine/types.ts";
import { detourBytes, type Resources, steps, without } from "./steps.ts";

/** Tensors by buffer, offset and length, all in elements. */
type Tensors = readonly (readonly [buffer: number, offset: number, count: number])[];

function programOf(
  tensors: Tensors,
  commands: readonly GpuCommand[],
  segments: readonly ProgramSegment[] = [],
) {
  const specs = tensors.map(([buffer, offset, count]) => ({
    ...{ buffer, offset },
    spec: { shape: [count], dtype: "f32" },
  }));
  return { tensors: specs, commands, segments } as unknown as Program;
}

/** Names stand for what a device would hold. */
const at = (tensors: Tensors, detour: string | null = "detour") =>
  ({
    place: (tensor: number) => ({ buffer: `b${tensors[tensor]![0]}`, offset: 4 * tensors[tensor]![1] }),
    bytes: (tensor: number) => 4 * tensors[tensor]![2],
    pipeline: (command: number) => `p${command}`,
    group: (command: number) => `g${command}`,
    detour,
  }) as unknown as Resources;

const dispatch = (grid: readonly [number, number, number] = [1, 2, 3]) =>
  ({ kind: "dispatch", grid }) as unknown as GpuCommand;
const copy = (from: number, to: number): GpuCommand => ({ kind: "copy", from, to });

it("copies from place to place, inside one buffer by way of another, and nothing onto itself", () => {
  const tensors: Tensors = [
    [0, 0, 5],
    [1, 64, 5],
    [0, 64, 5],
    [0, 128, 0],
  ];
  const commands = [copy(0, 1), copy(0, 2), copy(0, 0), copy(3, 1), copy(2, 1)];
  const program = programOf(tensors, commands);
  const move = (from: string, fromOffset: number, to: string, toOffset: number) => ({
    ...{ kind: "copy", from, fromOffset, to, toOffset },
    bytes: 20,
  });
  expect(steps(program, at(tensors)).list).toEqual([
    move("b0", 0, "b1", 256),
    move("b0", 0, "detour", 0),
    move("detour", 0, "b0", 256),
    move("b0", 256, "b1", 256),
  ]);
  expect(detourBytes(program)).toBe(20);
  expect(detourBytes(programOf(tensors, [copy(0, 1)]))).toBe(0);
  expect(() => steps(program, at(tensors, null))).toThrow("two buffers that the program copies between");
});

it("leaves out what is empty, and says of each dispatch in which segments it lies", () => {
  const tensors: Tensors = [
    [0, 0, 4],
    [1, 64, 0],
  ];
  const clear = (tensor: number): GpuCommand => ({ kind: "clear", tensor });
  const segments = [
    { name: "all", from: 0, to: 5 },
    { name: "first", from: 0, to: 3 },
    { name: "last", from: 3, to: 5 },
  ];
  const commands = [dispatch(), clear(0), dispatch([4, 0, 1]), dispatch(), dispatch(), clear(1), dispatch()];
  const { list } = steps(programOf(tensors, commands, segments), at(tensors));
  expect(list.map((step) => (step.kind === "dispatch" ? [step.group, step.segments] : step))).toEqual([
    ["g0", [0, 1]],
    { kind: "clear", buffer: "b0", offset: 0, bytes: 16 },
    ["g3", [0, 2]],
    ["g4", [0, 2]],
    ["g6", []],
  ]);
  const [first, , third, fourth] = list as readonly { readonly segments?: unknown }[];
  expect(first).toMatchObject({ x: 1, y: 2, z: 3, pipeline: "p0" });
  // Neighbours share the array: by that a timed replay sees where a stretch ends.
  expect(fourth!.segments).toBe(third!.segments);
});

it("runs in place of a segment its copy and clears, the widest of those that begin together, and all others", () => {
  const tensors: Tensors = [
    [0, 0, 4],
    [1, 0, 4],
    [2, 64, 4],
  ];
  const pass = [0, 1] as const;
  const segments = [
    { name: "inner", from: 2, to: 3, pass },
    { name: "outer", from: 2, to: 4, pass, clears: [2] },
    { name: "next", from: 4, to: 5, pass },
    { name: "none", from: 5, to: 5, pass },
    { name: "last", from: 5, to: 6, pass },
    { name: "fixed", from: 0, to: 6 },
  ];
  // The first is empty, so that commands and steps are not numbered alike.
  const commands = [dispatch([0, 1, 1]), dispatch(), dispatch(), dispatch(), dispatch(), dispatch()];
  const ready = steps(programOf(tensors, commands, segments), at(tensors));
  const left = (...names: string[]) =>
    without(ready, new Set(names)).map((step) => (step.kind === "dispatch" ? step.group : step.kind));
  expect(left()).toEqual(["g1", "g2", "g3", "g4", "g5"]);
  expect(left("next")).toEqual(["g1", "g2", "g3", "copy", "g5"]);
  expect(left("inner")).toEqual(["g1", "copy", "g3", "g4", "g5"]);
  expect(left("next", "inner", "outer")).toEqual(["g1", "copy", "clear", "copy", "g5"]);
  expect(left("last")).toEqual(["g1", "g2", "g3", "g4", "copy"]);
  expect(left("none")).toEqual(["g1", "g2", "g3", "g4", "g5"]);
  expect(() => left("fixed")).toThrow("segment fixed cannot be skipped");
  expect(() => left("next", "nets")).toThrow("there is no segment nets to skip");
});
