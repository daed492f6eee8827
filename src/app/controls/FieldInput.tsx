/**
 * The input of one field by its kind. A number is committed on leaving the field, on Enter and by its arrows, not at
 * every key: half a number is not a setting. What is out of range stays as typed and is said underneath, never clamped.
 */
import { NumberInput, SegmentedControl, Select, Slider, Switch, TextInput } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useEffect, useState } from "react";
import type { Field, Value } from "../../config/schema.ts";
import { plain } from "../format.ts";

interface InputProps {
  readonly id: string;
  readonly field: Field;
  readonly value: Value;
  readonly onSet: (value: Value) => void;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

const SHORT = 18;

/** Names that are no plain words. A token is a character here. */
const NAMES: Readonly<Record<string, string>> = { flops: "FLOPs", tokens: "Characters" };

/** "fully-connected" → "Fully connected" */
export const optionLabel = (option: string): string => {
  if (Object.hasOwn(NAMES, option)) return NAMES[option] as string;
  const words = option.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Short units stand in the input, longer ones after the label. */
export const fitsInput = (unit: string): boolean => unit.length <= 8;

function unitProps(unit: string | undefined): object {
  if (unit === undefined || !fitsInput(unit)) return {};
  return {
    rightSection: <span className="unit">{unit}</span>,
    rightSectionWidth: 12 + unit.length * 6.4,
    rightSectionPointerEvents: "none",
  };
}

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
      // Chosen by pointing at the network.
      return null;
    default:
      return field satisfies never;
  }
}

type NumberSchema = Extract<Field, { kind: "int" | "float" }>;

/** A step that suits the size of the value: whole units for counts, a tenth of the leading digit for the rest. */
function stepOf(field: NumberSchema, value: number): number {
  if (field.kind === "int") return 1;
  const size = Math.abs(value) || (field.max - field.min) / 20;
  return 10 ** Math.floor(Math.log10(size) - (Math.log10(size) % 1 === 0 ? 1 : 0));
}

function NumberField({
  id,
  field,
  value,
  onSet,
  describedBy,
  invalid,
}: InputProps & { readonly field: NumberSchema; readonly value: number }): ReactNode {
  const [typed, setTyped] = useState<string | number>(value);
  useEffect(() => setTyped(value), [value]);
  const commit = (next: string | number): void => {
    const number = typeof next === "number" ? next : Number(next.trim() === "" ? Number.NaN : next);
    if (Number.isNaN(number)) setTyped(value);
    else if (number !== value) onSet(number);
  };
  const step = stepOf(field, value);
  const nudge = (event: KeyboardEvent): void => {
    if (event.key === "Enter") commit(typed);
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    const by = (event.key === "ArrowUp" ? step : -step) * (event.shiftKey ? 10 : 1);
    const from = Number(typed);
    commit(Math.min(field.max, Math.max(field.min, tidy((Number.isNaN(from) ? value : from) + by))));
  };
  return (
    <NumberInput
      id={id}
      className="field-input"
      size="xs"
      value={typed}
      onChange={setTyped}
      onBlur={() => commit(typed)}
      onKeyDown={nudge}
      min={field.min}
      max={field.max}
      step={step}
      clampBehavior="none"
      allowDecimal={field.kind === "float"}
      withKeyboardEvents={false}
      hideControls
      error={invalid}
      {...unitProps(field.unit)}
      aria-describedby={describedBy}
    />
  );
}

/** Floating-point dust of adding steps is not a setting. */
const tidy = (value: number): number => Number(value.toPrecision(10));

/** A knob for feeling one's way and the value to type: on a log scale it moves through the exponents. */
function SliderInput({
  id,
  field,
  value,
  onSet,
  describedBy,
  invalid,
}: InputProps & { readonly field: NumberSchema; readonly value: number }): ReactNode {
  const log = field.scale === "log";
  // A range that begins at 0 has no logarithm: its lowest end is then four decades under the top.
  const low = log ? (field.min > 0 ? field.min : field.max * 1e-4) : field.min;
  const to = (x: number): number => (log ? Math.log10(Math.max(low, x)) : x);
  const from = (x: number): number => Number((log ? 10 ** x : x).toPrecision(2));
  const [held, setHeld] = useState<number | null>(null);
  return (
    <div className="field-slider" title={log ? "logarithmic scale" : undefined}>
      <Slider
        size={3}
        thumbSize={13}
        min={to(low)}
        max={to(field.max)}
        step={(to(field.max) - to(low)) / 200}
        value={held ?? to(value)}
        label={null}
        onChange={setHeld}
        onChangeEnd={(x) => {
          setHeld(null);
          onSet(from(x));
        }}
        thumbLabel={field.label}
        thumbProps={{ "aria-valuetext": plain(held === null ? value : from(held)) }}
      />
      <ValueBox
        id={id}
        value={held === null ? value : from(held)}
        onSet={onSet}
        describedBy={describedBy}
        invalid={invalid}
      />
    </div>
  );
}

function ValueBox({
  id,
  value,
  onSet,
  describedBy,
  invalid,
}: Omit<InputProps, "field"> & { readonly value: number }): ReactNode {
  const [typed, setTyped] = useState<string | null>(null);
  const commit = (): void => {
    // As it is written here, too: "−.25", "1,000".
    const number = Number(typed?.replaceAll(",", "").replace("−", "-"));
    if (typed !== null && typed.trim() !== "" && !Number.isNaN(number) && number !== value) onSet(number);
    setTyped(null);
  };
  return (
    <input
      id={id}
      className="value-box mono"
      inputMode="decimal"
      value={typed ?? plain(value)}
      // A press selects the whole value, to be typed over: the browser would set its caret after a mere focus.
      onMouseDown={(event) => {
        if (document.activeElement === event.currentTarget) return;
        event.preventDefault();
        event.currentTarget.focus();
      }}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
        if (event.key === "Escape") setTyped(null);
      }}
      aria-describedby={describedBy}
      aria-invalid={invalid || undefined}
    />
  );
}

function ListInput({
  id,
  field,
  value,
  onSet,
  describedBy,
  invalid,
}: InputProps & {
  readonly field: Extract<Field, { kind: "list" }>;
  readonly value: readonly number[];
}): ReactNode {
  const said = value.join(", ");
  const [typed, setTyped] = useState(said);
  useEffect(() => setTyped(said), [said]);
  const commit = (): void => {
    const numbers = typed
      .split(/[\s,;]+/)
      .filter(Boolean)
      .map(Number);
    if (numbers.some(Number.isNaN)) setTyped(said);
    else if (numbers.join(", ") !== said) onSet(numbers);
  };
  return (
    <TextInput
      id={id}
      className="field-input"
      size="xs"
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && commit()}
      error={invalid}
      {...unitProps(field.unit)}
      aria-describedby={describedBy}
    />
  );
}
