/** Files let go beside a drop zone are taken for what they are. */
import { describe, expect, it } from "vitest";
import { kindOf } from "./dropped.ts";
import { takeFile } from "./own-text.ts";

describe("kindOf", () => {
  it.each([
    [["net.safetensors"], "", "weights"],
    [["notes.txt"], "It was", "text"],
    [["table.csv"], "label,pixel0,pixel1", "images"],
    [["table.csv"], '"label","pixel0"', "images"],
    // A table of anything else is a text to be read a character at a time.
    [["prices.csv"], "date,price", "text"],
    [["digits.zip"], "PK", "images"],
    [["digits/0/a.png", "digits/1/b.PNG", "digits/readme.txt"], "", "images"],
    [["a.txt", "b.txt"], "", "text"],
    [[], "", "images"],
  ] as const)("takes %j that begins with %j for %s", (paths, begins, kind) => {
    expect(kindOf(paths, begins)).toBe(kind);
  });
});

describe("a text file", () => {
  it("is not read where it is empty or too large, and a folder is said to be none", async () => {
    const unread = {
      arrayBuffer: () => Promise.reject(new DOMException("A requested file or directory could not be found")),
    };
    const file = (name: string, size: number) => ({ ...unread, name, size }) as unknown as File;
    expect(await takeFile(file("a.txt", 0))).toEqual({ ok: false, message: "a.txt is empty." });
    expect(await takeFile(file("b.txt", 3e9))).toEqual({
      ok: false,
      message: "b.txt has 3000 MB; at most 20 MB can be read.",
    });
    expect(await takeFile(file("folder", 4096))).toEqual({
      ok: false,
      message: "folder cannot be read. Choose one text file.",
    });
  });
});
