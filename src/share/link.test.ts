/** Links: there and back, short, and closed to everything that is not a config. */
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { checkConfig } from "../run/check.ts";
import type { RunConfig } from "../run/config.ts";
import { defaultConfig } from "../run/default-config.ts";
import { BAD_LINKS, packLink } from "../testing/bad-links.ts";
import { decodeLink, encodeLink, readConfig } from "./link.ts";

/** Every option of every kind at values that are not its defaults: the longest honest config. */
function fullConfig(): RunConfig {
  const checked = checkConfig({
    seed: 4_000_000_007,
    data: {
      id: "own",
      name: "notes of a long journey, second part.txt",
      sha256: "0123456789abcdef".repeat(4),
    },
    model: {
      id: "lstm",
      blocks: [60, 50, 40],
      layers: 2,
      embed: 48,
      connectivity: "fully-connected",
      maxCells: 500,
      dropout: 0.15,
    },
    optim: { id: "adamw", lr: 0.00123, beta1: 0.91, beta2: 0.987, eps: 1e-7, weightDecay: 0.02, clip: 0.7 },
    schedule: { id: "cosine", warmup: 0.033, floor: 0.07 },
    batch: 48,
    context: 96,
    budget: { unit: "tokens", amount: 123_456_789 },
    eval: { every: 123, batches: 7 },
    recipe: [
      {
        trigger: {
          id: "plateau",
          beta: 0.97,
          window: 150,
          every: 40,
          cooldown: 250,
          patience: 2,
          threshold: 0.017,
        },
        action: { id: "fully-connected", cells: 48, noise: 0.23 },
      },
      { trigger: { id: "at", fraction: 0.27 }, action: { id: "fully-connected", cells: 40 } },
      { trigger: { id: "step", step: 812 }, action: { id: "edit", path: "optim.lr", value: 0.0007 } },
      { trigger: { id: "step", step: 1411 }, action: { id: "edit", path: "model.dropout", value: 0.05 } },
      { trigger: { id: "step", step: 1650 }, action: { id: "skip" } },
    ],
  });
  if (!checked.ok) throw new Error(checked.message);
  return checked.config;
}

const opened = async (link: string): Promise<RunConfig> => {
  const result = await decodeLink(link);
  if (!result.ok) throw new Error(result.message);
  return result.config;
};

describe("there and back", () => {
  it("is the same config and the same link", async () => {
    for (const config of [defaultConfig(), fullConfig()]) {
      const link = await encodeLink(config);
      expect(link).toMatch(/^1\.[A-Za-z0-9_-]+$/);
      expect(await opened(link)).toEqual(config);
      expect(await encodeLink(await opened(link))).toBe(link);
    }
  });

  it("is short", async () => {
    const builtIn = { ...fullConfig(), data: { id: "sonnets" } };
    expect((await encodeLink(builtIn)).length).toBeLessThanOrEqual(600);
    // One's own text adds its name and a fingerprint that nothing can shorten.
    expect((await encodeLink(fullConfig())).length).toBeLessThanOrEqual(720);
    expect((await encodeLink(defaultConfig())).length).toBeLessThanOrEqual(8);
  });

  it("does not depend on the order in which a config was written", async () => {
    const { seed, model, ...rest } = fullConfig();
    const turned = { model: Object.fromEntries(Object.entries(model).reverse()), ...rest, seed } as RunConfig;
    expect(await encodeLink(turned)).toBe(await encodeLink(fullConfig()));
  });

  it("is read in every form it is passed on", async () => {
    const code = await encodeLink(fullConfig());
    const forms = [
      code,
      `#${code}`,
      `#/play?c=${code}`,
      `/play?c=${code}`,
      `  https://example.org/espalier/#${code}\n`,
    ];
    forms.push(`https://example.org/#/play?c=${code}`, `http://localhost:5173/?x=1#${code}`);
    for (const form of forms) expect(await opened(form)).toEqual(fullConfig());
  });

  it("holds for any seed, size and recipe that is allowed", async () => {
    const step = fc.record({ id: fc.constant("step"), step: fc.integer({ min: 0, max: 1e7 }) });
    const action = fc.oneof(
      fc.record({ id: fc.constant("cascade"), cells: fc.integer({ min: 4, max: 256 }) }),
      fc.record({
        id: fc.constant("edit"),
        path: fc.constant("optim.clip"),
        value: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ id: fc.constant("skip") }),
    );
    const config = fc.record(
      {
        seed: fc.integer({ min: 0, max: 0xffffffff }),
        batch: fc.integer({ min: 1, max: 512 }),
        context: fc.integer({ min: 8, max: 32 }),
        recipe: fc.array(fc.record({ trigger: step, action }), { maxLength: 64 }),
      },
      { requiredKeys: ["context"] },
    );
    await fc.assert(
      fc.asyncProperty(config, async (part) => {
        const checked = checkConfig(part);
        if (!checked.ok) throw new Error(checked.message);
        expect(await opened(await encodeLink(checked.config))).toEqual(checked.config);
      }),
      { numRuns: 40 },
    );
  });

  it("refuses to write what could not be opened", async () => {
    await expect(encodeLink({ ...defaultConfig(), batch: 0 })).rejects.toThrow(
      "batch is 0, allowed are 1 to 512",
    );
  });
});

