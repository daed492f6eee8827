/** The test images, looked at once, after a run is over: what is reported must not be what anything was chosen by. */
import { control } from "../engine/control.ts";
import type { Core } from "./core.ts";
import { bindPart, disposePart, placeImages } from "./feed.ts";
import { type Scores, scoresOf } from "./metrics.ts";
import { evalProgram } from "./programs.ts";

/** Images of one run of the program at most. */
const BATCH = 500;
/** Runs of one submit: below the device's ring of control blocks. */
const RUNS = 16;

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
    const names = Object.keys(program.program.outputs);
    const answers: ArrayBuffer[][] = [];
    const drawCount = images / batch;
    for (let first = 0; first < drawCount; first += RUNS) {
      const reads: Promise<ArrayBuffer[]>[] = [];
      for (let drawIndex = first; drawIndex < Math.min(drawCount, first + RUNS); drawIndex++) {
        program.run(control({ drawMode: 1, drawIndex, drawCount }));
        reads.push(Promise.all(names.map((name) => program.read(name))));
      }
      backend.submit();
      answers.push(...(await Promise.all(reads)));
    }
    return { ...scoresOf(names, answers), images };
  } finally {
    program.dispose();
    disposePart(part);
  }
}
