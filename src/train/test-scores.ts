/** The test images, looked at once, after a run is over: what is reported must not be what anything was chosen by. */
import type { Core } from "./core.ts";
import { scored } from "./evaluate.ts";
import { bindPart, disposePart, placeImages } from "./feed.ts";
import type { Scores } from "./metrics.ts";
import { evalProgram } from "./programs.ts";

/** Images of one run of the program at most. */
const BATCH = 500;

/** Loss and accuracy over the whole test part; null where there is none. */
export async function testScores(
  core: Readonly<Core>,
): Promise<(Scores & { readonly images: number }) | null> {
  const { setup, network } = core;
  const { data, backend, config } = setup;
  if (data.kind !== "images" || data.test === null) return null;
  const test = await data.test();
  const images = test.labels.length;
  // Every image once: batches of one size that leave none over.
  let batch = Math.min(BATCH, images);
  while (images % batch !== 0) batch--;
  const seen = { ...setup, config: { ...config, batch }, data: { ...data, validation: test } };
  const program = await backend.compile(evalProgram(seen, network));
  const part = placeImages(backend, "test", test);
  try {
    bindPart(program, part);
    program.bind("params", network.arrays.params);
    return { ...(await scored(backend, program, images / batch)), images };
  } finally {
    program.dispose();
    disposePart(part);
  }
}
