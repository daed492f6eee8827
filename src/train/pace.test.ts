/** How many steps go into a submit and how many submits are under way, by a clock that the test turns. */
import { expect, it } from "vitest";
import { Pace } from "./pace.ts";

/** A device whose steps take so long, kept as busy as the pace allows; the strides after each answer. */
function device() {
  let now = 100;
  const pace = new Pace(() => now);
  const sent: number[] = [];
  const send = (): void => {
    sent.push(pace.stride);
    pace.sent(pace.stride, Promise.resolve());
  };
  const answer = async (seconds: number): Promise<number> => {
    now += sent.shift()! * seconds;
    await pace.hearOldest();
    return pace.stride;
  };
  const busy = async (seconds: number, answers: number): Promise<number[]> => {
    const strides: number[] = [];
    for (let i = 0; i < answers; i++) {
      while (!pace.full) send();
      strides.push(await answer(seconds));
    }
    return strides;
  };
  return { pace, sent, send, answer, busy };
}

it("goes halfway towards submits of 12 ms with each answer, of 1 step at least and 16 at most", async () => {
  // The first answer measures nothing: the device may have stood still before.
  expect(await device().busy(0.0039, 6)).toEqual([1, 2, 3, 3, 3, 3]);
  expect(await device().busy(1e-5, 6)).toEqual([1, 9, 13, 15, 16, 16]);
  const { busy } = device();
  await busy(0, 6);
  expect((await busy(0.02, 12)).slice(0, 5)).toEqual([8, 4, 2, 1, 1]);
  expect((await busy(0.02, 12)).at(-1)).toBe(1);
});

it("has three submits under way, of long ones two, each heard in turn", async () => {
  const { pace, sent, busy, answer } = device();
  expect(pace.empty).toBe(true);
  await busy(0.001, 8);
  expect([sent.length, pace.full, pace.empty]).toEqual([2, false, false]);
  await busy(0.06, 8);
  expect([sent.length, pace.full, pace.empty]).toEqual([1, false, false]);
  await busy(0.001, 8);
  expect(sent.length).toBe(2);
  while (sent.length > 0) await answer(0.001);
  expect(pace.empty).toBe(true);
  await pace.hearOldest(); // of nothing
});

it("learns nothing from an answer after which the device has nothing to do, nor across a rest", async () => {
  const { pace, send, sent, answer, busy } = device();
  await busy(0.001, 8);
  const { stride } = pace;
  expect(stride).toBe(12);
  while (sent.length > 0) await answer(sent.length === 1 ? 1 : 0.001);
  expect(pace.stride).toBe(stride);
  // A person paused for a minute: nothing is under way any more.
  send();
  pace.rest();
  expect(pace.empty).toBe(true);
  sent.length = 0;
  send();
  send();
  await answer(60);
  expect(pace.stride).toBe(stride);
});
