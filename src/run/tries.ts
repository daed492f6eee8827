/**
 * "Try them all": from one source network to one target, by every way that is registered, each with the same budget. This
 * says which ways take part and with what settings, from schemas and each method's own `next`: a growth method whose
 * settings name a width, layers and a layer map is an arm as soon as it is registered.
 */
import type { Schema, Values } from "../config/schema.ts";
import type { GrowMethod, Side } from "../methods/types.ts";
import type { Model } from "../models/types.ts";
import { checkConfig } from "./check.ts";
import type { Choice, RunConfig } from "./config.ts";
import { stepCost } from "./cost.ts";
import { dataShape } from "./data-shape.ts";
import { grows, models } from "./registries.ts";

/** What is asked of a comparison. */
export const TRY_FIELDS = {
  width: {
    kind: "int",
    label: "Target width",
    help: "A whole number of heads; their size stays.",
    symbol: "D",
    default: 128,
    min: 1,
    max: 256,
    unit: "channels",
  },
  layers: { kind: "int", label: "Target layers", symbol: "L", default: 4, min: 1, max: 12, unit: "layers" },
  steps: {
    kind: "int",
    label: "Budget of each",
    help: "In steps of the target from scratch. All arms have the FLOPs of these; an operator's training comes out of them.",
    default: 400,
    min: 4,
    max: 100_000,
    unit: "steps",
  },
  operator: {
    kind: "int",
    label: "Operator steps",
    help: "Updates of a learned operator before its network trains on. The papers take 100.",
    default: 100,
    min: 0,
    max: 2000,
    unit: "steps",
  },
  rate: {
    kind: "float",
    label: "Rate after growth",
    help: "The learning rate of grown networks, as a share of the run's, which scratch and the source keep.",
    default: 0.33,
    min: 0.01,
    max: 1,
  },
} as const satisfies Schema;

export type TryAsked = Values<typeof TRY_FIELDS>;

export interface TrySize {
  readonly layers: number;
  readonly width: number;
}

export interface ArmPlan {
  /** "scratch", "source", else the id by which the method is known. */
  readonly id: string;
  readonly label: string;
  /** Null: nothing is grown. */
  readonly action: Choice | null;
  /** Weights it starts from: drawn anew at the target's size, or the source's. */
  readonly from: "fresh" | "source";
  /** Why it takes no part; null: it does. */
  readonly why: string | null;
}

/** As the papers print them; what else is registered follows. */
const ORDER = ["stack", "fpi", "aki", "ligo", "mango"];

/** What counts as one of "them all": the source that goes on as it is stands beside as a control. */
export const SCRATCH = "scratch";
export const SOURCE = "source";

/** Whether there is anything to compare for a model at all, or the sentence why not. */
export function triesApply(modelId: string): true | string {
  const model = models.get(modelId);
  if (model !== undefined && reaching(model).length > 0) return true;
  return `Growths are compared on networks that grow in width and depth (GPT, BERT, ViT), not on ${model?.label ?? modelId}.`;
}

const sized = (method: GrowMethod): boolean =>
  ["width", "layers", "depth"].every((field) => field in method.schema);

function reaching(model: Model): readonly GrowMethod[] {
  const able = [...grows.values()].filter(
    (method) => (sized(method) || method.id === "stack") && method.applies(model) === true,
  );
  const place = ({ id }: GrowMethod): number => (ORDER.includes(id) ? ORDER.indexOf(id) : ORDER.length);
  return able.sort((a, b) => place(a) - place(b));
}

const sizeOf = (arch: Values): TrySize & { readonly heads: number; readonly maxLayers: number } =>
  arch as unknown as TrySize & { readonly heads: number; readonly maxLayers: number };

/** Twice as wide and deep, as far as the config and the model go; a quarter of the budget for each arm. */
export function triesDefault(config: RunConfig, arch: Values): TryAsked {
  const { layers, width, heads, maxLayers } = sizeOf(arch);
  const most = (field: string): number => {
    const known = models.get(config.model.id)?.schema[field];
    return known?.kind === "int" ? known.max : 1;
  };
  const head = width / heads;
  const widest = Math.min(most("width"), head * most("heads"));
  const budget = config.budget.unit === "steps" ? config.budget.amount : 1600;
  const steps = Math.min(2000, Math.max(40, Math.round(budget / 4)));
  return {
    width: 2 * width <= widest ? 2 * width : width,
    layers: Math.min(2 * layers, maxLayers),
    steps,
    operator: Math.min(100, Math.round(steps / 4)),
    rate: TRY_FIELDS.rate.default,
  };
}

