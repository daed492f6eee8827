/**
 * A number that is chosen at once, as one types: which image, which unit. What is no number, or not one of those there are,
 * is said under the box and changes nothing.
 */
import { TextInput } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { whole } from "../format.ts";
import { readNumber } from "./read-number.ts";

interface NumberBoxProps {
  readonly id?: string;
  readonly label?: string;
  readonly name?: string;
  readonly most: number;
  /** Null: none of them is chosen. */
  readonly value: number | null;
  /** Stands there for none, where the box may be left empty. */
  readonly placeholder?: string;
  readonly onSet: (value: number) => void;
  readonly onNone?: () => void;
}

export function NumberBox({
  id,
  label,
  name,
  most,
  value,
  placeholder,
  onSet,
  onNone,
}: NumberBoxProps): ReactNode {
  const [typed, setTyped] = useState<string | null>(null);
  const read = typed === null ? null : readNumber(typed);
  const fits = read !== null && Number.isInteger(read) && read >= 1 && read <= most;
  const wrong = typed !== null && typed.trim() !== "" && !fits;
  const take = (text: string): void => {
    setTyped(text);
    const number = readNumber(text);
    if (text.trim() === "") onNone?.();
    else if (number !== null && Number.isInteger(number) && number >= 1 && number <= most) onSet(number);
  };
  const nudge = (event: KeyboardEvent): void => {
    if (event.key === "Enter") setTyped(wrong ? typed : null);
    if (event.key === "Escape" && typed !== null && wrong) {
      event.stopPropagation();
      setTyped(null);
    }
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    const by = (event.key === "ArrowUp" ? 1 : -1) * (event.shiftKey ? 10 : 1);
    take(String(Math.min(most, Math.max(1, (value ?? 0) + by))));
  };
  return (
    <TextInput
      {...(id === undefined ? {} : { id })}
      className="number-box"
      size="xs"
      inputMode="numeric"
      label={label}
      aria-label={name}
      placeholder={placeholder}
      value={typed ?? (value === null ? "" : String(value))}
      onChange={(event) => take(event.currentTarget.value)}
      onKeyDown={nudge}
      // Another way may choose meanwhile (the arrows beside it): what is typed gives way to that.
      onBlur={() => setTyped(wrong ? typed : null)}
      error={wrong ? `A whole number, 1 to ${whole(most)}.` : null}
    />
  );
}
