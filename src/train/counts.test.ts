/**
 * How many commands a training step costs, exactly, for the presets: on a small model the number of dispatches is the
 * step. The bars: an LSTM takes a constant number whatever its window, a GPT so many a layer and so many more, clipping
 * and the update of all weights together three. A change that adds a dispatch changes this table, where a reviewer sees it.
 */
import { describe, expect, it } from "vitest";
import type { Program } from "../engine/types.ts";
import { checkConfig } from "../run/check.ts";
import { findPreset } from "../share/presets.ts";
import { interpreter, tinyData } from "../testing/runs.ts";
import { trainProgram } from "./programs.ts";
import { createSetup } from "./setup.ts";

interface Change {
  readonly layers?: number;
  readonly context?: number;
  /** A mask and an update counter for each weight, as after a structural event. */
  readonly ages?: boolean;
  readonly optim?: string;
  /** More values of the model. */
  readonly model?: object;
}

function stepOf(preset: string, { layers, context, ages = false, optim, model = {} }: Change = {}): Program {
  const { recipe: _, ...config } = findPreset(preset)!.config;
  const checked = checkConfig({
    ...config,
    ...(context ? { context } : {}),
    ...(optim ? { optim: { id: optim } } : {}),
    model: { ...config.model, ...(layers ? { layers } : {}), ...model },
  });
  if (!checked.ok) throw new Error(checked.message);
  const setup = createSetup(checked.config, tinyData(checked.config.context), interpreter());
  const specs = setup.model.params(setup.arch, setup.shape);
  return trainProgram(setup, { arch: setup.arch, specs }, { ages, score: false });
}

type Counts = Readonly<Record<"dispatch" | "copy" | "clear", number>>;

function countsOf({ commands }: Program): Counts {
  const count = (kind: string) => commands.filter((command) => command.kind === kind).length;
  return { dispatch: count("dispatch"), copy: count("copy"), clear: count("clear") };
}

const only = (dispatch: number): Counts => ({ dispatch, copy: 0, clear: 0 });

/** Dispatches of a GPT's step: so many a layer, and so many for everything else. */
const GPT = { layer: 15, rest: 14 };
const LSTM = { layer: 6, rest: 10 };
/** Packing twice, the steps' factors, the sums of gate biases, the shift of h; inner layers: two gradients for all. */
const HLSTM = { layer: 12, inner: 7 };

describe("a training step", () => {
  it.each([2, 4, 8])("of a GPT of %i layers", (layers) => {
    expect(countsOf(stepOf("gpt", { layers }))).toEqual(only(GPT.layer * layers + GPT.rest));
    expect(countsOf(stepOf("gpt-tiny", { layers }))).toEqual(only(GPT.layer * layers + GPT.rest));
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

  it.each(["adamw", "lion", "sgd"])("clips and updates all weights by %s in three dispatches", (optim) => {
    for (const ages of [false, true]) {
      const { commands } = stepOf("gpt", { layers: 4, ages, optim });
      const names = commands.flatMap((command) => (command.kind === "dispatch" ? [command.op] : []));
      expect(names.filter((name) => name === "norm" || name.startsWith(optim))).toHaveLength(3);
    }
  });
});
