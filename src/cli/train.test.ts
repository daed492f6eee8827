/**
 * `npm run train` as a stranger runs it, a process of its own each time: what stands on stdout and stderr, the exit code,
 * the files of a recording. One config goes through a file, a link and the options, and must say the same each way.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it, vi } from "vitest";
import { checkConfig } from "../run/check.ts";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import { encodeLink } from "../share/link.ts";
import { eventsOf, timeless } from "../testing/runs.ts";
import { decodeSafetensors } from "../train/safetensors.ts";
import { BadInput } from "./command.ts";
import { main } from "./train.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "espalier-train-"));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function train(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "src/cli/train.ts", ...args],
    { cwd: root, encoding: "utf8", env: { ...process.env, INIT_CWD: folder } },
  );
  return { status, stdout, stderr };
}

function file(name: string, content: unknown): string {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  writeFileSync(join(folder, name), text);
  return name;
}

const own = { data: { id: "own", name: "diary.txt", sha256: "0".repeat(64) } };

describe("bad input", () => {
  it.each([
    [[], /^Use "npm run train/],
    [["gtp"], /^"gtp" is no preset, no file and no link; presets are char-lstm, /],
    [["gpt", "names"], /^Use "npm run train/],
    [["gpt", "--steps"], /^--steps needs a value\. /],
    [["gpt", "--steps", "0"], /^--steps is 0, allowed are whole numbers from 1 to 10000000\.$/],
    [["gpt", "--seed", "x"], /^--seed is x, allowed are whole numbers from 0 to 4294967295\.$/],
    [["gpt", "--json=yes"], /^--json takes no value\. /],
    [["gpt", "--quiet"], /^--quiet is not known\. /],
    [["#1.AAAA"], /^This link was not opened: it is cut off or damaged\.$/],
    [["https://example.org/espalier/"], /^This link was not opened: there is no config in it\.$/],
    [[file("cut.json", "{")], /^cut\.json is no config: it is not JSON\.$/],
    [[file("list.json", "[]")], /^list\.json is no config: a config must be an object\.$/],
    [[file("wide.json", { batch: 999 })], /^wide\.json is no config: batch is 999, allowed are 1 to 512\.$/],
    [[file("own.json", own)], /^This config trains on a person's own data, /],
    [["gpt", "--record", file("plain", "")], /plain cannot be written \(EEXIST\)\.$/],
    [["gpt", "--steps", "9000000", "--record", "r"], /^--record would keep 147\.5 GB of batches, /],
  ])("%j is refused with one sentence", async (args, sentence) => {
    vi.stubEnv("INIT_CWD", folder);
    const refusal = main(args);
    await expect(refusal).rejects.toBeInstanceOf(BadInput);
    await expect(refusal).rejects.toThrow(sentence);
    await expect(refusal).rejects.toThrow(/^[^\n]+$/);
  });

  it("ends with exit code 2, and is told on stderr alone", () => {
    const { status, stdout, stderr } = train("gpt", "--steps", "0");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe("--steps is 0, allowed are whole numbers from 1 to 10000000.\n");
  });
});

it("--schema prints a JSON Schema and nothing else", () => {
  const { status, stdout, stderr } = train("--schema");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ title: "Espalier RunConfig", type: "object" });
});

const step = (at: number) => ({ id: "step", step: at });
/** A growth of each kind, one that is refused, an edit. */
const kinds = {
  lstm: {
    seed: 5,
    data: { id: "names" },
    model: { id: "lstm", blocks: [8], embed: 6, layers: 2, maxCells: 20 },
    batch: 4,
    context: 16,
    budget: { amount: 12 },
    eval: { every: 6, batches: 2 },
    recipe: [
      { trigger: step(4), action: { id: "cascade", cells: 8 } },
      { trigger: step(5), action: { id: "cascade", cells: 64 } },
      { trigger: step(6), action: { id: "edit", path: "optim.lr", value: 0.001 } },
    ],
  },
  gpt: {
    seed: 5,
    data: { id: "pronounce" },
    model: { id: "gpt", layers: 1, width: 8, heads: 2, ffn: 2 },
    optim: { id: "lion" },
    batch: 4,
    context: 16,
    budget: { unit: "tokens", amount: 12 * 64 },
    eval: { every: 6, batches: 2 },
    recipe: [{ trigger: { id: "at", fraction: 0.5 }, action: { id: "stack" } }],
  },
} as const;

const shapesOf = (name: string) => {
  const bytes = Uint8Array.from(readFileSync(join(folder, name))).buffer;
  const { tensors } = decodeSafetensors(bytes);
  return Object.fromEntries([...tensors].map(([tensor, { shape }]) => [tensor, shape]));
};

const eventsIn = (text: string): RunEvent[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);

const LONG = Boolean(process.env.ESPALIER_LONG);
/** Each trains the same run twice over. */
const trained = LONG ? (["lstm", "gpt"] as const) : (["lstm"] as const);

