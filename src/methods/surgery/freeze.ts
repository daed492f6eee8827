/**
 * Freezing a part: its weights get no more updates and keep their optimizer slots, until they are thawed. Bit 31 of each
 * age says so (grow-prune §1.1), so a step costs the same.
 */
import { countActive, markAges } from "../../engine/ops/ages.ts";
import type { Params, Trace } from "../../engine/types.ts";
import { type Region, regionsOf, within } from "../target.ts";
import type { StructureMethod } from "../types.ts";

const schema = {
  target: {
    kind: "path",
    label: "Part",
    help: "The part whose weights are frozen: a parameter, a layer, a tile. Empty: the whole network.",
    default: "",
  },
  how: {
    kind: "choice",
    label: "What happens",
    help: "Freeze: no more updates. Thaw: updates again, with the optimizer's moments as they were.",
    default: "freeze",
    options: ["freeze", "thaw"],
  },
} as const;

export const freeze: StructureMethod<typeof schema> = {
  kind: "structure",
  does: "freeze",
  id: "freeze",
  label: "Freeze",
  summary: "Weights of a part get no more updates until they are thawed; the rest trains around them.",
  schema,
  paper: null,
  applies: () => true,

  can(model, at, c) {
    const regions = regionsOf(model, at, c.target);
    return typeof regions === "string" ? `Not frozen: ${regions}.` : true;
  },

  async plan(at, c) {
    const regions = regionsOf(at.model, at.from, c.target);
    if (typeof regions === "string") return `Not frozen: ${regions}.`;
    const mark = (t: Trace, age: Params) => marked(t, age, regions, c.how as "freeze" | "thaw");
    // Frozen weights of the parameters that the part lies in, before and after.
    const paths = [...new Set(regions.map(({ spec }) => spec.path))];
    const counts = await at.look((t, old) => {
      const after = mark(t, old.age);
      return Object.fromEntries(
        paths.flatMap((path, i) => [
          [`before${i}`, t.call(countActive, [old.age.get(path)!], { of: "frozen" })[0]!],
          [`after${i}`, t.call(countActive, [after.get(path)!], { of: "frozen" })[0]!],
        ]),
      );
    });
    const sum = (when: string) => paths.reduce((n, _, i) => n + counts[`${when}${i}`]![0]!, 0);
    const changed = sum("after") - sum("before");
    if (changed === 0) {
      return c.how === "freeze"
        ? "Not frozen: nothing in this part still trains."
        : "Not thawed: nothing in this part is frozen.";
    }
    return {
      arch: at.from.arch,
      preserving: true,
      figures: { frozen: changed },
      change: (t, old) => ({ age: mark(t, old.age) }),
    };
  },
};

function marked(t: Trace, age: Params, regions: readonly Region[], how: "freeze" | "thaw"): Params {
  const changed = new Map<string, ReturnType<Params["get"]> & object>();
  for (const { spec, slice } of regions) {
    const { path } = spec;
    const now = changed.get(path) ?? age.get(path)!;
    changed.set(
      path,
      within(t, now, slice, (inside) => t.call(markAges, [inside], { how })[0]!),
    );
  }
  return new Map([...age, ...changed]);
}