/** Null, or one sentence why this target cannot be asked for. */
export function targetFault(config: RunConfig, arch: Values, { width, layers }: TrySize): string | null {
  const from = sizeOf(arch);
  const head = from.width / from.heads;
  if (width < from.width || layers < from.layers) {
    return `The target must be no smaller than the source, which has ${from.layers} layers of width ${from.width}.`;
  }
  if (width === from.width && layers === from.layers) {
    return `The source has ${layers} layers of width ${width} already: there is nothing to grow.`;
  }
  if (width % head !== 0) {
    const below = Math.floor(width / head) * head;
    return `Heads are ${head} channels, and width ${width} is no whole number of them: ${below} and ${below + head} are.`;
  }
  const checked = checkConfig(scratchConfig(config, arch, { width, layers }));
  return checked.ok ? null : `The target cannot be: ${checked.message}.`;
}

/** The model's values at the target's size. */
export function targetArch(arch: Values, { width, layers }: TrySize): Values {
  const from = sizeOf(arch);
  return { ...arch, width, layers, heads: (width * from.heads) / from.width };
}

const scratchConfig = (config: RunConfig, arch: Values, target: TrySize): RunConfig => ({
  ...config,
  model: { id: config.model.id, ...targetArch(arch, target) },
  recipe: [],
});

/** Every arm, in the order in which it is drawn; those that cannot reach the target say why. */
export function armsOf(config: RunConfig, arch: Values, asked: TryAsked): readonly ArmPlan[] {
  const model = models.get(config.model.id)!;
  const grown = reaching(model).map((method): ArmPlan => {
    const common = { id: method.id, label: method.label, from: "source" as const };
    const reached = reach(method, model, arch, asked);
    return typeof reached === "string"
      ? { ...common, action: null, why: reached }
      : { ...common, action: reached, why: null };
  });
  return [
    { id: SCRATCH, label: "From scratch", action: null, from: "fresh", why: null },
    ...grown,
    { id: SOURCE, label: "Source continued", action: null, from: "source", why: null },
  ];
}

/** The action by which a method gets to the target, or the sentence why it cannot. */
function reach(method: GrowMethod, model: Model, arch: Values, asked: TryAsked): Choice | string {
  const from = sizeOf(arch);
  const [wider, deeper] = [asked.width > from.width, asked.layers > from.layers];
  if (method.id === "stack") {
    if (!deeper) return `${method.label} adds layers, and the target has as many as the source.`;
    if (!wider) return tried(method, model, arch, asked, { map: "stack", to: asked.layers });
    // Stacking knows no width: the layers it copies are widened first, by copies that keep the function.
    return tried(grows.get("fpi")!, model, arch, asked, { ...toSize(asked), depth: "stack" });
  }
  if (method.operator === undefined && !wider) {
    return `${method.label} adds width, and the target is as wide as the source.`;
  }
  const maps = deeper ? depthMaps(method, arch) : ["none"];
  const found = maps.map((depth) =>
    tried(method, model, arch, asked, { ...toSize(asked), depth, ...operatorOf(method, asked) }),
  );
  return found.find((each) => typeof each !== "string") ?? found[0]!;
}

const toSize = ({ width, layers }: TrySize) => ({ width, layers });
const operatorOf = ({ operator }: GrowMethod, asked: TryAsked): { readonly steps?: number } =>
  operator === undefined ? {} : { steps: asked.operator };

/**
 * Layer maps in the order of preference: an operator's own start; silent layers where they keep the function that the width
 * map keeps (what separates FPI from stacking); else the map of bert2BERT.
 */
