/** A run beside an LSTM of as many parameters: begun, laid over, said, and in a link. Commands are heard, none is done. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkConfig } from "../../run/check.ts";
import { decodeLink } from "../../share/link.ts";
import { gather } from "../charts/score-data.ts";
import { parseRoute } from "../route.ts";
import { dropKept, keepAgainst } from "./behind.ts";
import { besideOffered, equalNow, equalWords, firstName, openPlay, sayBeside } from "./beside.ts";
import { currentLink } from "./links.ts";
import { append, emptySeries } from "./series.ts";
import { emptySession } from "./session.ts";
import { getRun, setRun } from "./store.ts";

function config(given: object) {
  const checked = checkConfig(given);
  if (!checked.ok) throw new Error(checked.message);
  return checked.config;
}

const hlstm = config({ model: { id: "hlstm", blocks: [32], embed: 32, gateWidth: 32 }, seed: 7 });
const stood = { given: null, recipe: [], arch: hlstm.model, active: 20_236 };
const clock = { step: 100, tokens: 1000, flops: 1e7, seconds: 10 };
const rows = (...losses: number[]) =>
  losses.map((loss, i) => ({ step: 50 * i, tokens: 500 * i, flops: 5e6 * i, seconds: 5 * i, loss }));

function onPage(run: string, made: ReturnType<typeof config>, ...losses: number[]): void {
  const state = { ...stood, arch: made.model } as never;
  setRun({
    ...emptySession(),
    ...{ run, config: made, state, clock, vocab: 80, budgetSteps: 100, phase: "ended" },
    evals: append(emptySeries(), rows(...losses)),
  });
}

/** As `compareWithLstm` leaves it once the LSTM has begun. */
function compared(): void {
  onPage("one", hlstm, 4, 3, 2.5);
  const lstm = equalNow(getRun(), 1);
  if (typeof lstm === "string") throw new Error(lstm);
  keepAgainst("H-LSTM");
  const first = { run: "one", name: "H-LSTM", config: hlstm };
  const second = { run: "two", name: "LSTM of 40 cells", config: lstm.config };
  setRun({ pair: { first, lstm: second, words: equalWords(lstm, 20_236) } });
  onPage("two", lstm.config, 4, 3.6, 3.1);
}

const pair = () => sayBeside(getRun());

beforeEach(compared);
afterEach(() => {
  dropKept();
  setRun({ ...emptySession(), pair: null, besideLink: null, notices: [], base: config({}) });
});

describe("a run beside an LSTM", () => {
  it("is offered of what is no plain LSTM, and of the LSTM that is one of the two", () => {
    expect(besideOffered(getRun())).toBe(true);
    setRun({ pair: null });
    expect(besideOffered(getRun())).toBe(false);
    const sized = { params: 20_236 };
    const lstm = (blocks: readonly number[], active = sized.params) =>
      setRun({ state: { ...stood, ...sized, active, arch: { id: "lstm", layers: 1, blocks } } as never });
    lstm([64]);
    expect(besideOffered(getRun())).toBe(false);
    lstm([64, 64]);
    expect(besideOffered(getRun())).toBe(true);
    lstm([64], 9000);
    expect(besideOffered(getRun())).toBe(true);
    onPage("one", hlstm, 4);
    expect(besideOffered(getRun())).toBe(true);
  });

  it("is named, and says both counts", () => {
    expect(firstName(getRun())).toBe("LSTM in 1 block");
    expect(getRun().pair!.words).toMatch(/^LSTM of \d+ cells: [\d,]+ parameters against 20,236\.$/);
  });

  it("lies over the LSTM's curve, as plain to see, and not over its own", () => {
    const over = () =>
      gather(getRun(), "step", true, 0, false, getRun().kept).lines.filter(({ id }) => id === "kept-0");
    expect(over()).toMatchObject([{ width: 2.4, points: [{ y: 4 }, { y: 3 }, { y: 2.5 }] }]);
    expect(over()[0]).not.toHaveProperty("opacity");
    onPage("one", hlstm, 4, 3, 2.5);
    expect(over()).toEqual([]);
  });

  it("is judged where both were evaluated, and a tie is called one", () => {
    expect(pair()[0]).toBe("At step 100: LSTM of 40 cells 3.100, H-LSTM 2.500.");
    expect(pair()[1]).toBe("H-LSTM is lower by .600; at step 50 it was where LSTM of 40 cells is now.");
    onPage("two", getRun().config!, 4, 3.6, 2.9);
    expect(pair()[1]).toBe("A tie: less than one evaluation apart.");
    onPage("two", getRun().config!, 4);
    expect(pair()).toEqual(["No evaluation in common yet."]);
    onPage("three", hlstm, 4, 3);
    expect(pair()).toEqual([]);
  });

  it("goes into the link, from either side, and comes out of it", async () => {
    const lstm = getRun().config!;
    const link = await currentLink();
    onPage("one", hlstm, 4, 3, 2.5);
    expect(await currentLink()).toBe(link);
    const route = parseRoute(`#${link}`);
    if (route.page !== "play") throw new Error(link);
    expect(await decodeLink(route.link!)).toEqual({ ok: true, config: hlstm });
    expect(await decodeLink(route.beside!)).toEqual({ ok: true, config: lstm });
    // Something is trained: the page asks before it opens the link, and knows what it compares.
    expect(await openPlay(route)).toBe(true);
    expect(getRun()).toMatchObject({
      besideLink: { first: hlstm, lstm, armed: false },
      dialog: { config: hlstm },
    });
    setRun({ dialog: null });
  });

  it("is refused where the two say nothing about each other", async () => {
    const link = new URLSearchParams((await currentLink()).split("?")[1]);
    const refused = async (c: string, beside: string) => {
      expect(await openPlay({ page: "play", link: c, beside })).toBe(false);
      return getRun().notices[0]!.text;
    };
    const other = async (given: object) => {
      onPage("four", config(given), 4, 3);
      return currentLink();
    };
    const [first, lstm] = [link.get("c")!, link.get("beside")!];
    expect(await refused(first, first)).toBe(
      'This link was not opened: what it compares with is "hlstm", allowed is "lstm".',
    );
    expect(await refused(await other({ model: { id: "hlstm" }, seed: 8 }), lstm)).toContain("another seed");
    expect(await refused(await other({ model: { id: "gpt" }, seed: 7 }), lstm)).toContain(
      'model.id is "gpt"',
    );
    expect(await refused(first, "9.x")).toMatch(/^This link was not opened, for what it compares with: /);
  });
});
