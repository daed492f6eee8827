/**
 * The door of the house: `unknown` becomes a complete `RunConfig` or one clause saying why not. First each part against
 * the schema that its id names, then what only the parts together can tell (does this growth apply to this model, does
 * an edit name a setting that this optimizer has).
 */
import {
  type Checked,
  check,
  choiceType,
  fieldType,
  formatNumber,
  jsonSchema,
  listType,
  numberType,
  objectType,
  type Shape,
  shapeOf,
  type Type,
  textType,
  withDefault,
  wordType,
} from "../config/check.ts";
import { fault } from "../config/json.ts";
import type { Schema, Values } from "../config/schema.ts";
import { type Choice, CONFIG_VERSION, LIVE_PATHS, type RecipeEntry, type RunConfig } from "./config.ts";
import { stepCost } from "./cost.ts";
import { dataShape, mismatch, OWN_IMAGES_ID } from "./data-shape.ts";
import { defaultConfig } from "./default-config.ts";
import { EVAL_FIELDS, RUN_FIELDS } from "./fields.ts";
import * as limits from "./limits.ts";
import { actions, datasets, models, optims, triggers } from "./registries.ts";
import { schedules } from "./schedules.ts";
import { seedSize } from "./seed-size.ts";

export type CheckedConfig =
  | { readonly ok: true; readonly config: RunConfig }
  | { readonly ok: false; readonly path: string; readonly message: string };

type Refusal = Extract<CheckedConfig, { ok: false }>;

/** Fills in every default. The message carries its path and has no full stop: "optim.lr is 40, allowed are 1e-6 to 1". */
export function checkConfig(input: unknown): CheckedConfig {
  const checked = check(configType(), input) as Checked<RunConfig>;
  if (!checked.ok) return checked;
  const config = checked.value;
  return checkTogether(config) ?? { ok: true, config };
}

/** JSON Schema of what a person may write in a config file. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = jsonSchema(configType());
  return {
    $schema,
    title: "Espalier RunConfig",
    description: "One run, whole. What is left out has its default.",
    ...rest,
  };
}

let built: Type | null = null;

/** Made once, at first use: some dozen small objects. */
function configType(): Type {
  built ??= makeConfigType();
  return built;
}

function makeConfigType(): Type {
  const initial = defaultConfig();
  const { seed, batch, context } = shapeOf(RUN_FIELDS) as Record<keyof typeof RUN_FIELDS, Type>;
  const amounts = numberType("float", 1, Math.max(...Object.values(limits.MAX_AMOUNT)));
  return objectType({
    version: withDefault(numberType("int", CONFIG_VERSION, CONFIG_VERSION), CONFIG_VERSION),
    seed,
    data: withDefault(
      choiceType({ ...shapes(datasets), own: ownShape(), [OWN_IMAGES_ID]: ownShape() }),
      initial.data,
    ),
    model: withDefault(choiceType(shapes(models)), initial.model),
    optim: withDefault(choiceType(shapes(optims)), initial.optim),
    schedule: withDefault(choiceType(shapes(schedules)), initial.schedule),
    batch,
    context,
    budget: withDefault(
      objectType({
        unit: withDefault(wordType(Object.keys(limits.MAX_AMOUNT)), initial.budget.unit),
        amount: withDefault(amounts, initial.budget.amount),
      }),
      initial.budget,
    ),
    eval: withDefault(objectType(shapeOf(EVAL_FIELDS)), initial.eval),
    recipe: withDefault(
      listType(
        objectType({
          trigger: choiceType(shapes(triggers)),
          action: choiceType({
            ...shapes(actions),
            edit: { path: wordType(LIVE_PATHS), value: numberType("float", 0, 1e6) },
            skip: {},
            rest: { of: numberType("int", 0, limits.MAX_RECIPE - 1) },
            commit: {
              of: numberType("int", 0, limits.MAX_RECIPE - 1),
              after: numberType("int", 0, limits.MAX_AMOUNT.steps),
            },
            answer: {
              of: numberType("int", 0, limits.MAX_RECIPE - 1),
              said: wordType(["prune", "grow"]),
            },
            extend: { steps: numberType("int", 1, limits.MAX_AMOUNT.steps) },
          }),
        }),
        0,
        limits.MAX_RECIPE,
      ),
      initial.recipe,
    ),
  });
}

function shapes(registry: ReadonlyMap<string, { readonly schema: Schema }>): Record<string, Shape> {
  return Object.fromEntries([...registry].map(([id, entry]) => [id, shapeOf(entry.schema)]));
}

