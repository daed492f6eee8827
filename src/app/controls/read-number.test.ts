import { describe, expect, it } from "vitest";
import { noNumber, readNumber } from "./read-number.ts";

describe("a number as it is typed", () => {
  it.each([
    ["1e-3", 1e-3],
    ["1E3", 1000],
    ["1e99", 1e99],
    [" 2.5e+4 ", 25_000],
    [".5", 0.5],
    ["5.", 5],
    ["−.25", -0.25],
    ["–3", -3],
    ["1,000", 1000],
    ["-1,234,567.5", -1_234_567.5],
    ["0.003", 0.003],
  ])("reads %s", (text, number) => expect(readNumber(text)).toBe(number));

  // "0,5" may be meant as a half: nothing is guessed. "1e" is half a number.
  it.each([
    "",
    "abc",
    "1e",
    "e3",
    "1e-",
    "0,5",
    "1,00",
    "1 000",
    "1e999",
    "Infinity",
    "0x10",
    "1.2.3",
    "12 k",
  ])("refuses %s", (text) => expect(readNumber(text)).toBeNull());

  it("says so, and what holds meanwhile", () => {
    expect(noNumber(" 1e ", ".003")).toBe("“1e” is not a number. .003 holds.");
    expect(noNumber("9".repeat(400), "5")).toBe(`“${"9".repeat(24)}…” is not a number. 5 holds.`);
  });
});
