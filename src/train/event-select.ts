/** Stage 3 of an event: the method decides what is to be done, and may look at small outputs of programs of its own. */
import type { Values } from "../config/schema.ts";
import type { StructureAt, StructurePlan } from "../methods/types.ts";
import { lookProgram, PROBE } from "./event-programs.ts";
import type { Site } from "./event-terms.ts";
import { trainOperator } from "./fit.ts";
import { growthPlan, nextOf } from "./growth-plan.ts";
import { once } from "./once.ts";

export async function select(site: Site, lossBefore: number): Promise<StructurePlan | string> {
  const { setup, old, request, from, not } = site;
  const { model, config, backend } = setup;
  const { method, values, event, step, updates, live, lr, scored, scheduled } = request;
  const key = [config.seed, event] as const;
  const at: StructureAt = {
    model,
    from,
    key,
    step,
    updates,
    live,
    lr,
    scored,
    lossBefore,
    scheduled,
    dropping: (request.drop?.rule ?? null) !== null,
    held: (request.drop?.held ?? null) !== null,
    active: old.counts,
    async look(build) {
      const { program, dtypes } = lookProgram(setup, from, old.arrays.score !== null, build);
      const named = { ...(await site.named(program)), ...Object.fromEntries(setup.validation) };
      const bits = await once(backend, program, named, Object.keys(dtypes), PROBE);
      return Object.fromEntries(
        Object.entries(bits).map(([name, words]) => [
          name,
          dtypes[name] === "u32" ? new Uint32Array(words) : new Float32Array(words),
        ]),
      ) as never;
    },
  };
  if (method.kind === "grow") {
    const next = nextOf(model, from.arch, method, values);
    if (typeof next === "string") return next;
    const settled = (await method.settle?.(at, values as never)) ?? values;
    const { operator } = method;
    const c = settled as Values;
    if (operator === undefined) return growthPlan(model, from, method, c, key, old.arrays.age !== null);
    const to = { ...from, arch: next, specs: model.params(next, from.data) };
    const steps = request.preview ? 0 : operator.steps(c);
    const { onProgress } = request;
    const stop = () => request.stop?.() ?? false;
    const until = Math.min(steps, request.commitAfter ?? steps);
    const watch = request.watch ?? null;
    const options = { params: old.arrays.params, key, steps, until, onProgress, stop, watch };
    const fitted = await trainOperator(setup, { model, operator, from, to, c, method: method.id }, options);
    for (const [name, arena] of fitted.arenas) site.fitted.set(name, arena);
    return growthPlan(model, from, method, c, key, old.arrays.age !== null, fitted);
  }
  const applies = method.applies(model);
  if (applies !== true) return `${not}: ${method.label} is ${applies}.`;
  const can = method.can?.(model, from, values as never) ?? true;
  return can === true ? method.plan(at, values as never) : can;
}
