/**
 * How many commands a training step costs, exactly, for the presets: on a small model the number of dispatches is the
 * step. The bars: an LSTM takes a constant number whatever its window, a GPT so many a layer and so many more, clipping
 * and the update of all weights together two. A change that adds a dispatch changes this table, where a reviewer sees it.
 */
import { describe, expect, it } from "vitest";
import type { Program } from "../engine/types.ts";
import { checkConfig } from "../run/check.ts";
import { findPreset } from "../share/presets.ts";
import { interpreter, tinyData, tinyImages } from "../testing/runs.ts";
import { networkPrograms } from "./network.ts";
import { NOTHING_KEPT, type Sized, trainProgram } from "./programs.ts";
import { createSetup, type Setup } from "./setup.ts";

interface Change {
  /** More values of the model. */
  readonly model?: object;
  readonly clip?: number;
  readonly layers?: number;
  readonly context?: number;
  /** A mask and an update counter for each weight, as after a structural event. */
  readonly ages?: boolean;
  readonly optim?: string;
  /** Layers can be left out of the step. */
  readonly gates?: "skip" | "scale";
}

function setupOf(preset: string, { layers, context, optim, model, clip }: Change): Setup {
  const { recipe: _, ...config } = findPreset(preset)!.config;
  const checked = checkConfig({
    ...config,
    ...(context ? { context } : {}),
    ...(optim ? { optim: { id: optim } } : {}),
    ...(clip === undefined ? {} : { optim: { ...config.optim, clip } }),
    model: { ...config.model, ...model, ...(layers ? { layers } : {}) },
  });
  if (!checked.ok) throw new Error(checked.message);
  const images = checked.config.data.id === "mnist";
  // A batch may be no larger than the training part.
  const run = images ? { ...checked.config, batch: 32 } : checked.config;
  const data = images ? tinyImages(28) : tinyData(run.context);
  return createSetup(run, data, interpreter());
}

const sizedOf = ({ arch, shape, model }: Setup): Sized => ({ arch, specs: model.params(arch, shape) });

function stepOf(preset: string, change: Change = {}): Program {
  const setup = setupOf(preset, change);
  const { ages = false, gates = null } = change;
  return trainProgram(setup, sizedOf(setup), { ages, score: false, gates });
}

/** The pipelines of a program. */
function kernelsOf({ commands }: Program): ReadonlySet<string> {
  return new Set(
    commands.flatMap((command) =>
      command.kind === "dispatch"
        ? [`${command.shader}:${command.entry} ${JSON.stringify(command.constants)}`]
        : [],
    ),
  );
}

type Counts = Readonly<Record<"dispatch" | "copy" | "clear", number>>;

function countsOf({ commands }: Program): Counts {
  const count = (kind: string) => commands.filter((command) => command.kind === kind).length;
  return { dispatch: count("dispatch"), copy: count("copy"), clear: count("clear") };
}

const only = (dispatch: number): Counts => ({ dispatch, copy: 0, clear: 0 });

/** Dispatches of a GPT's step: so many a layer, and so many for everything else. */
const GPT = { layer: 15, rest: 12 };
const LSTM = { layer: 6, rest: 8 };
/** Packing twice, the steps' factors, the sums of gate biases, the shift of h; inner layers: two gradients for all. */
const HLSTM = { layer: 12, inner: 7 };

