/**
 * The same run in Node (Dawn, tint) and in Deno (wgpu, naga): two implementations of WebGPU and, where the machine has
 * more than one driver, two devices. Only in `npm run test:long`, and only where a Deno and a driver it can use are
 * found: neither is needed by anything else here.
 */
import { describe, expect, it } from "vitest";
import { checkConfig } from "../run/check.ts";
import type { RunConfig } from "../run/config.ts";
import type { RunEvent } from "../run/events.ts";
import { findPreset } from "../share/presets.ts";
import { trainHeadless } from "../worker/headless.ts";
import { openNodeBackend, readNodeData } from "../worker/node.ts";
import { prepareData } from "./data.ts";
import { findDeno, trainInDeno } from "./deno.ts";

/** Five steps of float32 rounding on both sides; a step of training changes these losses by a tenth. */
const TOLERANCE = 1e-4;
const STEPS = 5;

const deno = findDeno();

function short(id: string, changes: object = {}): RunConfig {
  const { config } = findPreset(id)!;
  const budget = { unit: "steps", amount: STEPS };
  const checked = checkConfig({ ...config, budget, recipe: [], ...changes });
  if (!checked.ok) throw new Error(checked.message);
  return checked.config;
}

const runs: readonly (readonly [string, RunConfig])[] = [
  ["char-lstm-tiny", short("char-lstm-tiny")],
  ["gpt-tiny", short("gpt-tiny")],
  [
    "cascade-tiny, which grows after step 3",
    short("cascade-tiny", {
      recipe: [{ trigger: { id: "step", step: 3 }, action: { id: "cascade", cells: 32 } }],
    }),
  ],
];

/** Losses of steps and validations in order; a growth says what it cost. */
function figures(events: readonly RunEvent[]): readonly number[] {
  return events.flatMap((event) => {
    if (event.type === "step" || event.type === "eval") return [event.loss];
    return event.type === "structure/done" ? [event.lossBefore, event.lossAfter] : [];
  });
}

const kinds = (events: readonly RunEvent[]) => events.map(({ type, step }) => `${step} ${type}`);

describe.runIf(process.env.ESPALIER_LONG && deno)("in Deno", () => {
  it.for(runs)("%s has the losses it has in Node", async ([_, config], { skip }) => {
    await prepareData(() => {});
    const there: RunEvent[] = [];
    try {
      await trainInDeno({ deno: deno!, config, onEvent: (event) => there.push(event) });
    } catch (error) {
      skip(/no graphics adapter/.test((error as Error).message), "no driver that Deno can use");
      throw error;
    }
    const here: RunEvent[] = [];
    const backend = await openNodeBackend();
    await trainHeadless({
      config,
      backend,
      files: readNodeData,
      clock: () => 0,
      onEvent: (event) => here.push(event),
    });
    backend.dispose();
    expect(kinds(there)).toEqual(kinds(here));
    const [a, b] = [figures(there), figures(here)];
    expect(b.length).toBeGreaterThan(STEPS);
    expect(Math.max(...a.map((loss, i) => Math.abs(loss - b[i]!)))).toBeLessThanOrEqual(TOLERANCE);
  });
});