function depthMaps(method: GrowMethod, arch: Values): readonly string[] {
  const { depth } = method.schema;
  if (method.operator !== undefined) return [String(depth!.default), "bert2bert"];
  const side: Side = { arch, data: { vocab: 1, context: 1 }, specs: [] };
  const keeps = method.preserving({ ...plainValues(method), depth: "identity" } as never, side, side);
  return keeps ? ["identity", "interpolate"] : ["bert2bert"];
}

const plainValues = ({ schema }: GrowMethod): Values =>
  Object.fromEntries(Object.entries(schema as Schema).map(([key, field]) => [key, field.default])) as Values;

function tried(
  method: GrowMethod,
  model: Model,
  arch: Values,
  asked: TrySize,
  values: Readonly<Record<string, string | number>>,
): Choice | string {
  const action: Choice = { id: method.id, ...plainValues(method), ...values };
  const { id: _, ...given } = action;
  const next = method.next(model, arch, given as never);
  if (next === null) return `${method.label}: the network has reached its full size.`;
  if (typeof next === "string")
    return next.replace(/^Not grown: /, `${method.label}: `).replace(/ Training goes on\.$/, "");
  const made = sizeOf(next);
  if (made.width === asked.width && made.layers === asked.layers) return action;
  return `${method.label} gets to ${made.layers} layers of width ${made.width}, not to the target.`;
}

/** Evaluations of each arm: what is reached first is known to one part in so many. */
const LOOKS = 20;

/**
 * An arm as a run of its own. `step`: steps that the source has behind it; an arm goes on counting there, so that it draws
 * the batches that the run would have drawn, all arms the same ones.
 */
export function armConfig(
  config: RunConfig,
  arch: Values,
  asked: TryAsked,
  { action, from }: Pick<ArmPlan, "action" | "from">,
  step: number,
): RunConfig {
  const lr = Number(config.optim.lr) * (action === null ? 1 : asked.rate);
  return {
    ...config,
    model: { id: config.model.id, ...(from === "fresh" ? targetArch(arch, asked) : arch) },
    optim: { ...config.optim, lr },
    budget: { unit: "flops", amount: asked.steps * stepFlops(config, targetArch(arch, asked)) },
    eval: { ...config.eval, every: Math.max(1, Math.ceil(asked.steps / LOOKS)) },
    recipe: action === null ? [] : [{ trigger: { id: "step", step }, action }],
  };
}

/** FLOPs of one training step at this size, by the count that runs are charged by. `vocab`: of data of one's own. */
export function stepFlops(config: RunConfig, arch: Values, vocab?: number): number {
  const shape = dataShape(config, vocab);
  const { executed } = models.get(config.model.id)!.flops(arch, shape);
  return stepCost(config.batch, shape.context, executed).flops;
}

/** The run under which an arm's events are told. */
export const armRun = (run: string, arm: string): string => `${run}~${arm}`;

/** Which arm of this run an event is of; null: it is none. */
export const armIn = (run: string, eventRun: string): string | null =>
  eventRun.startsWith(`${run}~`) ? eventRun.slice(run.length + 1) : null;

/** Where a comparison stands. Its curves come as the events of its arms. */
export interface TriesState {
  readonly phase: "running" | "paused" | "done" | "stopped";
  /** Steps that the source has behind it. */
  readonly step: number;
  readonly asked: TryAsked;
  /** "2 layers of width 32", both ends. */
  readonly from: string;
  readonly to: string;
  readonly arms: readonly ArmState[];
  /** Why it stopped by itself; else "". */
  readonly message: string;
}

export interface ArmState extends Pick<ArmPlan, "id" | "label" | "action"> {
  /** "none": it cannot get to the target; "refused": it was tried and could not be. */
  readonly phase: "none" | "waiting" | "growing" | "training" | "done" | "refused" | "diverged" | "stopped";
  /** The reason, for "none", "refused" and "diverged". */
  readonly why: string;
  /** Of its budget, 0 to 1; while it grows, of the operator's steps. */
  readonly share: number;
  readonly params: number;
  /** What training its operator took; 0 where there is none. */
  readonly operatorSteps: number;
  readonly operatorFlops: number;
  /** Loss on the probe batch just before and just after the growth; null before it, and where nothing is grown. */
  readonly grown: { readonly before: number; readonly after: number } | null;
  /** Its network is kept, and can be opened as a run. */
  readonly kept: boolean;
}
