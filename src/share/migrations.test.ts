/** Versions: old links open for ever, and no default changes unnoticed. */
import { describe, expect, it } from "vitest";
import { defaults } from "../config/schema.ts";
import { CONFIG_VERSION } from "../run/config.ts";
import { defaultConfig } from "../run/default-config.ts";
import { datasets, grows, models, optims, triggers } from "../run/registries.ts";
import { schedules } from "../run/schedules.ts";
import { decodeLink } from "./link.ts";
import { pack, unpack, upgrade, VERSIONS } from "./migrations.ts";

describe("versions", () => {
  it("has a frozen file for every version up to the newest", () => {
    expect([...VERSIONS.keys()]).toEqual(Array.from({ length: CONFIG_VERSION }, (_, i) => i + 1));
    for (const [version, { up }] of VERSIONS) expect(up === undefined).toBe(version === CONFIG_VERSION);
  });

  it("opens a link of every version ever published", async () => {
    const published: Record<number, { link: string; lr: number }> = {
      1: {
        link: "1.PcxBCoMwEEbhu_zroURrK8xVxMWYDBKaGEkiLiR3L25cv493oag68DgSYnIawBe8AyOUGkFYQrK_Ap6-w9wIaa8-PkacxBOEkMHmZczQCMvhVq03kZiOrYK7_n2HrNbvCp4u1OzXVfPz2YNUlQOE028uneDuYxpBbPVpe5iVYsUpCFZDKOB339rc_g",
        lr: 0.004,
      },
    };
    for (const version of VERSIONS.keys()) {
      const { link, lr } = published[version]!;
      expect(await decodeLink(link)).toMatchObject({ ok: true, config: { optim: { lr } } });
    }
  });

  it("has the registries' defaults in the newest file: a change of one needs a new version", () => {
    const frozen = VERSIONS.get(CONFIG_VERSION)!.defaults;
    const { version: _, ...config } = defaultConfig();
    expect(frozen.config).toEqual(config);
    const live = {
      data: datasets,
      model: models,
      optim: optims,
      schedule: schedules,
      trigger: triggers,
      action: grows,
    };
    for (const [kind, registry] of Object.entries(live)) {
      for (const [id, values] of Object.entries(frozen.choices[kind as keyof typeof live])) {
        const now = defaults(registry.get(id)!.schema);
        // Fields and ids added since are written whole into a link and need not stand in the file.
        expect([kind, id, now]).toMatchObject([kind, id, values]);
      }
    }
  });

  it("writes old defaults out, then takes each step up", () => {
    const one = {
      config: { seed: 1, optim: { id: "a", lr: 0.1 }, budget: { unit: "steps", amount: 10 }, recipe: [] },
      choices: {
        data: {},
        model: {},
        optim: { a: { lr: 0.1 } },
        schedule: {},
        trigger: { t: { n: 5 } },
        action: { g: { k: 2 } },
      },
    };
    const two = { ...one, config: { ...one.config, optim: { id: "a", rate: 0.2 } } };
    const versions = new Map([
      [
        1,
        {
          defaults: one,
          up: ({ optim, ...rest }: Record<string, unknown>) => {
            const { lr, ...others } = optim as Record<string, unknown>;
            return { ...rest, optim: { ...others, rate: lr } };
          },
        },
      ],
      [2, { defaults: two, up: (config: object) => ({ ...config, batch: 8 }) }],
      [3, { defaults: two }],
    ]);
    const up = (packed: unknown, version: unknown) => upgrade(packed, version, versions, 3);
    expect(up({}, 1)).toEqual({
      ok: true,
      value: { ...one.config, optim: { id: "a", rate: 0.1 }, batch: 8, version: 3 },
    });
    expect(
      up(
        {
          optim: { id: "a" },
          budget: { amount: 3 },
          recipe: [{ trigger: { id: "t" }, action: { id: "g" } }],
        },
        2,
      ),
    ).toEqual({
      ok: true,
      value: {
        seed: 1,
        optim: { id: "a", lr: 0.1 },
        budget: { unit: "steps", amount: 3 },
        recipe: [{ trigger: { id: "t", n: 5 }, action: { id: "g", k: 2 } }],
        batch: 8,
        version: 3,
      },
    });
    expect(up({}, 4)).toMatchObject({
      ok: false,
      message: "it is of version 4, this program reads versions 1 to 3",
    });
    expect(up([], 1).ok).toBe(false);
  });

  it("writes a method whole that no frozen file knows", () => {
    const frozen = VERSIONS.get(1)!.defaults;
    const config = { ...defaultConfig(), optim: { id: "sophia", lr: 0.001, rho: 0.04 } };
    const packed = pack(config as never, frozen);
    expect(packed).toEqual({ optim: config.optim });
    expect(unpack(packed, frozen).optim).toEqual(config.optim);
  });
});
