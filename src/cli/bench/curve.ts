/** The curve: both models over width and depth, a few steps a point. */
import { type EngineName, nameOf, sweeps } from "./jobs.ts";
import type { CurvePoint, Driver, LeftOut } from "./result.ts";

/** Steps of each engine at a point. */
const ROUNDS = 2;
/** CPU seconds that a peer's first step (its compiling with it) may take at a point; wider or deeper ones are left out. */
const MOST = 60;

const SKIPPED = "peers are measured at some points only";
const TOO_SLOW = "too slow here: a smaller point already took over a minute of processor time";

export async function measureCurve(
  driver: Driver,
  engines: readonly EngineName[],
  say: (line: string) => void,
  on: (point: CurvePoint) => Promise<void>,
): Promise<void> {
  for (const { model, along, at, peersAt, points: wanted } of sweeps(driver.about.schema)) {
    let runners = engines;
    for (const { x, job } of wanted) {
      say(`${nameOf(job)}:`);
      const here = peersAt.includes(x) ? runners : runners.filter((engine) => engine === "ours");
      const result = await driver.measure({
        task: "curve",
        job,
        engines: here,
        rounds: ROUNDS,
        most: MOST,
      });
      const gone: LeftOut[] = engines
        .filter((engine) => !here.includes(engine))
        .map((engine) => ({ engine, reason: runners.includes(engine) ? SKIPPED : TOO_SLOW }));
      await on({ model, along, at, x, job, result: { ...result, leftOut: [...result.leftOut, ...gone] } });
      runners = runners.filter((e) => !here.includes(e) || result.engines.some(({ engine }) => engine === e));
    }
  }
}