describe.each(trained)("a %s", (kind) => {
  it("says the same as a file and as a link, on stdout one event a line and nothing else", async () => {
    const name = file(`${kind}.json`, { ...kinds[kind], seed: 1 });
    const recorded = train(name, "--seed", "5", "--json", "--record", kind);
    expect({ status: recorded.status, stderr: recorded.stderr }).toEqual({ status: 0, stderr: "" });
    const events = eventsIn(recorded.stdout);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
    expect([events[0]!.type, events.at(-1)!.type]).toEqual(["run/started", "run/ended"]);
    expect(eventsOf(events, "step").map(({ step }) => step)).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    expect(eventsOf(events, "eval").map(({ step }) => step)).toEqual([0, 6, 12]);
    const [done] = eventsOf(events, "structure/done");
    for (const figure of ["lossBefore", "lossAfter", "maxLogitDelta", "maxLogit", "activeFlops"] as const) {
      expect(Number.isFinite(done![figure]), figure).toBe(true);
    }
    expect(done!.paramsAfter).toBeGreaterThan(done!.paramsBefore);
    expect(eventsOf(events, "structure/refused")).toHaveLength(kind === "lstm" ? 1 : 0);

    const config = JSON.parse(readFileSync(join(folder, kind, "config.json"), "utf8")) as RunConfig;
    expect(checkConfig(config)).toEqual({ ok: true, config });
    expect(config).toMatchObject(kinds[kind]);
    expect(readFileSync(join(folder, kind, "events.jsonl"), "utf8")).toBe(recorded.stdout);

    // Its link is the same config: it begins alike, and what came of a whole run is compared with PyTorch (testing/replay.gpu.test.ts).
    const address = `https://example.org/espalier/#${await encodeLink(config)}`;
    const linked = train(address, "--json", ...(LONG ? [] : ["--steps", "1", "--record", "linked"]));
    expect({ status: linked.status, stderr: linked.stderr }).toEqual({ status: 0, stderr: "" });
    const again = eventsIn(linked.stdout).map(timeless);
    if (LONG) {
      expect(again).toEqual(events.map(timeless));
      return;
    }
    const read = JSON.parse(readFileSync(join(folder, "linked", "config.json"), "utf8")) as RunConfig;
    expect(read).toEqual({ ...config, budget: { unit: "steps", amount: 1 } });
    const upTo1 = (all: readonly unknown[]) =>
      eventsOf(all as readonly RunEvent[], "step").filter(({ step }) => step <= 1);
    expect(upTo1(again)).toHaveLength(1);
    expect(upTo1(again)).toEqual(upTo1(events.map(timeless)));
  }, 120_000);

  it("is recorded under the names and in the shapes that others know", () => {
    expect(readdirSync(join(folder, kind)).sort()).toEqual([
      "batches.safetensors",
      "config.json",
      "events.jsonl",
      "final.safetensors",
      "init.safetensors",
    ]);
    expect(shapesOf(`${kind}/batches.safetensors`)).toEqual({ inputs: [12, 4, 16], targets: [12, 4, 16] });
    if (kind === "lstm") {
      const layer = (cells: number, k: number) => ({
        [`lstm.weight_ih_l${k}`]: [4 * cells, k === 0 ? 6 : cells],
        [`lstm.weight_hh_l${k}`]: [4 * cells, cells],
        [`lstm.bias_ih_l${k}`]: [4 * cells],
        [`lstm.bias_hh_l${k}`]: [4 * cells],
      });
      const whole = (cells: number) => ({
        "embed.weight": [27, 6],
        ...layer(cells, 0),
        ...layer(cells, 1),
        "head.weight": [27, cells],
        "head.bias": [27],
      });
      expect(shapesOf("lstm/init.safetensors")).toEqual(whole(8));
      expect(shapesOf("lstm/final.safetensors")).toEqual(whole(16));
      return;
    }
    const block = (i: number) => ({
      [`h.${i}.ln_1.weight`]: [8],
      [`h.${i}.ln_1.bias`]: [8],
      [`h.${i}.attn.c_attn.weight`]: [24, 8],
      [`h.${i}.attn.c_attn.bias`]: [24],
      [`h.${i}.attn.c_proj.weight`]: [8, 8],
      [`h.${i}.attn.c_proj.bias`]: [8],
      [`h.${i}.ln_2.weight`]: [8],
      [`h.${i}.ln_2.bias`]: [8],
      [`h.${i}.mlp.c_fc.weight`]: [16, 8],
      [`h.${i}.mlp.c_fc.bias`]: [16],
      [`h.${i}.mlp.c_proj.weight`]: [8, 16],
      [`h.${i}.mlp.c_proj.bias`]: [8],
    });
    const around = { "wte.weight": [68, 8], "wpe.weight": [16, 8], "lm_head.weight": [67, 8] };
    const last = { "ln_f.weight": [8], "ln_f.bias": [8] };
    expect(shapesOf("gpt/init.safetensors")).toEqual({ ...around, ...block(0), ...last });
    expect(shapesOf("gpt/final.safetensors")).toEqual({ ...around, ...block(0), ...block(1), ...last });
  });
});
