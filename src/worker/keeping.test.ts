import { describe, expect, it } from "vitest";
import { Keeping } from "./keeping.ts";

function run(cost: number, bytes = 1) {
  let now = 1000;
  const over: (ArrayBuffer | null)[] = [];
  const keeping = new Keeping(() => now);
  keeping.begin();
  const copied = {
    settled: async () => {
      now += 5; // steps that were on their way
    },
    snapshot: async (again: ArrayBuffer | null) => {
      now += cost;
      over.push(again);
      return bytes === 1 ? new ArrayBuffer(1) : ({ byteLength: bytes } as ArrayBuffer);
    },
  };
  const dueAfter = async () => {
    await keeping.copy(copied);
    const since = now;
    while (!keeping.due) now += 1;
    return now - since;
  };
  const wait = (seconds: number) => void (now += seconds);
  return { keeping, dueAfter, copied, over, wait };
}

describe("copies against the loss of the device", () => {
  it("come every half minute while they cost next to nothing", async () => {
    expect(await run(0.01).dueAfter()).toBe(30);
  });

  it("take a hundredth of the time where they cost more, and are never older than a minute", async () => {
    expect(await run(0.5).dueAfter()).toBe(50);
    expect(await run(20).dueAfter()).toBe(60);
  });

  it("are written over the one before last, and never over the last", async () => {
    const { keeping, copied, over } = run(0.01);
    const made: ArrayBuffer[] = [];
    for (let i = 0; i < 4; i++) made.push(await keeping.copy(copied));
    // By identity: the bytes of all are equal.
    expect(over.map((again) => (again === null ? null : made.indexOf(again)))).toEqual([null, null, 0, 1]);
    keeping.begin();
    await keeping.copy(copied);
    await keeping.copy(copied);
    expect(over.slice(4)).toEqual([null, null]);
  });

  it("that are large stand alone", async () => {
    const { keeping, copied, over } = run(0.01, 64 * 2 ** 20);
    for (let i = 0; i < 4; i++) await keeping.copy(copied);
    expect(over).toEqual([null, null, null, null]);
  });

  it("of another run are due when it has run for as long as any", async () => {
    const { keeping, copied, wait } = run(20);
    await keeping.copy(copied);
    wait(100);
    keeping.changed = true;
    keeping.begin();
    expect(keeping.due).toBe(false);
    wait(29);
    expect(keeping.due).toBe(false);
    wait(1);
    expect(keeping.due).toBe(true);
  });

  it("are due at once after what repeated steps would not bring back", async () => {
    const { keeping, dueAfter } = run(0.5);
    keeping.changed = true;
    expect(keeping.due).toBe(true);
    expect(await dueAfter()).toBe(50);
  });
});
