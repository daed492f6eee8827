/** The verdicts that a committed curve rests on, and the command's answers to bad input. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { BadInput } from "./command.ts";
import { bitsOf, Curve, natsOf } from "./curve.ts";
import { main } from "./reproduce.ts";

const YARDSTICKS = [
  { label: "bigram", bits: 3.5 },
  { label: "5-gram", bits: 2 },
];

const at = (step: number, bits: number) => ({
  step,
  tokens: step * 1024,
  seconds: step / 8,
  nats: natsOf(bits),
});

describe("a curve", () => {
  it("is under a yardstick in bits, whose losses are in nats", () => {
    expect(bitsOf(Math.LN2)).toBe(1);
    const curve = new Curve(YARDSTICKS);
    // 3.4 nats are 4.9 bits: a yardstick taken for nats would be beaten here.
    expect(curve.add({ step: 50, tokens: 51_200, seconds: 6.25, nats: 3.4 })).toBe(
      "| 50 | 51,200 | 6.3 | 3.4000 | 4.905 | none |",
    );
    expect(curve.learned).toBe(false);
    expect(curve.add(at(100, 3.5))).toContain("| none |");
    expect(curve.learned).toBe(false);
    expect(curve.add(at(150, 3.49))).toContain("| bigram |");
    expect(curve.learned).toBe(true);
    expect(curve.complete).toBe(false);
    expect(curve.add(at(200, 1.99))).toContain("| bigram, 5-gram |");
    expect(curve.complete).toBe(true);
  });

  it("says plainly what was beaten first when, and by how much the rest was missed at best", () => {
    const curve = new Curve(YARDSTICKS);
    for (const point of [at(100, 3.6), at(200, 3.25), at(300, 2.5), at(400, 2.75)]) curve.add(point);
    expect(curve.verdict()).toEqual([
      "- bigram (3.5 bits, 2.4260 nats): **beaten**, first at step 200 with 3.250 bits.",
      "- 5-gram (2 bits, 1.3863 nats): **not beaten**; 0.500 bits were missing at step 300, the best.",
    ]);
  });

  it("of images is judged on the test images, and is never complete before its budget", () => {
    const curve = new Curve([{ label: "softmax regression", accuracy: 0.9235 }]);
    const point = { step: 100, tokens: 5000, seconds: 1, nats: 0.2 };
    expect(curve.add({ ...point, accuracy: 0.92 })).toBe("| 100 | 5,000 | 1.0 | 0.2000 | 92.00 % | none |");
    expect(curve.add({ ...point, step: 200, accuracy: 0.95 })).toContain("| 95.00 % | softmax regression |");
    expect([curve.learned, curve.complete]).toEqual([true, false]);
    // What yardsticks are shares of are the test images: they have the last word.
    curve.tested(0.914);
    expect(curve.learned).toBe(false);
    expect(curve.verdict()).toEqual([
      "- softmax regression (92.35 % right): **not beaten** on the test images, with 91.40 %.",
    ]);
    curve.tested(0.9721);
    expect(curve.learned).toBe(true);
    expect(curve.verdict()[0]).toContain("**beaten** on the test images, with 97.21 %.");
  });

  it("claims nothing without yardsticks, without validation, or when the loss is no number", () => {
    const none = new Curve([]);
    none.add(at(100, 0.1));
    expect([none.learned, none.complete]).toEqual([false, false]);
    expect(none.verdict()).toEqual(["This data set has no yardsticks: nothing was beaten."]);
    const broken = new Curve(YARDSTICKS);
    broken.add({ ...at(100, 1), nats: Number.NaN });
    expect(broken.learned).toBe(false);
    expect(broken.verdict()[0]).toContain("**not beaten**; nothing was validated.");
  });
});

describe("npm run reproduce", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  it.each([
    [["no-such-preset"], '"no-such-preset" is no preset; presets are char-lstm,'],
    [[], 'Use "npm run reproduce'],
    [["gpt", "--runtime", "bun"], '--runtime is "bun", allowed are node and deno.'],
    [["gpt", "--minutes", "0"], "--minutes is 0, allowed are whole numbers from 1 to 1440."],
    [["gpt", "--steps", "3"], "--steps is not known."],
  ])("refuses %j with one sentence", async (args, sentence) => {
    const refusal = main(args);
    await expect(refusal).rejects.toBeInstanceOf(BadInput);
    await expect(refusal).rejects.toThrow(sentence);
    await expect(refusal).rejects.toThrow(/^[^\n]+$/);
  });

  it("ends a refusal with exit code 2, and says it on stderr alone", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", "src/cli/reproduce.ts", "gpt", "--runtime", "bun"],
      { cwd: root, encoding: "utf8" },
    );
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe('--runtime is "bun", allowed are node and deno.\n');
  });
});