describe("a link that must not open", () => {
  it("comes in at least 20 kinds", () => {
    expect(new Set(BAD_LINKS.map(({ kind }) => kind)).size).toBe(BAD_LINKS.length);
    expect(BAD_LINKS.length).toBeGreaterThanOrEqual(20);
  });

  it.each(BAD_LINKS)("$kind: one sentence", async ({ link, says }) => {
    const result = await decodeLink(link);
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining(says) });
    const { message } = result as { message: string };
    expect(message).toMatch(/^This link was not opened: [^\n]{5,300}\.$/);
    expect(({} as Record<string, unknown>).seed).toBeUndefined();
  });

  it.each([
    ["", "there is no config in it"],
    ["https://example.org/", "there is no config in it"],
    ["#/gallery", "there is no config in it"],
    ["#/play?d=1.abc", "there is no config in it"],
    ["#1.abcde", "it is cut off or damaged"],
    ["#0.abcd", "it is of version 0"],
    ["hello", 'it begins with "hello"'],
  ])("%s", async (text, says) => {
    expect(await decodeLink(text)).toMatchObject({ ok: false, message: expect.stringContaining(says) });
  });

  it("never throws and leaves no rejection behind, whatever the text", async () => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const payload = fc
      .uint8Array({ maxLength: 80 })
      .map((bytes) => `#1.${Buffer.from(bytes).toString("base64url")}`);
    const json = fc.json().map((text) => packLink(text));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), payload, json), async (text) => {
        const result = await decodeLink(text);
        if (!result.ok) expect(result.message).toMatch(/^This link was not opened: .+\.$/su);
      }),
      { numRuns: 150 },
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it("is every proper beginning of a link", async () => {
    const link = await encodeLink(fullConfig());
    for (let length = 0; length < link.length; length += 7) {
      expect((await decodeLink(link.slice(0, length))).ok).toBe(false);
    }
  });
});

describe("readConfig", () => {
  it("reads a config file and fills in what it leaves out", () => {
    expect(readConfig("{}")).toEqual({ ok: true, config: defaultConfig() });
    expect(readConfig(JSON.stringify(fullConfig()))).toEqual({ ok: true, config: fullConfig() });
    expect(readConfig('{"version":1,"budget":{"amount":7}}')).toMatchObject({
      ok: true,
      config: { budget: { unit: "steps", amount: 7 } },
    });
  });

  it.each([
    ["null", "a config must be an object"],
    ['{"version":"1"}', 'it is of version "1"'],
    ['{"version":2}', "it is of version 2"],
    ['{"budget":3}', "budget is 3, an object is needed"],
    ['{"recipe":{}}', "recipe is an object, a list is needed"],
    ['{"recipe":[7]}', "recipe.0 is 7, an object is needed"],
    [
      '{"recipe":[{"trigger":{"id":"manual"}}]}',
      "recipe.0.action is missing, an object with an id is needed",
    ],
  ])("refuses %s", (text, says) => {
    expect(readConfig(text)).toMatchObject({ ok: false, message: expect.stringContaining(says) });
  });
});
