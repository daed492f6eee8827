import { describe, expect, it } from "vitest";
import { loadOwnImages, ownImages, readImageCsv } from "./own-images.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const head = `label,${Array.from({ length: 9 }, (_, i) => `pixel${i}`).join(",")}`;
const row = (label: string, i: number) =>
  `${label},${Array.from({ length: 9 }, (_, p) => (p === 4 ? i : 0)).join(",")}`;
const table = (count: number) =>
  [head, ...Array.from({ length: count }, (_, i) => row(`c${i % 11}`, i))].join("\n");

describe("a table of images", () => {
  it("is read with its classes in their order", () => {
    const own = readImageCsv("a.csv", bytes(`${table(44)}\r\n\n`));
    expect(own.classes).toEqual(["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10"]);
    expect([...own.labels.slice(0, 12)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0]);
    // Three by three becomes 28 by 28: the middle pixel of image 30 is in the middle.
    expect(own.pixels[30 * 784 + 14 * 28 + 14]).toBe(30);
    expect(own.pixels[30 * 784]).toBe(0);
  });
  it.each([
    ["x,y\n1,2", "its first line must be label,pixel0,pixel1 and so on, of a square"],
    ["label,a,b,c\n", "of a square"],
    [
      `${head}\n${row("a", 300)}`,
      'a.csv, line 2: pixel 4 is "300", allowed are whole numbers from 0 to 255.',
    ],
    [`${head}\n${row("a", 3)},7`, "line 2: it has 11 cells, the first line has 10."],
    [`${head}\na,1,2`, 'line 2: pixel 2 is "", allowed'],
    [table(12), "a.csv has 12 images; at least 20 are needed."],
    [[head, ...Array.from({ length: 30 }, (_, i) => row("one", i))].join("\n"), "of one class"],
    [[head, ...Array.from({ length: 80 }, (_, i) => row(`k${i}`, i))].join("\n"), "80 classes; at most 64"],
  ])("is refused with one sentence: %j", (text, sentence) => {
    expect(() => readImageCsv("a.csv", bytes(text))).toThrow(sentence);
  });
});

describe("own images", () => {
  const picture = (i: number, ground = 0) => ({
    width: 28,
    height: 28,
    pixels: Uint8Array.from({ length: 784 }, (_, p) => (p === 300 + (i % 50) ? 200 + (i % 7) : ground)),
  });
  it("get bright strokes on a dark ground", () => {
    const images = Array.from({ length: 20 }, (_, i) => ({ label: String(i % 2), picture: picture(i, 250) }));
    const own = ownImages("x", images);
    expect(own.pixels[0]).toBe(5);
    expect(own.pixels[300]).toBe(55);
  });
  it("are split so that copies of one image stay on one side, all there, whatever their number", () => {
    const images = Array.from({ length: 700 }, (_, i) => ({ label: String(i % 3), picture: picture(i) }));
    const loaded = loadOwnImages(ownImages("x", images));
    const keys = (part: typeof loaded.train) =>
      Array.from(part.labels, (_, i) => part.pixels.slice(784 * i, 784 * (i + 1)).join());
    const [train, held] = [keys(loaded.train), keys(loaded.validation)];
    expect(train.length + held.length).toBe(700);
    expect(held.length).toBeGreaterThan(20);
    expect(held.length).toBeLessThan(200);
    const inTrain = new Set(train);
    expect(held.some((key) => inTrain.has(key))).toBe(false);
    expect(loaded.normal.mean).toBeCloseTo(203 / 255 / 784, 4);
    const same = Array.from({ length: 20 }, (_, i) => ({ label: String(i % 2), picture: picture(0) }));
    const few = loadOwnImages(ownImages("x", same));
    expect(few.train.labels.length * few.validation.labels.length).toBeGreaterThan(0);
    expect(few.train.labels.length + few.validation.labels.length).toBe(20);
  });
});
