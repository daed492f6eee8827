/** What the trained operators share: their settings, the next size, layer maps, and that nothing of the old slots stays. */
import type { Values } from "../../config/schema.ts";
import type { ParamSpec, Params, Trace } from "../../engine/types.ts";
import type { Model } from "../../models/types.ts";
import type { EventKey, GrowMethod, Side } from "../types.ts";
import { copiesOf, type DepthMapName, depthMap, depthOf, RULES } from "./depth.ts";
import { type Operator, untrained } from "./operator.ts";
import { filled } from "./tools.ts";
import { isWide, nextWider, WIDER_FIELDS } from "./wider.ts";

const { width, layers, sources, rewarm } = WIDER_FIELDS;

export const FIT_FIELDS = {
  width,
  depth: {
    kind: "choice",
    label: "Layer map at the start",
    help: "Which layers the operator begins with; it learns to blend them. None: the depth stays.",
    default: "stack",
    options: ["none", ...RULES, "manual"],
  },
  layers,
  sources,
  steps: {
    kind: "int",
    label: "Operator steps",
    help: "Updates of the operator through the grown network, on batches of its own. 0 commits its start.",
    default: 100,
    min: 0,
    max: 2000,
    unit: "steps",
  },
  lr: {
    kind: "float",
    label: "Operator learning rate",
    help: "Adam's, after a warm-up of 10 steps; it falls to 0 along a line.",
    default: 1e-3,
    min: 1e-6,
    max: 0.1,
    scale: "log",
  },
  rewarm,
} as const;

type Operated = Values<typeof FIT_FIELDS>;

/** Any width that the heads divide; ε stays, and no map is refused behind norms. */
export const nextOperated = (model: Model, arch: Values, c: Operated): Values | null | string =>
  nextWider(model, arch, { ...c, widthMap: "random" });

export function operatedSources(
  from: Side,
  to: Side,
  c: Pick<Operated, "depth" | "sources">,
): readonly number[] {
  const [a, b] = [depthOf(from.arch).layers, depthOf(to.arch).layers];
  if (c.depth === "none") return Array.from({ length: b }, (_, m) => m);
  return depthMap(c.depth as DepthMapName, a, b, c.sources);
}

const operatedCopies = (from: Side, to: Side, c: Operated) => copiesOf(operatedSources(from, to, c));

/** A parameter of an operator. It starts where the operator says, and is never decayed. */
export const phiSpec = (path: string, shape: readonly number[]): ParamSpec => ({
  path,
  shape,
  axes: shape.map((_, k) => `${path}.${k}`),
  init: { law: "zeros" },
  decay: false,
});

/** Every weight is a mixture of many: all are newborn, also what a mask had taken out. */
const noCarry: GrowMethod["carry"] = (t, from, to, old, _c, fill) => {
  const { dtype } = old.get(from.specs[0]!.path)!;
  return new Map(to.specs.map(({ path, shape }) => [path, filled(t, shape, fill, dtype)]));
};

/** What a growth by a trained operator is, whichever operator it is. */
export function byOperator<C extends Operated>(operator: Operator<C>) {
  return {
    applies: isWide,
    operator,
    map: (t: Trace, from: Side, to: Side, old: Params, c: C, key: EventKey) =>
      untrained(t, operator, from, to, old, c, key),
    slots: (): "reset" => "reset",
    rewarm: (c: C) => c.rewarm,
    carry: noCarry,
    preserving: () => false,
    copies: operatedCopies,
  } as const;
}

export const untrainedNotes = ({ steps }: Operated): readonly string[] =>
  steps === 0 ? ["The operator was not trained: this is its start."] : [];
