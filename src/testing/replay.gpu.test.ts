/**
 * Whole runs against PyTorch: an LSTM, a GPT, a BERT (pre- and post-LN), a ViT, and runs with everything else turned on (several layers and
 * blocks, Lion, SGD, weight decay, warm-ups, masked targets, a budget in tokens). Each is recorded by the command line, as
 * a person would but that the ten share one device and what is compiled there, and its 30 losses are compared with those that PyTorch computed in float64 from our recorded weights
 * and batches. Both are the same on every device, to the bit, so the losses in e2e/golden/replay.json are that oracle
 * where there is no PyTorch; where there is, the recorded files themselves are replayed as well.
 *
 * 2e-4: float32 against float64 over 30 steps. On the adapters tried the differences are below 1e-6; one that adds in
 * another order, or fuses multiply-adds, has the room that rounding needs when Adam's first steps magnify it. A wrong β,
 * clip, schedule or decay, or a cascade that is none, is off by more: tried by changing each of them on one side.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { main } from "../cli/train.ts";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import { openTestBackend } from "./node-gpu.ts";

interface Golden {
  readonly made: { readonly torch: string };
  readonly runs: Readonly<Record<string, { readonly config: RunConfig; readonly losses: readonly number[] }>>;
}

const TOLERANCE = 2e-4;
const STEPS = 30;
const root = fileURLToPath(new URL("../../", import.meta.url));
const golden = JSON.parse(readFileSync(join(root, "e2e/golden/replay.json"), "utf8")) as Golden;
const names = Object.keys(golden.runs);

const folder = mkdtempSync(join(tmpdir(), "espalier-replay-"));
afterAll(() => rmSync(folder, { recursive: true }));

const lossesOf = (name: string): readonly number[] =>
  readFileSync(join(folder, name, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent)
    .flatMap((event) => (event.type === "step" ? [event.loss] : []));

/** A Python that has PyTorch, or null. */
function findPython(): string | null {
  const candidates = [process.env.PYTHON, "python3", "/usr/bin/python3", "python"].filter(
    Boolean,
  ) as string[];
  const has = (python: string) => spawnSync(python, ["-c", "import torch, numpy"]).status === 0;
  return candidates.find(has) ?? null;
}

const python = findPython();

describe("a recorded run", () => {
  beforeAll(async () => {
    const device = await openTestBackend();
    const held = device.bytes;
    const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      for (const name of names) {
        const config = join(folder, `${name}.json`);
        writeFileSync(config, JSON.stringify(golden.runs[name]!.config));
        expect(await main([config, "--record", join(folder, name)], device), name).toBe(0);
      }
    } finally {
      said.mockRestore();
    }
    expect(device.errors()).toEqual([]);
    expect(device.bytes - held, "what a run holds beyond its end").toBeLessThan(1 << 20);
  }, 300_000);

  it("is there for each kind of network", () => {
    expect(names).toEqual(expect.arrayContaining(["lstm", "gpt", "bert", "vit", "mlp"]));
  });

  it.each(names)(`%s has the losses that PyTorch ${golden.made.torch} had`, (name) => {
    const ours = lossesOf(name);
    const theirs = golden.runs[name]!.losses;
    expect([ours.length, theirs.length]).toEqual([STEPS, STEPS]);
    expect(Math.max(...ours.map((loss, i) => Math.abs(loss - theirs[i]!)))).toBeLessThanOrEqual(TOLERANCE);
  });

  it.runIf(python !== null)(
    "is replayed by PyTorch from its own files",
    () => {
      const folders = names.map((name) => join(folder, name));
      const { status, stdout, stderr } = spawnSync(python!, ["e2e/golden/replay.py", ...folders], {
        cwd: root,
        encoding: "utf8",
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout.trim().split("\n")).toHaveLength(names.length);
    },
    120_000,
  );
});
