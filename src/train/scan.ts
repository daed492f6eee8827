/**
 * Sensitivity scan (Han et al. §4; grow-prune §2.3): how much the loss on the probe batch would rise if one matrix alone
 * were thinned out to a given share, without training afterwards; and, of a classifier, what share it would get right. A report: it works on a copy of the weights, and the
 * run is bit for bit what it was.
 */
import { control } from "../engine/control.ts";
import { arenaLayout } from "../engine/layout.ts";
import { forgetDormant } from "../engine/ops/ages.ts";
import { maskSelect } from "../engine/ops/mask-select.ts";
import { maskTiles } from "../engine/ops/mask-tiles.ts";
import { plan } from "../engine/plan.ts";
import { createTrace } from "../engine/trace.ts";
import type { Arena, ParamSpec, Program } from "../engine/types.ts";
import { drop } from "../methods/prune/amounts.ts";
import { isConnection } from "../methods/target.ts";
import type { SensitivityCurve } from "../run/messages.ts";
import { uniformAges } from "./ages.ts";
import type { Core } from "./core.ts";
import { PROBE } from "./event-programs.ts";
import { bindPart } from "./feed.ts";
import { probeProgram } from "./programs.ts";

/** Shares of a matrix's active weights that are kept. */
export const KEPT = [1, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05] as const;

/** From "params" and "age" into "thin": group k without its `wanted[k]` smallest active weights that are not frozen. */
function thinProgram(specs: readonly ParamSpec[], matrices: readonly ParamSpec[]): Program {
  const t = createTrace();
  const layout = arenaLayout(specs);
  const params = t.arena("params", "params", layout).all;
  const age = t.arena("age", "masks", layout, "u32").all;
  const thin = t.arena("thin", "params", layout).all;
  const wanted = t.buffer("wanted", "data", { shape: [matrices.length], dtype: "u32" });
  const { attrs, spec, table } = maskTiles(
    matrices.map(({ path }, group) => {
      const { offset, count } = layout.entries.get(path)!;
      return { offset, count, group };
    }),
  );
  t.store(params, thin);
  const inputs = [params, age, t.constant(spec, table), wanted];
  const after = t.call(maskSelect, inputs, { ...attrs, what: "drop", grace: 0 })[0]!;
  t.call(forgetDormant, [thin, after], {});
  return plan(t.finish());
}

/** At a step boundary. `progress(done, total)` after each point. */
export async function sensitivity(
  core: Readonly<Core>,
  progress: (done: number, total: number) => void = () => {},
): Promise<readonly SensitivityCurve[]> {
  const { network, setup, updates } = core;
  const { backend, validation } = setup;
  const { specs, layout, arrays, counts } = network;
  const matrices = specs.filter(isConnection);
  const made: { dispose(): void }[] = [];
  const arena = (name: string, elements: number): Arena => {
    const one = backend.arena(name, elements);
    made.push(one);
    return one;
  };
  try {
    const thin = arena("thin", layout.length);
    const wanted = arena("wanted", matrices.length);
    const age = arrays.age ?? arena("age", layout.length);
    await backend.room();
    if (arrays.age === null) age.write(0, uniformAges(specs, updates));
    const thinning = await backend.compile(thinProgram(specs, matrices));
    made.push(thinning);
    const scored = setup.model.task === "classify";
    const probing = await backend.compile(
      scored ? probeProgram(setup, network, true) : network.probe.program,
    );
    made.push(probing);
    for (const [name, bound] of Object.entries({ params: arrays.params, age, thin, wanted })) {
      thinning.bind(name, bound);
    }
    bindPart(probing, validation);
    probing.bind("params", thin);
    const total = matrices.length * KEPT.length;
    let done = 0;
    const curves: SensitivityCurve[] = [];
    for (const [k, { path }] of matrices.entries()) {
      const points: { kept: number; loss: number; accuracy?: number }[] = [];
      for (const kept of KEPT) {
        const fewer = drop(1 - kept, counts.get(path)!);
        const words = new Uint32Array(matrices.length);
        words[k] = fewer;
        wanted.write(0, words);
        thinning.run(control({}));
        probing.run(PROBE);
        const reads = (scored ? ["loss", "accuracy"] : ["loss"]).map((name) => probing.read(name));
        backend.submit();
        const [loss, accuracy] = (await Promise.all(reads)).map((bits) => new Float32Array(bits)[0]!);
        points.push({ kept, loss: loss!, ...(accuracy === undefined ? {} : { accuracy }) });
        progress(++done, total);
      }
      curves.push({ path, points });
    }
    return curves;
  } finally {
    for (const one of made) one.dispose();
  }
}
