/** What layer dropping refuses (transformer-growth §7), each with its sentence. */
import { describe, expect, it } from "vitest";
import type { RunConfig } from "../../run/config.ts";
import { drive, eventsOf, interpreter, tinyConfig } from "../../testing/runs.ts";

const small = { layers: 4, width: 8, heads: 2, ffn: 2, maxLayers: 8 };
const at0 = (action: object) => [{ trigger: { id: "step", step: 0 }, action }];
const PLD = { id: "pld", theta: 0.4, gamma: 1000 };
const config = (change: object = {}): RunConfig =>
  tinyConfig({ model: { id: "gpt", ...small }, eval: { every: 10, batches: 1 }, ...change });

describe("dropping is refused", () => {
  const refused = async (given: RunConfig) => {
    const { trainer, events } = await drive(given, interpreter());
    while (trainer.phase === "ready") await trainer.advance(1000);
    return eventsOf(events, "structure/refused").map(({ message }) => message);
  };
  const short = { budget: { amount: 3 } };

  it("behind norms on the sums", async () => {
    const model = { id: "bert", ...small, norm: "post" };
    expect(await refused(config({ ...short, model, recipe: at0(PLD) }))).toEqual([
      "Not dropped: its norms stand behind the sums (post-LN), and layers can only be left out where they " +
        "stand before the arms.",
    ]);
  });

  it("with more layers at least than there are", async () => {
    expect(await refused(config({ ...short, recipe: at0({ ...PLD, least: 5 }) }))).toEqual([
      "Not dropped: 5 layers are to run at least, and the network has 4.",
    ]);
  });

  it("during a stacking schedule, and not after it", async () => {
    const stack = (fraction: number) => ({
      trigger: { id: "at", fraction },
      action: { id: "stack", map: "stack" },
    });
    const given = (step: number) =>
      config({
        budget: { amount: 12 },
        recipe: [stack(0.5), { trigger: { id: "step", step }, action: PLD }],
      });
    expect(await refused(given(2))).toEqual([
      "Not dropped: the recipe is still to stack layers on a schedule, and the two are not combined. " +
        "Drop layers once it is done, or take the stacking out.",
    ]);
    expect(await refused(given(8))).toEqual([]);
  });

  it("where nothing is dropped that could end", async () => {
    expect(await refused(config({ ...short, recipe: at0({ id: "all-layers" }) }))).toEqual([
      "Not changed: every layer runs in every step already.",
    ]);
  });

  it("where gates stand still or are drawn already", async () => {
    const freeze = (step: number, frozen: boolean) => ({
      trigger: { id: "step", step },
      action: { id: "freeze-gates", frozen },
    });
    const given = (recipe: object[]) => config({ budget: { amount: 6 }, recipe });
    expect(await refused(given([freeze(1, true)]))).toEqual([
      "Not changed: no layers are being left out, so there are no gates to freeze.",
    ]);
    expect(await refused(given([...at0(PLD), freeze(1, false), freeze(2, true), freeze(3, true)]))).toEqual([
      "Not changed: every step draws its gates already.",
      "Not changed: the gates are frozen already.",
    ]);
  });

  it.each([
    [{ id: "pld", theta: -0.1 }, "recipe.0.action.theta is -0.1"],
    [{ id: "pld", theta: 1.1 }, "recipe.0.action.theta is 1.1"],
    [{ id: "pld", gamma: -1 }, "recipe.0.action.gamma is"],
    [{ id: "random-drop", rate: 1 }, "recipe.0.action.rate is 1"],
    [{ id: "pld", variant: "huang" }, 'recipe.0.action.variant is "huang"'],
  ])("for %j", (action, message) => {
    expect(() => config({ recipe: at0(action) })).toThrow(message);
  });

  it("for other families, with the reason", () => {
    expect(() => tinyConfig({ recipe: at0(PLD) })).toThrow("for models whose layers add to a trunk");
  });
});
