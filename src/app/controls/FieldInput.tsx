/** The input of one field by its kind. What is out of range stays as typed and is said underneath, never clamped. */
import { SegmentedControl, Select, Switch } from "@mantine/core";
import type { ReactNode } from "react";
import type { Field } from "../../config/schema.ts";
import { type InputProps, ListInput, NumberField, SliderInput } from "./NumberFields.tsx";

const SHORT = 18;

/** Names that are no plain words. A token is a character here. */
const NAMES: Readonly<Record<string, string>> = {
  flops: "FLOPs",
  tokens: "Characters",
  relu: "ReLU",
  "leaky-relu": "Leaky ReLU",
  gelu: "GELU",
  fpi: "FPI",
};

/** "fully-connected" → "Fully connected" */
export const optionLabel = (option: string): string => {
  if (Object.hasOwn(NAMES, option)) return NAMES[option] as string;
  const words = option.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Inputs that take the row's full width, under their label. */
export function isWide(field: Field): boolean {
  return field.kind === "choice" && isSegmented(field.options) && field.options.join("").length > 12;
}

function isSegmented(options: readonly string[]): boolean {
  return options.length <= 3 && options.every((option) => option.length <= SHORT);
}

export function FieldInput(props: InputProps): ReactNode {
  const { id, field, value, onSet, describedBy } = props;
  switch (field.kind) {
    case "int":
    case "float":
      return field.kind === "float" && field.scale !== undefined ? (
        <SliderInput {...props} field={field} value={Number(value)} />
      ) : (
        <NumberField {...props} field={field} value={Number(value)} />
      );
    case "flag":
      return (
        <Switch
          id={id}
          size="sm"
          className="field-switch"
          checked={value === true}
          onChange={(event) => onSet(event.currentTarget.checked)}
          aria-describedby={describedBy}
        />
      );
    case "choice":
      return isSegmented(field.options) ? (
        <SegmentedControl
          aria-labelledby={`${id}-label`}
          className="segmented"
          fullWidth
          size="xs"
          data={field.options.map((option) => ({ value: option, label: optionLabel(option) }))}
          value={String(value)}
          onChange={onSet}
        />
      ) : (
        <Select
          id={id}
          className="field-input"
          size="xs"
          allowDeselect={false}
          searchable={field.options.length >= 8}
          data={field.options.map((option) => ({ value: option, label: optionLabel(option) }))}
          value={String(value)}
          onChange={(next) => next !== null && onSet(next)}
          aria-describedby={describedBy}
        />
      );
    case "list":
      return <ListInput {...props} field={field} value={value as readonly number[]} />;
    case "path":
      // Chosen by pointing at the network, from the surgeon's table there.
      return (
        <span id={id} className="field-path soft">
          {value === "" ? "everywhere" : String(value)}
        </span>
      );
    default:
      return field satisfies never;
  }
}
