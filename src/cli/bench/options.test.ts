import { describe, expect, it } from "vitest";
import { BadInput } from "../command.ts";
import { benchOptions } from "./options.ts";

describe("npm run bench", () => {
  it("measures everything in Chromium by default", () => {
    expect(benchOptions([])).toEqual({
      tasks: ["lstm", "gpt", "matmul", "growth", "curve"],
      engines: ["ours", "jax-js", "tfjs"],
      rounds: 5,
      runtime: "chromium",
      json: null,
      svg: null,
      command: "npm run bench",
    });
  });

  it("takes a task, engines, rounds, and says the command without the files it wrote", () => {
    const options = benchOptions([
      "--task",
      "gpt",
      "--engines=tfjs,ours",
      "--rounds",
      "3",
      "--json",
      "x.json",
    ]);
    expect(options.tasks).toEqual(["gpt"]);
    expect(options.engines).toEqual(["ours", "tfjs"]);
    expect(options.json).toBe("x.json");
    expect(options.command).toBe("npm run bench -- --task gpt --engines tfjs,ours --rounds 3");
  });

  it.each([
    [["--task", "mlp"], /--task is "mlp", allowed are lstm, gpt/],
    [["--engines", "ours,onnx"], /--engines names "onnx"/],
    [["--rounds", "0"], /--rounds is 0/],
    [["--runtime", "bun"], /--runtime is "bun"/],
    [["--seed", "1"], /--seed is not known/],
    [["lstm"], /Use "npm run bench/],
  ])("refuses %j in a sentence", (argv, sentence) => {
    expect(() => benchOptions(argv)).toThrow(sentence);
    expect(() => benchOptions(argv)).toThrow(BadInput);
  });
});
