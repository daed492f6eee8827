/** Every preset is a config like any other, small ones are small, and the gallery's ids are all there. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../run/check.ts";
import { defaultConfig } from "../run/default-config.ts";
import { grows, models } from "../run/registries.ts";
import { decodeLink, encodeLink } from "./link.ts";
import { findPreset, presets } from "./presets.ts";
import { oneCut, rounds } from "./recipes.ts";
import { shownOn } from "./shown.ts";

const IDS = [
  "char-lstm",
  "cascade",
  "fully-connected",
  "gpt",
  "stacking",
  "pld",
  "random-drop",
  "fpi",
  "aki",
  "two-stage",
  "mango",
  "bert-mango",
  "vit-mango",
  "ligo",
  "bert-ligo",
  "vit-ligo",
  "hlstm",
  "names",
  "mlp",
  "bert",
  "bert-stacking",
  "vit",
  "vit-stacking",
  "vit-fpi",
  "cnn",
  "areas",
  "prune-mlp",
  "iterative",
  "hlstm-paper",
  "hlstm-review",
  "nest",
];

it("one cut leaves as much as many do, with the same steps around it", () => {
  const cuts = { from: 100, share: 0.1, rest: 20, times: 3 };
  const [one, many] = [oneCut(cuts), rounds(cuts)];
  expect(1 - one.action.share).toBeCloseTo((1 - many.action.share) ** 3, 12);
  expect(one.trigger).toEqual({ ...many.trigger, times: 1 });
});

it("has the ids of the gallery, each with its small variant", () => {
  expect(presets.map(({ id }) => id)).toEqual(IDS.flatMap((id) => [id, `${id}-tiny`]));
  for (const { id, tiny, look, title } of presets) {
    expect(tiny).toBe(id.endsWith("-tiny"));
    expect(/small/.test(title) && /^The small variant: /.test(look)).toBe(tiny);
  }
  expect(findPreset("gpt")?.id).toBe("gpt");
  expect(findPreset("toString")).toBeNull();
});

it("has eight or more that grow or drop layers of transformers, Mango and stacking for each family", () => {
  const ways = ["mango", "ligo", "fpi", "aki", "stack", "pld", "random-drop", "two-stage"];
  const of = (family: string) => presets.filter(({ config, tiny }) => config.model.id === family && !tiny);
  const acts = (family: string) =>
    of(family).flatMap(({ config }) =>
      config.recipe.map(({ action, trigger }) => `${trigger.id} ${action.id}`),
    );
  for (const family of ["gpt", "bert", "vit"]) {
    expect(acts(family)).toEqual(expect.arrayContaining(["at mango", "at stack", "at ligo"]));
  }
  const growing = ["gpt", "bert", "vit"]
    .flatMap(of)
    .filter(({ config }) =>
      config.recipe.some(({ action, trigger }) => trigger.id !== "manual" && ways.includes(action.id)),
    );
  expect(growing.length).toBeGreaterThanOrEqual(8);
});

describe.each(presets.map((preset) => [preset.id, preset] as const))("%s", (id, { config, look }) => {
  it("is whole, passes the check and comes back from a link", async () => {
    expect(checkConfig(config)).toEqual({ ok: true, config });
    const link = await encodeLink(config);
    expect(await decodeLink(link)).toEqual({ ok: true, config });
    // Whole loops have an entry a phase, with all its values: still short enough for a message.
    expect(link.length).toBeLessThanOrEqual(400 + 100 * config.recipe.length);
  });

  it("says in one sentence what to look for", () => {
    expect(look).toMatch(/^[A-Z](?:[^.]|\d\.\d){20,200}\.$/);
  });

  it("counts its seeds as the page does that it leads to", () => {
    const [, seeds] = /(\d|none) of 3 seeds/.exec(look) ?? [];
    const page = shownOn(id);
    if (seeds !== undefined) expect(page).not.toBe(null);
    if (page === null) return;
    const text = readFileSync(new URL(`../../public/docs/reproduce/${page}.md`, import.meta.url), "utf8");
    if (seeds !== undefined) expect(text).toContain(`${seeds === "none" ? 0 : seeds} of 3`);
  });

  it("drops nothing out, so that it can be replayed elsewhere", () => {
    expect(config.model.dropout).toBe(0);
  });

  it("has growths that reach their size", () => {
    const model = models.get(config.model.id)!;
    const { id: _, ...values } = config.model;
    let arch: object = values;
    for (const { action } of config.recipe) {
      const { id: method, ...c } = action;
      if (!grows.has(method)) continue;
      const next = grows.get(method)!.next(model, arch as never, c);
      expect(typeof next).toBe("object");
      expect(next).not.toBeNull();
      arch = next as object;
    }
    if (/^(bert-)?stacking/.test(id)) expect(arch).toMatchObject({ layers: 8 });
    if (/^(vit-)?(fpi|aki)/.test(id))
      expect(arch).toMatchObject({
        layers: 2 * (values.layers as number),
        width: 2 * (values.width as number),
      });
  });
});

it("has the values of the reference pages", () => {
  expect(findPreset("char-lstm")?.config).toEqual(defaultConfig());
  expect(findPreset("char-lstm-tiny")?.config).toMatchObject({
    data: { id: "moby-dick" },
    model: { blocks: [32] },
    optim: { id: "adamw", lr: 0.01 },
    batch: 16,
    context: 32,
  });
  // grow-prune §4.3
  expect(findPreset("cascade")?.config).toMatchObject({
    model: { blocks: [64], maxCells: 256, connectivity: "cascade" },
    optim: { id: "adamw", lr: 2e-3, clip: 1 },
    batch: 32,
    context: 64,
    recipe: [
      {
        trigger: {
          id: "plateau",
          beta: 0.98,
          window: 200,
          every: 50,
          cooldown: 300,
          patience: 1,
          threshold: 0.03,
        },
        action: { id: "cascade", cells: 64 },
      },
    ],
  });
  expect(findPreset("cascade-tiny")?.config.recipe[0]?.trigger).toMatchObject({
    window: 40,
    every: 10,
    cooldown: 60,
  });
  // transformer-growth §1 and §3.2
  const gpt = findPreset("gpt")!.config;
  expect(gpt).toMatchObject({
    model: { layers: 2, width: 64, heads: 4 },
    optim: { id: "adamw", lr: 3e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.01, clip: 1 },
    schedule: { id: "cosine", floor: 0.1 },
    batch: 16,
    context: 64,
  });
  expect((gpt.schedule.warmup as number) * gpt.budget.amount).toBeCloseTo(50, 9);
  expect(findPreset("stacking")?.config.recipe).toMatchObject([
    { trigger: { id: "at", fraction: 0.125 }, action: { id: "stack", map: "stack", slots: "reset" } },
    { trigger: { id: "at", fraction: 0.3 }, action: { id: "stack", map: "stack", slots: "reset" } },
  ]);
});
