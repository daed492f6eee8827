/** Buffers that the device has no room for: told when asked, once, and never as a fault of the device. */
import { expect, it } from "vitest";
import { NoRoom } from "../engine/no-room.ts";
import { Memory, USAGE } from "./memory.ts";

/** A device that has room for `most` bytes in all, and answers an error scope a turn later, as WebGPU does. */
function deviceOf(most: number) {
  let used = 0;
  let full = false;
  const scopes: string[] = [];
  const device = {
    limits: { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 30 },
    pushErrorScope: (filter: string) => {
      scopes.push(filter);
      full = false;
    },
    async popErrorScope() {
      scopes.pop();
      const error = full ? { message: "out of memory" } : null;
      await Promise.resolve();
      return error;
    },
    createBuffer({ size }: { size: number }) {
      used += size;
      full = used > most;
      if (full && scopes.at(-1) !== "out-of-memory") throw new Error("an error that nobody caught");
      return { size, destroy: () => (used -= size) };
    },
  };
  return device as never as GPUDevice;
}

it("a reserved buffer that is not there is told once, in a sentence", async () => {
  const memory = new Memory(deviceOf(1000));
  memory.reserve("small", 512, USAGE.storage);
  await memory.room();
  const large = memory.reserve("params", 2 ** 20, USAGE.storage);
  memory.reserve("slots.m", 2 ** 20, USAGE.storage);
  const asked = memory.room();
  await expect(asked).rejects.toThrow(NoRoom);
  await expect(asked).rejects.toThrow(
    "This GPU has no room for that: params needs 1.0 MiB, and less is free.",
  );
  await memory.room();
  memory.destroy(large);
  expect(memory.bytes).toBe(512 + 2 ** 20);
});
