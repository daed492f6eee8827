/**
 * What of a run an undo must bring back, and what must hold of it: at any step boundary, after training, and after an event
 * that keeps shapes or function (grow-prune §1). For tests that hand in a backend: testing/sequences.ts.
 */
import { expect } from "vitest";
import type { Values } from "../config/schema.ts";
import { FORBIDDEN, isActive } from "../engine/ops/mask-tiles.ts";
import type { DropState } from "../train/drop.ts";
import { readArrays } from "../train/snapshot.ts";
import type { Trainer } from "../train/trainer.ts";

/** Everything of a run that an undo must bring back. */
export interface Seen {
  readonly step: number;
  readonly arch: Values;
  readonly live: unknown;
  readonly updates: number;
  /** Layer dropping, with the updates of each layer. */
  readonly drop: DropState | null;
  readonly specs: string;
  readonly params: Uint32Array;
  readonly slots: readonly Uint32Array[];
  readonly age: Uint32Array | null;
}

export async function seen(trainer: Trainer): Promise<Seen> {
  await trainer.settled();
  const { core } = trainer;
  const { params, slots, age } = await readArrays(core.network.arrays);
  const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);
  return {
    step: trainer.step,
    arch: core.network.arch,
    live: core.live,
    updates: core.updates,
    drop: core.drop,
    specs: core.network.specs.map(({ path, shape }) => `${path} ${shape}`).join("; "),
    params: bits(params),
    slots: slots.map(bits),
    age,
  };
}

type Core = Trainer["core"];

/** What holds at any step boundary. */
export function expectSound({ network, history, phase }: Core, { params, slots, age, updates }: Seen): void {
  let total = 0;
  for (const { path, state } of network.specs) {
    const { offset, count } = network.layout.entries.get(path)!;
    let active = age === null ? count - forbiddenIn(network.specs, path) : 0;
    for (let i = offset; age !== null && i < offset + count; i++) {
      const a = age[i]!;
      if (isActive(a)) {
        active++;
        if (a % FORBIDDEN > updates + 1) throw new Error(`${path}: age ${a} after ${updates} updates`);
      } else if (params[i] !== 0 || slots.some((slot) => slot[i] !== 0)) {
        throw new Error(`${path}: entry ${i - offset} is dormant and not 0`);
      }
    }
    expect(network.counts.get(path), path).toBe(active);
    if (!state) total += active;
  }
  expect(network.active).toBe(total);
  expect(phase).toBe("ready");
  expect(history.arrays.length).toBeLessThanOrEqual(8);
}

/** What is frozen keeps every bit; what is not counts its updates: fewer where layers are left out. */
export function expectTrained(network: Core["network"], before: Seen, now: Seen, steps: number): void {
  const updates = updatesOf(network, before, now, steps);
  before.age?.forEach((age, i) => {
    const frozen = age > FORBIDDEN;
    const due = isActive(age) && !frozen ? age + updates[i]! : age;
    if (now.age![i] !== due) expect(now.age![i], `age ${age} of entry ${i}`).toBe(due);
    if (!frozen) return;
    if (now.params[i] !== before.params[i] || now.slots.some((slot, k) => slot[i] !== before.slots[k]![i])) {
      throw new Error(`entry ${i} is frozen and moved`);
    }
  });
}

/** How often each entry of the arena was updated: those of a layer that can be left out, as often as it says. */
function updatesOf({ specs, layout }: Core["network"], before: Seen, now: Seen, steps: number): Uint32Array {
  const updates = new Uint32Array(layout.length).fill(steps);
  if (before.drop === null) return updates;
  const ran = now.drop!.updates.map((count, layer) => count - before.drop!.updates[layer]!);
  expect(Math.max(...ran)).toBeLessThanOrEqual(steps);
  for (const { path, layer } of specs) {
    const { offset, count } = layout.entries.get(path)!;
    if (layer !== undefined) updates.fill(ran[layer]!, offset, offset + count);
  }
  return updates;
}

/** Grow-prune §1.3: the events that keep the function. */
export function isPreserving(action: Record<string, unknown>): boolean {
  switch (action.id) {
    case "compact":
    case "compact-gates":
    case "freeze":
    case "identity":
      return true;
    case "insert-gate-layer":
      return action.how !== "random";
    case "connections":
      return action.start === "zero";
    case "cascade":
    case "fully-connected":
      return action.handoff === "none";
    case "connectivity":
      return action.to === "fully-connected";
    default:
      return false;
  }
}

/** What an event that keeps the shapes leaves as it was. */
export function expectKept(before: Seen, now: Seen, id: string, about: string): void {
  if (before.specs !== now.specs) return;
  if (id === "freeze" || id === "swap-activation") {
    expect([now.params, now.slots], about).toEqual([before.params, before.slots]);
  }
  if (id === "swap-activation") expect(now.age, about).toEqual(before.age);
  if (id !== "magnitude") return;
  now.params.forEach((bits, i) => {
    const [was, is] = [before.age?.[i] ?? 1, now.age![i]!];
    if (isActive(is)) {
      const same = bits === before.params[i] && now.slots.every((slot, k) => slot[i] === before.slots[k]![i]);
      // Entries between parameters belong to none and are 0.
      if (!same || (!isActive(was) && before.age !== null))
        throw new Error(`${about}: survivor ${i} changed`);
    }
  });
}

function forbiddenIn(specs: Core["network"]["specs"], path: string): number {
  const spec = specs.find((one) => one.path === path)!;
  const blocks = spec.lowerBlocks ?? [];
  const matrices = spec.shape.slice(0, -2).reduce((n, d) => n * d, 1);
  let pairs = 0;
  blocks.forEach((size, j) => {
    for (const older of blocks.slice(0, j)) pairs += older * size;
  });
  return matrices * pairs;
}
