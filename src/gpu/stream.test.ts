/** The one line of commands to a device that is made up: what is sent when, and what waits for it. */
import { expect, it, vi } from "vitest";
import { CONTROL_WORDS } from "../engine/control.ts";
import { Memory, USAGE } from "./memory.ts";
import { CommandStream } from "./stream.ts";

const SLOT = 4 * CONTROL_WORDS;

/** `log`: what the device was told, in its order; a copy with its offset in the ring, a write with its words. */
function device() {
  const log: string[] = [];
  let made = 0;
  const gpu = {
    limits: { maxBufferSize: 2 ** 20, maxStorageBufferBindingSize: 2 ** 20 },
    createBuffer: ({ label, size }: { label: string; size: number }) => ({
      ...{ label, size },
      destroy: () => void log.push(`destroy ${label}`),
    }),
    createCommandEncoder() {
      const number = ++made;
      return {
        copyBufferToBuffer: (_: unknown, at: number, to: { label: string }) =>
          void log.push(`${number}: ${at / SLOT} to ${to.label}`),
        finish: () => number,
      };
    },
    queue: {
      writeBuffer: (_: unknown, __: number, words: Uint32Array, from: number, count: number) => {
        const firsts = Array.from(
          { length: count / CONTROL_WORDS },
          (_x, i) => words[from + i * CONTROL_WORDS],
        );
        log.push(`write ${firsts}`);
      },
      submit: ([number]: number[]) => void log.push(`submit ${number}`),
    },
  };
  const memory = new Memory(gpu as unknown as GPUDevice);
  const stream = new CommandStream(memory);
  const buffer = memory.create("block", SLOT, USAGE.storage);
  const said = () => log.splice(0);
  return { memory, stream, buffer, said };
}

it("writes the control blocks of one submit just before it, and the next ones over them", () => {
  const { stream, buffer, said } = device();
  stream.submit();
  expect(said()).toEqual([]);
  for (const first of [7, 8]) stream.control(Uint32Array.of(first), buffer);
  stream.submit();
  expect(said()).toEqual(["1: 0 to block", "1: 1 to block", "write 7,8", "submit 1"]);
  stream.control(Uint32Array.of(9), buffer);
  stream.submit();
  expect(said()).toEqual(["2: 0 to block", "write 9", "submit 2"]);
  // Without a replay there is nothing to write.
  void stream.encoder;
  stream.submit();
  expect(said()).toEqual(["submit 3"]);
  expect(() => stream.control(new Uint32Array(CONTROL_WORDS + 1), buffer)).toThrow("a control block has 64");
});

it("a block that says less than the one before it in its place says 0 in the rest", () => {
  const { memory, stream, buffer } = device();
  const write = vi.spyOn(memory.device.queue, "writeBuffer");
  stream.control(new Uint32Array(CONTROL_WORDS).fill(5), buffer);
  stream.submit();
  stream.control(Uint32Array.of(6), buffer);
  stream.submit();
  const words = write.mock.calls[1]![2] as Uint32Array;
  expect([...words.subarray(0, CONTROL_WORDS)]).toEqual([6, ...new Array(CONTROL_WORDS - 1).fill(0)]);
});

it("submits by itself when the ring is full", () => {
  const { stream, buffer, said } = device();
  for (let i = 0; i < 65; i++) stream.control(Uint32Array.of(i), buffer);
  expect(said().filter((line) => line.startsWith("submit"))).toEqual(["submit 1"]);
  stream.submit();
  expect(said().slice(-2)).toEqual(["write 64", "submit 2"]);
});

it("lets go of a buffer, and does what waits, right after the submit of what names it", () => {
  const { stream, memory, buffer, said } = device();
  stream.onSubmit(() => void heard.push("submitted"));
  const heard: string[] = [];
  stream.afterSubmit(() => void heard.push("at once"));
  stream.afterNextSubmit(() => void heard.push("next"));
  expect(heard).toEqual(["at once"]);
  stream.control(Uint32Array.of(1), buffer);
  stream.retire(buffer);
  stream.afterSubmit(() => void heard.push("after"));
  expect(said()).toEqual(["1: 0 to block"]);
  stream.submit();
  expect(said()).toEqual(["write 1", "submit 1", "destroy block"]);
  expect(heard).toEqual(["at once", "submitted", "next", "after"]);
  void stream.encoder;
  stream.submit();
  expect(heard.slice(4)).toEqual(["submitted"]);
  expect(memory.bytes).toBe(64 * SLOT);
});

it("submits once a turn what several asked to be sent soon, and nothing once it is closed", async () => {
  const { stream, said, memory } = device();
  void stream.encoder;
  stream.submitSoon();
  void stream.encoder;
  stream.submitSoon();
  expect(said()).toEqual([]);
  await Promise.resolve();
  expect(said()).toEqual(["submit 1"]);
  void stream.encoder;
  stream.submitSoon();
  await Promise.resolve();
  expect(said()).toEqual(["submit 2"]);

  void stream.encoder;
  stream.submitSoon();
  const waiting = vi.fn();
  stream.afterSubmit(waiting);
  stream.close();
  await Promise.resolve();
  expect(said()).toEqual(["destroy control ring"]);
  expect(waiting).toHaveBeenCalledOnce();
  expect(memory.bytes).toBe(SLOT);
  expect(() => stream.encoder).toThrow("the device was closed");
});
