/** Values coming back from a device that is made up: which pages they share, which are kept, and what happens when nothing comes. */
import { expect, it } from "vitest";
import { Memory, USAGE } from "./memory.ts";
import { Readback } from "./readback.ts";
import { CommandStream } from "./stream.ts";

const KIB = 1024;

/** A device whose copies happen at once; pages are mapped when the test lets them. */
function device() {
  const made: number[] = [];
  const mapped: (() => void)[] = [];
  const gpu = {
    limits: { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 30 },
    createBuffer({ label, size }: { label: string; size: number }) {
      if (label === "read-back page") made.push(size / KIB);
      const bytes = new Uint8Array(size);
      let open = false;
      return {
        ...{ label, size, bytes, destroy: () => {} },
        mapAsync: () =>
          new Promise<void>((resolve) => {
            mapped.push(() => {
              open = true;
              resolve();
            });
          }),
        getMappedRange(at = 0, length = size) {
          if (!open) throw new Error("it is not mapped");
          return bytes.buffer.slice(at, at + length);
        },
        unmap: () => {
          open = false;
        },
      };
    },
    createCommandEncoder: () => ({
      copyBufferToBuffer(from: Bytes, at: number, to: Bytes, toAt: number, length: number) {
        if (at % 4 > 0 || toAt % 256 > 0 || toAt + length > to.bytes.length) throw new Error("refused");
        to.bytes.set(from.bytes.subarray(at, at + length), toAt);
      },
      finish: () => 0,
    }),
    queue: { writeBuffer() {}, submit() {} },
  };
  const memory = new Memory(gpu as unknown as GPUDevice);
  const stream = new CommandStream(memory);
  let failure: string | null = null;
  const readback = new Readback(memory, stream, () => failure);
  const source = memory.create("source", 2 ** 22, USAGE.storage);
  const { bytes } = source as unknown as Bytes;
  const words = new Uint32Array(bytes.buffer);
  for (let i = 0; i < words.length; i++) words[i] = i % 251;
  const held = memory.bytes;
  return {
    ...{ readback, stream, source, made, mapped, bytes },
    pages: () => (memory.bytes - held) / KIB,
    fail: (why: string | null) => {
      failure = why;
    },
    /** Sends what is asked for, and lets all of it come. */
    come: () => {
      stream.submit();
      for (const now of mapped.splice(0)) now();
    },
  };
}

type Bytes = { readonly bytes: Uint8Array<ArrayBuffer> };

it("small values of one submit share a page, a large one has its own of a power of two, each comes back whole", async () => {
  const { readback, source, made, bytes, come } = device();
  const places = [
    [0, 20],
    [40, 300],
    [400, 63 * KIB],
    [0, 0],
    [8, 200 * KIB],
    [4, 56 * KIB],
  ] as const;
  const reads = places.map(([at, length]) => readback.read(source, at, length));
  // The third fills what is left of the first page but for less than 256 bytes; the last has room in the large one.
  expect(made).toEqual([64, 256]);
  come();
  for (const [i, [at, length]] of places.entries()) {
    expect(Buffer.from(await reads[i]!).equals(bytes.subarray(at, at + length))).toBe(true);
  }
});

it("answers come in the order of calls, whichever page is there first", async () => {
  const { readback, source, stream, mapped } = device();
  const order: number[] = [];
  const read = (i: number) =>
    readback.read(source, 0, 40 * KIB).then(() => {
      order.push(i);
    });
  const reads = [read(0), read(1), read(2)];
  stream.submit();
  expect(mapped).toHaveLength(3);
  mapped[2]!();
  await new Promise((turn) => setTimeout(turn, 0));
  expect(order).toEqual([]);
  for (const now of mapped) now();
  await Promise.all(reads);
  expect(order).toEqual([0, 1, 2]);
});

it("a page is filled anew when it has come back, one of its size and only then; few are kept", async () => {
  const { readback, source, made, pages, come, stream } = device();
  const values = [];
  for (const at of [0, 4, 8]) {
    const read = readback.read(source, at, 4);
    come();
    values.push(new Uint8Array(await read)[0]);
  }
  expect([values, made]).toEqual([[0, 1, 2], [64]]);
  // Two are under way at once, so there are two pages; a larger one takes neither.
  const both = [readback.read(source, 0, 4)];
  stream.submit();
  both.push(readback.read(source, 4, 4));
  come();
  await Promise.all(both);
  const large = readback.read(source, 0, 65 * KIB);
  come();
  await large;
  expect([made, pages()]).toEqual([[64, 64, 128], 256]);
  // A copy of a whole run is not held in between.
  const run = readback.read(source, 0, 4096 * KIB);
  expect(pages()).toBe(256 + 4096);
  come();
  await run;
  expect(pages()).toBe(256);
  const most = readback.read(source, 0, 2048 * KIB);
  come();
  await most;
  expect(pages()).toBe(256 + 2048);
});

it("a page that has come back begins anew: with all its room, and without who read it before", async () => {
  const { readback, source, made, come } = device();
  const readers: number[] = [];
  for (let i = 0; i < 3; i++) {
    const read = readback.readBy(source, 0, 40 * KIB, () => readers.push(i));
    come();
    await read;
  }
  expect([readers, made]).toEqual([[0, 1, 2], [64]]);
});

it("a reader that throws rejects alone", async () => {
  const { readback, source, come } = device();
  const broken = readback.readBy(source, 0, 4, () => {
    throw new Error("of the reader's own");
  });
  const other = readback.readBy(source, 4, 4, ([first]) => first);
  come();
  await expect(broken).rejects.toThrow("of the reader's own");
  expect(await other).toBe(1);
});

it("what a device says wrongly is given to nobody, and its pages to nobody again", async () => {
  const { readback, source, come, fail, pages, made } = device();
  fail("a shader was wrong");
  const reads = [readback.read(source, 0, 4), readback.read(source, 4, 4)];
  come();
  for (const read of reads) {
    await expect(read).rejects.toThrow("nothing came back from the device: a shader was wrong");
  }
  expect(pages()).toBe(0);
  fail(null);
  const read = readback.read(source, 4, 4);
  come();
  expect(new Uint8Array(await read)[0]).toBe(1);
  expect(made).toEqual([64, 64]);
});

it("what is closed rejects all that is open, and gives back all memory once", async () => {
  const { readback, source, stream, come, pages, mapped, fail } = device();
  const kept = readback.read(source, 0, 4);
  come();
  await kept;
  const sent = readback.read(source, 0, 4);
  stream.submit();
  const open = readback.read(source, 0, 4);
  expect(pages()).toBe(128);
  readback.close();
  expect(pages()).toBe(0);
  await expect(sent).rejects.toThrow("the device was closed");
  await expect(open).rejects.toThrow("the device was closed");
  // A page that was under way comes back to nobody.
  fail("the device is gone");
  for (const now of mapped) now();
  await new Promise((turn) => setTimeout(turn, 0));
  expect(pages()).toBe(0);
});
