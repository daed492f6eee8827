/** When kernels are timed, and what a page is told of it; the timing itself is made up. */
import { describe, expect, it } from "vitest";
import type { TileChoice } from "../run/kernels.ts";
import type { WorkerMessage } from "../run/messages.ts";
import { type Page, run, started } from "../testing/host-page.ts";
import type { OpenBackend, OpenTiles } from "./kernels.ts";
import { TileWatch } from "./tiles.ts";

/** So many kernels to be timed, a hundredth of a second each, in so many turns. */
function device(software: boolean, kernels = 3, turns = 1) {
  let turn = 0;
  let text = "";
  let choices: TileChoice[] = [];
  const begun: string[] = [];
  const tiles: OpenTiles = {
    begin: (kept) => {
      begun.push(kept);
      text = kept;
      const known = kept === "" ? 0 : Number(kept);
      choices = Array.from({ length: known }, (_, i) => choiceOf(i));
    },
    get busy() {
      return choices.length < kernels;
    },
    turn: async () => {
      if (++turn % turns > 0) return { chosen: false, seconds: 0.01 / turns };
      choices.push(choiceOf(choices.length));
      text = String(choices.length);
      return { chosen: true, seconds: 0.01 / turns };
    },
    forget: () => {
      choices = [];
      text = "";
    },
    text: () => text,
    list: () => [...choices],
  };
  const open = { backend: { software }, tiles } as unknown as OpenBackend;
  /** A program with another one has been made. */
  const more = () => void kernels++;
  return { open, begun, count: () => choices.length, more };
}

const choiceOf = (i: number): TileChoice => ({
  kernel: `k${i}`,
  id: "spread",
  standing: "plain",
  ratio: 0.5,
});

function watch(open: OpenBackend, kept?: string) {
  const said: Extract<WorkerMessage, { type: "tiles" }>[] = [];
  const tiles = new TileWatch({
    post: (message) => message.type === "tiles" && said.push(message),
    clock: () => 0,
  });
  tiles.keeps(kept);
  tiles.begin(open);
  return { tiles, said };
}

describe("timing kernels", () => {
  it("takes a twentieth of training, is told, and is to be kept", async () => {
    const { open, begun, count } = device(false);
    const { tiles, said } = watch(open, "");
    expect(begun).toEqual([""]);
    expect(said[0]).toMatchObject({ keep: "", tiles: { on: true, over: false, choices: [] } });
    const after: number[] = [];
    for (let stretch = 0; stretch < 12; stretch++) {
      await tiles.afterStretch(0.05);
      after.push(count());
    }
    // A hundredth of a second is a twentieth of a fifth.
    expect(after).toEqual([1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
    expect(said.map(({ keep }) => keep)).toEqual(["", "1", "2", "3"]);
    expect(said.at(-1)!.tiles).toMatchObject({ over: true, seconds: expect.closeTo(0.03) });
  });

  it("is done once: what was kept is used, also by the device after a lost one", async () => {
    const { open, begun, count } = device(false);
    const { tiles, said } = watch(open, "2");
    await tiles.afterStretch(1);
    await tiles.afterStretch(1);
    expect(count()).toBe(3);
    expect(said.at(-1)!.keep).toBe("3");
    tiles.begin(open);
    expect(begun).toEqual(["2", "3"]);
    expect(said.at(-1)!.tiles).toMatchObject({ over: true });
    // Another one has to earn its turns anew.
    const other = device(false, 9);
    tiles.begin(other.open);
    for (let stretch = 0; stretch < 3; stretch++) await tiles.afterStretch(0.05);
    expect(other.count()).toBe(4);
    expect(said.at(-1)!.tiles.seconds).toBeCloseTo(0.01);
  });

  it("is not done on a processor before it is asked for, nor where nothing is kept", async () => {
    const processor = device(true);
    const { tiles, said } = watch(processor.open, "");
    await tiles.afterStretch(1);
    expect(processor.begun).toEqual([]);
    expect(said.map(({ tiles: { on, over }, keep }) => [on, over, keep])).toEqual([[false, true, null]]);
    tiles.again();
    expect(processor.begun).toEqual([""]);
    await tiles.afterStretch(1);
    expect(processor.count()).toBe(1);
    expect(said.at(-1)!.tiles.on).toBe(true);

    const card = device(false);
    const unkept = watch(card.open);
    await unkept.tiles.afterStretch(1);
    expect(card.begun).toEqual([]);
    expect(unkept.said).toEqual([]);
  });

  it("is done anew when that is asked for", async () => {
    const { open, count } = device(false);
    const { tiles, said } = watch(open, "3");
    tiles.again();
    expect(said.at(-1)).toMatchObject({ keep: "", tiles: { over: false, choices: [] } });
    await tiles.afterStretch(1);
    expect(count()).toBe(1);
  });

  it("is told when a choice is made, and when there is something to time again, and else not", async () => {
    const { open, more } = device(false, 1, 3);
    const { tiles, said } = watch(open, "");
    for (let stretch = 0; stretch < 5; stretch++) await tiles.afterStretch(1);
    expect(said.map(({ tiles: { over, choices } }) => [over, choices.length])).toEqual([
      [false, 0],
      [true, 1],
    ]);
    more();
    await tiles.afterStretch(1);
    expect(said.slice(2).map(({ tiles: { over } }) => over)).toEqual([false]);
  });

  it("that is asked for begins at once, whatever was spent before", async () => {
    const { open, count } = device(false);
    const { tiles } = watch(open, "");
    await tiles.afterStretch(0.05);
    await tiles.afterStretch(0.05);
    expect(count()).toBe(1);
    tiles.again();
    await tiles.afterStretch(0);
    expect(count()).toBe(1);
    await tiles.afterStretch(0);
    expect(count()).toBe(1);
  });

  it("is nothing to a host whose device has but one way", async () => {
    const page: Page = await started();
    page.send({ type: "time-tiles" }, { type: "step", run, count: 2 });
    await page.state(({ step, phase }) => step === 2 && phase === "paused");
    expect(page.of("tiles")).toEqual([]);
    expect(page.of("refused")).toEqual([]);
  });
});
