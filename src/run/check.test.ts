/** The door: a config is completed or refused with its path; schedules have their golden values; the catalog is whole. */
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaults } from "../config/schema.ts";
import { catalog } from "./catalog-of.ts";
import { checkConfig, configJsonSchema } from "./check.ts";
import { CONFIG_VERSION, LIVE_PATHS } from "./config.ts";
import { defaultConfig } from "./default-config.ts";
import { datasets, grows, models, optims, triggers } from "./registries.ts";
import { scheduleFactor, schedules } from "./schedules.ts";

const says = (input: unknown): string => {
  const checked = checkConfig(input);
  return checked.ok ? "ok" : checked.message;
};
/** The range is the optimizer's own. */
const maxRate = (optims.get("adamw")!.schema.lr as { readonly max: number }).max;
const step = { id: "step", step: 10 };

describe("checkConfig", () => {
  it("completes an empty config to the default one", () => {
    expect(checkConfig({})).toEqual({ ok: true, config: defaultConfig() });
    expect(checkConfig(defaultConfig())).toEqual({ ok: true, config: defaultConfig() });
  });

  it("fills a choice with the defaults of its own id", () => {
    expect(checkConfig({ model: { id: "gpt" }, optim: { id: "lion" } })).toMatchObject({
      ok: true,
      config: {
        model: { id: "gpt", ...defaults(models.get("gpt")!.schema) },
        optim: { id: "lion", ...defaults(optims.get("lion")!.schema) },
      },
    });
  });

  it("accepts every id of every registry", () => {
    for (const [id, { kind }] of datasets) {
      expect(says({ data: { id }, model: { id: kind === "images" ? "mlp" : "lstm" } })).toBe("ok");
    }
    for (const [id, { task }] of models) {
      expect(says({ model: { id }, data: { id: task === "classify" ? "mnist" : "names" } })).toBe("ok");
    }
    for (const id of optims.keys()) expect(says({ optim: { id } })).toBe("ok");
    for (const id of schedules.keys()) expect(says({ schedule: { id } })).toBe("ok");
    for (const trigger of triggers.keys()) {
      for (const [action, grow] of grows) {
        const model = [...models.values()].find((candidate) => grow.applies(candidate) === true)!;
        expect(
          says({ model: { id: model.id }, recipe: [{ trigger: { id: trigger }, action: { id: action } }] }),
        ).toBe("ok");
      }
    }
  });

  it.each([
    [{ optim: { id: "adamw", lr: 40 } }, `optim.lr is 40, allowed are 1e-6 to ${maxRate}`],
    [
      { model: { id: "resnet" } },
      `model.id is "resnet", allowed are ${[...models.keys()].sort().join(", ")}`,
    ],
    [{ model: { id: "mlp" } }, 'model.id is "mlp", which reads images; data.id is "moby-dick"'],
    [{ data: { id: "mnist" } }, 'model.id is "lstm", which reads text; data.id is "mnist"'],
    [{ version: 2 }, `version is 2, allowed are ${CONFIG_VERSION} to ${CONFIG_VERSION}`],
    [{ budget: { unit: "hours" } }, 'budget.unit is "hours", allowed are steps, tokens, flops'],
    [{ budget: { amount: 0 } }, "budget.amount is 0, allowed are 1 to 1e18"],
    [{ budget: { amount: 10_000_001 } }, "budget.amount is 10,000,001, allowed are 1 to 10,000,000"],
    [{ budget: { amount: 1.5 } }, "budget.amount is 1.5, allowed are whole numbers from 1 to 10,000,000"],
    [{ budget: { unit: "tokens", amount: 2047 } }, "budget.amount is 2047 tokens, and one step takes 2048"],
    [
      { budget: { unit: "flops", amount: 1e6 }, model: { id: "gpt" } },
      "budget.amount is 1,000,000 flops, and one step takes 1.37e9",
    ],
    [{ batch: 512, context: 33 }, "batch × context is 16,896, allowed are at most 16,384"],
    [{ context: 7 }, "context is 7, allowed are 8 to 512"],
    [
      { model: { id: "lstm", blocks: [256, 256, 4], maxCells: 512 } },
      "model.blocks holds 516 cells, model.maxCells allows 512",
    ],
    [
      { model: { id: "lstm", blocks: [200], maxCells: 128 } },
      "model.blocks holds 200 cells, model.maxCells allows 128",
    ],
    [
      { recipe: [{ trigger: { id: "plateu" }, action: { id: "cascade" } }] },
      'recipe.0.trigger.id is "plateu", allowed are at, every, manual, plateau, step, until, until-good (plateau is nearest)',
    ],
    [
      { recipe: [{ trigger: { id: "at", fraction: 1 }, action: { id: "cascade" } }] },
      "recipe.0.trigger.fraction is 1, allowed are 0.001 to 0.999",
    ],
    [
      {
        recipe: [
          { trigger: step, action: { id: "cascade" } },
          { trigger: step, action: { id: "identity" } },
        ],
      },
      'recipe.1.action.id is "identity", which cannot act here: not for LSTM',
    ],
    [
      {
        model: { id: "gpt", layers: 2 },
        recipe: [0.3, 0.125].map((fraction) => ({
          trigger: { id: "at", fraction },
          action: { id: "stack" },
        })),
      },
      "recipe.1.trigger.fraction is 0.125, and the stacking before it (recipe.0) comes at 0.3: each must come later than the one before",
    ],
    [
      { recipe: [{ trigger: { id: "at" }, action: { id: "skip" } }] },
      'recipe.0.trigger.id is "at", skip needs step',
    ],
    [
      { recipe: [{ trigger: { id: "manual" }, action: { id: "extend", steps: 5 } }] },
      'recipe.0.trigger.id is "manual", extend needs step',
    ],
    [
      { recipe: [{ trigger: step, action: { id: "extend", steps: 0 } }] },
      "recipe.0.action.steps is 0, allowed are 1 to 10,000,000",
    ],
    [
      { recipe: [{ trigger: step, action: { id: "edit", path: "seed", value: 3 } }] },
      `recipe.0.action.path is "seed", allowed are ${LIVE_PATHS.join(", ")}`,
    ],
    [
      { recipe: [{ trigger: step, action: { id: "edit", path: "model.dropout", value: 0.95 } }] },
      "recipe.0.action.value is 0.95, allowed are 0 to 0.9",
    ],
    [
      { recipe: [{ trigger: step, action: { id: "edit", path: "optim.lr" } }] },
      "recipe.0.action.value is missing, allowed are numbers from 0 to 1,000,000",
    ],
    [{ recipe: [{ trigger: step, action: { id: "grow" } }] }, 'recipe.0.action.id is "grow"'],
    [
      { data: { id: "own", name: "a\nb", sha256: "0".repeat(64) } },
      'data.name is "a b", a file name of 1 to 120 characters is needed',
    ],
    [{ data: { id: "own", name: "x".repeat(121), sha256: "0".repeat(64) } }, "data.name is"],
    [{ data: { id: "own", name: "a.txt", sha256: "A".repeat(64) } }, "data.sha256 is"],
    [{ toString: 1 }, "toString is not a field"],
    ["moby-dick", 'the config is "moby-dick", an object is needed'],
    [null, "the config is null, an object is needed"],
    [undefined, "it is not JSON"],
  ])("refuses %j", (input, message) => {
    expect(says(input)).toContain(message);
  });

  it("refuses a size cap below the seed itself", () => {
    const config = (cap: number, recipe: readonly object[] = []) =>
      checkConfig({
        data: { id: "mnist" },
        model: { id: "mlp", widths: [20] },
        recipe: [...recipe, { trigger: { id: "until-good", cap }, action: { id: "connections" } }],
      });
    const seed = { trigger: { id: "step", step: 0 }, action: { id: "sparse-seed", density: 0.1 } };
    // 784 · 20 and 20 · 10 connections, 30 biases; of the connections a tenth.
    const sizes = { dense: 15_680 + 200 + 30, sparse: 1568 + 20 + 30 };
    expect(config(sizes.dense).ok && config(sizes.sparse, [seed]).ok && config(0).ok).toBe(true);
    expect(config(sizes.dense - 1)).toMatchObject({ ok: false, path: "recipe.0.trigger.cap" });
    expect(config(sizes.sparse - 1, [seed])).toMatchObject({
      path: "recipe.1.trigger.cap",
      message: "recipe.1.trigger.cap is 1617, below the seed itself (1618 weights): nothing would grow",
    });
  });

  it("takes one's own text by name and fingerprint", () => {
    const data = { id: "own", name: "Grüße 🌱.txt", sha256: "0f".repeat(32) };
    expect(checkConfig({ data })).toMatchObject({ ok: true, config: { data } });
  });

  it("never throws, and what it lets in it lets in again unchanged", () => {
    const anyConfig = fc.record(
      Object.fromEntries(
        Object.keys(defaultConfig()).map((key) => [key, fc.oneof(fc.jsonValue(), fc.integer({ max: 99 }))]),
      ),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anyConfig, (input) => {
        const checked = checkConfig(input);
        if (checked.ok) expect(checkConfig(checked.config)).toEqual(checked);
        else expect(checked.message).toMatch(/^[^\n]{3,400}[^.]$/);
      }),
    );
  });
});

