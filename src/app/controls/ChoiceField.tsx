/**
 * The field that picks an entry of the catalog: a text, a model, a method. Up to three short names stand side by side,
 * more become a list. An entry that cannot act here stays in the list, greyed, with its sentence.
 */
import { SegmentedControl, Select, Tooltip } from "@mantine/core";
import { type ReactNode, useId, useRef } from "react";
import type { CatalogEntry } from "../../run/catalog.ts";
import { Icon } from "../Icons.tsx";
import { PaperMark } from "./Field.tsx";
import { useFaultInSight } from "./fault-in-sight.ts";

interface ChoiceFieldProps {
  readonly label: string;
  readonly entries: readonly CatalogEntry[];
  readonly value: string;
  readonly onPick: (id: string) => void;
  /** Model whose `applies` greys out entries. */
  readonly model?: string;
  /** What "back to" refers to; absent: no mark. */
  readonly base?: string | undefined;
  readonly late?: boolean;
  readonly error?: string | null;
  /** Always a list, even when it is short. */
  readonly listed?: boolean;
  /** The list takes the row under its label: for entries that are phrases. */
  readonly wide?: boolean;
  readonly extra?: readonly { readonly value: string; readonly label: string }[];
}

/** Letters that stand side by side in a row of the controls. */
const MOST_LETTERS = 30;

export function paperTip(entry: CatalogEntry): string {
  return entry.paper === null
    ? `${entry.label}: how it works`
    : `${entry.paper.authors}, ${entry.paper.year}`;
}

export function ChoiceField(props: ChoiceFieldProps): ReactNode {
  const { label, entries, value, onPick, model, base, late = false, error = null, extra = [] } = props;
  const id = useId();
  const row = useRef<HTMLDivElement>(null);
  useFaultInSight(row, error);
  const options = [
    ...extra.map((option) => ({ ...option, disabled: false })),
    ...entries.map((entry) => {
      const can = model === undefined ? true : (entry.applies[model] ?? true);
      return {
        value: entry.id,
        label: can === true ? entry.label : `${entry.label}: ${can}`,
        disabled: can !== true,
      };
    }),
  ];
  const usable = options.filter((option) => !option.disabled);
  const letters = usable.reduce((n, { label }) => n + label.length, 0);
  // Three of them share the width of two.
  const short =
    !props.listed &&
    usable.length >= 2 &&
    usable.length <= 3 &&
    letters <= MOST_LETTERS &&
    usable.every((o) => o.label.length <= 16);
  const chosen = entries.find((entry) => entry.id === value);
  const changed = base !== undefined && base !== value;
  const baseLabel = options.find((option) => option.value === base)?.label ?? base;
  return (
    <div
      ref={row}
      className={short || props.wide ? "field wide" : "field"}
      data-error={error === null ? undefined : true}
    >
      <div className="field-label">
        {changed ? <span className="changed-dot" aria-hidden="true" /> : null}
        <label htmlFor={short ? undefined : id} id={`${id}-label`}>
          {label}
        </label>
        {chosen !== undefined && model !== undefined ? (
          <PaperMark id={chosen.id} tip={paperTip(chosen)} />
        ) : null}
        {changed ? (
          <Tooltip label={`back to ${baseLabel}`}>
            <button
              type="button"
              className="icon-button field-reset"
              aria-label={`Back to ${baseLabel}`}
              aria-describedby={`${id}-label`}
              onClick={() => onPick(base)}
            >
              <Icon name="reset" size={12} />
            </button>
          </Tooltip>
        ) : null}
      </div>
      {short ? (
        <SegmentedControl
          aria-labelledby={`${id}-label`}
          className="segmented"
          fullWidth
          size="xs"
          data={usable.map((option) => ({ value: option.value, label: option.label }))}
          value={value}
          onChange={onPick}
        />
      ) : (
        <Select
          id={id}
          className="field-input"
          size="xs"
          allowDeselect={false}
          searchable={options.length >= 8}
          data={options}
          value={value}
          onChange={(next) => next !== null && onPick(next)}
          comboboxProps={{ width: 230, position: "bottom-end" }}
          error={error !== null}
        />
      )}
      {error !== null ? (
        <p className="field-note error">{error}</p>
      ) : late ? (
        <p className="field-note">from the next run</p>
      ) : null}
    </div>
  );
}
