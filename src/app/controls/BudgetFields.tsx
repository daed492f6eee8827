/** How long a run is and how often it is judged. Changing the unit keeps the length: the amount is converted. */
import type { ReactNode } from "react";
import type { Field as FieldSchema } from "../../config/schema.ts";
import type { BudgetUnit, RunConfig } from "../../run/config.ts";
import { EVAL_FIELDS } from "../../run/fields.ts";
import { MAX_AMOUNT } from "../../run/limits.ts";
import { editDraft } from "../store/actions.ts";
import { getRun, useRun } from "../store/store.ts";
import { isOfImages, perStep } from "../store/units.ts";
import { Field } from "./Field.tsx";

const UNIT: FieldSchema = {
  kind: "choice",
  label: "Budget in",
  help: "Schedules and dated growths follow this: steps, characters or images read, or floating-point operations.",
  default: "steps",
  options: ["steps", "tokens", "flops"],
};

/** Characters or images a step; FLOPs a step as measured by the run on the page, else unknown. */
function priceOf(config: RunConfig, unit: BudgetUnit): number | null {
  if (unit === "steps") return 1;
  if (unit === "tokens") return perStep(config);
  const { clock } = getRun();
  return clock.step > 0 ? clock.flops / clock.step : null;
}

function withUnit(config: RunConfig, unit: BudgetUnit): RunConfig {
  const from = priceOf(config, config.budget.unit);
  const to = priceOf(config, unit);
  // Before the first step a FLOP's price is not known: a teraflop is a run of a sensible length here.
  const amount =
    from !== null && to !== null ? (config.budget.amount / from) * to : unit === "flops" ? 1e12 : 3000;
  const rounded = unit === "flops" ? Number(amount.toPrecision(3)) : Math.max(1, Math.round(amount));
  return { ...config, budget: { unit, amount: rounded } };
}

export function BudgetFields(): ReactNode {
  const unit = useRun((s) => s.draft.budget.unit);
  const images = useRun((s) => isOfImages(s.draft));
  const amount: FieldSchema = {
    kind: unit === "flops" ? "float" : "int",
    label: "Budget",
    help: "The run stops here and can be continued.",
    default: 3000,
    min: 1,
    max: MAX_AMOUNT[unit],
    unit: unit === "tokens" ? (images ? "images" : "chars") : unit === "flops" ? "FLOPs" : "steps",
  };
  return (
    <>
      <Field path="budget.amount" field={amount} />
      <Field
        path="budget.unit"
        field={UNIT}
        onSet={(next) => editDraft((draft) => withUnit(draft, next as BudgetUnit))}
      />
      <Field path="eval.every" field={EVAL_FIELDS.every} />
      <Field path="eval.batches" field={EVAL_FIELDS.batches} />
    </>
  );
}
