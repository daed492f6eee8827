import { describe, expect, it } from "vitest";
import { act, stateOf, trained } from "../../testing/structures.ts";

const cell = { id: "lstm", blocks: [4, 4, 5], embed: 4, maxCells: 64 };
const copied = async (run: Awaited<ReturnType<typeof trained>>, action: object) => {
  const event = await act(run, { id: "cascade", cells: 4, noise: 0, donor: "most used", ...action });
  if (event.type === "structure/refused") throw new Error(event.message);
  return event;
};

describe("the donor that is most used", () => {
  it.each([
    ["lstm", {}],
    ["hlstm", { gateWidth: 6 }],
  ])("is the block whose readout is largest, other things being equal (%s)", async (id, values) => {
    for (const loud of [0, 1, 2]) {
      const run = await trained({ ...cell, ...values, id }, 2);
      const { network } = run.trainer.core;
      const { offset, shape } = network.layout.entries.get("head.weight")!;
      const [vocab, cells] = shape as [number, number];
      const head = (await stateOf(run)).params.get("head.weight")!;
      const [from, to] = [
        [0, 4],
        [4, 8],
        [8, 13],
      ][loud]! as [number, number];
      // Ten times louder than the others can swing: h lies between −1 and 1, in an untrained net at about .1.
      for (let i = 0; i < vocab * cells; i++) if (i % cells >= from && i % cells < to) head[i]! *= 100;
      network.arrays.params.write(offset, head);
      const action = id === "lstm" ? {} : { id: "fully-connected", handoff: "split" };
      const event = await copied(run, action);
      expect(event.copies).toEqual({ "layers.0.block.3": `layers.0.block.${loud}` });
      run.trainer.dispose();
    }
  });

  it.each([1, 2])(
    "counts how far h of the last layer swings, of %i: cells that stand still are not used",
    async (layers) => {
      const run = await trained({ ...cell, layers }, 2);
      const { network } = run.trainer.core;
      const { params } = await stateOf(run);
      // Output gates shut: σ(−30) is nothing. Of the last layer those of blocks 2 and 3, of one below those of block 1.
      for (let layer = 0; layer < layers; layer++) {
        const { offset, shape } = network.layout.entries.get(`layers.${layer}.bias`)!;
        const cells = shape[1]!;
        const bias = params.get(`layers.${layer}.bias`)!;
        const [from, to] = layer === layers - 1 ? [4, 13] : [0, 4];
        for (let v = from; v < to; v++) bias[3 * cells + v] = -30;
        network.arrays.params.write(offset, bias);
      }
      const { copies } = await copied(run, {});
      expect(copies["layers.0.block.3"]).toBe("layers.0.block.0");
      run.trainer.dispose();
    },
  );

  it("is not asked for by fresh cells", async () => {
    const run = await trained(cell, 2);
    expect((await copied(run, { id: "fully-connected" })).copies).toEqual({});
    run.trainer.dispose();
  });
});
