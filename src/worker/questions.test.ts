/** What a page hears of questions that change nothing in a run: the answer with the number of the question. */
import { expect, it } from "vitest";
import { drive, eventsOf, interpreter, tinyConfig, tinyGpt } from "../testing/runs.ts";
import { write } from "../train/look.ts";
import { answered, sampled } from "./questions.ts";

/** After two steps, of a run of one window; how far it has come is in `heard`. */
async function asked(change: Record<string, unknown>) {
  const config = tinyConfig({ ...change, batch: 1, eval: { every: 10, batches: 1 } });
  const { trainer } = await drive(config, interpreter());
  await trainer.advance(2);
  const heard: (readonly number[])[] = [];
  const ask = (question: object) =>
    answered({ run: "r", ...question } as Parameters<typeof answered>[0], trainer, (...at) => heard.push(at));
  return { ask, heard };
}

it("each is answered for the run, the question and the step that it was of", async () => {
  const { ask, heard } = await asked({});
  const cut = { id: "magnitude", mode: "fraction", share: 0.5, grace: 0 };
  const outcome = expect.objectContaining({ lossBefore: expect.closeTo(3, 0) });
  const preview = { type: "preview", run: "r" };
  expect(await ask({ ...preview, request: 7, action: cut })).toEqual({
    ...{ ...preview, request: 7, outcome, message: "" },
  });
  const message = 'There is no action "nothing".';
  expect(await ask({ ...preview, request: 8, action: { id: "nothing" } })).toEqual({
    ...{ ...preview, request: 8, outcome: null, message },
  });
  const scanned = await ask({ type: "scan", request: 9 });
  expect(scanned).toMatchObject({ type: "scanned", run: "r", request: 9, step: 2 });
  const { length } = (scanned as { readonly curves: readonly unknown[] }).curves;
  expect(length).toBeGreaterThan(2);
  expect(heard.at(-1)?.[0]).toBe(heard.at(-1)?.[1]);
  expect(await ask({ type: "step-times" })).toMatchObject({ type: "step-times", times: { run: "r" } });
});

it("layers are left out as they were asked for", async () => {
  const { ask, heard } = await asked(tinyGpt);
  const off = ["blocks.0"];
  expect(await ask({ type: "blocks-off", request: 10, sets: [off] })).toMatchObject({
    ...{ type: "blocks-off", run: "r", request: 10 },
    found: { step: 2, layers: 1, sets: [{ off }] },
  });
  expect(heard.length).toBeGreaterThan(0);
});

it("a text is said that the network writes from the prompt it was given", async () => {
  const { trainer, events } = await drive(tinyConfig({}), interpreter());
  const asked = { prompt: "a whale", temperature: 0.05, length: 9 };
  const written = (prompt: string) => write(trainer.core, prompt, asked.temperature, asked.length);
  const text = await written(asked.prompt);
  expect(await written("")).not.toBe(text);
  await sampled({ type: "sample", run: "r", ...asked }, trainer);
  expect(eventsOf(events, "sample")).toMatchObject([{ prompt: "a whale", temperature: 0.05, text }]);
});