/** One's own text or images: name and fingerprint, so that whoever opens a link can be asked for the same file. */
function ownShape(): Shape {
  const name = new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${limits.MAX_NAME}}$`, "u");
  return {
    name: textType(name, `a file name of 1 to ${limits.MAX_NAME} characters is needed`),
    sha256: textType(/^[0-9a-f]{64}$/, "a SHA-256 of 64 hexadecimal digits in small letters is needed"),
  };
}

function checkTogether(config: RunConfig): Refusal | null {
  const { unit, amount } = config.budget;
  const amountType = numberType(unit === "flops" ? "float" : "int", 1, limits.MAX_AMOUNT[unit]);
  const budget = check(amountType, amount, "budget.amount");
  if (!budget.ok) return budget;
  const unfit = mismatch(config);
  if (unfit !== null) return fault("model.id", unfit);
  const positions = config.batch * dataShape(config).context;
  if (positions > limits.MAX_POSITIONS) {
    const most = formatNumber(limits.MAX_POSITIONS);
    return fault("batch", `batch × context is ${formatNumber(positions)}, allowed are at most ${most}`);
  }
  const refused = checkModel(config) ?? checkLength(config);
  if (refused !== null) return refused;
  for (const [index, entry] of config.recipe.entries()) {
    const wrong = checkEntry(config, entry, `recipe.${index}`);
    if (wrong !== null) return wrong;
  }
  return checkDoublings(config);
}

/** The doublings of a stacking schedule are written in the order in which they come. */
function checkDoublings({ recipe }: RunConfig): Refusal | null {
  let before: { readonly index: number; readonly fraction: number } | null = null;
  for (const [index, { trigger, action }] of recipe.entries()) {
    if (trigger.id !== "at" || action.id !== "stack") continue;
    const fraction = trigger.fraction as number;
    if (before !== null && fraction <= before.fraction) {
      const path = `recipe.${index}.trigger.fraction`;
      const needed = `the stacking before it (recipe.${before.index}) comes at ${formatNumber(before.fraction)}: each must come later than the one before`;
      return fault(path, `${path} is ${formatNumber(fraction)}, and ${needed}`);
    }
    before = { index, fraction };
  }
  return null;
}

function checkModel(config: RunConfig): Refusal | null {
  const model = models.get(config.model.id)!;
  const reason = model.check(valuesOf(config.model), dataShape(config));
  return reason === null ? null : fault("model", clause(reason));
}

/** A run of no step is a slip: a budget in tokens or FLOPs that was meant in steps. */
function checkLength(config: RunConfig): Refusal | null {
  const { unit, amount } = config.budget;
  // Two symbols at least: with one's own data, whose number is not known, the step costs at least this.
  const shape = dataShape(config, undefined, 2);
  const { executed } = models.get(config.model.id)!.flops(valuesOf(config.model), shape);
  const step = stepCost(config.batch, shape.context, executed)[unit];
  if (amount >= step) return null;
  const needed = unit === "flops" ? step.toPrecision(3).replace("e+", "e") : formatNumber(step);
  return fault(
    "budget.amount",
    `budget.amount is ${formatNumber(amount)} ${unit}, and one step takes ${needed}`,
  );
}

function checkEntry(config: RunConfig, { trigger, action }: RecipeEntry, path: string): Refusal | null {
  const model = models.get(config.model.id)!;
  if (action.id === "edit") return checkEdit(config, action, `${path}.action`);
  if (typeof action.of === "number" && action.of >= config.recipe.length) {
    const last = config.recipe.length - 1;
    return fault(
      `${path}.action.of`,
      `${path}.action.of is ${action.of}, the recipe ends with entry ${last}`,
    );
  }
  if (["skip", "extend", "rest", "commit", "answer"].includes(action.id)) {
    if (trigger.id === "step") return null;
    return fault(`${path}.trigger.id`, `${path}.trigger.id is "${trigger.id}", ${action.id} needs step`);
  }
  const applies = actions.get(action.id)!.applies(model);
  if (applies === true) return checkCap(config, trigger, path);
  return fault(
    `${path}.action.id`,
    `${path}.action.id is "${action.id}", which cannot act here: ${clause(applies)}`,
  );
}

/** A cap below what the run begins with: nothing could ever grow. */
function checkCap(config: RunConfig, { id, cap }: Choice, path: string): Refusal | null {
  if (id !== "until-good" || cap === 0) return null;
  const seed = seedSize(config);
  if ((cap as number) >= seed) return null;
  return fault(
    `${path}.trigger.cap`,
    `${path}.trigger.cap is ${formatNumber(cap as number)}, below the seed itself (${formatNumber(seed)} weights): nothing would grow`,
  );
}

/** The value must be in the range of the field that the path names, for this model and this optimizer. */
function checkEdit(config: RunConfig, action: Choice, path: string): Refusal | null {
  const [room, key] = (action.path as string).split(".") as ["optim" | "model", string];
  const owner = config[room].id;
  const field = (room === "optim" ? optims : models).get(owner)?.schema[key];
  if (field?.live !== true) {
    return fault(
      `${path}.path`,
      `${path}.path is "${action.path}", which ${owner} cannot change while it runs`,
    );
  }
  const checked = check(fieldType(field), action.value, `${path}.value`);
  return checked.ok ? null : checked;
}

/** A choice's values, without its id. */
function valuesOf({ id: _, ...values }: Choice): Values {
  return values as Values;
}

/** A sentence of another room as a clause: no full stop. */
function clause(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
