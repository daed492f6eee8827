/**
 * Every program of every preset, at its start and at its full size, and of the largest networks a config may ask for:
 * within what every WebGPU device has. Plans are made, nothing runs.
 */
import { describe, expect, it } from "vitest";
import type { Values } from "../config/schema.ts";
import type { LoadedData } from "../data/types.ts";
import { checkConfig } from "../run/check.ts";
import type { RunConfig } from "../run/config.ts";
import { dataShape } from "../run/data-shape.ts";
import { presets } from "../share/presets.ts";
import { interpreter } from "../testing/runs.ts";
import { isStructured } from "./ages.ts";
import { specsOf } from "./arrays.ts";
import { censusProgram, finiteProgram } from "./event-programs.ts";
import {
  evalProgram,
  NOTHING_KEPT,
  probeProgram,
  sampleProgram,
  trainProgram,
  viewProgram,
} from "./programs.ts";
import { createSetup } from "./setup.ts";

/** WebGPU's default limits. */
const MAX_BINDING = 2 ** 27;
const MAX_GROUPS = 65_535;
const MAX_BINDINGS = 8;

/** What growth may make of it: as many layers, or blocks like the first, as the config allows. */
function fullSize(arch: Values): Values {
  const { layers = 0, maxLayers, blocks, maxCells = 0 } = arch as Record<string, unknown> as Size;
  if (blocks === undefined) return { ...arch, layers: Math.max(layers, maxLayers ?? 0) };
  const all = [...blocks];
  const cells = () => all.reduce((sum, n) => sum + n, 0);
  while (all.length < 8 && cells() + blocks[0]! <= maxCells) all.push(blocks[0]!);
  return { ...arch, blocks: all };
}

interface Size {
  readonly layers?: number;
  readonly maxLayers?: number;
  readonly blocks?: readonly number[];
  readonly maxCells?: number;
}

/** Data of the right size and of no content. */
function dataOf(config: RunConfig): LoadedData {
  const { vocab, image } = dataShape(config);
  const symbols = Array.from({ length: vocab }, (_, i) => String.fromCodePoint(0x4e00 + i));
  if (image !== undefined) {
    const part = (n: number) => ({ labels: new Uint8Array(n), pixels: new Uint8Array(784 * n) });
    const normal = { mean: 0, std: 1 };
    return {
      kind: "images",
      id: "x",
      symbols,
      image,
      normal,
      train: part(5000),
      validation: part(5000),
      test: null,
    };
  }
  const part = { tokens: new Uint32Array(100_000), starts: null };
  const encode = () => new Uint32Array(1);
  const text = { train: part, validation: part, encode, decode: () => "", excerpt: "x" };
  return { kind: "text", id: "x", symbols, ...text };
}

function programsOf(config: RunConfig) {
  const setup = createSetup(config, dataOf(config), interpreter());
  return [setup.arch, fullSize(setup.arch)].flatMap((arch) => {
    const specs = specsOf(setup, arch);
    const sized = { arch, specs };
    return [
      trainProgram(setup, sized, NOTHING_KEPT),
      trainProgram(setup, sized, { ages: true, score: isStructured(specs) }),
      censusProgram(specs),
      finiteProgram(specs, true),
      evalProgram(setup, sized),
      probeProgram(setup, sized),
      viewProgram(setup, sized),
      ...(setup.model.task === "next-token" ? [sampleProgram(setup, sized)] : []),
    ];
  });
}

function keepsWithin(config: RunConfig): void {
  // Of each bound what reaches it, and not an assertion a command, of which there are a hundred thousand.
  const beyond = programsOf(config).flatMap(({ buffers, commands }) => [
    ...buffers.filter(({ bytes }) => !(bytes <= MAX_BINDING)),
    ...commands.filter(
      (command) =>
        command.kind === "dispatch" &&
        !(Object.keys(command.bind).length <= MAX_BINDINGS && Math.max(...command.grid) <= MAX_GROUPS),
    ),
  ]);
  expect(beyond).toEqual([]);
}

describe("keeps within the limits of every device", () => {
  // Presets that differ in what is done to a network, and when, have the same programs: made once.
  const alike = new Map<string, { readonly ids: string[]; readonly config: RunConfig }>();
  for (const { id, config } of presets) {
    const { seed: _, recipe: __, budget: ___, schedule: ____, optim, eval: at, ...rest } = config;
    const key = JSON.stringify([rest, optim.id, Number(optim.clip) > 0, at.batches]);
    const known = alike.get(key);
    if (known) known.ids.push(id);
    else alike.set(key, { ids: [id], config });
  }
  it.each([...alike.values()].map(({ ids, config }) => [ids.join(", "), config] as const))(
    "%s",
    (_ids, config) => keepsWithin(config),
  );

  const own = { data: { id: "own", name: "x", sha256: "0".repeat(64) } };
  const lstm = { id: "lstm", blocks: [256, 256], embed: 256, maxCells: 512, connectivity: "fully-connected" };
  // On a GPU they are thousands of dispatches, a step of the window each, which takes seconds to plan.
  const WIDE: readonly [string, object][] = [
    [
      "a one-hot input of 4 layers",
      { model: { ...lstm, input: "one-hot", layers: 4 }, batch: 32, context: 512 },
    ],
    ["eight blocks", { model: { ...lstm, blocks: Array(8).fill(64), layers: 4 }, batch: 32, context: 512 }],
  ];
  const LARGE: readonly [string, object][] = [
    ...(process.env.ESPALIER_LONG ? WIDE : []),
    ["the widest LSTM on the most positions", { model: lstm, batch: 32, context: 512 }],
    [
      "four such layers with dropout",
      { model: { ...lstm, layers: 4, dropout: 0.1 }, batch: 512, context: 32 },
    ],
    // Attention keeps its maps: batch × heads × context² numbers are what a wide context costs.
    [
      "the widest GPT on windows of 256",
      { model: { id: "gpt", layers: 12, width: 256, heads: 8, ffn: 8 }, batch: 64, context: 256 },
    ],
    [
      "a GPT of the longest context",
      {
        model: { id: "gpt", layers: 12, width: 256, heads: 16, ffn: 8, dropout: 0.1 },
        batch: 8,
        context: 512,
      },
    ],
  ];
  it.each(LARGE)("%s", (_name, change) => {
    const checked = checkConfig({ ...own, ...change });
    if (!checked.ok) throw new Error(checked.message);
    keepsWithin(checked.config);
  });
});