describe("a training step", () => {
  it.each([2, 4, 8])("of a GPT of %i layers", (layers) => {
    expect(countsOf(stepOf("gpt", { layers }))).toEqual(only(GPT.layer * layers + GPT.rest));
    expect(countsOf(stepOf("gpt-tiny", { layers }))).toEqual(only(GPT.layer * layers + GPT.rest));
  });

  it("that can leave out layers costs no more, and four more a layer where their arms are scaled", () => {
    const step = stepOf("gpt", { layers: 4, gates: "skip" });
    expect(countsOf(step)).toEqual(countsOf(stepOf("gpt", { layers: 4 })));
    expect(countsOf(stepOf("gpt", { layers: 4, gates: "scale" }))).toEqual(
      only((GPT.layer + 4) * 4 + GPT.rest),
    );
    // Left out, a layer is one copy up, one copy down, and one stretch of gradients set to 0.
    const ways = step.segments.filter(({ pass }) => pass !== undefined);
    expect(ways.map(({ name }) => name).sort()).toEqual(
      [0, 1, 2, 3].flatMap((layer) => [`blocks.${layer}`, `blocks.${layer}.grad`]),
    );
    expect(ways.map(({ name, clears }) => clears!.length === (name.endsWith(".grad") ? 1 : 0))).not.toContain(
      false,
    );
  });

  it.each([1, 2, 4])("of an LSTM of %i layers, whatever its window", (layers) => {
    for (const preset of ["char-lstm", "char-lstm-tiny", "names", "cascade"]) {
      for (const context of [16, 64]) {
        const counts = countsOf(stepOf(preset, { layers, context }));
        expect(counts, `${preset}, T ${context}`).toEqual(only(LSTM.layer * layers + LSTM.rest));
      }
    }
  });

  it.each([0, 1, 2, 3])("of an H-LSTM with %i hidden layers a gate, whatever its window", (gateLayers) => {
    for (const preset of ["hlstm", "hlstm-tiny"]) {
      for (const [layers, context] of [
        [1, 64],
        [2, 16],
      ] as const) {
        const counts = countsOf(stepOf(preset, { layers, context, model: { gateLayers } }));
        const layer = gateLayers === 0 ? LSTM.layer : HLSTM.layer + (gateLayers > 1 ? HLSTM.inner : 0);
        expect(counts, `${preset}, T ${context}`).toEqual(only(layer * layers + LSTM.rest));
      }
    }
  });

  it("of the bench's LSTM: one-hot, no clipping, whatever its window", () => {
    const model = { input: "one-hot" };
    for (const context of [16, 64]) {
      expect(countsOf(stepOf("char-lstm", { model, context, clip: 0 }))).toEqual(only(10));
      expect(countsOf(stepOf("char-lstm", { model, context }))).toEqual(only(10));
    }
    expect(countsOf(stepOf("char-lstm", { model, layers: 3 }))).toEqual(only(10 + 2 * LSTM.layer));
  });

  it.each([1, 4, 12])("of the bench's GPT of %i layers: no clipping", (layers) => {
    const model = { width: 128, maxLayers: 12 };
    const { dispatch } = countsOf(stepOf("gpt", { model, layers, clip: 0 }));
    expect(dispatch).toBe(GPT.layer * layers + GPT.rest);
    expect(dispatch, "the bar").toBeLessThanOrEqual(17 * layers + 10);
  });

  it("pays nothing for masks where there are none, and no dispatch where there are", () => {
    for (const preset of ["gpt", "char-lstm"]) {
      const [without, masked] = [false, true].map((ages) => stepOf(preset, { ages })) as [Program, Program];
      expect(without.buffers.filter(({ role }) => role === "masks")).toEqual([]);
      expect(masked.buffers.filter(({ role }) => role === "masks")).toHaveLength(1);
      expect(countsOf(masked)).toEqual(countsOf(without));
      // One read a weight where the gradient is summed up, which the clipping is by, and one where it is used; no other kernel.
      const mask = masked.buffers.findIndex(({ role }) => role === "masks");
      const readers = masked.commands.flatMap((command) => {
        if (command.kind !== "dispatch") return [];
        return Object.values(command.bind)
          .filter((i) => masked.tensors[i]!.buffer === mask)
          .map(() => command.op);
      });
      expect(readers).toEqual(["norm", "adamw"]);
    }
  });

  it.each([0, 1, 2, 4])("of an MLP of %i hidden layers: two each and six", (layers) => {
    const widths = Array<number>(layers).fill(8);
    expect(countsOf(stepOf("mlp", { model: { widths } }))).toEqual(only(2 * layers + 6));
  });

  it("of a CNN: seven a block and two for its joined sums, but no gradient of the image", () => {
    // Two blocks, a hidden layer and the readout; the gradient of the first convolution's maps is nobody's.
    expect(countsOf(stepOf("cnn"))).toEqual(only(19));
    // A batch norm and its gradient, the running statistics, an activation of its own: four more a block. What nobody
    // trains has a gradient of 0, which is cleared.
    const norm = countsOf(stepOf("cnn", { model: { batchNorm: true } }));
    expect(norm).toEqual({ dispatch: 19 + 2 * 4, copy: 0, clear: 2 });
  });

  it.each([
    ["gpt", {}, 16],
    ["gpt", { layers: 8, model: { width: 128 } }, 16],
    ["char-lstm", {}, 13],
    ["char-lstm", { layers: 3 }, 13],
  ] as const)(
    "of %s with %j takes %i pipelines, and what else is made before it two more",
    (preset, change, own) => {
      const setup = setupOf(preset, change);
      const { train, evaluate, probe } = networkPrograms(setup, sizedOf(setup), NOTHING_KEPT);
      const step = kernelsOf(train);
      expect(step.size).toBe(own);
      // The losses of the evaluation before the first step, and their mean; the probe brings nothing of its own.
      const others = new Set([...kernelsOf(evaluate), ...kernelsOf(probe)]);
      const more = [...others].filter((kernel) => !step.has(kernel)).map((kernel) => kernel.split(" ")[0]);
      expect(more).toEqual(["cross-entropy:forward_narrow", "masked-mean:forward"]);
    },
  );

  it.each(["adamw", "lion", "sgd"])("clips and updates all weights by %s in two dispatches", (optim) => {
    for (const ages of [false, true]) {
      const { commands } = stepOf("gpt", { layers: 4, ages, optim });
      const names = commands.flatMap((command) => (command.kind === "dispatch" ? [command.op] : []));
      expect(names.filter((name) => name === "norm" || name.startsWith(optim))).toHaveLength(2);
    }
  });
});
