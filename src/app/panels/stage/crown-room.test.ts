import { describe, expect, it } from "vitest";
import { classesIn, guessesIn } from "./crown-room.ts";

const digits = Array.from({ length: 10 }, (_, k) => ({
  symbol: String(k),
  probability: k === 7 ? 0.91 : 0.01,
}));

describe("the crown", () => {
  // 390 and 360 pixels wide it has 118 and 92 at the least, of an MLP (measured on the page).
  it.each([300, 118, 92])("has all ten digits in %i pixels", (room) => {
    const { shown, slot } = classesIn(digits, room);
    expect(shown).toEqual(digits);
    expect(10 * slot).toBeLessThanOrEqual(room);
    // A digit of 12 px mono is 7.2 wide.
    expect(slot).toBeGreaterThan(7.2);
  });

  it("keeps the likeliest in their order where there are more classes than places", () => {
    const names = Array.from({ length: 12 }, (_, k) => ({ symbol: `kind ${k}`, probability: (k % 6) / 30 }));
    const { shown } = classesIn(names, 80);
    expect(shown.map(({ symbol }) => symbol)).toEqual(["kind 3", "kind 4", "kind 5", "kind 10", "kind 11"]);
  });

  it("has as many characters as there is room for, five at most", () => {
    expect(guessesIn(400)).toEqual({ count: 5, slot: 80, under: false });
    expect(guessesIn(289)).toEqual({ count: 4, slot: 72.25, under: false });
    const phone = guessesIn(141);
    expect(phone).toEqual({ count: 4, slot: 36.25, under: true });
    // The letter, then ".42": 9 + 3 letters of 7.2.
    expect(phone.slot).toBeGreaterThan(9 + 3 * 7.2);
  });
});