it("describes itself as JSON Schema, every default, range and unit included", () => {
  const schema = configJsonSchema() as {
    properties: Record<string, { oneOf?: { properties: { id: { const: string } } }[] }>;
  };
  expect(schema).toMatchObject({ type: "object", additionalProperties: false, title: "Espalier RunConfig" });
  expect(schema).not.toHaveProperty("required");
  expect(schema.properties.batch).toMatchObject({ type: "integer", minimum: 1, maximum: 512, default: 32 });
  expect(schema.properties.optim).toMatchObject({ default: defaultConfig().optim });
  const adamw = schema.properties.optim?.oneOf?.find(({ properties }) => properties.id.const === "adamw");
  expect(adamw?.properties).toMatchObject({
    lr: { type: "number", default: 2e-3, minimum: 1e-6, maximum: maxRate, "x-scale": "log" },
  });
  for (const [key, registry] of Object.entries({ model: models, optim: optims, schedule: schedules })) {
    expect(schema.properties[key]?.oneOf?.map(({ properties }) => properties.id.const)).toEqual([
      ...registry.keys(),
    ]);
  }
});

describe("scheduleFactor", () => {
  const xs = [0, 0.05, 0.1, 0.25, 0.5, 0.55, 0.75, 1];
  // Printed with six decimals.
  it.each([
    ["triangle", {}, [0, 0.1, 0.2, 0.5, 1, 0.9, 0.5, 0]],
    ["linear", { warmup: 0.1, floor: 0 }, [0, 0.5, 1, 0.833333, 0.555556, 0.5, 0.277778, 0]],
    ["cosine", { warmup: 0.1, floor: 0.1 }, [0, 0.5, 1, 0.939711, 0.628142, 0.55, 0.260746, 0.1]],
    ["constant", { warmup: 0.1 }, [0, 0.5, 1, 1, 1, 1, 1, 1]],
    ["constant", { warmup: 0 }, [1, 1, 1, 1, 1, 1, 1, 1]],
  ] as const)("%s %j has the golden values", (id, values, golden) => {
    xs.forEach((x, i) => {
      expect(Math.abs(scheduleFactor(id, values, x) - golden[i]!)).toBeLessThanOrEqual(5.1e-7);
    });
  });

  it("stays between 0 and 1, outside of the budget too", () => {
    const any = fc.record({
      warmup: fc.double({ min: 0, max: 0.5, noNaN: true }),
      floor: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...schedules.keys()),
        any,
        fc.double({ min: -1, max: 2, noNaN: true }),
        (id, values, x) => {
          const s = scheduleFactor(id, { id, ...values }, x);
          expect(s).toBeGreaterThanOrEqual(0);
          expect(s).toBeLessThanOrEqual(1);
          if (x > 1) expect(s).toBe(scheduleFactor(id, values, 1));
        },
      ),
    );
  });

  it("knows no other", () => {
    expect(() => scheduleFactor("toString", {}, 0)).toThrow('There is no schedule "toString".');
  });
});

describe("catalog", () => {
  it("is plain data that crosses to a page whole", () => {
    expect(structuredClone(catalog())).toEqual(catalog());
    expect(JSON.parse(JSON.stringify(catalog()))).toEqual(catalog());
  });

  it("says of each grow method which models it is for", () => {
    const actions = new Map(catalog().actions.map((entry) => [entry.id, entry.applies]));
    expect(actions.get("cascade")).toMatchObject({ lstm: true, gpt: "not for GPT", mlp: "not for MLP" });
    expect(actions.get("stack")).toMatchObject({ gpt: true, lstm: "not for LSTM", mlp: "not for MLP" });
  });

  it("has a docs page for every model and method", () => {
    const { models: drawn, optims: steps, triggers: whens, actions } = catalog();
    const pages = [
      ...drawn.map(({ id }) => `models/${id}`),
      ...[...steps, ...whens, ...actions].map(({ id }) => `methods/${id}`),
    ];
    const missing = pages.filter(
      (page) => !existsSync(new URL(`../../public/docs/${page}.md`, import.meta.url)),
    );
    expect(missing).toEqual([]);
  });
});
