/** A network with layers off, on the interpreter: what is said is what that network would be, and the run never notices. */
import { describe, expect, it } from "vitest";
import { type Driven, drive, interpreter, timeless, tinyConfig } from "../testing/runs.ts";
import { blocksOff } from "./blocks-off.ts";
import { scored } from "./evaluate.ts";

const small = { layers: 3, width: 8, heads: 2, ffn: 2, maxLayers: 4 };
const FAMILIES: readonly [string, object][] = [
  ["gpt", {}],
  ["bert", { model: { id: "bert", ...small } }],
  ["vit", { model: { id: "vit", ...small, patch: "4" }, data: { id: "mnist" }, batch: 6 }],
];

async function trained(change: object): Promise<Driven> {
  const config = tinyConfig({
    model: { id: "gpt", ...small },
    eval: { every: 10, batches: 2 },
    optim: { id: "adamw", lr: 3e-2 },
    ...change,
  });
  const driven = await drive(config, interpreter());
  await driven.trainer.advance(3);
  await driven.trainer.settled();
  return driven;
}

/** What a layer adds to the trunk, silenced: x + 0 is x, so this network is the one without it, to the bit. */
async function silenced({ trainer }: Driven, layers: readonly number[]) {
  const { network, setup } = trainer.core;
  const { entries } = network.layout;
  const before = new Float32Array(await network.arrays.params.read());
  for (const { path, layer = -1 } of network.specs) {
    if (!layers.includes(layer) || !/\.(attn\.out|mlp\.proj)\.(weight|bias)$/.test(path)) continue;
    const { offset, count } = entries.get(path)!;
    network.arrays.params.write(offset, new Float32Array(count));
  }
  const scores = await scored(setup.backend, network.evaluate, setup.config.eval.batches);
  network.arrays.params.write(0, before);
  return scores;
}

describe.each(FAMILIES)("of a %s", (name, change) => {
  it("says the validation loss without each layer, and leaves the run as it was", async () => {
    const [asked, plain] = [await trained(change), await trained(change)];
    const { backend } = asked.trainer.core.setup;
    const held = backend.bytes;
    const sets = [["blocks.0"], ["blocks.1"], ["blocks.2"], ["blocks.0", "blocks.2"]];
    let heard = [0, 0];
    const found = await blocksOff(asked.trainer.core, sets, (...at) => {
      heard = at;
    });
    expect(heard).toEqual([4, 4]);
    expect(found.layers).toBe(3);
    expect(found.all).toEqual(await silenced(plain, []));
    expect(found.sets).toEqual([
      { off: sets[0], ...(await silenced(plain, [0])) },
      { off: sets[1], ...(await silenced(plain, [1])) },
      { off: sets[2], ...(await silenced(plain, [2])) },
      { off: sets[3], ...(await silenced(plain, [0, 2])) },
    ]);
    expect(new Set([found.all, ...found.sets].map(({ loss }) => loss)).size).toBe(5);
    expect("accuracy" in found.all).toBe(name === "vit");
    expect(backend.bytes).toBe(held);
    for (const { trainer } of [asked, plain]) {
      await trainer.advance(2);
      await trainer.settled();
    }
    expect(asked.events.map(timeless)).toEqual(plain.events.map(timeless));
    const [a, b] = await Promise.all([asked, plain].map(({ trainer }) => trainer.snapshot()));
    expect(Buffer.from(a!).equals(Buffer.from(b!))).toBe(true);
  });
});

it("says which layers there are to switch off, or why none", async () => {
  const { trainer } = await trained({});
  await expect(blocksOff(trainer.core, [["blocks.3"]])).rejects.toThrow(
    "There is no layer blocks.3 in this network to switch off.",
  );
  const post = await trained({ model: { id: "bert", ...small, norm: "post" } });
  await expect(blocksOff(post.trainer.core, [["blocks.0"]])).rejects.toThrow("post-LN");
  const lstm = await trained({ model: { id: "lstm", blocks: [6], embed: 5, maxCells: 24 } });
  await expect(blocksOff(lstm.trainer.core, [])).rejects.toThrow("no layers that can be left out");
});
