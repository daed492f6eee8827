/** Validation: the same evenly spaced batches each time, read back without anybody waiting for them. */
import { control } from "../engine/control.ts";
import type { Backend, Executable } from "../engine/types.ts";
import type { Core } from "./core.ts";
import { type Scores, scoresOf } from "./metrics.ts";
import { STRIDE_LIMIT } from "./pace.ts";

/** Runs an evaluation's program over `count` batches, without the layers `skip`. Submitted when it returns; resolves with the means. */
export function scored(
  backend: Backend,
  program: Executable,
  count: number,
  skip?: ReadonlySet<string>,
): Promise<Scores> {
  const names = Object.keys(program.program.outputs);
  const reads: Promise<ArrayBuffer[]>[] = [];
  for (let drawIndex = 0; drawIndex < count; drawIndex++) {
    program.run(control({ drawMode: 1, drawIndex, drawCount: count }), skip);
    reads.push(Promise.all(names.map((name) => program.read(name))));
    if (reads.length % STRIDE_LIMIT === 0) backend.submit();
  }
  backend.submit();
  return Promise.all(reads).then((answers) => scoresOf(names, answers));
}

/** An evaluation of the weights as they are at this step boundary; said when it is known. */
export function evaluateNow(core: Core): void {
  const { backend, config } = core.setup;
  const { steps, tokens, flops } = core.ledger.spent;
  core.evaluated = steps;
  const scores = scored(backend, core.network.evaluate, config.eval.batches);
  const { fraction } = core.ledger;
  const { active } = core.network;
  core.ring.push(scores, (known) => {
    core.journal.say(steps, { type: "eval", ...known, tokens, flops });
    for (const gauge of core.line.observeEval({ step: steps, ...known, active, fraction })) {
      core.journal.say(steps, { type: "gauge", ...gauge });
    }
    for (const text of core.line.told) core.journal.say(steps, { type: "notice", text });
  });
}
