/** Runs that begin with weights they are given: out of a file and back to the same numbers, and what no file may be. */
import { describe, expect, it } from "vitest";
import { drive, eventsOf, interpreter, tinyConfig, tinyData } from "../testing/runs.ts";
import { beginningWith } from "./given-weights.ts";
import { weightsFile } from "./record.ts";
import { decodeSafetensors, encodeSafetensors, type FileTensor } from "./safetensors.ts";
import { readArrays } from "./snapshot.ts";

const config = tinyConfig({
  model: { id: "gpt", layers: 2, width: 8, heads: 2, ffn: 2, tied: true },
  budget: { amount: 4 },
  eval: { every: 2, batches: 2 },
});
const data = tinyData(config.context);
/** The controls say something smaller: the file decides the size. */
const controls = tinyConfig({
  model: { id: "gpt", layers: 1, width: 12, heads: 3, ffn: 2 },
  budget: { amount: 4 },
  eval: { every: 2, batches: 2 },
});

const trained = (async () => {
  const { trainer, events } = await drive(config, interpreter());
  await trainer.advance(4);
  await trainer.settled();
  const loss = eventsOf(events, "eval").at(-1)!.loss;
  return { loss, file: await weightsFile(trainer.core), run: await trainer.snapshot() };
})();

/** The file of weights with something changed in it. */
async function changed(
  change: (tensors: Map<string, FileTensor>) => void,
  metadata?: Readonly<Record<string, string>>,
): Promise<ArrayBuffer> {
  const { file } = await trained;
  const read = decodeSafetensors(file);
  const tensors = new Map(read.tensors);
  change(tensors);
  return encodeSafetensors({ tensors, metadata: metadata ?? read.metadata });
}

const refusal = (bytes: ArrayBuffer, of = controls): string => {
  try {
    beginningWith(bytes, "a.safetensors", of, data);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("weights from a file", () => {
  it.each(["file", "run"] as const)(
    "come back from a %s to the same loss, and are the start of the run",
    async (what) => {
      const from = await trained;
      const bytes = beginningWith(from[what], "a.safetensors", controls, data);
      const { trainer, events } = await drive(config, interpreter(), bytes);
      expect(trainer.core.network.arch).toMatchObject({ layers: 2, width: 8, heads: 2, tied: true });
      await trainer.advance(4);
      const evals = eventsOf(events, "eval");
      expect(evals[0]).toMatchObject({ step: 0, loss: from.loss });
      expect(evals.at(-1)!.loss).not.toBe(from.loss);
      // Saved and opened again, its start is still what it was given, and not what its seed draws.
      const again = await drive(config, interpreter(), await trainer.snapshot());
      await again.trainer.goto("start");
      await again.trainer.advance(1);
      await again.trainer.settled();
      expect(eventsOf(again.events, "eval").at(-1)).toMatchObject({ step: 0, loss: from.loss });
      expect(again.trainer.core.history.given).toBe("a.safetensors");
    },
  );

  it("takes the size from the tensors where the file says nothing of itself, heads from the settings", async () => {
    const plain = await changed(() => {}, {});
    const { trainer } = await drive(config, interpreter(), beginningWith(plain, "a", controls, data));
    expect(trainer.core.network.arch).toMatchObject({ layers: 2, width: 8, heads: 2, ffn: 2, tied: true });
  });

  it("reads halves of both kinds", async () => {
    const { file } = await trained;
    const half = (dtype: "F16" | "BF16", bits: readonly number[]): ArrayBuffer => {
      const head = JSON.stringify({ x: { dtype, shape: [bits.length], data_offsets: [0, 2 * bits.length] } });
      const bytes = new Uint8Array(8 + head.length + 2 * bits.length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
      bytes.set(new TextEncoder().encode(head), 8);
      for (const [i, word] of bits.entries()) bytes.set([word & 255, word >> 8], 8 + head.length + 2 * i);
      return bytes.buffer;
    };
    const values = (bytes: ArrayBuffer) => [...decodeSafetensors(bytes, "a").tensors.get("x")!.data];
    expect(values(half("F16", [0x3c00, 0xc100, 0x0001, 0x7bff]))).toEqual([1, -2.5, 2 ** -24, 65504]);
    expect(values(half("BF16", [0x3f80, 0xc020, 0x4049]))).toEqual([1, -2.5, 3.140625]);
    expect(file.byteLength).toBeGreaterThan(100);
  });

  it("are refused with one sentence where they are not of this network", async () => {
    const { file, run } = await trained;
    const cases: readonly [ArrayBuffer, RegExp][] = [
      [
        new ArrayBuffer(0),
        /^a\.safetensors cannot be read: the file is empty\. Choose a saved run or a safetensors file\.$/,
      ],
      [new ArrayBuffer(3), /^a\.safetensors cannot be read: the file is cut off\.$/],
      [file.slice(0, file.byteLength - 8), /^a\.safetensors cannot be read: .* lies outside the file\.$/],
      [
        await changed((t) => t.delete("h.1.ln_1.weight")),
        /^a\.safetensors lacks h\.1\.ln_1\.weight: it is not of this network \(GPT, 2 layers/,
      ],
      [
        await changed((t) => t.set("h.9.x", t.get("ln_f.bias")!)),
        /^a\.safetensors has h\.9\.x, which this network has not \(GPT/,
      ],
      [
        await changed((t) => t.set("ln_f.bias", { dtype: "F32", shape: [4], data: new Float32Array(4) })),
        /^a\.safetensors has ln_f\.bias as \[4\], and this network needs \[8\] \(GPT/,
      ],
      [
        await changed((t) =>
          t.set("ln_f.bias", { dtype: "F32", shape: [8], data: new Float32Array(8).fill(Number.NaN) }),
        ),
        /^a\.safetensors has a value in ln_f\.bias that is not a finite number\.$/,
      ],
      [
        await changed((t) => t.set("ln_f.bias", { dtype: "U32", shape: [8], data: new Uint32Array(8) })),
        /^a\.safetensors has ln_f\.bias in whole numbers, not as weights\.$/,
      ],
      [await changed((t) => t.clear(), {}), /^a\.safetensors lacks wte\.weight and \d+ more: /],
      [
        await changed(() => {}, { model: '{"id":"gru"}' }),
        /is of a model called gru, which is not known here\.$/,
      ],
      [
        await changed(() => {}, { model: '{"id":"vit"}' }),
        /^a\.safetensors does not fit these settings: .*reads images/,
      ],
    ];
    for (const [bytes, sentence] of cases) expect(refusal(bytes)).toMatch(sentence);
    // Another context is another table of positions; a saved run is held against it like a file.
    const longer = tinyConfig({ model: controls.model, context: 9, budget: { amount: 4 } });
    for (const bytes of [file, run])
      expect(refusal(bytes, longer)).toMatch(/wpe\.weight as \[8, 8\], and this network needs \[9, 8\]/);
    const unread = new TextDecoder().decode(new Uint8Array(file)).replace('"F32"', '"F64"');
    expect(refusal(Uint8Array.from(unread, (c) => c.charCodeAt(0) & 255).buffer as ArrayBuffer)).toMatch(
      /^a\.safetensors cannot be read/,
    );
  });

  it("leave a run of a seed as it ever was", async () => {
    const { trainer } = await drive(config, interpreter());
    expect(trainer.core.history.given).toBe(null);
    const { params } = await readArrays(trainer.core.network.arrays);
    await trainer.advance(2);
    await trainer.goto("start");
    expect((await readArrays(trainer.core.network.arrays)).params).toEqual(params);
  });
});
