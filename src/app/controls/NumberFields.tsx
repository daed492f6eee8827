/**
 * Inputs for numbers. One is committed on leaving the field, on Enter and by its arrows, not at every key: half a number is
 * no setting. What is no number stays as typed and is said underneath, never mended by leaving letters out.
 */
import { Slider, TextInput } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useEffect, useState } from "react";
import type { Field, Value } from "../../config/schema.ts";
import { plain } from "../format.ts";
import { noNumber, readNumber } from "./read-number.ts";

export interface InputProps {
  readonly id: string;
  readonly field: Field;
  readonly value: Value;
  readonly onSet: (value: Value) => void;
  /** What was typed is no value, as a sentence; null when that is mended. */
  readonly onFault: (sentence: string | null) => void;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

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

type NumberSchema = Extract<Field, { kind: "int" | "float" }>;

/** A step that suits the size of the value: whole units for counts, a tenth of the leading digit for the rest. */
function stepOf(field: NumberSchema, value: number): number {
  if (field.kind === "int") return 1;
  const size = Math.abs(value) || (field.max - field.min) / 20;
  return 10 ** Math.floor(Math.log10(size) - (Math.log10(size) % 1 === 0 ? 1 : 0));
}

export function NumberField({
  id,
  field,
  value,
  onSet,
  onFault,
  describedBy,
  invalid,
}: InputProps & { readonly field: NumberSchema; readonly value: number }): ReactNode {
  const box = useTyped({ value, shown: String(value), onSet, onFault });
  const step = stepOf(field, value);
  const nudge = (event: KeyboardEvent): void => {
    if (event.key === "Enter") box.commit();
    if (event.key === "Escape") box.drop();
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    const by = (event.key === "ArrowUp" ? step : -step) * (event.shiftKey ? 10 : 1);
    const from = readNumber(box.text) ?? value;
    box.set(Math.min(field.max, Math.max(field.min, tidy(from + by))));
  };
  return (
    <TextInput
      id={id}
      className="field-input number"
      size="xs"
      inputMode="decimal"
      value={box.text}
      onChange={(event) => box.type(event.currentTarget.value)}
      onBlur={box.commit}
      onKeyDown={nudge}
      error={invalid}
      {...unitProps(field.unit)}
      aria-describedby={describedBy}
    />
  );
}

/** What is typed into a field for a number, until it is one: committed it is set, or said to be none and left to be mended. */
function useTyped({
  value,
  shown,
  onSet,
  onFault,
}: Pick<InputProps, "onSet" | "onFault"> & { readonly value: number; readonly shown: string }) {
  const [typed, setTyped] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: set from elsewhere, what was typed is of no use any more
  useEffect(() => {
    setTyped(null);
    onFault(null);
  }, [value]);
  const set = (number: number): void => {
    setTyped(null);
    onFault(null);
    if (number !== value) onSet(number);
  };
  return {
    text: typed ?? shown,
    set,
    type(text: string): void {
      setTyped(text);
      onFault(null);
    },
    commit(): void {
      const number = typed === null || typed.trim() === "" ? value : readNumber(typed);
      if (number === null) onFault(noNumber(typed ?? "", plain(value)));
      else set(number);
    },
    /** As it was. */
    drop(): void {
      setTyped(null);
      onFault(null);
    },
  };
}

/** Floating-point dust of adding steps is not a setting. */
const tidy = (value: number): number => Number(value.toPrecision(10));

/** A knob for feeling one's way and the value to type: on a log scale it moves through the exponents. */
export function SliderInput({
  id,
  field,
  value,
  onSet,
  onFault,
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
        onFault={onFault}
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
  onFault,
  describedBy,
  invalid,
}: Omit<InputProps, "field"> & { readonly value: number }): ReactNode {
  const box = useTyped({ value, shown: plain(value), onSet, onFault });
  return (
    <input
      id={id}
      className="value-box mono"
      inputMode="decimal"
      value={box.text}
      // A press selects the whole value, to be typed over: the browser would set its caret after a mere focus.
      onMouseDown={(event) => {
        if (document.activeElement === event.currentTarget) return;
        event.preventDefault();
        event.currentTarget.focus();
      }}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => box.type(event.currentTarget.value)}
      onBlur={box.commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") box.commit();
        if (event.key === "Escape") box.drop();
      }}
      aria-describedby={describedBy}
      aria-invalid={invalid || undefined}
    />
  );
}

export function ListInput({
  id,
  field,
  value,
  onSet,
  onFault,
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
    const words = typed.split(/[\s,;]+/).filter(Boolean);
    const numbers = words.flatMap((word) => readNumber(word) ?? []);
    const wrong = words.find((word) => readNumber(word) === null);
    if (wrong !== undefined) onFault(noNumber(wrong, said));
    else if (numbers.join(", ") !== said) onSet(numbers);
  };
  return (
    <TextInput
      id={id}
      className="field-input"
      size="xs"
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onFault(null);
      }}
      onBlur={commit}
      onKeyDown={(event) => event.key === "Enter" && commit()}
      error={invalid}
      {...unitProps(field.unit)}
      aria-describedby={describedBy}
    />
  );
}
